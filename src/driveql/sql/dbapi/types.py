"""PEP 249's type objects: each equals the names of the engine's types that it stands for.

Source: https://peps.python.org/pep-0249/#type-objects-and-constructors
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

Date = date
Time = time
Timestamp = datetime
Binary = bytes


class TypeObject:
    """A set of engine types; `cursor.description[i][1] == NUMBER` asks whether a column's type is in it."""

    def __init__(self, name: str, *types: str) -> None:
        self._name = name
        self._types = frozenset(types)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return ("LIST" if other.endswith("]") else other.partition("(")[0].upper()) in self._types
        return self is other

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return self._name


STRING = TypeObject(
    "STRING", "VARCHAR", "ENUM", "UUID", "JSON", "BIT", "STRUCT", "MAP", "TUPLE", "UNION", "LIST", "VARIANT"
)
BINARY = TypeObject("BINARY", "BLOB")
NUMBER = TypeObject(
    "NUMBER",
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "BIGNUM",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
)
DATETIME = TypeObject(
    "DATETIME",
    "DATE",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "TIME WITH TIME ZONE",
    "TIMESTAMP_S",
    "TIMESTAMP_MS",
    "TIMESTAMP_NS",
    "TIMESTAMPTZ_NS",
    "TIME_NS",
    "INTERVAL",
)
ROWID = TypeObject("ROWID")


def DateFromTicks(ticks: float) -> date:  # noqa: N802 - PEP 249's own name
    """Return the UTC date of seconds since the epoch."""
    return datetime.fromtimestamp(ticks, UTC).date()


def TimeFromTicks(ticks: float) -> time:  # noqa: N802 - PEP 249's name
    """Return the UTC time of day of seconds since the epoch."""
    return datetime.fromtimestamp(ticks, UTC).time()


def TimestampFromTicks(ticks: float) -> datetime:  # noqa: N802 - PEP 249's name
    """Return the aware UTC time of seconds since the epoch."""
    return datetime.fromtimestamp(ticks, UTC)

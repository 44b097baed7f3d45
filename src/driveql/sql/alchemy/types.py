"""Types both ways: SQLAlchemy's as the engine writes them, and the engine's, by name, as SQLAlchemy's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.sql import sqltypes, type_api
from sqlalchemy.sql.compiler import GenericTypeCompiler


class STRUCT(sqltypes.TypeEngine[dict[str, Any]]):
    """Named fields; a dict in Python.

    Parameters:
        fields: the fields as the engine writes them, such as `a INTEGER, b VARCHAR`.
    """

    __visit_name__ = "STRUCT"

    def __init__(self, fields: str) -> None:
        self.fields = fields


class MAP(STRUCT):
    """Keys and values; the parameter is their types, such as `VARCHAR, INTEGER`. Its values are lists of pairs in Python."""

    __visit_name__ = "MAP"


class INTERVAL(type_api.NativeForEmulated, sqltypes._AbstractInterval):
    """The engine's INTERVAL; a timedelta in Python."""

    __visit_name__ = "INTERVAL"
    native = True

    @classmethod
    def adapt_emulated_to_native(cls, impl: Any, **_: Any) -> INTERVAL:
        """Return the type that stands for SQLAlchemy's own Interval."""
        return cls()

    @property
    def _type_affinity(self) -> type[sqltypes.Interval]:
        return sqltypes.Interval

    @property
    def python_type(self) -> type[dt.timedelta]:
        """A timedelta."""
        return dt.timedelta

    def literal_processor(self, dialect: Any) -> Callable[[dt.timedelta], str]:
        """Return what writes a timedelta into a statement."""
        return lambda value: f"to_microseconds({value // dt.timedelta(microseconds=1)})"


class Decimals(sqltypes.Numeric[Any]):
    """Decimals; what the engine computed as DOUBLE, such as a quotient of decimals, becomes one too."""

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], Any] | None:
        """Return what makes values of the Python type that the column asks for."""
        if self.asdecimal:
            return _decimal
        plain: Callable[[Any], Any] | None = super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        return plain


def _decimal(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


class _Path:
    """A key, index or path within JSON, as the engine writes it."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return _path

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: "'" + _path(value).replace("'", "''") + "'"


class JsonIndex(_Path, sqltypes.JSON.JSONIndexType):
    """One key or index."""


class JsonPath(_Path, sqltypes.JSON.JSONPathType):
    """Several of them."""


def _path(value: Any) -> str:
    steps = value if isinstance(value, tuple | list) else (value,)
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in steps)


class TypeCompiler(GenericTypeCompiler):
    """Writes types. `Float` is DOUBLE: that is what a Python float is."""

    def visit_STRUCT(self, type_: STRUCT, **_: Any) -> str:
        return f"STRUCT({type_.fields})"

    def visit_MAP(self, type_: MAP, **_: Any) -> str:
        return f"MAP({type_.fields})"

    def visit_INTERVAL(self, type_: INTERVAL, **_: Any) -> str:
        return "INTERVAL"

    def visit_JSON(self, type_: sqltypes.JSON, **_: Any) -> str:
        return "JSON"

    def visit_ARRAY(self, type_: sqltypes.ARRAY[Any], **kw: Any) -> str:
        return self.process(type_.item_type, **kw) + "[]" * (type_.dimensions or 1)

    def visit_FLOAT(self, type_: sqltypes.Float[Any], **kw: Any) -> str:
        return "DOUBLE"

    def visit_DOUBLE_PRECISION(self, type_: sqltypes.Double[Any], **kw: Any) -> str:
        return "DOUBLE"

    def visit_NUMERIC(self, type_: sqltypes.Numeric[Any], **kw: Any) -> str:
        if type_.precision is None:
            return "DECIMAL(38, 10)"
        return f"DECIMAL({type_.precision}, {type_.scale or 0})"

    visit_DECIMAL = visit_NUMERIC

    def visit_DATETIME(self, type_: sqltypes.DateTime, **kw: Any) -> str:
        return "TIMESTAMP WITH TIME ZONE" if type_.timezone else "TIMESTAMP"

    visit_TIMESTAMP = visit_DATETIME

    def visit_TIME(self, type_: sqltypes.Time, **kw: Any) -> str:
        return "TIME WITH TIME ZONE" if type_.timezone else "TIME"

    def visit_TEXT(self, type_: sqltypes.Text, **kw: Any) -> str:
        return "VARCHAR"

    visit_CLOB = visit_NCLOB = visit_TEXT

    def visit_NVARCHAR(self, type_: sqltypes.NVARCHAR, **kw: Any) -> str:
        return f"VARCHAR({type_.length})" if type_.length else "VARCHAR"

    visit_NCHAR = visit_NVARCHAR  # type: ignore[assignment]  # one rendering for two types, as in SQLAlchemy

    def visit_BINARY(self, type_: sqltypes.BINARY, **kw: Any) -> str:
        return "BLOB"

    visit_VARBINARY = visit_BINARY  # type: ignore[assignment]  # one rendering for two types, as in SQLAlchemy

    def visit_uuid(self, type_: sqltypes.Uuid[Any], **kw: Any) -> str:
        return "UUID" if type_.native_uuid else "VARCHAR"


def type_of(name: str) -> sqltypes.TypeEngine[Any]:
    """Return the SQLAlchemy type of one of the engine's types; NullType for one that SQLAlchemy has no word for."""
    if name.endswith("]"):
        item = type_of(name[: name.rindex("[")])
        if isinstance(item, sqltypes.ARRAY):
            return sqltypes.ARRAY(item.item_type, dimensions=(item.dimensions or 1) + 1)
        return sqltypes.ARRAY(item)
    head, _, rest = name.partition("(")
    arguments = rest.removesuffix(")")
    match head:
        case "DECIMAL":
            precision, _, scale = arguments.partition(",")
            return sqltypes.DECIMAL(int(precision or 18), int(scale or 3))
        case "STRUCT":
            return STRUCT(arguments)
        case "MAP":
            return MAP(arguments)
        case "ENUM":
            values = [value.replace("''", "'") for value in re.findall(r"'((?:[^']|'')*)'", arguments)]
            return sqltypes.Enum(*values)
        case "VARCHAR" if arguments.isdigit():
            return sqltypes.VARCHAR(int(arguments))
    make = _TYPES.get(head)
    return sqltypes.NullType() if make is None else make()


_TYPES: Mapping[str, Callable[[], sqltypes.TypeEngine[Any]]] = {
    "BIGINT": sqltypes.BIGINT,
    "BLOB": sqltypes.BLOB,
    "BOOLEAN": sqltypes.BOOLEAN,
    "DATE": sqltypes.DATE,
    "DOUBLE": sqltypes.DOUBLE,
    "FLOAT": sqltypes.REAL,
    "HUGEINT": lambda: sqltypes.NUMERIC(38, 0),
    "INTEGER": sqltypes.INTEGER,
    "INTERVAL": INTERVAL,
    "JSON": sqltypes.JSON,
    "SMALLINT": sqltypes.SMALLINT,
    "TIME": sqltypes.TIME,
    "TIME WITH TIME ZONE": lambda: sqltypes.TIME(timezone=True),
    "TIMESTAMP": sqltypes.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": lambda: sqltypes.TIMESTAMP(timezone=True),
    "TIMESTAMP_MS": sqltypes.TIMESTAMP,
    "TIMESTAMP_NS": sqltypes.TIMESTAMP,
    "TIMESTAMP_S": sqltypes.TIMESTAMP,
    "TINYINT": sqltypes.SMALLINT,
    "UBIGINT": lambda: sqltypes.NUMERIC(20, 0),
    "UINTEGER": sqltypes.BIGINT,
    "USMALLINT": sqltypes.INTEGER,
    "UTINYINT": sqltypes.SMALLINT,
    "UUID": sqltypes.UUID,
    "VARCHAR": sqltypes.VARCHAR,
}

"""The values of a result as Python has them.

Types are DB-API's: timestamps with a zone are aware datetimes in UTC, DECIMAL is Decimal, HUGEINT and BIGNUM are int, INTERVAL is
timedelta where it has no months, UUID is uuid.UUID, BIT and JSON are text, VARIANT is what it holds, a list is a list, a struct
or a map is a dict. A map whose keys no dict can have (lists, structs) is a list of pairs. Dates and times that Python has no
value for (`infinity`, the year 10000) are text, as the engine writes them. All this holds within lists, structs and maps too.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from driveql.sql.carried import Type, inner_of

Convert = Callable[[Any], Any]
_ENDLESS = {2**31 - 1, 2**63 - 1}
_BEGINNINGLESS = {-(2**31) + 1, -(2**63) + 1}
# 400 years of the Gregorian calendar, after which it repeats itself.
_CYCLE = 146_097
_MIDNIGHT = time()
_DAY = {"us": 86_400_000_000, "ns": 86_400_000_000_000}


def values_of(array: pa.Array, convert: Convert | None) -> list[Any]:
    """Return the values of a column.

    Parameters:
        convert: makes what Arrow has for a value that of its type: `converter`.
    """
    try:
        values: list[Any] = _plain(array)
    except (OverflowError, ValueError):
        values = [_lenient(scalar) for scalar in array]
    if pa.types.is_time64(array.type) and _MIDNIGHT in values:
        # Arrow takes the end of a day for its beginning.
        ends = array.cast(pa.int64()).to_pylist()
        values = [
            "24:00:00" if end and end >= _DAY[array.type.unit] else value
            for value, end in zip(values, ends, strict=True)
        ]
    return values if convert is None else [None if value is None else convert(value) for value in values]


def converter(type_: Type) -> Convert | None:
    """Return what makes a value that Arrow has one of a type; None where it is one."""
    inner = [converter(child) for _, child in inner_of(type_)]
    if not any(inner):
        return _CONVERT.get(type_.id)
    match type_.id:
        case "list" | "array":
            return lambda items: [_converted(inner[0], item) for item in items]
        case "struct" | "tuple":
            return lambda fields: {
                name: _converted(convert, value)
                for convert, (name, value) in zip(inner, fields.items(), strict=True)
            }
        case "map":
            return lambda pairs: _map(inner[0], inner[1], pairs)
        case _:
            # Which member of a union a value is, Arrow does not tell.
            return None


def _converted(convert: Convert | None, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)


def _map(key: Convert | None, value: Convert | None, pairs: Any) -> Any:
    found = [
        (_converted(key, one), _converted(value, other))
        for one, other in (pairs.items() if isinstance(pairs, dict) else pairs)
    ]
    return dict(found) if isinstance(pairs, dict) else found


def _plain(array: pa.Array) -> list[Any]:
    values: list[Any]
    if not _holds_maps(array.type):
        # To ask for maps as dicts makes numbers and texts take eight times as long.
        values = array.to_pylist()
        return values
    try:
        values = array.to_pylist(maps_as_pydicts="strict")
    except TypeError:
        values = array.to_pylist()
    return values


def _holds_maps(type_: pa.DataType) -> bool:
    return pa.types.is_map(type_) or any(
        _holds_maps(type_.field(index).type) for index in range(type_.num_fields)
    )


def _lenient(scalar: Any) -> Any:
    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.StructScalar):
        return {name: _lenient(value) for name, value in scalar.items()}
    if isinstance(scalar, pa.MapScalar):
        return [(_lenient(pair["key"]), _lenient(pair["value"])) for pair in scalar.values]
    if isinstance(scalar, pa.ListScalar | pa.FixedSizeListScalar):
        return [_lenient(value) for value in scalar.values]
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return _written(scalar)


def _written(scalar: Any) -> Any:
    value = int(scalar.value)
    if value in _ENDLESS:
        return "infinity"
    if value in _BEGINNINGLESS:
        return "-infinity"
    if pa.types.is_date32(scalar.type):
        return _date_text(value)
    unit = {"s": 1_000_000, "ms": 1000, "us": 1, "ns": 0}[scalar.type.unit]
    micros = value * unit if unit else value // 1000
    days, micros = divmod(micros, 86_400_000_000)
    clock = (datetime.min + timedelta(microseconds=micros)).time()
    zone = "+00" if scalar.type.tz else ""
    try:
        day = date(1970, 1, 1) + timedelta(days=days)
    except OverflowError:
        return f"{_date_text(days)} {clock}{zone}"
    if scalar.type.tz:
        return datetime.combine(day, clock, UTC).astimezone(ZoneInfo(scalar.type.tz))
    return datetime.combine(day, clock)


def _date_text(days: int) -> str:
    cycles, rest = divmod(days, _CYCLE)
    day = date(1970, 1, 1) + timedelta(days=rest)
    year = day.year + 400 * cycles
    return f"{year:04}-{day:%m-%d}" if year > 0 else f"{1 - year:04}-{day:%m-%d} (BC)"


def _interval(value: Any) -> Any:
    if value.months:
        return value
    return timedelta(days=value.days, microseconds=value.nanoseconds // 1000)


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _time(text: str) -> time | str:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return text


_CONVERT: dict[str, Convert] = {
    "hugeint": int,
    "uhugeint": int,
    "bignum": int,
    "uuid": _uuid,
    "interval": _interval,
    "time with time zone": _time,
    "variant": json.loads,
}

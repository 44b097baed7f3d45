"""Columns as pandas and polars can have them, without a number or a length of time lost on the way."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pyarrow as pa

from driveql.errors import SqlNotSupportedError

# Beyond it not every whole number is one of double precision, which pandas takes where a whole number is missing.
_EXACT = 2**53


def pandas_frame(table: pa.Table) -> Any:
    """Return a table as a pandas DataFrame; whole numbers too large for a float beside a NULL are `Int64`.

    Raises:
        SqlNotSupportedError: pandas has no type for a column.
    """
    table = _with_durations(table)
    _refuse(table, pa.types.is_union, "a UNION", "pandas")
    try:
        frame = table.to_pandas()
    except (ValueError, OverflowError):
        # Python has no date beyond the year 9999; numpy has.
        frame = table.to_pandas(date_as_object=False)
    pandas: Any = import_module("pandas")
    for index, column in enumerate(table.columns):
        if _needs_integers(column):
            kind = pandas.Int64Dtype() if pa.types.is_signed_integer(column.type) else pandas.UInt64Dtype()
            frame.isetitem(index, column.to_pandas(types_mapper={column.type: kind}.get))
    return frame


def polars_frame(table: pa.Table) -> Any:
    """Return a table as a polars DataFrame.

    Raises:
        SqlNotSupportedError: polars has no type for a column.
    """
    import polars

    table = _with_durations(table)
    _refuse(
        table, pa.types.is_interval, "an INTERVAL with months, or intervals in a list or struct,", "polars"
    )
    _refuse(table, pa.types.is_union, "a UNION", "polars")
    return polars.from_arrow(table)


def _needs_integers(column: pa.ChunkedArray) -> bool:
    if column.type not in {pa.int64(), pa.uint64()} or not column.null_count:
        return False
    # Imported by the first who needs it: most never do.
    import pyarrow.compute as pc

    ends = pc.min_max(column)
    return any(end is not None and abs(end) > _EXACT for end in (ends["min"].as_py(), ends["max"].as_py()))


def _with_durations(table: pa.Table) -> pa.Table:
    for index, field in enumerate(table.schema):
        if not pa.types.is_interval(field.type):
            continue
        values = table.column(index).to_pylist()
        if not any(value is not None and value.months for value in values):
            micros = [
                None if value is None else value.days * 86_400_000_000 + value.nanoseconds // 1000
                for value in values
            ]
            table = table.set_column(index, field.name, pa.array(micros, pa.int64()).cast(pa.duration("us")))
    return table


def _refuse(table: pa.Table, wrong: Any, what: str, package: str) -> None:
    for field in table.schema:
        if _has(field.type, wrong):
            raise SqlNotSupportedError(
                f"Column {field.name} holds {what} for which {package} has no type.",
                hint="Write it as text: CAST(.. AS VARCHAR).",
            )


def _has(type_: pa.DataType, wrong: Any) -> bool:
    return bool(wrong(type_)) or any(
        _has(type_.field(index).type, wrong) for index in range(type_.num_fields)
    )

"""Excel's types of cells, made types of columns. Pure.

A column is BIGINT where every number is whole, DOUBLE, BOOLEAN, DATE, TIMESTAMP or TIME where all its cells are; text otherwise.
An empty cell is NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

Cell = Any


def array_of(cells: Sequence[Cell], *, text: bool = False) -> pa.Array:
    """Return a column of the narrowest type that holds every cell as it is; text where there is none."""
    kinds = {type(cell) for cell in cells if cell is not None}
    for fits, kind, convert in _TYPES:
        if kinds and not text and kinds <= fits:
            return pa.array([None if cell is None else convert(cell) for cell in cells], kind)
    if not text and kinds and kinds <= {int, float}:
        whole = all(cell is None or (float(cell).is_integer() and abs(cell) < 2**53) for cell in cells)
        if whole:
            return pa.array([None if cell is None else int(cell) for cell in cells], pa.int64())
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    return pa.array([None if cell is None else as_text(cell) for cell in cells], pa.string())


def _timestamp(cell: date) -> datetime:
    return cell if isinstance(cell, datetime) else datetime.combine(cell, time())


_TYPES: tuple[tuple[set[type], pa.DataType, Callable[[Any], Any]], ...] = (
    ({bool}, pa.bool_(), bool),
    ({date}, pa.date32(), lambda cell: cell),
    ({date, datetime}, pa.timestamp("us"), _timestamp),
    ({time}, pa.time64("us"), lambda cell: cell),
    ({timedelta}, pa.duration("us"), lambda cell: cell),
)


def as_text(cell: Cell) -> str:
    """Return a cell as text: whole numbers without decimals, times in ISO form."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)

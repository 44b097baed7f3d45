"""Worksheets as typed Arrow tables, read with calamine (.xlsx, .xlsm, .xlsb, .xls, .ods). Excel's own types, made columns.

A column is BIGINT where every number is whole, DOUBLE, BOOLEAN, DATE, TIMESTAMP or TIME where all its cells are; text otherwise.
An empty cell is NULL. Rows without any cell at the end of a sheet are no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from driveql.errors import DriveqlError, SqlError
from driveql.sql.reading.workbook_file import CELLS, Area, Cell, opened, rows_of, too_many_cells
from driveql.sql.workbook_call import WorkbookCall

Load = Callable[[], bytes]
LeftOut = Callable[[str, DriveqlError], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet: names of the columns and rows below them."""

    names: list[str]
    rows: list[list[Cell]]


def table_of(
    call: WorkbookCall,
    workbooks: Iterable[tuple[str, Load]],
    left_out: LeftOut | None = None,
    columns_of: Callable[[list[str]], dict[str, pa.Array]] | None = None,
) -> pa.Table:
    """Return the rows of one or several workbooks as one table; columns are matched by name.

    Parameters:
        workbooks: each workbook's place and what loads its content; one is in memory at a time.
        left_out: told of a workbook that cannot be read, which is left out; without it that is an error.
        columns_of: gives further columns, a value for each workbook.

    Raises:
        SqlError: a file is no workbook, is encrypted, too large, or has no such sheet or range.
    """
    if call.lists_sheets:
        return sheets_of((place, load()) for place, load in workbooks)
    sheets = _sheets(call, workbooks, left_out)
    names = list(dict.fromkeys(name for _, sheet in sheets for name in sheet.names))
    columns: dict[str, list[Cell]] = {name: [] for name in names}
    files: list[int] = []
    for number, (_, sheet) in enumerate(sheets):
        files += [number] * len(sheet.rows)
        position = {name: index for index, name in enumerate(sheet.names)}
        for name in names:
            at = position.get(name)
            columns[name] += [None] * len(sheet.rows) if at is None else [row[at] for row in sheet.rows]
    arrays = {name: array_of(cells, text=call.all_varchar) for name, cells in columns.items()}
    places = [place for place, _ in sheets]
    if call.filename:
        arrays["filename"] = pa.array(places, pa.string()).take(pa.array(files, pa.int64()))
    for name, values in (columns_of(places) if columns_of is not None else {}).items():
        arrays[name] = values.take(pa.array(files, pa.int64()))
    return pa.table(arrays)


def _sheets(
    call: WorkbookCall, workbooks: Iterable[tuple[str, Load]], left_out: LeftOut | None
) -> list[tuple[str, Sheet]]:
    sheets: list[tuple[str, Sheet]] = []
    cells = 0
    first: DriveqlError | None = None
    for place, load in workbooks:
        try:
            sheet = read_sheet(place, load(), call)
        except DriveqlError as error:
            if left_out is None:
                raise
            left_out(place, error)
            first = first or error
            continue
        cells += len(sheet.rows) * len(sheet.names)
        if cells > CELLS:
            raise too_many_cells(place)
        sheets.append((place, sheet))
    if first is not None and not sheets:
        raise first
    return sheets


def sheets_of(workbooks: Iterable[tuple[str, bytes]]) -> pa.Table:
    """Return the sheets of workbooks: filename, number from 1, name, kind and whether it is visible.

    Raises:
        SqlError: a file is no workbook, or is encrypted.
    """
    rows = [
        {
            "filename": place,
            "number": number,
            "name": sheet.name,
            "kind": str(sheet.typ).rpartition(".")[2].lower(),
            "is_visible": sheet.visible == calamine.SheetVisibleEnum.Visible,
        }
        for place, content in workbooks
        for number, sheet in enumerate(opened(place, content).sheets_metadata, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=_SHEETS)


_SHEETS = pa.schema(
    [
        ("filename", pa.string()),
        ("number", pa.int64()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("is_visible", pa.bool_()),
    ]
)


def read_sheet(place: str, content: bytes, call: WorkbookCall) -> Sheet:
    """Return the cells that a call asks for."""
    book = opened(place, content)
    name = _sheet_name(book.sheet_names, call.sheet, place)
    area = Area.of(call.cells) if call.cells else None
    rows = rows_of(book, name, place, area)
    rows = _cut(rows, area) if area is not None else _without_margins(rows)
    header = _looks_like_header(rows) if call.header is None else call.header
    width = max((len(row) for row in rows), default=0)
    first = area.left if area is not None else 0
    letters = [_letters(first + index) for index in range(width)]
    if not header or not rows:
        return Sheet(letters, rows)
    return Sheet(_names(rows[0], letters), rows[1:])


def _sheet_name(names: list[str], wanted: str | int | None, place: str) -> str:
    if not names:
        raise SqlError(f"{place} has no sheet.")
    if wanted is None:
        return names[0]
    if isinstance(wanted, int) and wanted <= len(names):
        return names[wanted - 1]
    for name in names:
        if isinstance(wanted, str) and name.casefold() == wanted.casefold():
            return name
    raise SqlError(f"{place} has no sheet {wanted!r}.", hint=f"It has: {', '.join(names)}.")


def _without_margins(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Leave out empty rows at the beginning and the end, and empty columns at the left and the right."""
    filled = [index for index, row in enumerate(rows) if any(cell is not None for cell in row)]
    if not filled:
        return []
    rows = rows[filled[0] : filled[-1] + 1]
    used = [index for row in rows for index, cell in enumerate(row) if cell is not None]
    return [row[min(used) : max(used) + 1] for row in rows]


def _cut(rows: list[list[Cell]], area: Area) -> list[list[Cell]]:
    """Return the columns of an area; where it has no last row, up to the last that is filled."""
    width = area.right + 1
    part = [(row + [None] * (width - len(row)))[area.left : width] for row in rows]
    while part and area.bottom is None and all(cell is None for cell in part[-1]):
        part.pop()
    return part


def _letters(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _looks_like_header(rows: list[list[Cell]]) -> bool:
    """Return True where the first of several rows is all text, without a gap and without a repetition."""
    if len(rows) < 2 or not all(isinstance(cell, str) for cell in rows[0]):
        return False
    return len(set(rows[0])) == len(rows[0])


def _names(header: list[Cell], letters: list[str]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for cell, letter in zip(header, letters, strict=True):
        name = base = letter if cell is None else as_text(cell).strip() or letter
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


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

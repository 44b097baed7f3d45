"""Worksheets as typed Arrow tables, read with calamine (.xlsx, .xlsm, .xlsb, .xls, .ods). Excel's own types, made columns.

A column is BIGINT where every number is whole, DOUBLE, BOOLEAN, DATE, TIMESTAMP or TIME where all its cells are; text otherwise.
An empty cell is NULL. Rows without any cell at the end of a sheet are no rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

import pyarrow as pa
import python_calamine as calamine

from driveql.errors import DriveqlError, SqlError
from driveql.sql.reading.cell_area import Area, letters
from driveql.sql.reading.workbook_file import CELLS, Cell, check_span, opened, rows_of, too_many_cells
from driveql.sql.workbook_call import WorkbookCall

Load = Callable[[], bytes]
LeftOut = Callable[[str, DriveqlError], None]
T = TypeVar("T")


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
        return sheets_of(workbooks, left_out)
    sheets = _sheets(call, workbooks, left_out)
    arrays = _united([sheet for _, sheet in sheets], call)
    files = pa.array([number for number, (_, sheet) in enumerate(sheets) for _ in sheet.rows], pa.int64())
    places = [place for place, _ in sheets]
    if call.filename:
        named = call.filename if isinstance(call.filename, str) else "filename"
        if _taken(named, arrays):
            raise SqlError(
                f"read_xlsx: filename adds a column {named!r}, but the workbooks have one of that name.",
                hint="Choose another: filename = 'workbook'.",
            )
        arrays[named] = pa.array(places, pa.string()).take(files)
    for name, values in (columns_of(places) if columns_of is not None else {}).items():
        arrays[_free(name, arrays)] = values.take(files)
    return pa.table(arrays)


def _united(sheets: list[Sheet], call: WorkbookCall) -> dict[str, pa.Array]:
    """Return the columns of some sheets, those of one name together: names in SQL are the same in any case."""
    written: dict[str, str] = {}
    for sheet in sheets:
        for name in sheet.names:
            written.setdefault(name.casefold(), name)
    columns: dict[str, list[Cell]] = {name: [] for name in written}
    for sheet in sheets:
        position = {name.casefold(): index for index, name in enumerate(sheet.names)}
        for name, cells in columns.items():
            at = position.get(name)
            cells += [None] * len(sheet.rows) if at is None else [row[at] for row in sheet.rows]
    if not columns:
        # A table has a column at least.
        area = Area.of(call.cells) if call.cells else None
        columns_of_area = range(area.left, area.right + 1) if area is not None else range(1)
        return {letters(index): array_of(()) for index in columns_of_area}
    return {written[name]: array_of(cells, text=call.all_varchar) for name, cells in columns.items()}


def _taken(name: str, columns: Iterable[str]) -> bool:
    return name.casefold() in {each.casefold() for each in columns}


def _free(name: str, columns: Iterable[str]) -> str:
    """Return a name, with a number as DuckDB adds it where there is one already."""
    numbered = (f"{name}_{number}" for number in itertools.count(1))
    return next(each for each in itertools.chain((name,), numbered) if not _taken(each, columns))


def _sheets(
    call: WorkbookCall, workbooks: Iterable[tuple[str, Load]], left_out: LeftOut | None
) -> list[tuple[str, Sheet]]:
    sheets: list[tuple[str, Sheet]] = []
    cells = 0
    for place, sheet in _each(workbooks, left_out, lambda place, content: read_sheet(place, content, call)):
        cells += len(sheet.rows) * len(sheet.names)
        if cells > CELLS:
            raise too_many_cells(place)
        sheets.append((place, sheet))
    return sheets


def _each(
    workbooks: Iterable[tuple[str, Load]], left_out: LeftOut | None, read: Callable[[str, bytes], T]
) -> Iterator[tuple[str, T]]:
    """Yield what is read of each workbook; of those that cannot be read `left_out` is told, unless it is every one."""
    first: DriveqlError | None = None
    any_read = False
    for place, load in workbooks:
        try:
            found = read(place, load())
        except DriveqlError as error:
            if left_out is None:
                raise
            left_out(place, error)
            first = first or error
            continue
        any_read = True
        yield place, found
    if first is not None and not any_read:
        raise first


def sheets_of(workbooks: Iterable[tuple[str, Load]], left_out: LeftOut | None = None) -> pa.Table:
    """Return the sheets of workbooks: filename, number from 1, name, kind and whether it is visible.

    Parameters:
        left_out: as for `table_of`.

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
        for place, book in _each(workbooks, left_out, opened)
        for number, sheet in enumerate(book.sheets_metadata, start=1)
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
    name = _sheet_name(book.sheets_metadata, call.sheet, place)
    area = Area.of(call.cells) if call.cells else None
    check_span(content, name, place, area)
    rows = rows_of(book, name, place, area)
    rows = _cut(rows, area) if area is not None else _without_margins(rows)
    header = _looks_like_header(rows) if call.header is None else call.header
    width = max((len(row) for row in rows), default=0)
    first = area.left if area is not None else 0
    plain = [letters(first + index) for index in range(width)]
    if not header or not rows:
        return Sheet(plain, rows)
    return Sheet(_names(rows[0], plain), rows[1:])


def _sheet_name(sheets: list[Any], wanted: str | int | None, place: str) -> str:
    names: list[str] = [sheet.name for sheet in sheets]
    charts: list[str] = [sheet.name for sheet in sheets if sheet.typ == calamine.SheetTypeEnum.ChartSheet]
    if len(names) == len(charts):
        raise SqlError(f"{place} has no sheet with cells.")
    if wanted is None:
        return next(name for name in names if name not in charts)
    found = [name for name in names if isinstance(wanted, str) and name.casefold() == wanted.casefold()]
    if isinstance(wanted, int):
        found = names[wanted - 1 : wanted]
    if not found:
        raise SqlError(f"{place} has no sheet {wanted!r}.", hint=f"It has: {', '.join(names)}.")
    if found[0] in charts:
        raise SqlError(f"{place}: the sheet {found[0]!r} is a chart; it has no cells.")
    return found[0]


def _without_margins(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Leave out empty rows at the beginning and the end, and empty columns at the left and the right."""
    first = next((index for index, row in enumerate(rows) if _is_filled(row)), None)
    if first is None:
        return []
    last = next(index for index in range(len(rows) - 1, -1, -1) if _is_filled(rows[index]))
    rows = rows[first : last + 1]
    columns = range(max(map(len, rows)))
    left = next(column for column in columns if _has_cell(rows, column))
    right = next(column for column in reversed(columns) if _has_cell(rows, column))
    return [row[left : right + 1] for row in rows]


def _is_filled(row: list[Cell]) -> bool:
    return any(cell is not None for cell in row)


def _has_cell(rows: list[list[Cell]], column: int) -> bool:
    return any(row[column] is not None for row in rows if column < len(row))


def _cut(rows: list[list[Cell]], area: Area) -> list[list[Cell]]:
    """Return the columns of an area; where it has no first or last row, from or up to one that is filled."""
    width = area.right + 1
    part = [(row + [None] * (width - len(row)))[area.left : width] for row in rows]
    while part and area.bottom is None and not _is_filled(part[-1]):
        part.pop()
    if area.top is not None:
        return part
    return part[next((index for index, row in enumerate(part) if _is_filled(row)), 0) :]


def _looks_like_header(rows: list[list[Cell]]) -> bool:
    """Return True where the first of several rows is all text without a repetition.

    Where it has gaps (as above the index that pandas writes) or repetitions, half of it at least must be text, and a column
    below must have other cells than text.
    """
    if len(rows) < 2 or not all(cell is None or isinstance(cell, str) for cell in rows[0]):
        return False
    named = [index for index, cell in enumerate(rows[0]) if cell is not None]
    if len({rows[0][index] for index in named}) == len(rows[0]):
        return True
    return 2 * len(named) >= len(rows[0]) and any(_has_no_text(rows[1:], index) for index in named)


def _has_no_text(rows: list[list[Cell]], column: int) -> bool:
    cells = [row[column] for row in rows if row[column] is not None]
    return bool(cells) and not any(isinstance(cell, str) for cell in cells)


def _names(header: list[Cell], plain: list[str]) -> list[str]:
    """Return a name for every column, each once: as it is written, that of the column, or one of them with a number."""
    written = ["" if cell is None else as_text(cell).strip() for cell in header]
    known = {name.casefold() for name in written}
    names: list[str] = []
    taken: set[str] = set()
    for given, letter in zip(written, plain, strict=True):
        name, number = given, 1
        if not given or given.casefold() in taken:
            name = base = given or letter
            while name.casefold() in taken | known:
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

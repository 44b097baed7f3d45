"""Workbooks as typed Arrow tables, read with calamine (.xlsx, .xlsm, .xlsb, .xls, .ods); several are united by their columns.

Rows without any cell at the end of a sheet are no rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pyarrow as pa
import python_calamine as calamine

from driveql.errors import DriveqlError, SqlError
from driveql.sql.reading.cell_area import Area, letters
from driveql.sql.reading.cell_types import Cell, array_of
from driveql.sql.reading.sheet_span import Check, unchecked
from driveql.sql.reading.workbook_file import CELLS, opened, too_many_cells
from driveql.sql.reading.worksheet import Sheet, read_sheet
from driveql.sql.workbook_call import WorkbookCall

Load = Callable[[], bytes]
LeftOut = Callable[[str, DriveqlError], None]
T = TypeVar("T")


def table_of(
    call: WorkbookCall,
    workbooks: Iterable[tuple[str, Load]],
    left_out: LeftOut | None = None,
    columns_of: Callable[[list[str]], dict[str, pa.Array]] | None = None,
    tell: Callable[[str], None] | None = None,
    check: Check = unchecked,
) -> pa.Table:
    """Return the rows of one or several workbooks as one table; columns are matched by name.

    Parameters:
        workbooks: each workbook's place and what loads its content; one is in memory at a time.
        left_out: told of a workbook that cannot be read, which is left out; without it that is an error.
        columns_of: gives further columns, a value for each workbook.
        tell: told of cells that are NULL, though they hold something.
        check: called now and then, to stop.

    Raises:
        SqlError: a file is no workbook, is encrypted, too large, or has no such sheet or range.
    """
    if call.lists_sheets:
        return sheets_of(workbooks, left_out, check)
    sheets = _sheets(call, workbooks, left_out, check)
    for text in itertools.chain.from_iterable(sheet.told for _, sheet in sheets):
        if tell is not None:
            tell(text)
    arrays = _united([sheet for _, sheet in sheets], call, check)
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


def _united(sheets: list[Sheet], call: WorkbookCall, check: Check) -> dict[str, pa.Array]:
    """Return the columns of some sheets, those of one name together: names in SQL are the same in any case."""
    written: dict[str, str] = {}
    for sheet in sheets:
        for name in sheet.names:
            written.setdefault(name.casefold(), name)
    columns: dict[str, list[Cell]] = {name: [] for name in written}
    for sheet in sheets:
        position = {name.casefold(): index for index, name in enumerate(sheet.names)}
        for name, cells in columns.items():
            check()
            at = position.get(name)
            cells += [None] * len(sheet.rows) if at is None else [row[at] for row in sheet.rows]
    if not columns:
        # A table has a column at least.
        area = Area.of(call.cells) if call.cells else None
        columns_of_area = range(area.left, area.right + 1) if area is not None else range(1)
        return {letters(index): array_of(()) for index in columns_of_area}
    arrays = {}
    for name, cells in columns.items():
        check()
        arrays[written[name]] = array_of(cells, text=call.all_varchar)
    return arrays


def _taken(name: str, columns: Iterable[str]) -> bool:
    return name.casefold() in {each.casefold() for each in columns}


def _free(name: str, columns: Iterable[str]) -> str:
    """Return a name, with a number as DuckDB adds it where there is one already."""
    numbered = (f"{name}_{number}" for number in itertools.count(1))
    return next(each for each in itertools.chain((name,), numbered) if not _taken(each, columns))


def _sheets(
    call: WorkbookCall, workbooks: Iterable[tuple[str, Load]], left_out: LeftOut | None, check: Check
) -> list[tuple[str, Sheet]]:
    sheets: list[tuple[str, Sheet]] = []
    cells = 0

    def read(place: str, content: bytes) -> Sheet:
        return read_sheet(place, content, call, check)

    for place, sheet in _each(workbooks, left_out, read, check):
        cells += len(sheet.rows) * len(sheet.names)
        if cells > CELLS:
            raise too_many_cells(place)
        sheets.append((place, sheet))
    return sheets


def _each(
    workbooks: Iterable[tuple[str, Load]],
    left_out: LeftOut | None,
    read: Callable[[str, bytes], T],
    check: Check,
) -> Iterator[tuple[str, T]]:
    """Yield what is read of each workbook; of those that cannot be read `left_out` is told, unless it is every one."""
    first: DriveqlError | None = None
    any_read = False
    for place, load in workbooks:
        check()
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


def sheets_of(
    workbooks: Iterable[tuple[str, Load]], left_out: LeftOut | None = None, check: Check = unchecked
) -> pa.Table:
    """Return the sheets of workbooks: filename, number from 1, name, kind and whether it is visible.

    Parameters:
        left_out, check: as for `table_of`.

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
        for place, book in _each(workbooks, left_out, opened, check)
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

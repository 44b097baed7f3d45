"""Worksheets as typed Arrow tables, read with calamine (.xlsx, .xlsm, .xlsb, .xls, .ods). Excel's own types, made columns.

A column is BIGINT where every number is whole, DOUBLE, BOOLEAN, DATE, TIMESTAMP or TIME where all its cells are; text otherwise.
An empty cell is NULL. Rows without any cell at the end of a sheet are no rows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from driveql.errors import SqlError
from driveql.sql.workbook_call import WorkbookCall

Cell = Any
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d*)(?::\$?([A-Z]{1,3})\$?(\d*))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet: names of the columns and rows below them."""

    names: list[str]
    rows: list[list[Cell]]


def table_of(call: WorkbookCall, workbooks: Sequence[tuple[str, bytes]]) -> pa.Table:
    """Return the rows of one or several workbooks as one table; columns are matched by name.

    Parameters:
        workbooks: each workbook's place and content.

    Raises:
        SqlError: a file is no workbook, is encrypted, or has no such sheet or range.
    """
    if call.lists_sheets:
        return sheets_of(workbooks)
    sheets = [(place, read_sheet(place, content, call)) for place, content in workbooks]
    names = list(dict.fromkeys(name for _, sheet in sheets for name in sheet.names))
    columns: dict[str, list[Cell]] = {name: [] for name in names}
    files: list[str] = []
    for place, sheet in sheets:
        files += [place] * len(sheet.rows)
        position = {name: index for index, name in enumerate(sheet.names)}
        for name in names:
            at = position.get(name)
            columns[name] += [None] * len(sheet.rows) if at is None else [row[at] for row in sheet.rows]
    arrays = {name: array_of(cells, text=call.all_varchar) for name, cells in columns.items()}
    if call.filename:
        arrays["filename"] = pa.array(files, pa.string())
    return pa.table(arrays)


def sheets_of(workbooks: Sequence[tuple[str, bytes]]) -> pa.Table:
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
        for number, sheet in enumerate(_opened(place, content).sheets_metadata, start=1)
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
    book = _opened(place, content)
    name = _sheet_name(book.sheet_names, call.sheet, place)
    try:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (calamine.CalamineError, OSError) as error:
        raise SqlError(f"{place} cannot be read as a workbook: {error}") from error
    rows = [[_cell(value) for value in row] for row in cells]
    rows = _cut(rows, call.cells) if call.cells else _without_margins(rows)
    header = _looks_like_header(rows) if call.header is None else call.header
    width = max((len(row) for row in rows), default=0)
    first = _first_column(call.cells) if call.cells else 0
    letters = [_letters(first + index) for index in range(width)]
    if not header or not rows:
        return Sheet(letters, rows)
    return Sheet(_names(rows[0], letters), rows[1:])


def _opened(place: str, content: bytes) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise SqlError(f"{place} is protected by a password.", hint="Save it without a password.") from error
    except (calamine.CalamineError, OSError) as error:
        raise SqlError(f"{place} cannot be read as a workbook: {error}") from error


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


def _cell(value: Cell) -> Cell:
    return None if value == "" else value


def _without_margins(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Leave out empty rows at the beginning and the end, and empty columns at the left and the right."""
    filled = [index for index, row in enumerate(rows) if any(cell is not None for cell in row)]
    if not filled:
        return []
    rows = rows[filled[0] : filled[-1] + 1]
    used = [index for row in rows for index, cell in enumerate(row) if cell is not None]
    return [row[min(used) : max(used) + 1] for row in rows]


def _cut(rows: list[list[Cell]], cells: str) -> list[list[Cell]]:
    """Return the rectangle that a range names; where it has no last row, up to the last that is filled."""
    match = _RANGE.fullmatch(cells.strip())
    if not match:
        raise SqlError(f"{cells!r} is not a range of cells.", hint="Write A1:F100, A:F or A3:F.")
    left, top, right, bottom = match.groups()
    first, last = _column(left), _column(right or left)
    start = int(top or 1) - 1
    end = int(bottom) if bottom else int(top) if top and right is None else len(rows)
    if last < first or end < start:
        raise SqlError(f"The range {cells!r} ends before it begins.")
    part = [(row + [None] * (last + 1 - len(row)))[first : last + 1] for row in rows[start:end]]
    while part and not bottom and all(cell is None for cell in part[-1]):
        part.pop()
    return part


def _first_column(cells: str) -> int:
    match = _RANGE.fullmatch(cells.strip())
    return _column(match.group(1)) if match else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


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

"""One worksheet of a workbook: its cells with the names of their columns, and what is to be told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import python_calamine as calamine

from driveql.errors import SqlError
from driveql.sql.reading.cell_area import Area, letters
from driveql.sql.reading.cell_types import Cell, as_text
from driveql.sql.reading.sheet_span import Check, empty_cells, unchecked
from driveql.sql.reading.workbook_file import check_span, opened, rows_of
from driveql.sql.workbook_call import WorkbookCall


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet: names of the columns and rows below them, and what is to be told of them."""

    names: list[str]
    rows: list[list[Cell]]
    told: tuple[str, ...] = ()


def read_sheet(place: str, content: bytes, call: WorkbookCall, check: Check = unchecked) -> Sheet:
    """Return the cells that a call asks for.

    Parameters:
        check: called now and then, to stop.
    """
    book = opened(place, content)
    name = _sheet_name(book.sheets_metadata, call.sheet, place)
    area = Area.of(call.cells) if call.cells else None
    check_span(content, name, place, area, check)
    rows = rows_of(book, name, place, area, check)
    rows = _cut(rows, area) if area is not None else _without_margins(rows)
    alone = len(rows) == 1 and (area is None or area.bottom is None)
    header = call.header
    if header is None:
        header = (len(rows) > 1 or alone) and _looks_like_header(rows)
    width = max((len(row) for row in rows), default=0)
    first = area.left if area is not None else 0
    plain = [letters(first + index) for index in range(width)]
    told = _told(place, name, *empty_cells(content, name, check))
    if alone and header and call.header is None:
        only = f"{place}: the only row of the sheet {name!r} was taken for the names of its columns; header = false reads it"
        told = (*told, only)
    if not header or not rows:
        return Sheet(plain, rows, told)
    return Sheet(_names(rows[0], plain), rows[1:], told)


def _told(place: str, name: str, errors: int, uncomputed: int) -> tuple[str, ...]:
    """Return what is to be told of cells that are NULL, though they hold something."""
    parts = []
    if errors:
        parts.append(f"cells with errors such as #N/A: {errors}")
    if uncomputed:
        parts.append(
            f"formulas without a value, which a spreadsheet program stores when it saves: {uncomputed}"
        )
    return (f"{place}: NULL in the sheet {name!r} are {'; '.join(parts)}",) if parts else ()


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
    """Return True where the first row is all text without a repetition.

    Where it has gaps (as above the index that pandas writes) or repetitions, half of it at least must be text, and a column
    below must have other cells than text.
    """
    if not rows or not all(cell is None or isinstance(cell, str) for cell in rows[0]):
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

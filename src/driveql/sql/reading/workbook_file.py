"""A workbook and the cells of its sheets. A sheet is in memory as a whole, so its size is bounded; what is larger is refused.

Read with calamine: .xlsx, .xlsm, .xlsb, .xls and .ods.
"""

from __future__ import annotations

import io
import zipfile
from itertools import islice
from typing import Any

import python_calamine as calamine

from driveql.errors import SqlError
from driveql.sql.reading import sheet_span
from driveql.sql.reading.cell_area import Area
from driveql.sql.reading.cell_types import Cell
from driveql.sql.reading.sheet_span import Check, unchecked
from driveql.sql.reading.xlsb_dates import with_dates

FILE_BYTES = 64 << 20
# What the parts of a file come to when they are unpacked.
UNPACKED_BYTES = 512 << 20
CELLS = 5_000_000
# Of a sheet of which a part is read; calamine makes 32 bytes of each, empty or not.
SPANNED_CELLS = 20_000_000
# Between them it is asked whether the statement goes on.
_CHECKED_ROWS = 1000


def check_size(place: str, size: int) -> None:
    """Raise SqlError for a file of so many bytes that it would not be read."""
    if size > FILE_BYTES:
        raise _too_large(place, size, FILE_BYTES, "bytes")


def opened(place: str, content: bytes) -> Any:
    """Return a workbook.

    Raises:
        SqlError: the file is none, is protected by a password, or too large.
    """
    check_size(place, len(content))
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > UNPACKED_BYTES:
            raise _too_large(place, unpacked, UNPACKED_BYTES, "bytes when it is unpacked")
        content = with_dates(content)
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise SqlError(f"{place} is protected by a password.", hint="Save it without a password.") from error
    except (calamine.CalamineError, OSError) as error:
        raise SqlError(f"{place} cannot be read as a workbook: {error}") from error


def check_span(content: bytes, name: str, place: str, area: Area | None, check: Check = unchecked) -> None:
    """Raise SqlError for a sheet whose cells, empty ones between them among them, are more than would be read."""
    if area is None and sheet_span.exceeds(content, name, CELLS, check):
        raise too_many_cells(place)
    if area is not None and sheet_span.exceeds(content, name, SPANNED_CELLS, check):
        raise SqlError(
            f"{place}: the cells of {name!r} span more than {SPANNED_CELLS:,}, empty ones between them counted.",
            hint="Look for cells far from the others and delete them, or keep the data as Parquet or CSV.",
        )


def rows_of(
    book: Any, name: str, place: str, area: Area | None, check: Check = unchecked
) -> list[list[Cell]]:
    """Return the rows of a sheet, or those of an area, each from column A on; an empty cell is None.

    Parameters:
        check: called now and then, to stop.

    Raises:
        SqlError: the sheet cannot be read, or has too many cells.
    """
    try:
        sheet = book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError) as error:
        raise SqlError(f"{place} cannot be read as a workbook: {error}") from error
    indent = [None] * (sheet.start[1] if sheet.start is not None else 0)
    top, bottom, width = (area.top, area.bottom, area.right + 1) if area is not None else (None, None, None)
    rows: list[list[Cell]] = []
    cells = 0
    for number, row in enumerate(islice(sheet.iter_rows(), top, bottom)):
        if number % _CHECKED_ROWS == 0:
            check()
        rows.append((indent + [None if value == "" else value for value in row])[:width])
        cells += len(rows[-1])
        if cells > CELLS:
            raise too_many_cells(place)
    return rows


def too_many_cells(place: str) -> SqlError:
    """Return the error for more cells than are read at once."""
    return SqlError(
        f"{place} has more than {CELLS:,} cells to read, empty ones between them counted.",
        hint="Read a part of it: range = 'A1:F100000'. Data of that size is better kept as Parquet or CSV.",
    )


def _too_large(place: str, size: int, most: int, unit: str) -> SqlError:
    return SqlError(
        f"{place} has {size:,} {unit}; workbooks of up to {most:,} are read, since they are read as a whole.",
        hint="Data of that size is better kept as Parquet or CSV.",
    )

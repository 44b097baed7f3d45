"""A workbook and the cells of its sheets. A sheet is in memory as a whole, so its size is bounded; what is larger is refused.

Read with calamine: .xlsx, .xlsm, .xlsb, .xls and .ods.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import python_calamine as calamine

from driveql.errors import SqlError

Cell = Any
FILE_BYTES = 64 << 20
# What the parts of a file come to when they are unpacked.
UNPACKED_BYTES = 512 << 20
CELLS = 5_000_000
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d*)(?::\$?([A-Z]{1,3})\$?(\d*))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells. Rows and columns count from 0; `right` belongs to it, `bottom` does not; None is the last filled."""

    left: int
    top: int
    right: int
    bottom: int | None

    @classmethod
    def of(cls, written: str) -> Self:
        """Return the area that is written as A1:F100, A:F, A3:F or A1.

        Raises:
            SqlError: it is not of these forms, or ends before it begins.
        """
        match = _AREA.fullmatch(written.strip())
        if not match:
            raise SqlError(f"{written!r} is not a range of cells.", hint="Write A1:F100, A:F or A3:F.")
        left, top, right, bottom = match.groups()
        start = int(top or 1) - 1
        end = int(bottom) if bottom else start + 1 if top and right is None else None
        area = cls(_column(left), start, _column(right or left), end)
        if area.right < area.left or (end is not None and end <= start):
            raise SqlError(f"The range {written!r} ends before it begins.")
        return area


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
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise SqlError(f"{place} is protected by a password.", hint="Save it without a password.") from error
    except (calamine.CalamineError, OSError) as error:
        raise SqlError(f"{place} cannot be read as a workbook: {error}") from error


def rows_of(book: Any, name: str, place: str, area: Area | None) -> list[list[Cell]]:
    """Return the rows of a sheet, or those of an area, each from column A on; an empty cell is None.

    Raises:
        SqlError: the sheet cannot be read, or has too many cells.
    """
    try:
        sheet = book.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError) as error:
        raise SqlError(f"{place} cannot be read as a workbook: {error}") from error
    indent = [None] * (sheet.start[1] if sheet.start is not None else 0)
    top, bottom = (area.top, area.bottom) if area is not None else (0, None)
    rows: list[list[Cell]] = []
    cells = 0
    for row in islice(sheet.iter_rows(), top, bottom):
        rows.append(indent + [None if value == "" else value for value in row])
        cells += len(rows[-1])
        if cells > CELLS:
            raise too_many_cells(place)
    return rows


def too_many_cells(place: str) -> SqlError:
    """Return the error for more cells than are read at once."""
    return SqlError(
        f"{place} has more than {CELLS:,} cells to read.",
        hint="Read a part of it: range = 'A1:F100000'. Data of that size is better kept as Parquet or CSV.",
    )


def _too_large(place: str, size: int, most: int, unit: str) -> SqlError:
    return SqlError(
        f"{place} has {size:,} {unit}; workbooks of up to {most:,} are read, since they are read as a whole.",
        hint="Data of that size is better kept as Parquet or CSV.",
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1

"""Rectangles of cells as spreadsheets write them: A1:F100, A:F, A3:F. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from driveql.errors import SqlError

_CELL = r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})?"
_AREA = re.compile(f"{_CELL}(?::{_CELL})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells. Rows and columns count from 0; `right` belongs to it, `bottom` does not.

    `top` is None for the first row that is filled, `bottom` for the last.
    """

    left: int
    top: int | None
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
        start = int(top) - 1 if top else None
        end = int(bottom) if bottom else int(top) if top and right is None else None
        area = cls(number_of(left), start, number_of(right or left), end)
        if area.right < area.left or (end is not None and end <= (start or 0)):
            raise SqlError(f"The range {written!r} ends before it begins.")
        return area


def letters(column: int) -> str:
    """Return the name of a column, counted from 0: A, B .. Z, AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def number_of(letters: str) -> int:
    """Return the number of a column, counted from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1

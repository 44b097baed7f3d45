"""What the text of a worksheet of `.xlsx` tells that calamine does not: how many cells its rectangle has, and which come empty.

calamine makes all of that rectangle, of a sheet with one cell far away too, and ends the process where memory does not suffice.
Cells with errors, and formulas whose value no program has computed, are empty to it.
Source: ECMA-376, part 1, 18.3.1.4 (c) and 18.3.1.73 (row)
"""

from __future__ import annotations

import functools
import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO

from driveql.sql.reading.cell_area import number_of

# Raises where a statement is to stop.
Check = Callable[[], None]
_BOOK, _RELATIONS, _SHEETS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/"
_PIECE_BYTES = 1 << 20
# A piece begins with the end of the one before, where a tag may be cut.
_OVERLAP_BYTES = 16 << 10
_COLUMN = re.compile(rb'\sr="([A-Z]{1,3})\d')
_ROW = re.compile(rb'row\s[^>]*?\br="(\d{1,7})"')
# A cell so far down that it cannot be in the rows seen so far.
_FAR_ROWS = 100_000
_FAR = re.compile(rb'\sr="[A-Z]{1,3}\d{6}')
_MOST_ROWS = 1 << 20
# A cell that is no empty element: one with a format alone is none to calamine.
_FILLED = re.compile(rb'\bc\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>/]*>')
_ERROR = re.compile(rb'\bc\s[^>]*\bt="e"')
# What a program leaves that writes formulas and computes none; an empty text that was computed is of the type str.
_UNCOMPUTED = re.compile(
    rb'\bc\s(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TAG = re.compile(r"<(?:\w+:)?(?:sheet|Relationship)\s([^>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def unchecked() -> None:
    """Let whatever asks whether to go on do so."""


def exceeds(content: bytes, sheet: str, most: int, check: Check = unchecked) -> bool:
    """Return whether a sheet's rectangle has more than so many cells; False where the workbook is no `.xlsx`, or damaged.

    Parameters:
        check: called now and then, to stop.
    """

    def found(part: Callable[[], IO[bytes]]) -> bool:
        return _cells_at_most(part(), check) > most and _cells(part(), check) > most

    return _first(content, sheet, found)


def empty_cells(content: bytes, sheet: str, check: Check = unchecked) -> tuple[int, int]:
    """Return how many cells of a sheet hold errors, and how many a formula without a value; 0 as for `exceeds`."""
    found = [0, 0]

    def counted(part: Callable[[], IO[bytes]]) -> bool:
        for text, known in _texts(part(), check):
            for index, (mark, pattern) in enumerate(((b't="e"', _ERROR), (b"f", _UNCOMPUTED))):
                if mark in text:
                    found[index] += sum(match.end() > known for match in pattern.finditer(text))
        return False

    _first(content, sheet, counted)
    return found[0], found[1]


def _first(content: bytes, sheet: str, holds: Callable[[Callable[[], IO[bytes]]], bool]) -> bool:
    """Return whether something holds for a sheet's part, which it may open any number of times."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return any(holds(functools.partial(parts.open, name)) for name in _parts_of(parts, sheet))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
        # calamine says what is wrong with it.
        return False


def _parts_of(parts: zipfile.ZipFile, sheet: str) -> list[str]:
    """Return the part that has a sheet; all that have one where it cannot be told."""
    names = parts.namelist()
    if _BOOK in names and _RELATIONS in names:
        ids = {each.get("name"): _id(each) for each in _tags(parts.read(_BOOK))}
        targets = {each.get("Id"): each.get("Target", "") for each in _tags(parts.read(_RELATIONS))}
        target = targets.get(ids.get(sheet), "")
        part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        if part in names:
            return [part]
    return [name for name in names if name.startswith(_SHEETS) and name.endswith(".xml")]


def _tags(text: bytes) -> list[dict[str, str]]:
    return [
        {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}
        for tag in _TAG.findall(text.decode("utf-8", "replace"))
    ]


def _id(tag: dict[str, str]) -> str | None:
    return next((value for name, value in tag.items() if name.endswith(":id")), None)


def _texts(part: IO[bytes], check: Check) -> Iterator[tuple[bytes, int]]:
    """Yield a part's text in pieces, with how many bytes of each the one before had too."""
    before = b""
    while piece := part.read(_PIECE_BYTES):
        check()
        text = before + piece
        yield text, len(before)
        before = text[-_OVERLAP_BYTES:]


def _cells_at_most(part: IO[bytes], check: Check) -> int:
    """Return a number quickly found that the rectangle's is not above."""
    columns: set[bytes] = set()
    rows = 0
    for text, _ in _texts(part, check):
        columns.update(_COLUMN.findall(text))
        rows = max(rows, max(map(int, _ROW.findall(text)), default=0))
        if rows < _FAR_ROWS and _FAR.search(text):
            rows = _MOST_ROWS
    return rows * max((number_of(column.decode()) + 1 for column in columns), default=0)


def _cells(part: IO[bytes], check: Check) -> int:
    columns: set[bytes] = set()
    first, last = _MOST_ROWS, 0
    for text, _ in _texts(part, check):
        for column, row in _FILLED.findall(text):
            columns.add(column)
            first, last = min(first, int(row)), max(last, int(row))
    numbers = {number_of(column.decode()) for column in columns}
    return (last - first + 1) * (max(numbers) - min(numbers) + 1) if numbers else 0

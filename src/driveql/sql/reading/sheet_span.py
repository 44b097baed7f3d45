"""How many cells the rectangle has that a worksheet of `.xlsx` spans, told from its text before it is read.

calamine makes all of that rectangle, of a sheet with one cell far away too, and ends the process where memory does not suffice.
Source: ECMA-376, part 1, 18.3.1.4 (c) and 18.3.1.73 (row)
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from driveql.sql.reading.cell_area import number_of

_BOOK, _RELATIONS, _SHEETS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/"
_PIECE_BYTES = 1 << 20
# A piece begins with the end of the one before, where a tag may be cut.
_OVERLAP_BYTES = 256
_COLUMN = re.compile(rb'\sr="([A-Z]{1,3})\d')
_ROW = re.compile(rb'row\s[^>]*?\br="(\d{1,7})"')
# A cell so far down that it cannot be in the rows seen so far.
_FAR_ROWS = 100_000
_FAR = re.compile(rb'\sr="[A-Z]{1,3}\d{6}')
_MOST_ROWS = 1 << 20
# A cell that is no empty element: one with a format alone is none to calamine.
_FILLED = re.compile(rb'\bc\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>/]*>')
_TAG = re.compile(r"<(?:\w+:)?(?:sheet|Relationship)\s([^>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def exceeds(content: bytes, sheet: str, most: int) -> bool:
    """Return whether a sheet's rectangle has more than so many cells; False where the workbook is no `.xlsx`, or damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for name in _parts_of(parts, sheet):
                with parts.open(name) as part:
                    suspected = _cells_at_most(part) > most
                if suspected:
                    with parts.open(name) as part:
                        suspected = _cells(part) > most
                if suspected:
                    return True
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
        # calamine says what is wrong with it.
        pass
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


def _texts(part: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while piece := part.read(_PIECE_BYTES):
        text = before + piece
        yield text
        before = text[-_OVERLAP_BYTES:]


def _cells_at_most(part: IO[bytes]) -> int:
    """Return a number quickly found that the rectangle's is not above."""
    columns: set[bytes] = set()
    rows = 0
    for text in _texts(part):
        columns.update(_COLUMN.findall(text))
        rows = max(rows, max(map(int, _ROW.findall(text)), default=0))
        if rows < _FAR_ROWS and _FAR.search(text):
            rows = _MOST_ROWS
    return rows * max((number_of(column.decode()) + 1 for column in columns), default=0)


def _cells(part: IO[bytes]) -> int:
    columns: set[bytes] = set()
    first, last = _MOST_ROWS, 0
    for text in _texts(part):
        for column, row in _FILLED.findall(text):
            columns.add(column)
            first, last = min(first, int(row)), max(last, int(row))
    numbers = {number_of(column.decode()) for column in columns}
    return (last - first + 1) * (max(numbers) - min(numbers) + 1) if numbers else 0

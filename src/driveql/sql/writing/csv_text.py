"""The dialect of a CSV file that is there, found out so that rows can be added in it, and the rows as text in it. Pure.

What cannot be told for sure is an error: a row added in another dialect would make the whole file unreadable.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from driveql.errors import SqlNotSupportedError

_DELIMITERS = (",", ";", "\t", "|")
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PIECE = 1 << 20
_FIRST_MAX = 4 << 20


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    Parameters:
        unfinished: its last line has no end. empty: it has no text at all, so that the columns' names are to be written too.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    newline: str = "\n"
    null: str = ""
    unfinished: bool = False
    empty: bool = False

    def line(self, values: Iterable[Any]) -> str:
        """Return a row; NULL is `null`, and any text that could be taken for something else is quoted."""
        return self.delimiter.join(self._field(value) for value in values) + self.newline

    def _field(self, value: Any) -> str:
        if value is None:
            return self.null
        text = str(value)
        special = (self.delimiter, self.quote, "\n", "\r")
        if text == self.null or text != text.strip() or any(mark in text for mark in special):
            return f"{self.quote}{text.replace(self.quote, self.quote * 2)}{self.quote}"
        return text


def examine(
    file: BinaryIO,
    path: str,
    names: Sequence[str],
    *,
    header: bool = True,
    delimiter: str | None = None,
    quote: str = '"',
    null: str = "",
) -> Dialect:
    """Return the dialect of a file to which rows with these columns are to be added.

    Parameters:
        header: its first line has the columns' names, which must be these, in this order; otherwise it must have as many columns.
        delimiter: what it is said to be; None to find it out.

    Raises:
        SqlNotSupportedError: rows cannot be added so that the file stays what it is.
    """
    text = _Text.of(file, path, quote)
    if text.empty:
        return Dialect(text.encoding, delimiter or ",", quote, null=null, empty=True)
    if text.quotes % 2:
        raise SqlNotSupportedError(
            f"{path} ends within quotes: rows cannot be added to it.",
            hint="Look at its end, or say another QUOTE.",
        )
    first = text.first.rstrip("\r\n")
    newline = text.first[len(first) :] or "\n"
    if newline not in {"\n", "\r\n"} or (newline == "\n" and "\r" in first):
        raise SqlNotSupportedError(
            f"{path} has line ends that are not told apart from text: rows cannot be added to it."
        )
    found = _columns(first, delimiter, quote, names, header)
    if found is None:
        _refuse(first, path, names, delimiter, quote, header)
        raise AssertionError("unreachable: refused")
    return Dialect(text.encoding, found, quote, newline, null, unfinished=not text.last.endswith("\n"))


@dataclass(slots=True)
class _Text:
    """A file's text, read once: its first record, its end, how many quotes it has."""

    encoding: str
    first: str = ""
    last: str = ""
    quotes: int = 0
    empty: bool = True

    @classmethod
    def of(cls, file: BinaryIO, path: str, quote: str) -> _Text:
        file.seek(0)
        begin = file.read(4)
        mark, encoding = next(
            ((mark, name) for mark, name in _ENCODINGS if begin.startswith(mark)), (b"", "utf-8")
        )
        file.seek(len(mark))
        text = cls(encoding)
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        whole = False
        try:
            while not whole:
                piece = file.read(_PIECE)
                whole = not piece
                text._add(decoder.decode(piece, final=whole), quote, path)
        except UnicodeDecodeError:
            raise SqlNotSupportedError(
                f"{path} is neither UTF-8 nor UTF-16 with its mark: how rows are to be added cannot be told.",
                hint="Write the file anew: COPY (SELECT * FROM read_csv('...', encoding = '...') UNION ALL ...) TO ...",
            ) from None
        return text

    def _add(self, piece: str, quote: str, path: str) -> None:
        if not piece:
            return
        self.empty = self.empty and not piece.strip()
        ended = "\n" in self.first and self.first.count(quote) % 2 == 0
        if not ended:
            self._lengthen(piece, quote, path)
        self.quotes += piece.count(quote)
        self.last = piece[-1]

    def _lengthen(self, piece: str, quote: str, path: str) -> None:
        """Add to the first record until a line ends outside of quotes."""
        for line in piece.splitlines(keepends=True):
            if self.first.endswith("\n") and self.first.count(quote) % 2 == 0:
                return
            self.first += line
            if len(self.first) > _FIRST_MAX:
                raise SqlNotSupportedError(f"The first line of {path} has no end: it does not look like CSV.")


def _columns(first: str, delimiter: str | None, quote: str, names: Sequence[str], header: bool) -> str | None:
    """Return the delimiter that makes the first record what it is to be."""
    for candidate in (delimiter,) if delimiter else _DELIMITERS:
        found = _fields(first, candidate, quote)
        if found == list(names) if header else len(found) == len(names):
            return candidate
    return None


def _fields(record: str, delimiter: str, quote: str) -> list[str]:
    reader = csv.reader([record], delimiter=delimiter, quotechar=quote, doublequote=True, strict=False)
    try:
        return next(reader, [])
    except csv.Error:
        # With this delimiter, a line ends where no field is quoted.
        return []


def _refuse(
    first: str, path: str, names: Sequence[str], delimiter: str | None, quote: str, header: bool
) -> None:
    candidates = (delimiter,) if delimiter else _DELIMITERS
    found = max((_fields(first, each, quote) for each in candidates), key=len)
    if not header:
        raise SqlNotSupportedError(
            f"The first line of {path} has {len(found)} columns, and the rows have {len(names)}."
        )
    order = "in another order" if sorted(found) == sorted(names) else f"the rows have {', '.join(names)}"
    raise SqlNotSupportedError(
        f"{path} has the columns {', '.join(found)}; {order}.",
        hint="Select the same columns in the same order, or say HEADER false where the first line is a row already.",
    )

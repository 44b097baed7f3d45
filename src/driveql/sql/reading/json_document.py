"""The bytes of a JSON document on their way to a parser: unpacked, and held against what it would change in silence. Pure.

Source: RFC 8259, section 8.2
"""

from __future__ import annotations

import codecs
import gzip
import re
from typing import BinaryIO, Protocol, cast

import pyarrow as pa

from driveql.errors import SqlError

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][c-fC-F]..|u[dD][89abAB]..(?=[^\\]|\\[^u]|\\u[^dD]|\\u[dD][^c-fC-F]))"
    rb"|[^u]|u(?![dD][89a-fA-F])....)",
    re.DOTALL,
)


class Readable(Protocol):
    """Bytes, from wherever they come."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""


def unpacked(file: BinaryIO) -> Readable:
    """Return a document as it is, or what is in it where its first bytes are those of gzip or Zstandard."""
    start = file.tell()
    first = file.read(4)
    file.seek(start)
    if first.startswith(b"\x1f\x8b"):
        return cast(Readable, gzip.GzipFile(fileobj=file))
    if first == b"\x28\xb5\x2f\xfd":
        return cast(Readable, pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd"))
    return file


class Checked:
    """A document while it is parsed. The parser gives half of a surrogate pair as a question mark, which nobody wrote."""

    def __init__(self, file: Readable, shown: str) -> None:
        self._file = file
        self._shown = shown
        self._behind = b""
        self._began = False

    def read(self, size: int = -1) -> bytes:
        """Return what comes next of the document.

        Raises:
            SqlError: a text in it has half of a pair.
        """
        piece = self._file.read(size)
        if not piece:
            return piece
        if not self._began:
            self._began = True
            piece = piece.removeprefix(codecs.BOM_UTF8)
        content, self._behind = self._behind + piece, b""
        if b"\\u" not in content and not content.endswith(b"\\"):
            return piece
        position = 0
        for match in _ESCAPE.finditer(content):
            position = match.end()
            if match["half"]:
                raise SqlError(
                    f"{self._shown} is not a JSON document: {match['half'].decode()} is half of a surrogate pair.",
                    hint="RFC 8259, section 8.2: no program can tell what character was meant.",
                )
        begun = content.find(b"\\", position)
        if begun >= 0:
            self._behind = content[begun:]
        return piece

"""Members of zip archives: of an archive only its directory and the members that are read are fetched.

A place leads into an archive behind a name that ends with .zip: onedrive:/Exports/2026.zip/june/orders.csv
Source: PKWARE APPNOTE.TXT, sections 4.3 and 4.4
"""

from __future__ import annotations

import bisect
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol

from driveql.drive.listing import matcher
from driveql.errors import SqlError, SqlNotSupportedError

_INSIDE = re.compile(r"(.*?[^/]\.zip)/(.+)", re.IGNORECASE | re.DOTALL)
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1
# What is asked for at a time: several blocks, which come side by side.
_PIECE_BYTES = 16 << 20
_INFLATED_BYTES = 1 << 20


class SeekableFile(Protocol):
    """An archive, open."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position in bytes and return it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return bytes from there on."""


def split(path: str) -> tuple[str, str] | None:
    """Return a path's archive and what is behind it; None where it leads into none."""
    match = _INSIDE.fullmatch(path)
    return (match.group(1), match.group(2)) if match else None


class Archive:
    """The directory of an archive.

    Parameters:
        file: the archive. place: how it is written, for errors.

    Raises:
        SqlError: it is no zip archive.
    """

    def __init__(self, file: SeekableFile, place: str) -> None:
        self._place = place
        try:
            with zipfile.ZipFile(file) as directory:
                members = {_name(each): each for each in directory.infolist()}
                self._borders = sorted({each.header_offset for each in directory.infolist()})
                self._borders.append(directory.start_dir)
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
            raise SqlError(f"{place} cannot be read as a zip archive: {error}.") from error
        self._members = {name: each for name, each in members.items() if not name.endswith("/")}

    def matching(self, pattern: str) -> list[str]:
        """Return the members that fit a pattern, without regard to case, in order; one of that very name is the only one."""
        if pattern in self._members:
            return [pattern]
        fits = matcher(pattern.split("/"))
        return sorted(name for name in self._members if fits(name))

    def named(self, name: str) -> str | None:
        """Return a member's name as the archive writes it, None where there is none."""
        if name in self._members:
            return name
        return next((each for each in self._members if each.casefold() == name.casefold()), None)

    def size(self, name: str) -> int:
        """Return a member's size in bytes."""
        return self._members[name].file_size

    def pieces(self, name: str, file: SeekableFile) -> Iterator[bytes]:
        """Yield a member's bytes.

        Raises:
            SqlNotSupportedError: it is encrypted, or compressed in another way than by deflate.
            SqlError: it is damaged.
        """
        member = self._members[name]
        shown = f"{self._place}/{name}"
        if member.flag_bits & _ENCRYPTED:
            raise SqlNotSupportedError(f"{shown} is encrypted.", hint="Store it without a password.")
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise SqlNotSupportedError(
                f"{shown} is compressed by method {member.compress_type}; stored and deflated members are read.",
                hint="Pack it by deflate, as most programs do.",
            )
        check, length = 0, 0
        try:
            for piece in _inflated(_stored(member, file, self._end(member), shown), member.compress_type):
                check = zlib.crc32(piece, check)
                length += len(piece)
                if length > member.file_size:
                    raise SqlError(
                        f"{shown} is damaged: more comes than the {member.file_size:,} bytes that its directory announces.",
                        hint="Pack it anew.",
                    )
                yield piece
        except zlib.error as error:
            raise SqlError(f"{shown} is damaged: {error}.") from error
        if (check, length) != (member.CRC, member.file_size):
            raise SqlError(f"{shown} is damaged: its bytes do not match the checksum in the archive.")

    def _end(self, member: zipfile.ZipInfo) -> int:
        """Return where what comes behind a member begins."""
        behind = bisect.bisect_right(self._borders, member.header_offset)
        return self._borders[min(behind, len(self._borders) - 1)]


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's path; some programs on Windows write it with backslashes, against the format."""
    return member.filename.replace("\\", "/")


def _stored(member: zipfile.ZipInfo, file: SeekableFile, end: int, shown: str) -> Iterator[bytes]:
    """Yield a member's bytes as they lie in the archive."""
    position, left = member.header_offset, member.compress_size
    first = True
    while left or first:
        file.seek(position)
        piece = file.read(min(_PIECE_BYTES, end - position))
        position += len(piece)
        if first:
            if len(piece) < _LOCAL_HEADER.size or piece[:4] != b"PK\3\4":
                raise SqlError(f"{shown} is damaged: it does not begin where the archive's directory says.")
            _, name, extra = _LOCAL_HEADER.unpack_from(piece)
            piece = piece[_LOCAL_HEADER.size + name + extra :]
            first = False
        elif not piece:
            raise SqlError(f"{shown} is damaged: it ends early.")
        yield piece[:left]
        left -= min(left, len(piece))


def _inflated(pieces: Iterator[bytes], method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from pieces
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        waiting = piece
        while waiting:
            yield inflate.decompress(waiting, _INFLATED_BYTES)
            waiting = inflate.unconsumed_tail
    yield inflate.flush()

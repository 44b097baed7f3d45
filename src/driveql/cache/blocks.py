"""Pieces of files, by drive, item and version (cTag and size): bytes of two versions are never under one key.

Only bytes that were proven to be of their version are kept.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from driveql.cache.database import CorruptCacheError

Piece = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of one file."""

    drive: str
    item: str
    version: str


def find(database: sqlite3.Connection, file: FileVersion, start: int, end: int, now: float) -> list[Piece]:
    """Return the pieces that overlap a range, in order.

    Raises:
        CorruptCacheError: one is not what was kept.
    """
    rows = database.execute(
        "SELECT id, start, digest, body FROM blocks WHERE drive = ? AND item = ? AND version = ? AND start < ?"
        " AND start + bytes > ? ORDER BY start",
        (file.drive, file.item, file.version, end, start),
    ).fetchall()
    found: list[Piece] = []
    for identifier, position, digest, body in rows:
        if _digest(file, position, body) != digest:
            raise CorruptCacheError("a piece of a file does not match its digest")
        database.execute("UPDATE blocks SET used = ? WHERE id = ?", (now, identifier))
        found.append((position, bytes(body)))
    return found


def cover(pieces: Iterable[Piece], start: int, end: int) -> tuple[list[Piece], list[tuple[int, int]]]:
    """Return the parts of pieces that make up a range, one after another without overlap, and the gaps between them. Pure."""
    parts: list[Piece] = []
    gaps: list[tuple[int, int]] = []
    position = start
    for begin, body in sorted(pieces, key=lambda piece: piece[0]):
        last = min(end, begin + len(body))
        if last <= position or begin >= end:
            continue
        if begin > position:
            gaps.append((position, begin))
            position = begin
        parts.append((position, body[position - begin : last - begin]))
        position = last
    if position < end:
        gaps.append((position, end))
    return parts, gaps


def keep(database: sqlite3.Connection, file: FileVersion, start: int, body: bytes, now: float) -> None:
    """Keep a piece; other versions of the file are of no use any more."""
    database.execute(
        "DELETE FROM blocks WHERE drive = ? AND item = ? AND version <> ?",
        (file.drive, file.item, file.version),
    )
    database.execute(
        "INSERT INTO blocks (drive, item, version, start, bytes, used, digest, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (file.drive, file.item, file.version, start, len(body), now, _digest(file, start, body), body),
    )


def held(database: sqlite3.Connection, file: FileVersion) -> int:
    """Return how many bytes of a file are kept."""
    row = database.execute(
        "SELECT coalesce(sum(bytes), 0) FROM blocks WHERE drive = ? AND item = ? AND version = ?",
        (file.drive, file.item, file.version),
    ).fetchone()
    return int(row[0])


def known(database: sqlite3.Connection, files: Sequence[FileVersion]) -> bool:
    """Return whether there are pieces of every one of some files."""
    return all(
        database.execute(
            "SELECT 1 FROM blocks WHERE drive = ? AND item = ? AND version = ? LIMIT 1",
            (file.drive, file.item, file.version),
        ).fetchone()
        for file in files
    )


def _digest(file: FileVersion, start: int, body: bytes) -> bytes:
    head = json.dumps([file.drive, file.item, file.version, start]).encode()
    return hashlib.blake2b(head + b"\n" + body, digest_size=32).digest()

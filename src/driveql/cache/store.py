"""One identity's cache: answers and pieces of files under one bound of bytes; what was used longest ago makes room.

Whatever goes wrong with it is a miss and a warning, never an error of the query; only dropping what a write made stale has to
succeed, and throws the whole cache away where it cannot.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from driveql.cache import answers, blocks
from driveql.cache.answers import Answer, Ticket
from driveql.cache.blocks import FileVersion, Piece
from driveql.cache.database import CacheUnavailableError, Database

T = TypeVar("T")
logger = logging.getLogger("driveql.cache")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a cache holds: bytes are those of answers and pieces, `oldest` is the age of the oldest answer in seconds."""

    answers: int
    files: int
    bytes: int
    oldest: float | None
    described: dict[str, str]


class Store:
    """A cache. Every method may be called from any thread; those that read or write wait for the disk.

    Parameters:
        path: its file; None for one in memory. described: what `driveql cache` shows of the connection.
        clock: seconds since 1970. A clock that was set back makes what seems to come from the future stale.
    """

    def __init__(
        self,
        path: Path | None,
        described: dict[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.database = Database(path)
        self.clock = clock
        self._described = described or {}
        self._told: set[str] = set()

    def find(self, question: str, columns: Sequence[str] | None) -> Answer | None:
        """Return the newest answer that has the columns, whatever its age."""
        return self._try(lambda database: answers.find(database, question, columns, self.clock()))

    def age(self, question: str, columns: Sequence[str] | None) -> tuple[float, bool] | None:
        """Return the age in seconds of the answer that `find` returns, and whether it can be brought up to date."""
        return self._try(lambda database: answers.age(database, question, columns, self.clock()))

    def ticket(self, scope: str) -> Ticket | None:
        """Return what `keep` needs; to be had before the first request. None where nothing can be kept."""
        return self._try(lambda database: answers.ticket(database, scope))

    def keep(self, answer: Answer, ticket: Ticket | None, most_bytes: int) -> bool:
        """Keep an answer, unless something was written since its ticket, or it is more than half of what there is room for."""

        def kept(database: sqlite3.Connection) -> bool:
            if answers.ticket(database, answer.scope) != ticket:
                return False
            answers.keep(database, answer, self.clock())
            self._describe(database)
            _make_room(database, most_bytes)
            return True

        if ticket is None or answer.size > most_bytes // 2:
            return False
        return self._try(kept) or False

    def written(self, scope: str) -> float:
        """Return when a scope was last written to; now where that cannot be known."""
        found = self._try(lambda database: answers.written(database, scope))
        return self.clock() if found is None else found

    def drop(self, scopes: Sequence[str]) -> None:
        """Drop the answers of scopes that were written to, and refuse those that are under way."""
        try:
            with self.database.transaction() as database:
                for scope in scopes:
                    answers.drop(database, scope, self.clock())
        except CacheUnavailableError as error:
            self.database.discard(f"a write could not be noted in it ({error})")

    def pieces(self, file: FileVersion, start: int, end: int) -> list[Piece]:
        """Return the pieces that overlap a range of a file."""
        return self._try(lambda database: blocks.find(database, file, start, end, self.clock())) or []

    def keep_piece(self, file: FileVersion, start: int, body: bytes, most_bytes: int) -> None:
        """Keep a piece of a file, unless more than half of what there is room for would be of this file."""

        def kept(database: sqlite3.Connection) -> None:
            if blocks.held(database, file) + len(body) > most_bytes // 2:
                return
            blocks.keep(database, file, start, body, self.clock())
            self._describe(database)
            _make_room(database, most_bytes)

        if body:
            self._try(kept)

    def knows(self, files: Sequence[FileVersion]) -> bool:
        """Return whether there are pieces of every one of some files."""
        return bool(self._try(lambda database: blocks.known(database, files)))

    def contents(self) -> Contents | None:
        """Return what there is; None where it cannot be had."""
        return self._try(self._contents)

    def clear(self) -> None:
        """Drop everything, also what is under way; no byte of it is left in the file."""

        def emptied(database: sqlite3.Connection) -> None:
            for table in ("pages", "answers", "blocks"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            database.execute("UPDATE facts SET value = lower(hex(randomblob(16))) WHERE name = 'born'")

        try:
            with self.database.transaction() as database:
                emptied(database)
            self.database.compact()
        except CacheUnavailableError as error:
            self.database.discard(f"it could not be emptied ({error})")

    def _contents(self, database: sqlite3.Connection) -> Contents:
        count, size, oldest = database.execute(
            "SELECT count(*), sum(bytes), min(as_of) FROM answers"
        ).fetchone()
        files = database.execute("SELECT count(DISTINCT drive || ' ' || item) FROM blocks").fetchone()[0]
        held = database.execute("SELECT sum(bytes) FROM blocks").fetchone()[0]
        described = database.execute(
            "SELECT name, value FROM facts WHERE name LIKE 'connection %'"
        ).fetchall()
        return Contents(
            count,
            files,
            (size or 0) + (held or 0),
            None if oldest is None else max(0.0, self.clock() - oldest),
            {str(name).removeprefix("connection "): str(value) for name, value in described},
        )

    def _describe(self, database: sqlite3.Connection) -> None:
        database.executemany(
            "INSERT OR REPLACE INTO facts VALUES ('connection ' || ?, ?)", list(self._described.items())
        )

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            with self.database.transaction() as database:
                return work(database)
        except CacheUnavailableError as error:
            if str(error) not in self._told:
                self._told.add(str(error))
                logger.warning(
                    "the cache %s cannot be used now: %s", self.database.path or "in memory", error
                )
            return None


def _make_room(database: sqlite3.Connection, most_bytes: int) -> None:
    size = database.execute(
        "SELECT (SELECT coalesce(sum(bytes), 0) FROM answers) + (SELECT coalesce(sum(bytes), 0) FROM blocks)"
    ).fetchone()[0]
    while size > most_bytes:
        table, identifier, length = database.execute(
            "SELECT * FROM (SELECT 'answers', id, bytes, used FROM answers UNION ALL"
            " SELECT 'blocks', id, bytes, used FROM blocks) ORDER BY used, id LIMIT 1"
        ).fetchone()[:3]
        if table == "answers":
            answers.forget(database, [identifier])
        else:
            database.execute("DELETE FROM blocks WHERE id = ?", (identifier,))
        size -= length

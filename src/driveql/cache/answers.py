"""Answers to questions about metadata: kept whole, by question and columns, with the moment at which they were asked for.

An answer with more columns serves a question for fewer. Its digest covers the question, the moment and every page, so that a
changed byte, a missing page or a page of another answer is found out before the first row is given.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from driveql.cache.database import CorruptCacheError

# What a reader saw before it asked: an answer is kept only where it is still so.
Ticket = tuple[str, ...]
DRIVES = "drives"
DIRECTORY = "directory"
SCOPES = (DRIVES, DIRECTORY)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Parameters:
        columns: the properties that were selected; None for the service's default set.
        as_of: when it was asked for, in seconds since 1970: it is at least as new.
        state: what brings it up to date, as its maker wrote it; None where only asking again does.
        pages: its pages, as their maker encoded them.
    """

    question: str
    scope: str
    columns: tuple[str, ...] | None
    as_of: float
    state: str | None
    pages: Sequence[bytes] = field(repr=False)

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return sum(map(len, self.pages)) + len(self.question)

    def serves(self, columns: Sequence[str] | None) -> bool:
        """Return whether it has all the columns that are wanted."""
        if columns is None or self.columns is None:
            return columns is None and self.columns is None
        return set(columns) <= set(self.columns)

    @property
    def digest(self) -> bytes:
        """What proves that it is whole and unchanged."""
        head = [self.question, self.scope, self.columns, self.as_of, self.state, list(map(len, self.pages))]
        running = hashlib.blake2b(json.dumps(head).encode(), digest_size=32)
        for page in self.pages:
            running.update(page)
        return running.digest()


def find(
    database: sqlite3.Connection, question: str, columns: Sequence[str] | None, now: float
) -> Answer | None:
    """Return the newest answer that serves a question, whatever its age; None where there is none.

    Raises:
        CorruptCacheError: it is not what was kept.
    """
    rows = database.execute(
        "SELECT id, scope, columns, as_of, state, pages, digest, used FROM answers WHERE question = ? ORDER BY as_of DESC",
        (question,),
    ).fetchall()
    for identifier, scope, listed, as_of, state, count, digest, used in rows:
        known = _columns(listed)
        if not Answer(question, scope, known, as_of, state, ()).serves(columns):
            continue
        pages = database.execute(
            "SELECT body FROM pages WHERE answer = ? ORDER BY number", (identifier,)
        ).fetchall()
        answer = Answer(question, scope, known, as_of, state, [bytes(page[0]) for page in pages])
        if len(pages) != count or answer.digest != digest:
            raise CorruptCacheError("an answer does not match its digest")
        if now != used:
            database.execute("UPDATE answers SET used = ? WHERE id = ?", (now, identifier))
        return answer
    return None


def age(
    database: sqlite3.Connection, question: str, columns: Sequence[str] | None, now: float
) -> tuple[float, bool] | None:
    """Return an answer's age in seconds, and whether it can be brought up to date; None where there is none."""
    rows = database.execute(
        "SELECT columns, as_of, state FROM answers WHERE question = ? ORDER BY as_of DESC", (question,)
    ).fetchall()
    for listed, as_of, state in rows:
        if Answer(question, "", _columns(listed), as_of, state, ()).serves(columns):
            return now - as_of, state is not None
    return None


def keep(database: sqlite3.Connection, answer: Answer, now: float) -> None:
    """Keep an answer; those to the same question that have no column more go."""
    for identifier, listed in database.execute(
        "SELECT id, columns FROM answers WHERE question = ?", (answer.question,)
    ).fetchall():
        if answer.serves(_columns(listed)):
            forget(database, [identifier])
    columns = None if answer.columns is None else json.dumps(answer.columns)
    row = (answer.question, answer.scope, columns, answer.as_of, now, answer.state, len(answer.pages))
    cursor = database.execute(
        "INSERT INTO answers (question, scope, columns, as_of, used, state, pages, bytes, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, answer.size, answer.digest),
    )
    database.executemany(
        "INSERT INTO pages VALUES (?, ?, ?)",
        [(cursor.lastrowid, number, page) for number, page in enumerate(answer.pages)],
    )


def forget(database: sqlite3.Connection, identifiers: Sequence[int]) -> None:
    """Drop answers with their pages."""
    for identifier in identifiers:
        database.execute("DELETE FROM answers WHERE id = ?", (identifier,))
        database.execute("DELETE FROM pages WHERE answer = ?", (identifier,))


def drop(database: sqlite3.Connection, scope: str, now: float) -> None:
    """Drop a scope's answers, also those that are under way."""
    rows = database.execute("SELECT id FROM answers WHERE scope = ?", (scope,)).fetchall()
    forget(database, [row[0] for row in rows])
    for name, value in ((f"generation {scope}", None), (f"written {scope}", str(now))):
        database.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, coalesce(?, lower(hex(randomblob(16)))))", (name, value)
        )


def ticket(database: sqlite3.Connection, scope: str) -> Ticket:
    """Return what must still be so when an answer of a scope that is asked for now is kept."""
    rows = database.execute(
        "SELECT name, value FROM facts WHERE name IN ('born', ?) ORDER BY name", (f"generation {scope}",)
    ).fetchall()
    return tuple(str(value) for row in rows for value in row)


def written(database: sqlite3.Connection, scope: str) -> float:
    """Return when a scope was last written to, in seconds since 1970; 0 for never."""
    row = database.execute("SELECT value FROM facts WHERE name = ?", (f"written {scope}",)).fetchone()
    return float(row[0]) if row else 0.0


def _columns(listed: str | None) -> tuple[str, ...] | None:
    return None if listed is None else tuple(json.loads(listed))

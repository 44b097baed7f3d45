"""Statements run one after another, and what each leaves: rows, a count, or an error with the rows that tell what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driveql.cli.running import Progress, Watched
from driveql.errors import DriveqlError

if TYPE_CHECKING:
    from driveql.cli.formats import Row
    from driveql.sql.dbapi import Cursor

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "COPY", "WITH"})
_AS_WRITTEN = frozenset({"done", "skipped", "planned"})
Parameters = Sequence[Any] | Mapping[str, Any] | None


class Held:
    """Rows that were fetched already, to be written as those of a cursor."""

    def __init__(self, description: Sequence[Sequence[Any]], rows: list[Row]) -> None:
        self.description: Sequence[Sequence[Any]] | None = description
        self._rows = rows

    def fetchmany(self, size: int) -> list[Row]:
        """Return the next rows."""
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def arrow_reader(self) -> Any:
        """Held rows are for people."""
        raise NotImplementedError


def execute(
    cursor: Cursor, statement: str, parameters: Parameters, progress: Progress
) -> DriveqlError | None:
    """Run a statement; return the error of a write whose rows tell what was done all the same.

    Raises:
        DriveqlError: it failed, and there are no rows.
    """
    progress.begin()
    with progress.waiting():
        try:
            cursor.execute(statement, parameters)
        except DriveqlError as error:
            if cursor.description is None:
                raise
            return error
    return None


def for_people(cursor: Cursor, statement: str, progress: Progress) -> Watched | Held | str:
    """Return the rows that a person wants to see; of a write that went well and asks for no rows, a line that counts them."""
    from driveql.sql.writing.outcome import COLUMNS

    description = cursor.description or []
    if tuple(column[0] for column in description) != COLUMNS or not _asks_for_no_rows(statement):
        return Watched(cursor, progress)
    with progress.waiting():
        rows = cursor.fetchall()
    counts = Counter(str(row[COLUMNS.index("outcome")]) for row in rows)
    return Held(description, rows) if counts.keys() - _AS_WRITTEN else counted(counts)


def counted(counts: Mapping[str, int]) -> str:
    """Return how many rows had which outcome: `3 rows: 2 done, 1 skipped.`"""
    listed = ", ".join(f"{number:,} {outcome}" for outcome, number in counts.items())
    return rows(sum(counts.values())) + (f": {listed}." if listed else ".")


def rows(count: int) -> str:
    """Return a number of rows in words: `1 row`, `2,500 rows`."""
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _asks_for_no_rows(statement: str) -> bool:
    from driveql.sql.syntax import tokens_of

    words = [token.text.upper() for token in tokens_of(statement)]
    return bool(words) and words[0] in _WRITES and "RETURNING" not in words

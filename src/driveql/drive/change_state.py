"""What a feed of changes knows between rounds: the cursor and the tree of ids, in one SQLite file.

Everything a page says is written inside one transaction that only the page's confirmation commits.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from driveql.errors import ConfigurationError, LocalFileError
from driveql.graph.delta import Resync

_FORMAT = "1"
_TABLES = """
CREATE TABLE IF NOT EXISTS driveql_feed (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS driveql_items (
  id TEXT PRIMARY KEY, parent TEXT, name TEXT NOT NULL, round INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS driveql_items_parent ON driveql_items (parent);
CREATE TABLE IF NOT EXISTS driveql_waiting (id TEXT PRIMARY KEY, raw TEXT NOT NULL);
"""


class ChangeState:
    """The state file of one feed.

    Parameters:
        complete: a new feed begins with everything there is, so that an id it does not know is of no interest when deleted.

    Raises:
        ConfigurationError: the file is the state of another drive's feed, or of another format.
        LocalFileError: the file cannot be read or written.
    """

    def __init__(self, path: Path, drive_id: str, *, complete: bool) -> None:
        try:
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Pages are read on the event loop and confirmed where the consumer runs, never both at once.
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise LocalFileError(f"{path}: the state of the feed cannot be opened: {error}.") from error
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_TABLES)
        except sqlite3.Error as error:
            self._database.close()
            raise LocalFileError(f"{path}: the state of the feed cannot be used: {error}.") from error
        self._remember_once(
            {"format": _FORMAT, "drive": drive_id, "complete": "yes" if complete else "", "round": "1"}
        )
        if (self._value("format"), self._value("drive")) != (_FORMAT, drive_id):
            self._database.close()
            raise ConfigurationError(
                f"{path} holds the state of another feed.", hint="Give each drive's feed a file of its own."
            )
        self.complete = bool(self._value("complete"))

    def close(self) -> None:
        """Forget what was not committed, and close the file."""
        self.rollback()
        self._database.close()

    @property
    def cursor(self) -> str | None:
        """The URL from which to go on."""
        return self._value("cursor") or None

    @property
    def in_round(self) -> bool:
        """True where the cursor lies within a round that has not ended."""
        return bool(self._value("in_round"))

    @property
    def resync(self) -> Resync | None:
        """Set while the drive is listed anew after an expired cursor."""
        kind = self._value("resync")
        return "upload" if kind == "upload" else "apply" if kind == "apply" else None

    def begin_resync(self, kind: Resync) -> None:
        """Begin a round at whose end what was not seen is gone."""
        self._begin()
        self._set("resync", kind)
        self._set("round", str(self._round() + 1))

    def put(self, raw: dict[str, Any]) -> None:
        """Take in an item as it is now."""
        self._begin()
        parent = None if "root" in raw else (raw.get("parentReference") or {}).get("id")
        name = "" if "root" in raw else str(raw.get("name") or "")
        self._database.execute(
            "INSERT OR REPLACE INTO driveql_items VALUES (?, ?, ?, ?)",
            (raw["id"], parent, name, self._round()),
        )

    def drop(self, identifier: str) -> list[tuple[str, str | None]]:
        """Forget an item and all below it; return ids and paths, the deepest first; empty where it was not known."""
        self._begin()
        rows = self._database.execute(
            "WITH RECURSIVE below(id, depth) AS (SELECT id, 0 FROM driveql_items WHERE id = ? UNION ALL "
            "SELECT driveql_items.id, depth + 1 FROM driveql_items JOIN below ON parent = below.id WHERE depth < 1000) "
            "SELECT id FROM below ORDER BY depth DESC",
            (identifier,),
        ).fetchall()
        gone = [(str(row[0]), self.path(str(row[0]))) for row in rows]
        self._database.executemany("DELETE FROM driveql_items WHERE id = ?", [(one,) for one, _ in gone])
        self._database.executemany(
            "DELETE FROM driveql_waiting WHERE id = ?", [(one,) for one, _ in gone] + [(identifier,)]
        )
        return gone

    def drop_unseen(self) -> list[tuple[str, str | None]]:
        """Forget what the round that ends has not named; return ids and paths."""
        self._begin()
        rows = self._database.execute(
            "SELECT id FROM driveql_items WHERE round < ? AND parent IS NOT NULL", (self._round(),)
        ).fetchall()
        gone = [(str(row[0]), self.path(str(row[0]))) for row in rows]
        self._database.executemany("DELETE FROM driveql_items WHERE id = ?", [(one,) for one, _ in gone])
        return sorted(gone, key=lambda pair: -(pair[1] or "").count("/"))

    def hold(self, raw: dict[str, Any]) -> None:
        """Keep an item whose folder has not come yet."""
        self._begin()
        self._database.execute(
            "INSERT OR REPLACE INTO driveql_waiting VALUES (?, ?)", (raw["id"], json.dumps(raw))
        )

    def released(self, *, force: bool) -> Iterator[dict[str, Any]]:
        """Yield, and no longer keep, the items whose folder has come meanwhile; with `force` all of them."""
        rows = self._database.execute("SELECT id, raw FROM driveql_waiting").fetchall()
        for identifier, raw in rows:
            if force or self.path(identifier) is not None:
                self._begin()
                self._database.execute("DELETE FROM driveql_waiting WHERE id = ?", (identifier,))
                yield json.loads(raw)

    def path(self, identifier: str) -> str | None:
        """Return an item's path, or None where something above it is not known."""
        rows = self._database.execute(
            "WITH RECURSIVE above(id, parent, name, depth) AS ("
            "SELECT id, parent, name, 0 FROM driveql_items WHERE id = ? UNION ALL "
            "SELECT i.id, i.parent, i.name, depth + 1 FROM driveql_items i JOIN above ON i.id = above.parent "
            "WHERE depth < 1000) SELECT name, parent FROM above ORDER BY depth DESC",
            (identifier,),
        ).fetchall()
        if not rows or rows[0][1] is not None:
            return None
        return "/" + "/".join(str(name) for name, parent in rows if parent is not None)

    def commit(
        self, cursor: str, round_ends: bool, write: Callable[[sqlite3.Connection], None] | None
    ) -> None:
        """Store what the page said, what the consumer writes, and the cursor, together or not at all."""
        self._begin()
        try:
            if write is not None:
                write(self._database)
            self._set("cursor", cursor)
            self._set("in_round", "" if round_ends else "yes")
            if round_ends:
                self._set("resync", "")
            self._database.execute("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        """Forget what was not committed."""
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")

    def _begin(self) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")

    def _round(self) -> int:
        return int(self._value("round") or 1)

    def _value(self, name: str) -> str | None:
        row = self._database.execute("SELECT value FROM driveql_feed WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def _set(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO driveql_feed VALUES (?, ?)", (name, value))

    def _remember_once(self, values: dict[str, str]) -> None:
        self._database.executemany("INSERT OR IGNORE INTO driveql_feed VALUES (?, ?)", list(values.items()))

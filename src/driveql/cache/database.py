"""One cache's SQLite database, in memory or in a file: transactions that are seen whole or not at all.

A file that SQLite cannot read, whose contents do not match their digests, or that others may touch is thrown away with a
warning and begun anew; it is never believed. Processes share a file by SQLite's own locks (write-ahead log).
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

logger = logging.getLogger("driveql.cache")

_FORMAT = 1
_PATIENCE_SECONDS = 5.0
_LOG_BYTES = 16 << 20
# The file is sound, only not to be had now.
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_INTERRUPT")
# What else shows in a damaged file: SQLite lets text be no text, and numbers be of any kind.
_DAMAGE = (UnicodeError, ValueError, TypeError, OverflowError)
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE answers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, question TEXT NOT NULL, scope TEXT NOT NULL, columns TEXT, as_of REAL NOT NULL,
  used REAL NOT NULL, state TEXT, pages INTEGER NOT NULL, bytes INTEGER NOT NULL, digest BLOB NOT NULL);
CREATE INDEX answers_question ON answers (question);
CREATE TABLE pages (answer INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (answer, number));
CREATE TABLE blocks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, drive TEXT NOT NULL, item TEXT NOT NULL, version TEXT NOT NULL,
  start INTEGER NOT NULL, bytes INTEGER NOT NULL, used REAL NOT NULL, digest BLOB NOT NULL,
  body BLOB NOT NULL);
CREATE INDEX blocks_file ON blocks (drive, item, version, start, bytes);
CREATE INDEX blocks_used ON blocks (used, bytes);
"""


class CacheUnavailableError(Exception):
    """The cache cannot be used now: the caller does without. It never leaves the cache's users."""


class CorruptCacheError(Exception):
    """What was read is not what was written."""


class Database:
    """One database. Every method may be called from any thread, and after a fork.

    Parameters:
        path: its file; None keeps it in this process's memory.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._locks: dict[int, Any] = {}
        self._connection: sqlite3.Connection | None = None
        self._opened_as: tuple[int, int, int] | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the database for one transaction: all of it is kept, or nothing.

        Raises:
            CacheUnavailableError: it could not be had; where it was corrupt, it has been thrown away.
        """
        with self._lock():
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, CorruptCacheError, *_DAMAGE) as error:
                name = getattr(error, "sqlite_errorname", "") or ""
                if not name.startswith(_PASSING):
                    self.discard(f"it is damaged ({error})")
                raise CacheUnavailableError(str(error)) from error
            except OSError as error:
                raise CacheUnavailableError(str(error.strerror or error)) from error

    def compact(self) -> None:
        """Take what was deleted out of the file, as far as no other process reads it now."""
        with self._lock(), contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def discard(self, why: str) -> None:
        """Throw everything away; other processes notice that the file is another one."""
        with self._lock():
            logger.warning("the cache %s is thrown away: %s", self.path or "in memory", why)
            self.close()
            if self.path is not None:
                for suffix in ("", "-wal", "-shm", "-journal"):
                    with contextlib.suppress(OSError):
                        self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the database; one in memory is gone with that."""
        with self._lock():
            connection, self._connection = self._connection, None
            # A connection that was open before a fork belongs to the other process.
            if connection is not None and self._opened_as is not None and self._opened_as[0] == os.getpid():
                with contextlib.suppress(sqlite3.Error):
                    connection.close()

    def _lock(self) -> Any:
        # One a process: in a forked one, a lock that another thread held would stay locked for ever.
        return self._locks.setdefault(os.getpid(), threading.RLock())

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._opened_as == self._place():
            return self._connection
        self.close()
        if self.path is not None:
            self._make_file(self.path)
        connection = sqlite3.connect(
            ":memory:" if self.path is None else self.path,
            timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False,
        )  # fmt: skip
        self._connection, self._opened_as = connection, self._place()
        self._prepare(connection)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA auto_vacuum = FULL")
        if self.path is not None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in {0, _FORMAT}:
                raise CorruptCacheError(f"its format is {version}, not {_FORMAT}")
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute("INSERT INTO facts VALUES ('born', lower(hex(randomblob(16))))")
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
        finally:
            connection.execute("COMMIT")

    def _place(self) -> tuple[int, int, int]:
        """Return what tells this process's connection to this very file from any other."""
        if self.path is None:
            return (os.getpid(), 0, 0)
        try:
            found = self.path.stat()
        except OSError:
            return (os.getpid(), 0, 0)
        return (os.getpid(), found.st_dev, found.st_ino)

    def _make_file(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            path.parent.chmod(0o700)
            with contextlib.suppress(FileNotFoundError):
                if stat.S_IMODE(path.stat().st_mode) & 0o077:
                    self.discard("other users of this machine could read or change it")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))

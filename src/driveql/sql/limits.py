"""What a connection's statements may use: memory, threads, time, rows, length. What goes beyond is an error, never less.

Memory bounds what DuckDB keeps; a single value that a function makes is not counted until it is kept.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from driveql.errors import DriveqlError, ParameterError, SqlError
from driveql.sql.statement import Statement, cancelled

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a connection's statements.

    Parameters:
        memory: bytes that the engine may keep, 64 MiB at least. threads: how many of them compute.
        seconds: how long one statement may take, from its start to its last row; None for any time.
        rows: how many rows one statement may give; None for any number.
        characters: how long the text of one statement may be; None for any length. Planning a text takes time and memory that the
            other limits do not bound.
        temporary: how many bytes statements may keep in temporary files at a time; None for any number.

    Raises:
        ParameterError: one of them is out of range.
    """

    memory: int = 1024 * _MIB
    threads: int = 2
    seconds: float | None = 300.0
    rows: int | None = None
    characters: int | None = 100_000
    temporary: int | None = 1024 * _MIB

    def __post_init__(self) -> None:
        wrong = {
            "memory": self.memory < 64 * _MIB,
            "threads": self.threads < 1,
            "seconds": self.seconds is not None and not 0 < self.seconds <= threading.TIMEOUT_MAX,
            "rows": self.rows is not None and self.rows < 0,
            "characters": self.characters is not None and self.characters < 1,
            "temporary": self.temporary is not None and self.temporary < 0,
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                raise ParameterError(
                    f"limits: {name} = {getattr(self, name)!r} is out of range.",
                    parameter=name,
                    hint="memory is in bytes, 64 MiB or more; threads is 1 or more; seconds is above 0; rows is 0 or more;"
                    " characters is 1 or more; temporary is in bytes, 0 or more.",
                )

    def settings(self) -> tuple[str, ...]:
        """Return the statements that set the engine's part."""
        return (f"SET memory_limit = '{self.memory}B'", f"SET threads = {self.threads}")


class Watch:
    """Stops a statement that has taken its time. One thread a statement under way, and none where no time is set.

    Parameters:
        interrupt: a bound method that stops what is running; its object is not kept alive.
    """

    def __init__(self, limits: Limits | None, interrupt: Callable[[], None]) -> None:
        self.limits = limits
        self._interrupt = weakref.WeakMethod(interrupt)
        self._timer: threading.Timer | None = None
        self._running: Statement | None = None
        # Held while a statement is stopped, so that none that begins meanwhile is hit.
        self._lock = threading.Lock()

    def start(self, statement: Statement, sql: str) -> None:
        """Watch a statement instead of the one before.

        Raises:
            SqlError: its text is longer than it may be.
        """
        self.stop()
        most = self.limits.characters if self.limits is not None else None
        if most is not None and len(sql) > most:
            raise SqlError(
                f"The statement has {len(sql)} characters; this connection's limit is {most}.",
                code="tooLong",
                hint="Hand values over as parameters, or name a file or a table that holds them.",
            )
        seconds = self.limits.seconds if self.limits is not None else None
        if seconds is not None:
            self._running = statement
            self._timer = threading.Timer(seconds, self._expire, (statement,))
            self._timer.daemon = True
            self._timer.start()

    @contextmanager
    def begins(self, statement: Statement, sql: str) -> Iterator[None]:
        """Watch a statement instead of the one before, until it ends, or fails in the block. Raises as `start` does."""
        self.start(statement, sql)
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Watch nothing any more."""
        with self._lock:
            timer, self._timer, self._running = self._timer, None, None
        if timer is not None:
            timer.cancel()

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Let the time of a statement that is prepared in the block end with the block."""
        try:
            yield
        finally:
            self.stop()

    def error(self, statement: Statement) -> DriveqlError:
        """Return the error of a statement that was stopped."""
        return timed_out(self.limits) if statement.expired else cancelled()

    def limited(self, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """Return a reader that keeps to the limits, and whose end is the statement's."""
        return reader if self.limits is None else LimitedReader(reader, self.limits.rows, self.stop)

    def _expire(self, statement: Statement) -> None:
        with self._lock:
            interrupt = self._interrupt()
            if self._running is statement and interrupt is not None:
                statement.expired = True
                interrupt()


class LimitedReader:
    """A reader of batches that raises SqlError (code `tooManyRows`) where more rows come than may.

    Parameters:
        ended: called when no more batches will be read.
    """

    def __init__(self, reader: pa.RecordBatchReader, rows: int | None, ended: Callable[[], None]) -> None:
        self._reader = reader
        self._rows = rows
        self._given = 0
        self._ended = ended

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self._reader.schema

    def read_next_batch(self) -> pa.RecordBatch:
        """Return the next batch. Raises StopIteration at the end."""
        try:
            batch = self._reader.read_next_batch()
        except BaseException:
            self._ended()
            raise
        self._given += batch.num_rows
        if self._rows is not None and self._given > self._rows:
            self._ended()
            raise SqlError(
                f"The statement gives more than {self._rows} rows, which is this connection's limit.",
                code="tooManyRows",
                hint="Ask for fewer: a WHERE clause, an aggregate, LIMIT.",
            )
        return batch

    def read_all(self) -> pa.Table:
        """Return what is left."""
        batches: list[Any] = []
        while True:
            try:
                batches.append(self.read_next_batch())
            except StopIteration:
                return pa.Table.from_batches(batches, self.schema)

    def close(self) -> None:
        """Give up what is left."""
        self._ended()
        self._reader.close()


def timed_out(limits: Limits | None) -> SqlError:
    """Return the error of a statement that took too long."""
    seconds = limits.seconds if limits is not None else None
    return SqlError(
        f"The statement took longer than {seconds or 0:g} seconds, which is this connection's limit; it was stopped.",
        code="timeout",
        hint="Ask for less: fewer folders, fewer columns, a LIMIT.",
    )

"""A statement runs in a thread of its own, so that Ctrl-C reaches the main one at any time; a line tells how far it is.

The line is on standard error, only where that is a terminal, and gone before anything else is written.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from driveql.cli.cost import under_way
from driveql.errors import DriveqlError

if TYPE_CHECKING:
    from driveql.cli.formats import Row
    from driveql.sql.dbapi import Connection, Cursor
    from driveql.transport.attempts import Statistics

T = TypeVar("T")
# Seconds between two looks at the statement, and before the line is first shown.
_TICK = 0.2
_SOON = 0.6


class Progress:
    """The line about the statement that runs.

    Parameters:
        shown: False keeps it silent; it is silent too where standard error is no terminal.
    """

    def __init__(self, connection: Connection, *, shown: bool = True) -> None:
        self._connection = connection
        self._shown = shown and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._waiting = self._drawn = False
        self.begin()

    def begin(self) -> None:
        """A statement begins: count from here."""
        self.before = self._counted.copied()
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the statement began."""
        return time.monotonic() - self.began

    @property
    def cost(self) -> Statistics:
        """What the statement has cost so far."""
        return self._counted.since(self.before)

    @property
    def _counted(self) -> Statistics:
        return self._connection.session().tenant.source.session.statistics

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """The line may be shown within; when this ends it is gone."""
        with self._lock:
            self._waiting = True
        try:
            yield
        finally:
            with self._lock:
                self._waiting = False
                if self._drawn:
                    self._write("")
                    self._drawn = False

    def tick(self) -> None:
        """Show how far the statement is, if somebody is waiting for it."""
        if not self._shown or self.seconds < _SOON:
            return
        scans = self._connection.session().tenant.statement.scans
        line = under_way(self.seconds, self.cost, sum(record.objects for record in list(scans)))
        with self._lock:
            if self._waiting:
                self._write(line[: shutil.get_terminal_size().columns - 1])
                self._drawn = True

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


class Watched:
    """A cursor whose rows are waited for with the line shown."""

    def __init__(self, cursor: Cursor, progress: Progress) -> None:
        self._cursor = cursor
        self._progress = progress

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """The cursor's own."""
        return self._cursor.description

    def fetchmany(self, size: int) -> list[Row]:
        """Return the next rows."""
        with self._progress.waiting():
            return self._cursor.fetchmany(size)

    def arrow_reader(self) -> Any:
        """Return the rows as an Arrow stream."""
        import pyarrow as pa

        reader = self._cursor.arrow_reader()

        def batches() -> Iterator[Any]:
            while True:
                with self._progress.waiting():
                    batch = next(reader, None)
                if batch is None:
                    return
                yield batch

        return pa.RecordBatchReader.from_batches(reader.schema, batches())


def interruptible(connection: Connection, work: Callable[[], T], progress: Progress) -> T:
    """Return what `work` returns, which runs in a thread; Ctrl-C cancels its statement and waits until it has ended.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed, and the work has ended.
    """
    interrupted = False
    with ThreadPoolExecutor(1) as pool:
        future: Future[T] = pool.submit(work)
        while not future.done():
            try:
                wait([future], _TICK)
                if interrupted:
                    _cancel_what_began_since(connection)
                else:
                    progress.tick()
            except KeyboardInterrupt:
                interrupted = True
                _cancel(connection)
    if interrupted:
        raise KeyboardInterrupt
    return future.result()


def _cancel_what_began_since(connection: Connection) -> None:
    with contextlib.suppress(DriveqlError):
        if not connection.session().tenant.statement.cancelled:
            connection.cancel()


def _cancel(connection: Connection) -> None:
    with contextlib.suppress(DriveqlError):
        connection.cancel()

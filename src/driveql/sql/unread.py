"""The one result of a session that may still have rows in the engine, and how it gets out of the way of the next statement."""

from __future__ import annotations

import weakref

import pyarrow as pa

from driveql.sql.result import Result


class Unread:
    """The last result of a session, for as long as anybody holds it."""

    def __init__(self) -> None:
        self._result: weakref.ref[Result] | None = None
        # Readers of results that nobody holds any more; closed when the engine is needed next.
        self._abandoned: list[pa.RecordBatchReader] = []

    def keep(self, result: Result) -> None:
        """Take the result of the statement that has just run."""
        self._result = weakref.ref(result)

    def abandon(self, reader: pa.RecordBatchReader) -> None:
        """Have a reader closed before the next statement. May be called from any thread, at any time."""
        self._abandoned.append(reader)

    def make_room(self) -> None:
        """Read what is left of the result into memory, and close what nobody will read."""
        result, self._result = self._held(), None
        if result is not None:
            result.detach()
        while self._abandoned:
            self._abandoned.pop().close()

    def give_up(self) -> None:
        """Close the result, however much of it is left."""
        result = self._held()
        if result is not None:
            result.close()
        self.make_room()

    def _held(self) -> Result | None:
        return self._result() if self._result is not None else None

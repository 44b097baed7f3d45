"""The rows of one statement, batch by batch as the engine makes them, and as Python values.

Which Python value stands for which of the engine's: `values`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driveql.errors import DriveqlError, SqlError
from driveql.sql.carried import Type
from driveql.sql.statement import Statement
from driveql.sql.values import Convert, converter, values_of

if TYPE_CHECKING:
    from driveql.sql.session import Session

Row = tuple[Any, ...]
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE_INTO", "CREATE", "COPY"})


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its name, DuckDB's name of its type, and what makes Arrow's values Python's."""

    name: str
    type: str
    convert: Convert | None = None


class Result:
    """Rows still to come.

    `columns` is None where the statement gives no rows; `rowcount` is -1 where it is not known. Of a write, `outcomes` tells what
    became of each row, and `failure` is the error that the cursor raises once it holds the result.
    """

    def __init__(
        self,
        session: Session,
        statement: Statement,
        columns: list[ResultColumn] | None,
        reader: pa.RecordBatchReader | None,
        rowcount: int = -1,
    ) -> None:
        self.statement = statement
        self.columns = columns
        self.rowcount = rowcount
        self.outcomes: tuple[dict[str, str | None], ...] | None = None
        self.failure: DriveqlError | None = None
        self._session = session
        self._reader = reader
        # Why the rows end before their end; whoever reads on is told, so that no part looks like the whole.
        self._broken: DriveqlError | None = None
        self._first: list[pa.RecordBatch] = []
        self._rest: Iterator[pa.RecordBatch] | None = None
        self._schema: pa.Schema = reader.schema if reader is not None else pa.schema([])
        # The collector may find a forgotten result in any thread, the event loop's among them: nothing there may wait.
        self._forgotten = weakref.finalize(self, _give_up, session, statement, reader)

    @classmethod
    def of(
        cls,
        session: Session,
        statement: Statement,
        kind: str,
        types: Sequence[Type],
        reader: pa.RecordBatchReader,
    ) -> Result:
        """Return the result of a statement; its first rows are fetched, so that errors come now."""
        names = reader.schema.names
        if names == ["Success"] and kind != "SELECT":
            reader.read_all()
            return cls(session, statement, None, None)
        if kind in _CHANGES and names == ["Count"]:
            counted = reader.read_all()
            return cls(
                session, statement, None, None, counted.column(0)[0].as_py() if counted.num_rows else -1
            )
        columns = [
            ResultColumn(name, str(type_), converter(type_)) for name, type_ in zip(names, types, strict=True)
        ]
        result = cls(session, statement, columns, reader)
        first = result._pull()
        if first is not None:
            result._first.append(first)
        return result

    @classmethod
    def joined(cls, results: Sequence[Result]) -> Result:
        """Return the rows, counts and failures of several writes by one statement as one result."""
        first = results[0]
        joined = cls(first._session, first.statement, first.columns, None)
        table = pa.concat_tables([result.table() for result in results])
        joined._schema, joined._rest = table.schema, iter(table.to_batches())
        joined.rowcount = sum(result.rowcount for result in results)
        joined.outcomes = tuple(outcome for result in results for outcome in result.outcomes or ())
        joined.failure = next((result.failure for result in results if result.failure is not None), None)
        return joined

    def next_batch(self) -> pa.RecordBatch | None:
        """Return the next rows, None at the end.

        Raises:
            DriveqlError: what went wrong while they were made.
            SqlError: the result was closed before its end (code `given_up`).
        """
        with self._session.lock:
            if self._first:
                return self._first.pop(0)
            return self._pull()

    def _pull(self) -> pa.RecordBatch | None:
        if self._rest is not None and (batch := next(self._rest, None)) is not None:
            return batch
        if self._broken is not None:
            raise self._broken
        if self._reader is None:
            return None
        try:
            with self._session.errors.translated(self.statement):
                return self._reader.read_next_batch()
        except StopIteration:
            self._reader = None
            self._forgotten.detach()
            return None
        except BaseException as error:
            self.close()
            if isinstance(error, DriveqlError):
                self._broken = error
            raise

    def table(self) -> pa.Table:
        """Return all rows that are left as one Arrow table."""
        batches: list[pa.RecordBatch] = []
        while (batch := self.next_batch()) is not None:
            batches.append(batch)
        return pa.Table.from_batches(batches, self._schema)

    def put_back(self, batch: pa.RecordBatch) -> None:
        """Have rows that were taken, but not used, come first again."""
        self._first.insert(0, batch)

    def reader(
        self, raising: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> pa.RecordBatchReader:
        """Return the rows that are left as an Arrow stream; to let go of it before its end stops the requests.

        Parameters:
            raising: a context that turns errors into what the reader's user expects.
        """
        return pa.RecordBatchReader.from_batches(self._schema, self._stream(raising))

    def _stream(self, raising: Callable[[], AbstractContextManager[None]]) -> Iterator[pa.RecordBatch]:
        try:
            while True:
                with raising():
                    batch = self.next_batch()
                if batch is None:
                    return
                yield batch
        finally:
            # Here the collector may be at work, in any thread: nothing may wait.
            if self._reader is not None and self._forgotten.detach() is not None:
                reader, self._reader, self._broken = self._reader, None, _gone()
                _give_up(self._session, self.statement, reader)

    def detach(self) -> None:
        """Read what is left into memory, so that the engine is free for another statement; an error is kept for its reader."""
        if self._reader is not None:
            kept: list[pa.RecordBatch] = []
            # An error is told to whoever reads on, not to the statement that needs the engine.
            with suppress(DriveqlError):
                while (batch := self._pull()) is not None:
                    kept.append(batch)
            self._rest = iter(kept)

    def close(self) -> None:
        """Give up what is left; scans under way stop, and whoever still reads is told so."""
        with self._session.lock:
            reader, self._reader = self._reader, None
            self._forgotten.detach()
            if reader is not None:
                self._first.clear()
                self._broken = _gone()
                self.statement.cancel()
                reader.close()

    def rows_of(self, batch: pa.RecordBatch) -> list[Row]:
        """Return a batch as Python tuples."""
        assert self.columns is not None
        arrays = [
            values_of(array, column.convert)
            for array, column in zip(batch.columns, self.columns, strict=True)
        ]
        return list(zip(*arrays, strict=True)) if arrays else [()] * batch.num_rows


def _give_up(session: Session, statement: Statement, reader: pa.RecordBatchReader | None) -> None:
    if reader is not None:
        statement.cancel()
        session.unread.abandon(reader)


def _gone() -> SqlError:
    return SqlError(
        "The rows that are left were given up: their cursor or connection was closed, or their cursor executed again.",
        code="given_up",
        hint="Read a result to its end before that, or take it as a table.",
    )

"""PEP 249's cursor: statements in, rows out, as they arrive.

Source: https://peps.python.org/pep-0249/#cursor-objects
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from driveql.errors import DriveqlError
from driveql.sql import analyze, explain
from driveql.sql.dbapi.arguments import fitting, taken
from driveql.sql.dbapi.calls import Arguments, call_of
from driveql.sql.dbapi.errors import Warning as PepWarning
from driveql.sql.dbapi.errors import interface_error, programming_error
from driveql.sql.dbapi.frames import FrameCursor
from driveql.sql.dbapi.raising import as_pep249
from driveql.sql.parameters import Parameters
from driveql.sql.result import Result
from driveql.sql.session import Session

if TYPE_CHECKING:
    from driveql.sql.dbapi.connection import Connection

Row = tuple[Any, ...]
_LONE = re.compile("[\ud800-\udfff]")
Description = tuple[str, str, None, None, None, None, None]


class Cursor(FrameCursor):
    """One cursor of a connection.

    Cursors of one connection see one another's work at once and run one statement at a time. Rows that one cursor has not
    fetched when another executes are read into memory for it.

    `arraysize` is how many rows `fetchmany` gives by default. `lastrowid` is always None: `RETURNING` gives ids.
    """

    lastrowid: None = None

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.arraysize = 1
        self._result: Result | None = None
        self._batch: pa.RecordBatch | None = None
        self._rows: deque[Row] = deque()
        self._closed = False

    @property
    def description(self) -> list[Description] | None:
        """Name and type of each column of the last statement's rows; None where it gave none."""
        if self._result is None or self._result.columns is None:
            return None
        return [(column.name, column.type, None, None, None, None, None) for column in self._result.columns]

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed; -1 for a query, whose rows are not counted beforehand."""
        return -1 if self._result is None else self._result.rowcount

    @property
    def messages(self) -> list[tuple[type[Exception], Exception]]:
        """What the last statement's answer lacks, such as files that were left out: pairs of `Warning` and the warning.

        Source: https://peps.python.org/pep-0249/#cursor-messages
        """
        warnings = [] if self._result is None else self._result.statement.warnings
        return [(PepWarning, PepWarning(text)) for text in warnings]

    def execute(self, operation: str, parameters: Parameters = None) -> Self:
        """Run one statement.

        Parameters:
            parameters: a sequence for `?`, or a mapping for `:name` and `$name`.

        A write gives a row for each item it was to change, with what became of it. Where a row was not done, the error is raised
        after all rows were tried; `description` is set and the rows can be fetched.

        Raises:
            ProgrammingError, OperationalError, ...: each is also a class of driveql's own tree.
        """
        self._execute(operation, parameters)
        self._raise_failure()
        return self

    def executemany(
        self, operation: str, seq_of_parameters: Sequence[Sequence[Any] | Mapping[str, Any]]
    ) -> Self:
        """Run one statement with each set of parameters; `rowcount` is the sum. A query's rows are not kept.

        The rows that tell what became of a write are kept, those of all sets; every set is tried before an error is raised.
        """
        self._session()
        self._forget()
        total = 0
        written: list[Result] = []
        for parameters in seq_of_parameters:
            try:
                self._execute(operation, parameters)
            except DriveqlError:
                if written:
                    self._result = Result.joined(written)
                raise
            if self._result is not None and self._result.outcomes is not None:
                # Read into memory now: the next set needs the engine.
                self._result.detach()
                written.append(self._result)
                self._result = None
                continue
            if self.description is not None:
                self._forget()
                raise programming_error(
                    "executemany is for statements without rows.", "Execute a query once."
                )
            total = -1 if self.rowcount < 0 or total < 0 else total + self.rowcount
        if written:
            self._result = Result.joined(written)
            self._raise_failure()
        elif self._result is not None:
            self._result.rowcount = total
        return self

    def callproc(self, procname: str, parameters: Arguments = ()) -> Arguments:
        """Call a procedure of driveql or a function of the engine, and return the parameters: they are never changed.

        Parameters:
            parameters: values by position, or by name in a mapping.

        Its rows are fetched from the cursor.

        Raises:
            ProgrammingError: there is none of that name, or it takes other parameters.
        """
        session = self._session()
        taken(parameters)
        self._forget()
        with as_pep249():
            operation, values = call_of(session, procname, parameters)
        self.execute(operation, values)
        return parameters

    def fetchone(self) -> Row | None:
        """Return the next row, None at the end."""
        if not self._rows and not self._more():
            return None
        return self._rows.popleft()

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return the next rows, at most `size` (`arraysize` by default)."""
        wanted = self.arraysize if size is None else size
        rows: list[Row] = []
        while len(rows) < wanted and (row := self.fetchone()) is not None:
            rows.append(row)
        self._readable()
        return rows

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        rows: list[Row] = []
        while self._rows or self._more():
            rows.extend(self._rows)
            self._rows.clear()
        return rows

    def nextset(self) -> None:
        """Give up the rows that are left and return None: a statement gives one set of rows."""
        self._readable()
        self._forget()

    def close(self) -> None:
        """Give up what is left; requests under way stop."""
        self._forget()
        self._closed = True

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """PEP 249 asks for it; sizes need not be announced."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """PEP 249 asks for it; sizes need not be announced."""

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _execute(self, operation: str, parameters: Parameters) -> None:
        session = self._session()
        if not isinstance(operation, str):
            raise programming_error(f"A statement is a text, not {type(operation).__name__}.")
        if not (operation.isascii() or _LONE.search(operation) is None):
            raise programming_error(
                "The statement holds half a character (a lone surrogate), which is no Unicode text."
            )
        values = taken(parameters)
        self._forget()
        with as_pep249(), fitting(operation, values):
            self._result = _run(session, operation, values)

    def _raise_failure(self) -> None:
        """Raise the error of a write of which some row was not done; its rows can be fetched all the same."""
        if self._result is not None and self._result.failure is not None:
            with as_pep249():
                raise self._result.failure

    def _more(self) -> bool:
        """Fetch the next batch; False at the end."""
        result = self._readable()
        with as_pep249():
            batch = result.next_batch()
        self._batch = batch
        if batch is None:
            return False
        self._rows.extend(result.rows_of(batch))
        return True

    def _readable(self) -> Result:
        self._session()
        if self._result is None or self._result.columns is None:
            raise programming_error("There are no rows to fetch.", "Execute a query first.")
        return self._result

    def _unread(self) -> Result:
        result = self._readable()
        if self._rows and self._batch is not None:
            result.put_back(self._batch.slice(self._batch.num_rows - len(self._rows)))
            self._rows.clear()
        return result

    def _session(self) -> Session:
        if self._closed:
            raise interface_error("The cursor is closed.")
        return self.connection.session()

    def _forget(self) -> None:
        if self._result is not None:
            self._result.close()
        self._result = self._batch = None
        self._rows.clear()


def _run(session: Session, operation: str, parameters: Parameters) -> Result:
    inner = explain.inner_of(operation)
    ran = analyze.inner_of(operation)
    if inner is not None:
        return session.execute(explain.as_rows(session, inner, parameters))
    if ran is not None:
        return session.execute(analyze.as_rows(session, ran, parameters))
    return session.execute(operation, parameters)

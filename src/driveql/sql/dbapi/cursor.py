"""PEP 249's cursor: statements in, rows out, as they arrive.

Source: https://peps.python.org/pep-0249/#cursor-objects
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from driveql.errors import DriveqlError, MissingExtraError
from driveql.sql import explain
from driveql.sql.dbapi.errors import interface_error, programming_error, raised_from
from driveql.sql.result import Result
from driveql.sql.session import Parameters

if TYPE_CHECKING:
    from driveql.sql.dbapi.connection import Connection

Row = tuple[Any, ...]
Description = tuple[str, str, None, None, None, None, None]


class Cursor:
    """One cursor of a connection.

    Cursors of one connection see one another's work at once and run one statement at a time. Rows that one cursor has not
    fetched when another executes are read into memory for it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.arraysize = 100
        self._result: Result | None = None
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
        while self._more():
            pass
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def arrow(self) -> pa.Table:
        """Return all rows that are left as an Arrow table."""
        result = self._unread()
        with as_pep249():
            return result.table()

    def arrow_reader(self) -> pa.RecordBatchReader:
        """Return the rows that are left as an Arrow stream, batch by batch as they arrive."""
        return self._unread().reader()

    def df(self) -> Any:
        """Return all rows that are left as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        with as_pep249(), _needing("pandas"):
            return self.arrow().to_pandas()

    def pl(self) -> Any:
        """Return all rows that are left as a polars DataFrame.

        Raises:
            MissingExtraError: polars is not installed.
        """
        with as_pep249(), _needing("polars"):
            import polars

            return polars.from_arrow(self.arrow())

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
        self._forget()
        with as_pep249():
            inner = explain.inner_of(operation)
            if inner is not None:
                operation, parameters = explain.as_rows(session, inner, parameters), None
            self._result = session.execute(operation, parameters)

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
        if self._rows:
            raise programming_error(
                "Some rows of this batch were already fetched one by one.", "Take all of a result in one way."
            )
        return result

    def _session(self) -> Any:
        if self._closed:
            raise interface_error("The cursor is closed.")
        return self.connection.session()

    def _forget(self) -> None:
        if self._result is not None:
            self._result.close()
        self._result = None
        self._rows.clear()


@contextlib.contextmanager
def as_pep249() -> Iterator[None]:
    """Raise errors of driveql's tree as PEP 249 wants them."""
    try:
        yield
    except DriveqlError as error:
        raised = raised_from(error)
        if raised is error:
            raise
        raise raised from raised.__cause__


@contextlib.contextmanager
def _needing(package: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{package} is not installed.", hint=f"pip install {package}") from error

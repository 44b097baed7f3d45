"""PEP 249's connection: sign-in, drives and engine behind one object.

Statements on tables of Graph objects take effect at once and know no transaction; tables created in SQL live in the
connection's memory, where BEGIN, COMMIT and ROLLBACK hold.
Source: https://peps.python.org/pep-0249/#connection-objects
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from driveql.sql import analyze, explain
from driveql.sql.dbapi import errors
from driveql.sql.dbapi.arguments import fitting, taken
from driveql.sql.dbapi.cursor import Cursor
from driveql.sql.dbapi.errors import interface_error
from driveql.sql.dbapi.raising import as_pep249
from driveql.sql.parameters import Parameters
from driveql.sql.session import Session

_other_process: list[Session] = []


class Connection:
    """A connection to OneDrive that answers SQL. Threads may share it: statements run one after another.

    Parameters:
        session: the engine.

    It works in the process that made it, neither behind a fork nor in a pickle. `on_close` is called when it is closed.
    """

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    def __init__(self, session: Session) -> None:
        self._session: Session | None = session
        self._process = os.getpid()
        self.on_close: Callable[[], object] | None = None

    def session(self) -> Session:
        """Return the engine's session.

        Raises:
            InterfaceError: the connection is closed, or was made before this process was forked (code `other_process`).
        """
        if self._session is None:
            raise interface_error("The connection is closed.")
        if self._process != os.getpid():
            raise interface_error(
                "The connection was made before this process was forked, and works in the process that made it.",
                "Connect in each process, or fork by the start method `spawn`; with SQLAlchemy, engine.dispose(close=False)"
                " is the first thing a child does.",
                code="other_process",
            )
        return self._session

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        self.session()
        return Cursor(self)

    def execute(self, operation: str, parameters: Parameters = None) -> Cursor:
        """Run one statement on a new cursor and return it."""
        return self.cursor().execute(operation, parameters)

    def arrow(self, operation: str, parameters: Parameters = None) -> pa.Table:
        """Run a query and return its rows as an Arrow table."""
        return self.execute(operation, parameters).arrow()

    def df(self, operation: str, parameters: Parameters = None) -> Any:
        """Run a query and return its rows as a pandas DataFrame. Raises MissingExtraError without pandas."""
        return self.execute(operation, parameters).df()

    def pl(self, operation: str, parameters: Parameters = None) -> Any:
        """Run a query and return its rows as a polars DataFrame. Raises MissingExtraError without polars."""
        return self.execute(operation, parameters).pl()

    def explain(self, operation: str, parameters: Parameters = None) -> explain.Explanation:
        """Return what a query would ask of Graph and what would be computed here; no request is sent."""
        values = taken(parameters)
        with as_pep249(), fitting(operation, values):
            return explain.explain(self.session(), operation, values)

    def analyze(self, operation: str, parameters: Parameters = None) -> analyze.Analysis:
        """Run a statement, give its rows away, and return what it cost, table by table and in all."""
        values = taken(parameters)
        with as_pep249(), fitting(operation, values):
            return analyze.analyze(self.session(), operation, values)

    def cancel(self) -> None:
        """Stop the statement that another thread is running; it raises OperationalError there (code `cancelled`)."""
        self.session().interrupt()

    def commit(self) -> None:
        """Commit what BEGIN began; without it, nothing is to be committed."""
        self._end_transaction("COMMIT")

    def rollback(self) -> None:
        """Undo what BEGIN began, in tables created in SQL; without it, nothing is to be undone."""
        self._end_transaction("ROLLBACK")

    def close(self) -> None:
        """Give up what is running, close the network connections, forget the tables created in SQL."""
        session, self._session = self._session, None
        if session is not None and self._process != os.getpid():
            # The engine's threads are not in this process: to end it would wait for them for ever.
            _other_process.append(session)
        elif session is not None:
            session.close()
            if self.on_close is not None:
                self.on_close()

    @property
    def autocommit(self) -> bool:
        """True: every statement takes effect at once, unless BEGIN was executed."""
        return True

    def _end_transaction(self, how: str) -> None:
        # Without a transaction nothing is executed: an unread result stays a stream.
        if self.session().engine.in_transaction:
            self.execute(how)

    def __reduce__(self) -> Any:
        raise TypeError(
            "A connection cannot be pickled: hand over what it is made of (a stored connection's name), and connect there."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

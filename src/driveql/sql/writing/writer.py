"""Carries a writing statement out: rows from the engine, changes by the drive layer, outcome rows back through the engine.

The error of a write does not take its rows away: the result has both, and the cursor raises once it holds the rows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driveql.drive.onedrive import OneDrive
from driveql.errors import ConfigurationError, DriveqlError, SqlNotSupportedError
from driveql.sql.pump import interruptible
from driveql.sql.result import Result
from driveql.sql.statement import Statement
from driveql.sql.syntax import tokens_of
from driveql.sql.tables import TABLES
from driveql.sql.writing import deletes, inserts, updates
from driveql.sql.writing.audit import AuditLog
from driveql.sql.writing.outcome import COLUMNS, ITEMS, failure_of, table_of
from driveql.sql.writing.run import WriteRun
from driveql.sql.writing.spool import Spool
from driveql.sql.writing.statements import Call, CopyTo, Delete, Insert, SetOption, Update, Writing

if TYPE_CHECKING:
    from driveql.sql.session import Parameters, Session

OUTCOMES = "__driveql_outcomes"
_KNOWN = ("id", "drive_id", "path", "name", "parent_path", "is_folder", "e_tag")
More = Sequence[tuple[str, pa.DataType]]


def write(session: Session, writing: Writing, parameters: Parameters, statement: Statement) -> Result:
    """Carry out a statement and return its outcome rows; `failure` says whether a row was not written.

    Raises:
        ConfigurationError: the connection is ReadOnly; nothing was asked.
        SqlError, InvalidPathError, LocalFileError, ...: the rows cannot be computed or written; nothing was changed.
    """
    if isinstance(writing, SetOption):
        session.write_options.apply(writing)
        return Result(session, statement, None, None)
    if isinstance(writing, Insert | Update | Delete):
        return _Write(session, writing, parameters, statement).rows()
    raise SqlNotSupportedError("This statement is not supported yet.")


def query_of(writing: Writing) -> str | None:
    """Return the query that finds the rows of a write, for EXPLAIN; None where there is none."""
    match writing:
        case Insert():
            return writing.query
        case Update() | Delete():
            return _query(writing, _KNOWN)
    return None


class Opened:
    """What every write needs: the connection, and the run that its rows take part in.

    Raises:
        ConfigurationError: the connection is ReadOnly and `writes`.
    """

    def __init__(self, session: Session, statement: Statement, what: str, *, writes: bool = True) -> None:
        source, options = session.tenant.source, session.write_options
        if not isinstance(source, OneDrive):
            raise SqlNotSupportedError(f"{what}: this connection's source cannot be written to.")
        if source.settings.read_only and writes and not options.dry_run:
            raise ConfigurationError(
                f"{what} was not run: the connection is ReadOnly.",
                hint="Use a connection without ReadOnly=True, or SET driveql.dry_run = true.",
            )
        self.session = session
        self.what = what
        self.run = WriteRun(source, statement, options.dry_run, options.local_files)

    @contextlib.contextmanager
    def audited(self) -> Iterator[None]:
        """Keep the audit log open, where there is one, and count in it at the end."""
        options, run = self.session.write_options, self.run
        if options.audit_log is None or run.dry:
            yield
            return
        settings = run.onedrive.settings
        with AuditLog(options.audit_log, settings.name or settings.client_id) as run.audit:
            try:
                yield
            finally:
                run.audit.end(sum(one.as_written for one in run.outcomes), len(run.outcomes))

    def perform(self, work: Coroutine[Any, Any, None]) -> DriveqlError | None:
        """Run the changes; return what ended them before all rows were tried.

        Raises:
            DriveqlError: it ended before any row was known.
        """
        try:
            self.session.tenant.portal.call(interruptible(work, self.run.statement))
        except DriveqlError as error:
            if not self.run.outcomes or all(one.state == "not_tried" for one in self.run.outcomes):
                raise
            return error
        return None

    def result(
        self,
        returning: str | None,
        ended: DriveqlError | None = None,
        more: More = (),
        *,
        alias: str = "items",
    ) -> Result:
        """Return the outcomes as rows, by way of RETURNING where it is said."""
        run = self.run
        listed = ", ".join((*COLUMNS, *(name for name, _ in more)))
        table = table_of(run.outcomes, _mentioned(returning), more)
        self.session.bind(OUTCOMES, table)
        query = _answer(returning or listed, alias)
        result = self.session.select(query, run.statement)
        result.rowcount = sum(one.state == "done" for one in run.outcomes)
        result.failure = ended or failure_of(self.what, run.outcomes)
        result.outcomes = tuple(one.values() for one in run.outcomes)
        return result


class _Write:
    """An INSERT, UPDATE or DELETE."""

    def __init__(
        self,
        session: Session,
        writing: Insert | Update | Delete,
        parameters: Parameters,
        statement: Statement,
    ) -> None:
        verb = {Insert: "INSERT INTO", Update: "UPDATE", Delete: "DELETE FROM"}[type(writing)]
        self._opened = Opened(session, statement, f"{verb} {writing.table}")
        self._writing = writing
        self._parameters = parameters
        self._session = session
        self._alias = writing.table if isinstance(writing, Insert) else writing.alias
        # A RETURNING that cannot be answered is found out before anything is changed.
        if writing.returning is not None:
            session.bind(OUTCOMES, table_of((), _mentioned(writing.returning)))
            session.select(_answer(writing.returning, self._alias), statement).close()
            session.unbind(OUTCOMES)

    def rows(self) -> Result:
        """Find the rows, write each, and return what became of them."""
        writing, opened = self._writing, self._opened
        columns = _needed(writing)
        with Spool() as spool:
            query = writing.query if isinstance(writing, Insert) else _query(writing, columns)
            spool.fill(self._session.reader(query, self._parameters))
            with opened.audited():
                ended = opened.perform(self._work(spool, columns))
        return opened.result(writing.returning, ended, alias=self._alias)

    async def _work(self, spool: Spool, columns: Sequence[str]) -> None:
        writing, run = self._writing, self._opened.run
        if isinstance(writing, Insert):
            await inserts.insert(run, writing, spool)
            return
        count = len(columns)
        found = [(dict(zip(columns, row[-count:], strict=True)), row[:-count]) for row in spool.read()]
        if isinstance(writing, Update):
            await updates.update(run, writing, found)
        else:
            await deletes.delete(run, writing, [before for before, _ in found])


def _needed(writing: Insert | Update | Delete) -> tuple[str, ...]:
    return (*_KNOWN, *sorted(_mentioned(writing.returning) - set(_KNOWN)))


def _query(writing: Update | Delete, columns: Iterable[str]) -> str:
    known = TABLES[writing.table].by_name
    alias = _quoted(writing.alias)
    fixed = "true" if writing.table == "folders" else "false" if writing.table == "files" else "NULL"
    listed = ", ".join(f"{alias}.{name}" if name in known else fixed for name in columns)
    comma = ", " if isinstance(writing, Update) else " "
    return f"{writing.before}{comma}{listed} {writing.after}"


def _answer(columns: str, alias: str) -> str:
    return f"SELECT {columns} FROM {OUTCOMES} AS {_quoted(alias)}"  # noqa: S608 - the statement's own text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _mentioned(returning: str | None) -> set[str]:
    """Return the columns of `items` that RETURNING names; all of them for a star."""
    words = {token.text.lower() for token in tokens_of(returning or "")}
    return set(ITEMS.by_name) if "*" in words else words & set(ITEMS.by_name)


__all__ = ["Call", "CopyTo", "Opened", "query_of", "write"]

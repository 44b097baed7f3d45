"""What every writing statement shares: the connection, the run with its rows and audit log, and the rows as a result.

The error of a write does not take its rows away: the result has both, and the cursor raises once it holds the rows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driveql import redaction
from driveql.drive.onedrive import OneDrive
from driveql.errors import ConfigurationError, DriveqlError, LocalFileError, SqlError, SqlNotSupportedError
from driveql.sql.pump import interruptible
from driveql.sql.result import Result
from driveql.sql.statement import Statement
from driveql.sql.syntax import quoted_name, tokens_of
from driveql.sql.tables import GraphTable
from driveql.sql.writing.audit import AuditLog
from driveql.sql.writing.outcome import COLUMNS, ITEMS, failure_of, table_of
from driveql.sql.writing.run import WriteRun

if TYPE_CHECKING:
    from driveql.sql.session import Session

OUTCOMES = "__driveql_outcomes"
More = Sequence[tuple[str, pa.DataType]]


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
        if session.engine.in_transaction and writes and not options.dry_run:
            statement.warn(
                f"{what}: written to OneDrive at once. BEGIN and ROLLBACK hold for tables created in SQL alone."
            )
        self.session = session
        self.what = what
        self.run = WriteRun(source, statement, options.dry_run, options.local_files)
        self._unlogged: LocalFileError | None = None

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
                try:
                    run.audit.end(sum(one.as_written for one in run.outcomes), len(run.outcomes))
                except LocalFileError as error:
                    self._unlogged = error

    def perform(self, work: Coroutine[Any, Any, None]) -> DriveqlError | None:
        """Run the changes; return what ended them before all rows were tried.

        Raises:
            DriveqlError: it ended before any row was known.
        """
        try:
            self.session.tenant.portal.call(interruptible(work, self.run.statement))
        except DriveqlError as error:
            if not self._tried():
                raise
            if error.code == "cancelled":
                error.hint = "The cursor's rows tell what was done until then: look at those in doubt before you repeat it."
            return error
        except Exception as error:
            # Nobody foresaw it; the rows that are done are told all the same.
            if not self._tried():
                raise
            ended = SqlError(
                f"{self.what} ended in the middle: {type(error).__name__}: {redaction.text(str(error))}",
                hint="The cursor's rows tell what was done. Please report this as a defect.",
            )
            ended.__cause__ = error
            return ended
        return None

    def _tried(self) -> bool:
        return any(one.state != "not_tried" for one in self.run.outcomes)

    def result(
        self,
        returning: str | None,
        ended: DriveqlError | None = None,
        more: More = (),
        *,
        alias: str = "items",
        table: GraphTable = ITEMS,
    ) -> Result:
        """Return the outcomes as rows, by way of RETURNING where it is said; `table` is the one that was written."""
        run = self.run
        listed = ", ".join((*COLUMNS, *(name for name, _ in more)))
        self.session.bindings.bind(OUTCOMES, table_of(run.outcomes, mentioned(returning, table), more, table))
        unanswered: SqlError | None = None
        try:
            result = self._rows(returning or listed, alias)
        except SqlError as error:
            # What is done must be told, also where what was asked about it cannot be computed.
            unanswered = _unanswered(self.what, error)
            result = self._rows(listed, alias)
        result.rowcount = sum(one.state == "done" for one in run.outcomes)
        result.failure = ended or self._unlogged or failure_of(self.what, run.outcomes) or unanswered
        result.outcomes = tuple(one.values() for one in run.outcomes)
        return result

    def _rows(self, columns: str, alias: str) -> Result:
        with self.session.errors.translated(self.run.statement):
            return Result.joined([self.session.select(answer(columns, alias), self.run.statement)])


def _unanswered(what: str, error: SqlError) -> SqlError:
    return SqlError(
        f"{what} was carried out, but RETURNING cannot be computed: {error.message}",
        hint="The cursor has the rows with their outcomes instead. Do not repeat the statement.",
    )


def answer(columns: str, alias: str) -> str:
    """Return the query that reads columns of the outcomes under the name of the target."""
    return f"SELECT {columns} FROM {OUTCOMES} AS {quoted_name(alias)}"


def mentioned(returning: str | None, table: GraphTable = ITEMS) -> set[str]:
    """Return the columns of a table that RETURNING names; all of them for a star."""
    words = {token.text.lower() for token in tokens_of(returning or "")}
    return set(table.by_name) if "*" in words else words & set(table.by_name)

"""Carries a writing statement out: rows from the engine, changes by the drive layer, outcome rows back through the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driveql.errors import SqlNotSupportedError
from driveql.sql.result import Result
from driveql.sql.statement import Statement
from driveql.sql.syntax import quoted_name
from driveql.sql.tables import TABLES
from driveql.sql.temporary import KeptRows, TemporaryBytes
from driveql.sql.writing import (
    copying,
    deletes,
    inserts,
    list_entries,
    new_permissions,
    permission_rows,
    procedures,
    updates,
)
from driveql.sql.writing.forms import Call, Delete, Insert, SetOption, Update, Writing
from driveql.sql.writing.opened import OUTCOMES, Opened, answer, mentioned
from driveql.sql.writing.outcome import table_of
from driveql.sql.writing.run import WriteRun
from driveql.sql.writing.spool import Spool
from driveql.sql.writing.targets import TARGETS

Row = Mapping[str, Any]
Inserts = Callable[[WriteRun, Insert, Spool], Awaitable[None]]
Updates = Callable[[WriteRun, Update, Sequence[tuple[Row, list[Any]]]], Awaitable[None]]
Deletes = Callable[[WriteRun, Delete, list[Row]], Awaitable[None]]

if TYPE_CHECKING:
    from driveql.sql.parameters import Parameters
    from driveql.sql.session import Session

_ITEMS = (inserts.insert, updates.update, deletes.delete)
# How the rows of each table are inserted, updated and deleted.
_WORK: dict[str, tuple[Inserts, Updates, Deletes]] = {
    **dict.fromkeys(("items", "files", "folders"), _ITEMS),
    "list_items": (list_entries.insert, list_entries.update, list_entries.delete),
    "permissions": (new_permissions.insert, permission_rows.update, permission_rows.delete),
}


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
    if isinstance(writing, Call):
        return procedures.call(session, writing, parameters, statement)
    return copying.copy_to(session, writing, parameters, statement)


def query_of(writing: Writing) -> str | None:
    """Return the query that finds the rows of a write, for EXPLAIN; None where there is none.

    Raises:
        SqlNotSupportedError: it is a CALL.
    """
    match writing:
        case Insert():
            return writing.query
        case Update() | Delete():
            return _query(writing, TARGETS[writing.table].known)
        case Call():
            raise SqlNotSupportedError(
                f"EXPLAIN of CALL {writing.procedure} is not supported: it reads no rows.",
                hint="SET driveql.dry_run = true shows what it would do.",
            )
    return None


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
            table = TABLES[writing.table]
            session.bindings.bind(OUTCOMES, table_of((), mentioned(writing.returning, table), table=table))
            session.select(answer(writing.returning, self._alias), statement).table()
            session.bindings.unbind(OUTCOMES)

    def rows(self) -> Result:
        """Find the rows, write each, and return what became of them."""
        writing, opened = self._writing, self._opened
        columns = _needed(writing)
        with (
            TemporaryBytes(self._session.tenant.temporary, "What is to be written") as kept,
            Spool() as spool,
        ):
            query = writing.query if isinstance(writing, Insert) else _query(writing, columns)
            with self._session.queries.reader(query, self._parameters) as reader:
                spool.fill(KeptRows(reader, kept))
            with opened.audited():
                ended = opened.perform(self._work(spool, columns))
        return opened.result(writing.returning, ended, alias=self._alias, table=TABLES[writing.table])

    async def _work(self, spool: Spool, columns: Sequence[str]) -> None:
        writing, run = self._writing, self._opened.run
        insert, update, delete = _WORK[writing.table]
        if isinstance(writing, Insert):
            await insert(run, writing, spool)
            return
        count = len(columns)
        found: list[tuple[Row, list[Any]]] = [
            (dict(zip(columns, row[-count:], strict=True)), row[:-count]) for row in spool.read()
        ]
        if isinstance(writing, Update):
            await update(run, writing, found)
        else:
            await delete(run, writing, [before for before, _ in found])


def _needed(writing: Insert | Update | Delete) -> tuple[str, ...]:
    known = TARGETS[writing.table].known
    return (*known, *sorted(mentioned(writing.returning, TABLES[writing.table]) - set(known)))


def _query(writing: Update | Delete, columns: Iterable[str]) -> str:
    known = TABLES[writing.table].by_name
    alias = quoted_name(writing.alias)
    fixed = "true" if writing.table == "folders" else "false" if writing.table == "files" else "NULL"
    listed = ", ".join(f"{alias}.{name}" if name in known else fixed for name in columns)
    comma = ", " if isinstance(writing, Update) else " "
    return f"{writing.before}{comma}{listed} {writing.after}"

"""Carries a writing statement out: rows from the engine, changes by the drive layer, outcome rows back through the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from driveql.sql.result import Result
from driveql.sql.statement import Statement
from driveql.sql.tables import TABLES
from driveql.sql.writing import copying, deletes, inserts, procedures, updates
from driveql.sql.writing.forms import Call, Delete, Insert, SetOption, Update, Writing
from driveql.sql.writing.opened import OUTCOMES, Opened, answer, mentioned, quoted_name
from driveql.sql.writing.outcome import table_of
from driveql.sql.writing.spool import Spool

if TYPE_CHECKING:
    from driveql.sql.session import Parameters, Session

_KNOWN = ("id", "drive_id", "path", "name", "parent_path", "is_folder", "e_tag")


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
    """Return the query that finds the rows of a write, for EXPLAIN; None where there is none."""
    match writing:
        case Insert():
            return writing.query
        case Update() | Delete():
            return _query(writing, _KNOWN)
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
            session.bind(OUTCOMES, table_of((), mentioned(writing.returning)))
            session.select(answer(writing.returning, self._alias), statement).close()
            session.unbind(OUTCOMES)

    def rows(self) -> Result:
        """Find the rows, write each, and return what became of them."""
        writing, opened = self._writing, self._opened
        columns = _needed(writing)
        with Spool() as spool:
            query = writing.query if isinstance(writing, Insert) else _query(writing, columns)
            with self._session.reader(query, self._parameters) as reader:
                spool.fill(reader)
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
    return (*_KNOWN, *sorted(mentioned(writing.returning) - set(_KNOWN)))


def _query(writing: Update | Delete, columns: Iterable[str]) -> str:
    known = TABLES[writing.table].by_name
    alias = quoted_name(writing.alias)
    fixed = "true" if writing.table == "folders" else "false" if writing.table == "files" else "NULL"
    listed = ", ".join(f"{alias}.{name}" if name in known else fixed for name in columns)
    comma = ", " if isinstance(writing, Update) else " "
    return f"{writing.before}{comma}{listed} {writing.after}"

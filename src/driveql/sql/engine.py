"""DuckDB, set up for one session: the files and tables of OneDrive, and nothing that downloads code.

The database is in memory and belongs to the session: temporary and permanent tables live as long as it does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from driveql.errors import SqlNotSupportedError
from driveql.sql import strangers
from driveql.sql.contents import Contents, no_file
from driveql.sql.graph_tables import GraphTables
from driveql.sql.limits import Limits
from driveql.sql.parameters import Parameters
from driveql.sql.planning import Prepared
from driveql.sql.reading.reader_call import whole_files_of
from driveql.sql.syntax import tokens_of
from driveql.sql.tenant import Tenant

# Python variables of the caller are no tables; extensions are not downloaded behind anybody's back; what another program
# of the same user stored as DuckDB's secrets is not ours.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
}
# DuckDB fills this buffer before it hands out a row, so it decides how many pages a first row waits for.
# Its own cache of files tells versions apart by the second of their last change, which is not enough.
_SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET streaming_buffer_size = '64KB'",
    "SET enable_external_file_cache = false",
)


class Engine:
    """The engine of one session.

    Parameters:
        tenant: whose files and tables it has.
        untrusted: it is closed for strangers' statements; see `strangers`.
        limits: how much of the machine it may use; None for DuckDB's own choice.

    `connection` is DuckDB's, `contents` its file system of OneDrive, `staging` the way out for the rows of COPY where there is
    no other. `in_transaction` says whether BEGIN was executed and neither COMMIT nor ROLLBACK.
    """

    def __init__(self, tenant: Tenant, *, untrusted: bool = False, limits: Limits | None = None) -> None:
        self.connection = duckdb.connect(":memory:", config=_CONFIG)
        self.contents = Contents(tenant)
        for setting in (*_SETTINGS, *_threads(), *(limits.settings() if limits is not None else ())):
            self.connection.execute(setting)
        self.connection.register_filesystem(self.contents)
        self.staging = strangers.close(self.connection, tenant) if untrusted else None
        self.in_transaction = False
        self._tables = GraphTables(self.connection, tenant)

    def kinds(self, sql: str) -> list[str]:
        """Return DuckDB's names of the kinds of statements that a text holds.

        Raises:
            SqlNotSupportedError: the Python package knows no name for one, nor can run it.
        """
        try:
            return [statement.type.name for statement in self.connection.extract_statements(sql)]
        except ValueError:
            raise SqlNotSupportedError("Statements of this kind cannot be run.") from None

    def check(self, sql: str) -> None:
        """Raise SqlNotSupportedError for a statement that strangers may not run, where they are who it is for."""
        if self.staging is not None:
            strangers.check(self.kinds(sql), sql)

    def have_tables(self, sql: str) -> None:
        """Have the tables of Graph objects that a statement which is about to be planned or run may name."""
        self._tables.before(sql, in_transaction=self.in_transaction)

    def relation(self, prepared: Prepared) -> duckdb.DuckDBPyRelation:
        """Return the rows of a statement, still to come; one that gives none is carried out.

        Raises:
            duckdb.Error: what DuckDB raises. NotFoundError: a text file is not there.
        """
        self.check(prepared.sql)
        try:
            found = self._bound(prepared)
        except duckdb.CatalogException:
            if not self._tables.make():
                raise
            found = self._bound(prepared)
        if self.contents.missing:
            # DuckDB reads no rows from a text file that is not there.
            for place in whole_files_of(tokens_of(prepared.sql), self.contents.missing):
                raise no_file(place)
        return found

    def run(self, prepared: Prepared) -> tuple[str, duckdb.DuckDBPyRelation]:
        """Return the kind of a statement and its rows; see `relation`. It may begin or end a transaction."""
        kind = self.kinds(prepared.sql)[0]
        begins = kind == "TRANSACTION" and tokens_of(prepared.sql)[0].text.upper() in {"BEGIN", "START"}
        if kind == "TRANSACTION" and not begins:
            self.in_transaction = False  # also where COMMIT fails
        found = self.relation(prepared)
        self.in_transaction |= begins
        return kind, found

    def rows(self, sql: str, parameters: Parameters = None) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a statement of driveql's own; return its columns' types and its rows. Raises what DuckDB raises."""
        found = self.connection.execute(sql, parameters or None)
        return [str(column[1]) for column in found.description or ()], found.fetchall()

    @contextlib.contextmanager
    def replaced(self, views: Mapping[str, str]) -> Iterator[None]:
        """Have the names of tables stand for queries for a while."""
        self._tables.forget(replaced=True)
        try:
            for name, query in views.items():
                self.connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {query}')
            yield
        finally:
            for name in views:
                self.connection.execute(f'DROP VIEW IF EXISTS temp.main."{name}"')
            self._tables.forget()

    def close(self) -> None:
        """Free it, and what it had of files."""
        self.connection.close()
        self.contents.forget()

    def _bound(self, prepared: Prepared) -> duckdb.DuckDBPyRelation:
        values = prepared.parameters
        return (
            self.connection.sql(prepared.sql, params=values) if values else self.connection.sql(prepared.sql)
        )


def _threads() -> Iterator[str]:
    """Yield the setting for a process that may not use all processors: DuckDB counts the machine's."""
    if hasattr(os, "sched_getaffinity") and (usable := len(os.sched_getaffinity(0))) < (os.cpu_count() or 1):
        yield f"SET threads = {usable}"

"""One SQL session: prepares a statement, runs it on the engine, and hands out its rows as they come.

A session runs one statement at a time, under one lock. A result that is not read out when the next statement begins is given up
if nobody holds it any more, and is otherwise read into memory first.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from driveql.drive.onedrive import OneDrive
from driveql.errors import SqlError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql import json_rows, strangers
from driveql.sql.advice import advised
from driveql.sql.cached.tenant import CachedTenant
from driveql.sql.carried import carried
from driveql.sql.catalogue import with_comments
from driveql.sql.contents import no_file
from driveql.sql.engine import error_from, kinds_of, open_engine
from driveql.sql.graph_call import GraphCall
from driveql.sql.graph_rows import rows_asked
from driveql.sql.graph_tables import GraphTables
from driveql.sql.incumbent import translate
from driveql.sql.key_values import KeyValues
from driveql.sql.limits import Limits, Watch
from driveql.sql.planning import Prepared, long_form, prepare
from driveql.sql.plans import Defaults
from driveql.sql.pump import interruptible
from driveql.sql.reading.reader_call import whole_files_of
from driveql.sql.reading.resolving import Resolver, without_excerpt
from driveql.sql.reading.workbook_source import WorkbookSource
from driveql.sql.result import Result
from driveql.sql.saved.library import Library
from driveql.sql.saved.store import QueryStore
from driveql.sql.saved.views import SavedViews
from driveql.sql.scope_check import ScopeCheck
from driveql.sql.source import Portal, TenantSource
from driveql.sql.statement import Statement
from driveql.sql.syntax import split, tokens_of
from driveql.sql.tenant import Tenant
from driveql.sql.writing import procedures, writer
from driveql.sql.writing.forms import Writing
from driveql.sql.writing.options import WriteOptions
from driveql.sql.writing.statements import recognise

Parameters = Sequence[Any] | Mapping[str, Any] | None
BATCH_ROWS = 8192


class Session:
    """An engine over a tenant.

    Parameters:
        source: what the connection can see. portal: the way into the event loop.
        defaults: the connection's own owner and drive.
        untrusted: the statements come from strangers; see `strangers`. limits: what they may use of the machine.

    Methods may be called from any thread; they wait for one another, except `interrupt`.

    `in_transaction` says whether BEGIN was executed and neither COMMIT nor ROLLBACK.
    """

    def __init__(
        self,
        source: TenantSource,
        portal: Portal,
        defaults: Defaults,
        *,
        untrusted: bool = False,
        limits: Limits | None = None,
    ) -> None:
        cached = CachedTenant(source, in_memory=untrusted) if isinstance(source, OneDrive) else None
        if untrusted and limits is None:
            limits = Limits()
        self.tenant = Tenant.of(source, portal, defaults, cached)
        self.tenant.temporary.most = limits.temporary if limits is not None else None
        self.lock = threading.RLock()
        self.write_options = WriteOptions(local_files=not untrusted)
        self._watch = Watch(limits, self.interrupt)
        self._engine, self._contents = open_engine(self.tenant, limits)
        self.staging = strangers.close(self._engine, self.tenant) if untrusted else None
        self._result: weakref.ref[Result] | None = None
        # Readers of results that nobody holds any more; closed when the engine is needed next.
        self._abandoned: list[pa.RecordBatchReader] = []
        self._bound: list[str] = []
        self._made: list[str] = []
        self._scopes = ScopeCheck(self._engine)
        self._tables = GraphTables(self._engine, self.tenant)
        self.in_transaction = False
        name = source.settings.name if isinstance(source, OneDrive) else None
        store = QueryStore.of(name) if name else None
        self.saved = Library(store, self._values, self._is_query, lambda *query: self.raw_rows(*query)[1])
        self.saved_views = SavedViews(self._engine, self.saved, self._columns_of)

    def execute(self, sql: str, parameters: Parameters = None, *, analyzed: bool = False) -> Result:
        """Run one statement until its first rows are there.

        Parameters:
            parameters: a sequence for `?`, a mapping for `:name` and `$name`.
            analyzed: the rows are the engine's account of the run, in place of the statement's own.

        Raises:
            SqlError: the statement cannot be planned or run.
            DriveqlError: what went wrong when Graph was asked, as it was raised there.
        """
        with self.lock:
            self._make_room()
            statement = self.tenant.statement = Statement()
            self._contents.forget()
            with self._watch.begins(statement, sql), self.translating(statement):
                text = _one(sql)
                writing = recognise(text, procedures.is_known)
                self.cache_for(writing)
                if writing is not None and analyzed:
                    raise SqlNotSupportedError(
                        "EXPLAIN ANALYZE of a statement that writes to OneDrive is not supported: it would be carried out.",
                        hint="EXPLAIN shows what it reads; SET driveql.dry_run = true shows what it would do.",
                    )
                if writing is not None:
                    result = writer.write(self, writing, parameters, statement)
                    self._watch.stop()
                else:
                    views = self.saved_views.of(text, in_transaction=self.in_transaction)
                    prepared = self.prepared(text, parameters)
                    if analyzed:
                        prepared = replace(prepared, sql=f"EXPLAIN ANALYZE {prepared.sql}")
                    with self.saved_views.made(views):
                        result = self.run(prepared, statement, limited=True)
                        if views:
                            result.detach()
            self._result = weakref.ref(result)
            return result

    def cache_for(self, writing: Writing | None) -> None:
        """Give the statement its view of the cache; one that writes sees nothing of it."""
        options, cached = self.write_options, self.tenant.cached
        if cached is not None:
            cached.begin("none" if writing is not None else options.cache, options.cache_ttl)

    def select(self, sql: str, statement: Statement) -> Result:
        """Run a query of driveql's own as part of a statement."""
        return self.run(Prepared(sql, None), statement)

    @contextlib.contextmanager
    def reader(self, sql: str, parameters: Parameters) -> Iterator[pa.RecordBatchReader]:
        """Give the rows of a query that is part of a statement, as they come; the engine is free again afterwards."""
        reader = self._relation(self.prepared(sql, parameters)).to_arrow_reader(BATCH_ROWS)
        try:
            yield reader
        finally:
            reader.close()

    def run(self, prepared: Prepared, statement: Statement, *, limited: bool = False) -> Result:
        """Run what was prepared as part of a statement, or with `limited` as the statement itself."""
        kind = kinds_of(self._engine, prepared.sql)[0]
        begins = kind == "TRANSACTION" and tokens_of(prepared.sql)[0].text.upper() in {"BEGIN", "START"}
        if kind == "TRANSACTION" and not begins:
            self.in_transaction = False  # also where COMMIT fails
        relation = self._relation(prepared)
        self.in_transaction |= begins
        reader = carried(relation).to_arrow_reader(BATCH_ROWS)
        if limited:
            reader = self._watch.limited(reader)
        return Result.of(self, statement, kind, relation.types, reader)

    def _relation(self, prepared: Prepared) -> duckdb.DuckDBPyRelation:
        self._check(prepared)
        try:
            found = self._bound_by_engine(prepared)
        except duckdb.CatalogException:
            if not self._tables.make():
                raise
            found = self._bound_by_engine(prepared)
        if self._contents.missing:
            # DuckDB reads no rows from a text file that is not there.
            for place in whole_files_of(tokens_of(prepared.sql), self._contents.missing):
                raise no_file(place)
        return found

    def _bound_by_engine(self, prepared: Prepared) -> duckdb.DuckDBPyRelation:
        values = prepared.parameters
        return self._engine.sql(prepared.sql, params=values) if values else self._engine.sql(prepared.sql)

    def _check(self, prepared: Prepared) -> None:
        if self.staging is not None:
            strangers.check(kinds_of(self._engine, prepared.sql), prepared.sql)

    def prepared(self, sql: str, parameters: Parameters) -> Prepared:
        """Prepare a query that is part of a statement, bind its tables, and compute what gives them values."""
        self._tables.before(sql, in_transaction=self.in_transaction)
        sql, parameters = self.saved.inlined(sql, parameters)
        self._tables.before(sql, in_transaction=self.in_transaction)
        prepared = self._checked(prepare(sql, parameters))
        if not prepared.keyed.keys:
            return prepared
        try:
            KeyValues(self, prepared, self._made).meet()
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
            # What gives values cannot stand alone, as where it looks at the query around it.
            if self.tenant.statement.failure is not None:
                raise
            self._forget_bound()
            return self._checked(prepare(sql, parameters, with_keys=False))
        return prepared

    def _checked(self, prepared: Prepared) -> Prepared:
        self._check(prepared)
        self._bind(prepared)
        self.tenant.statement.wanted = self._scopes.check(prepared)
        return prepared

    def raw_rows(self, sql: str, parameters: Parameters = None) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a statement of driveql's own; return its columns' types and its rows. Raises what DuckDB raises."""
        found = self._engine.execute(sql, parameters or None)
        return [str(column[1]) for column in found.description or ()], found.fetchall()

    def _values(self, sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        with self.reader(sql, parameters) as reader:
            return [tuple(row.values()) for row in reader.read_all().to_pylist()]

    def _columns_of(self, sql: str) -> list[tuple[str, str]]:
        """Return names and types of a query's columns. It is not run; the files that it reads are looked into."""
        statement = self.tenant.statement
        try:
            with self.translating(statement):
                self._tables.before(sql, in_transaction=self.in_transaction)
                prepared = prepare(sql, None, with_keys=False)
                self._check(prepared)
                self._bind(prepared)
                found = self._relation(prepared)
                return [(name, str(type_)) for name, type_ in zip(found.columns, found.types, strict=True)]
        finally:
            statement.forgive()
            self._contents.missing.clear()
            self._forget_bound()

    def _is_query(self, sql: str) -> bool:
        return kinds_of(self._engine, sql) == ["SELECT"]

    @contextlib.contextmanager
    def translating(self, statement: Statement) -> Iterator[None]:
        """Raise the original of an error that the engine passes on as text, and the engine's own as driveql's."""
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if statement.failure is not None:
                raise statement.failure from None
            if statement.cancelled:
                raise self._watch.error(statement) from None
            if isinstance(error, duckdb.IOException) and self._contents.missing:
                raise no_file(self._contents.missing[0]) from error
            if isinstance(error, duckdb.Error):
                raise advised(error_from(error)) from error
            raise error_from(duckdb.Error(str(error))) from error
        except RecursionError:
            raise SqlError(
                "The statement, or the type of a column, is nested too deeply to be read.",
                code="tooDeep",
                hint="Take it apart: WITH name AS (...), or a list in place of expressions within expressions.",
            ) from None
        except SqlError as error:
            if error.code == "cancelled" and statement.expired:
                raise self._watch.error(statement) from None
            raise

    def abandon(self, reader: pa.RecordBatchReader) -> None:
        """Have a reader closed before the next statement. May be called from any thread, at any time."""
        self._abandoned.append(reader)

    def interrupt(self) -> None:
        """Cancel the statement that is running; it raises SqlError with the code `cancelled`."""
        self.tenant.statement.cancel()
        self._engine.interrupt()

    def close(self) -> None:
        """Give up what is running and free the engine."""
        self.tenant.statement.cancel()
        self._watch.stop()
        with self.lock:
            result = self._result() if self._result is not None else None
            if result is not None:
                result.close()
            self._make_room()
            self._scopes.close()
            self._engine.close()
            self._contents.forget()
            self.tenant.portal.call(self.tenant.drives.close())
            if self.tenant.cached is not None:
                self.tenant.cached.close()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Let the time of a statement that is prepared in the block end with the block."""
        try:
            yield
        finally:
            self._watch.stop()

    def prepare(self, sql: str, parameters: Parameters = None) -> Prepared:
        """Prepare a statement and bind its tables, without running it; for EXPLAIN."""
        with self.lock:
            self._make_room()
            statement = self.tenant.statement = Statement()
            with self._watch.begins(statement, sql), self.translating(statement):
                text = _one(sql)
                writing = recognise(text, procedures.is_known)
                self.cache_for(writing)
                query = (writing and writer.query_of(writing)) or text
                return self._checked(prepare(*self.saved.inlined(query, parameters)))

    def bind(self, name: str, value: object) -> None:
        """Give an Arrow object a name until the next statement."""
        self._engine.register(name, value)
        self._bound.append(name)

    def unbind(self, name: str) -> None:
        """Take a name back."""
        self._engine.unregister(name)
        self._bound.remove(name)

    @contextlib.contextmanager
    def replaced(self, views: Mapping[str, str]) -> Iterator[None]:
        """Have the names of tables stand for queries for a while."""
        self._tables.forget(replaced=True)
        try:
            for name, query in views.items():
                self._engine.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {query}')
            yield
        finally:
            for name in views:
                self._engine.execute(f'DROP VIEW IF EXISTS temp.main."{name}"')
            self._tables.forget()

    def engine_rows(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """Run a statement of driveql's own and return its rows."""
        with self.lock, self.translating(self.tenant.statement):
            self._tables.before(sql, in_transaction=self.in_transaction)
            rows: list[tuple[Any, ...]] = self._engine.execute(sql, parameters or None).fetchall()
            return rows

    def columns_of_saved(self, name: str) -> list[tuple[str, str]]:
        """Return names and types of a saved query's columns. Raises DriveqlError where it cannot be used."""
        with self.lock:
            self._make_room()
            self.tenant.statement = Statement()
            self.cache_for(None)
            return list(self.saved_views.columns(name, only_known=self.in_transaction))

    def _make_room(self) -> None:
        """Take an unread result out of the engine's way, and forget what was bound for its statement."""
        result = self._result() if self._result is not None else None
        if result is not None:
            result.detach()
        self._result = None
        while self._abandoned:
            self._abandoned.pop().close()
        self._forget_bound()

    def _forget_bound(self) -> None:
        for name in self._bound:
            self._engine.unregister(name)
        self._bound.clear()
        for name in self._made:
            # To drop a table as a view is an error, and an error ends a transaction.
            with contextlib.suppress(duckdb.Error):
                is_view = self.raw_rows("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [name])[1]
                self._engine.execute(f'DROP {"VIEW" if is_view else "TABLE"} IF EXISTS temp.main."{name}"')
        self._made.clear()

    def _bind(self, prepared: Prepared) -> None:
        for name, hinted in prepared.scans.items():
            self.bind(name, self.tenant.dataset(hinted.table, hinted.hint))
        workbooks = WorkbookSource(self._contents, self.tenant, local_files=self.staging is None)
        for name, call in prepared.workbooks.items():
            self.bind(name, workbooks.table(call))
        for name, request in prepared.requests.items():
            self.bind(name, self._asked(request))
        for name, reader in prepared.readers.items():
            text = self._resolver().text(f"{name}_files", reader)
            with without_excerpt():
                self._engine.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {text}")
            self._made.append(name)

    def _resolver(self) -> Resolver:
        return Resolver(
            self._contents,
            self.tenant.statement,
            lambda sql: self._relation(Prepared(sql, None)).fetchall(),
            self.bind,
            no_file,
            long_form,
        )

    def _asked(self, request: GraphCall) -> pa.Table:
        answers = rows_asked(self.tenant.source, request)
        return json_rows.table_of(self.tenant.portal.call(interruptible(answers, self.tenant.statement)))


def _one(sql: str) -> str:
    statements = split(sql)
    if len(statements) > 1:
        raise SqlNotSupportedError(
            f"The text holds {len(statements)} statements; execute takes one.",
            hint="Take them apart with driveql.sql.split(text) and execute each.",
        )
    if not statements:
        raise SqlSyntaxError("The statement is empty.")
    text = translate(statements[0], datetime.now(UTC))
    return with_comments(text) or text

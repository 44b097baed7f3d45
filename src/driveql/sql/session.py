"""One SQL session: runs a statement on the engine, and hands out its rows as they come.

A session runs one statement at a time, under one lock. A result that is not read out when the next statement begins is given up
if nobody holds it any more, and is otherwise read into memory first.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from driveql.drive.onedrive import OneDrive
from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.bindings import Bindings
from driveql.sql.cached.tenant import CachedTenant
from driveql.sql.carried import carried
from driveql.sql.catalogue import with_comments
from driveql.sql.engine import Engine
from driveql.sql.engine_errors import EngineErrors
from driveql.sql.incumbent import translate
from driveql.sql.limits import Limits, Watch
from driveql.sql.parameters import Parameters
from driveql.sql.planning import Prepared
from driveql.sql.plans import Defaults
from driveql.sql.queries import BATCH_ROWS, Queries
from driveql.sql.result import Result
from driveql.sql.saved.store import QueryStore
from driveql.sql.saved.views import SavedViews
from driveql.sql.source import Portal, TenantSource
from driveql.sql.statement import Statement
from driveql.sql.syntax import split
from driveql.sql.tenant import Tenant
from driveql.sql.unread import Unread
from driveql.sql.writing import procedures, writer
from driveql.sql.writing.copy_place import with_place
from driveql.sql.writing.forms import Writing
from driveql.sql.writing.options import WriteOptions
from driveql.sql.writing.statements import recognise


class Session:
    """An engine over a tenant.

    Parameters:
        source: what the connection can see. portal: the way into the event loop.
        defaults: the connection's own owner and drive.
        untrusted: the statements come from strangers; see `strangers`. limits: what they may use of the machine.

    Methods may be called from any thread; they wait for one another, except `interrupt`. `lock` is held while the engine works;
    whoever uses the parts of a session by themselves holds it.
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
        if untrusted and limits is None:
            limits = Limits()
        cached = CachedTenant(source, in_memory=untrusted) if isinstance(source, OneDrive) else None
        name = source.settings.name if isinstance(source, OneDrive) else None
        store = QueryStore.of(name) if name else None
        self.lock = threading.RLock()
        self.tenant = Tenant.of(source, portal, defaults, cached)
        self.tenant.temporary.most = limits.temporary if limits is not None else None
        self.write_options = WriteOptions(local_files=not untrusted)
        self.engine = Engine(self.tenant, untrusted=untrusted, limits=limits)
        self.watch = Watch(limits, self.interrupt)
        self.errors = EngineErrors(self.engine.contents, self.watch)
        self.bindings = Bindings(self.engine, self.tenant)
        self.queries = Queries(self.engine, self.bindings, self.tenant, self.errors, store)
        self.unread = Unread()
        self._saved_views = SavedViews(self.engine, self.queries.saved, self.queries.columns)

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
            with self._begun(sql, parameters) as (statement, text, values, writing):
                if writing is not None and analyzed:
                    raise SqlNotSupportedError(
                        "EXPLAIN ANALYZE of a statement that writes to OneDrive is not supported: it would be carried out.",
                        hint="EXPLAIN shows what it reads; SET driveql.dry_run = true shows what it would do.",
                    )
                if writing is not None:
                    result = writer.write(self, writing, values, statement)
                    self.watch.stop()
                else:
                    result = self._read(text, values, statement, analyzed=analyzed)
            self.unread.keep(result)
            return result

    def prepare(self, sql: str, parameters: Parameters = None) -> Prepared:
        """Prepare a statement and bind its tables, without running it; for EXPLAIN."""
        with self.lock, self._begun(sql, parameters) as (_, text, values, writing):
            return self.queries.planned((writing and writer.query_of(writing)) or text, values)

    def select(self, sql: str, statement: Statement) -> Result:
        """Run a query of driveql's own as part of a statement."""
        return self.run(Prepared(sql, None), statement)

    def run(self, prepared: Prepared, statement: Statement, *, limited: bool = False) -> Result:
        """Run what was prepared as part of a statement, or with `limited` as the statement itself."""
        kind, relation = self.engine.run(prepared)
        reader = carried(relation).to_arrow_reader(BATCH_ROWS)
        if limited:
            reader = self.watch.limited(reader)
        return Result.of(self, statement, kind, relation.types, reader)

    def engine_rows(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """Run a statement of driveql's own and return its rows."""
        with self.lock, self.errors.translated(self.tenant.statement):
            self.engine.have_tables(sql)
            return self.engine.rows(sql, parameters)[1]

    def columns_of_saved(self, name: str) -> list[tuple[str, str]]:
        """Return names and types of a saved query's columns. Raises DriveqlError where it cannot be used."""
        with self.lock:
            self._make_room()
            self.tenant.statement = Statement()
            self._choose_cache(None)
            return list(self._saved_views.columns(name, only_known=self.engine.in_transaction))

    def interrupt(self) -> None:
        """Cancel the statement that is running; it raises SqlError with the code `cancelled`."""
        self.tenant.statement.cancel()
        self.engine.connection.interrupt()

    def close(self) -> None:
        """Give up what is running and free the engine."""
        self.tenant.statement.cancel()
        self.watch.stop()
        with self.lock:
            self.unread.give_up()
            self.bindings.take_back()
            self.queries.close()
            self.engine.close()
            self.tenant.portal.call(self.tenant.drives.close())
            if self.tenant.cached is not None:
                self.tenant.cached.close()

    @contextlib.contextmanager
    def _begun(
        self, sql: str, parameters: Parameters
    ) -> Iterator[tuple[Statement, str, Parameters, Writing | None]]:
        """Begin a statement; give its state, its text in our dialect with the values for it, and its clauses where it writes."""
        self._make_room()
        self.engine.contents.forget()
        statement = self.tenant.statement = Statement()
        with self.watch.begins(statement, sql), self.errors.translated(statement, sql):
            text, values = with_place(_one(sql), parameters)
            writing = recognise(text, procedures.is_known)
            self._choose_cache(writing)
            yield statement, text, values, writing

    def _make_room(self) -> None:
        """Take an unread result out of the engine's way, and what was bound for its statement."""
        self.unread.make_room()
        self.bindings.take_back()

    def _choose_cache(self, writing: Writing | None) -> None:
        """Give the statement its view of the cache; one that writes sees nothing of it."""
        options, cached = self.write_options, self.tenant.cached
        if cached is not None:
            cached.begin("none" if writing is not None else options.cache, options.cache_ttl)

    def _read(self, text: str, parameters: Parameters, statement: Statement, *, analyzed: bool) -> Result:
        views = self._saved_views.of(text, in_transaction=self.engine.in_transaction)
        prepared = self.queries.ready(text, parameters)
        if analyzed:
            prepared = replace(prepared, sql=f"EXPLAIN ANALYZE {prepared.sql}")
        with self._saved_views.made(views):
            result = self.run(prepared, statement, limited=True)
            if views:
                result.detach()
        return result


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

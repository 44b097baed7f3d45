"""Makes queries ready to run: inlines saved queries, plans, binds what is read, computes what gives the scans their values."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from driveql.sql.bindings import Bindings
from driveql.sql.engine import Engine
from driveql.sql.engine_errors import EngineErrors
from driveql.sql.key_values import KeyValues
from driveql.sql.parameters import Parameters
from driveql.sql.planning import Prepared, prepare
from driveql.sql.saved.library import Library
from driveql.sql.saved.store import QueryStore
from driveql.sql.scope_check import ScopeCheck
from driveql.sql.tenant import Tenant

BATCH_ROWS = 8192


class Queries:
    """The queries of one session's statements.

    Parameters:
        errors: how the engine's errors are told. store: the connection's saved queries; None where it can have none.

    `saved` are the saved queries as the session sees them.
    """

    def __init__(
        self,
        engine: Engine,
        bindings: Bindings,
        tenant: Tenant,
        errors: EngineErrors,
        store: QueryStore | None,
    ) -> None:
        self._engine = engine
        self._bindings = bindings
        self._tenant = tenant
        self._errors = errors
        self._scopes = ScopeCheck(engine.connection)
        self.saved = Library(store, engine, self._values)

    def ready(self, sql: str, parameters: Parameters) -> Prepared:
        """Return a query that is part of a statement, ready to run."""
        self._engine.have_tables(sql)
        sql, parameters = self.saved.inlined(sql, parameters)
        self._engine.have_tables(sql)
        prepared = self._bound(prepare(sql, parameters))
        if not prepared.keyed.keys:
            return prepared
        try:
            self.key_values(prepared).meet()
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
            # What gives values cannot stand alone, as where it looks at the query around it.
            if self._tenant.statement.failure is not None:
                raise
            self._bindings.take_back()
            return self._bound(prepare(sql, parameters, with_keys=False))
        return prepared

    def planned(self, sql: str, parameters: Parameters) -> Prepared:
        """Return a query with what it reads bound, but its scans without the values that it would compute for them."""
        return self._bound(prepare(*self.saved.inlined(sql, parameters)))

    def key_values(self, prepared: Prepared) -> KeyValues:
        """Return what gives the scans of a planned query their values."""
        return KeyValues(self._engine, self._bindings, self._tenant, prepared)

    @contextlib.contextmanager
    def reader(self, sql: str, parameters: Parameters) -> Iterator[pa.RecordBatchReader]:
        """Give the rows of a query that is part of a statement, as they come; the engine is free again afterwards."""
        reader = self._engine.relation(self.ready(sql, parameters)).to_arrow_reader(BATCH_ROWS)
        try:
            yield reader
        finally:
            reader.close()

    def columns(self, sql: str) -> list[tuple[str, str]]:
        """Return names and types of a query's columns. It is not run; the files that it reads are looked into.

        Raises:
            DriveqlError: it cannot be planned, or what it reads is not there.
        """
        statement = self._tenant.statement
        try:
            with self._errors.translated(statement):
                self._engine.have_tables(sql)
                prepared = prepare(sql, None, with_keys=False)
                self._engine.check(prepared.sql)
                self._bindings.bind_all(prepared)
                found = self._engine.relation(prepared)
                return [(name, str(type_)) for name, type_ in zip(found.columns, found.types, strict=True)]
        finally:
            statement.forgive()
            self._engine.contents.missing.clear()
            self._bindings.take_back()

    def close(self) -> None:
        """Free what planning holds of the engine."""
        self._scopes.close()

    def _bound(self, prepared: Prepared) -> Prepared:
        self._engine.check(prepared.sql)
        self._bindings.bind_all(prepared)
        self._tenant.statement.wanted = self._scopes.check(prepared)
        return prepared

    def _values(self, sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        with self.reader(sql, parameters) as reader:
            return [tuple(row.values()) for row in reader.read_all().to_pylist()]

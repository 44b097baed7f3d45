"""What a statement reads under names that planning gave it: bound in the engine before it runs, and taken back afterwards."""

from __future__ import annotations

import contextlib
from typing import Literal

import duckdb
import pyarrow as pa

from driveql.sql import json_rows
from driveql.sql.engine import Engine
from driveql.sql.graph_call import GraphCall
from driveql.sql.graph_rows import rows_asked
from driveql.sql.parameters import Parameters
from driveql.sql.planning import Prepared
from driveql.sql.pump import interruptible
from driveql.sql.reading.resolving import Resolver, without_excerpt
from driveql.sql.reading.workbook_source import WorkbookSource
from driveql.sql.tenant import Tenant


class Bindings:
    """The names that hold for one statement: Arrow objects, temporary tables and views."""

    def __init__(self, engine: Engine, tenant: Tenant) -> None:
        self._engine = engine
        self._tenant = tenant
        self._objects: list[str] = []
        self._relations: list[str] = []

    def bind(self, name: str, value: object) -> None:
        """Give an Arrow object a name."""
        self._engine.connection.register(name, value)
        self._objects.append(name)

    def unbind(self, name: str) -> None:
        """Take the name of an Arrow object back."""
        self._engine.connection.unregister(name)
        self._objects.remove(name)

    def create(
        self, kind: Literal["TABLE", "VIEW"], name: str, query: str, parameters: Parameters = None
    ) -> None:
        """Make a temporary table or view of a query. Raises what DuckDB raises."""
        self._relations.append(name)
        self._engine.rows(f'CREATE OR REPLACE TEMP {kind} "{name}" AS {query}', parameters)

    def bind_all(self, prepared: Prepared) -> None:
        """Bind what a prepared statement reads: scans, workbooks, answers to requests, and what readers take.

        Raises:
            DriveqlError: a file or an answer is not there, or cannot be read.
        """
        for name, hinted in prepared.scans.items():
            self.bind(name, self._tenant.dataset(hinted.table, hinted.hint))
        contents = self._engine.contents
        workbooks = WorkbookSource(contents, self._tenant, local_files=self._engine.staging is None)
        for name, call in prepared.workbooks.items():
            self.bind(name, workbooks.table(call))
        for name, request in prepared.requests.items():
            self.bind(name, self._asked(request))
        resolver = Resolver(
            contents,
            self._tenant.statement,
            lambda sql: self._engine.relation(Prepared(sql, None)).fetchall(),
            self.bind,
        )
        for name, reader in prepared.readers.items():
            text = resolver.text(f"{name}_files", reader)
            with without_excerpt():
                self.create("VIEW", name, f"SELECT * FROM {text}")

    def take_back(self) -> None:
        """Take all names back."""
        for name in self._objects:
            self._engine.connection.unregister(name)
        self._objects.clear()
        for name in self._relations:
            # To drop a table as a view is an error, and an error ends a transaction.
            with contextlib.suppress(duckdb.Error):
                is_view = self._engine.rows("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [name])[1]
                kind = "VIEW" if is_view else "TABLE"
                self._engine.connection.execute(f'DROP {kind} IF EXISTS temp.main."{name}"')
        self._relations.clear()

    def _asked(self, request: GraphCall) -> pa.Table:
        answers = rows_asked(self._tenant.source, request)
        return json_rows.table_of(self._tenant.portal.call(interruptible(answers, self._tenant.statement)))

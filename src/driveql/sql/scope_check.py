"""Has every query judged before it runs, by the plan that the engine makes of it over empty tables; see `scope_judge`."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
from sqlglot import Token, TokenType

from driveql.sql.bound_plan import BoundPlan, Node
from driveql.sql.catalogue import sql_type
from driveql.sql.parameters import written_out
from driveql.sql.scope_judge import Judge, given
from driveql.sql.syntax import tokens_of
from driveql.sql.tables import DECIDING, TABLES, GraphTable

if TYPE_CHECKING:
    from driveql.sql.planning import Prepared

_CREATE = re.compile(r"^CREATE (?:TEMP(?:ORARY)? )?")
_ENDING = frozenset({"begin", "start", "commit", "end", "rollback", "abort"})
_BEFORE_BRACKETS = frozenset(
    {"values", "in", "as", "over", "and", "or", "not", "on", "by", "using", "exists", "where"}
)


def _called(tokens: Sequence[Token]) -> set[str]:
    """Return the names before a bracket that may be a macro's: listing the macros takes longer than a short statement."""
    found: set[str] = set()
    target = False  # within the name of the table of an INSERT
    for token, following in pairwise(tokens):
        quoted = token.token_type is TokenType.IDENTIFIER
        word = token.text.lower()
        if word == "into" and not quoted:
            target = True
        elif following.text == "(":
            if not target and (quoted or word not in _BEFORE_BRACKETS):
                found.add(word)
            target = False
        elif "." not in (word, following.text):
            target = False
    return found


class ScopeCheck:
    """Checks the queries of one engine, by the plans that it makes of them over empty tables."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        # A connection of its own has tables of its own under the same names, and the user's views and macros.
        self._engine = engine
        self._plans: duckdb.DuckDBPyConnection | None = None

    def check(self, prepared: Prepared) -> dict[str, frozenset[str]]:
        """Return the columns that each scan must be given values for when it begins, by its name.

        Raises:
            SqlNotSupportedError: a condition would be answered from the connection's own drive alone.
        """
        if not self._may_concern(prepared.sql):
            return {}
        tables: dict[str, GraphTable] = {name: hinted.table for name, hinted in prepared.scans.items()}
        root = self._plan(prepared, tables)
        if root is None:
            return {}
        plan = BoundPlan()
        plan.walk(root)
        judge = Judge(plan, {**TABLES, **tables}, given(prepared, self._read_by_sides(prepared)))
        judge.judge()
        return judge.wanted()

    def close(self) -> None:
        """Free what it holds."""
        if self._plans is not None:
            self._plans.close()

    def _may_concern(self, sql: str) -> bool:
        tokens = tokens_of(sql)
        words = {token.text.lower() for token in tokens}
        if tokens and tokens[0].text.lower() in _ENDING:
            return False  # also where the transaction is aborted, and the engine answers nothing else
        if words & {"create", "drop", "set", "pragma"} and not words & {"select", "from"}:
            return False
        if (
            words & (DECIDING | {"natural"})
            or "drives" in words
            or any(w.startswith("__driveql_drives") for w in words)
        ):
            return True
        sql = "SELECT 1 FROM duckdb_views() WHERE NOT internal AND NOT contains(?, '|' || view_name || '|') LIMIT 1"
        names = "|" + "|".join(TABLES) + "|"
        others = self._engine.execute(sql, [names]).fetchall()
        called = _called(tokens)
        return bool(others) or (bool(called) and not called.isdisjoint(self._macros()))

    def _macros(self) -> set[str]:
        sql = "SELECT lower(function_name) FROM duckdb_functions() WHERE NOT internal AND function_type LIKE '%macro'"
        return {row[0] for row in self._engine.execute(sql).fetchall()}

    def _plan(self, prepared: Prepared, scans: Mapping[str, GraphTable]) -> Node | None:
        if self._plans is None:
            self._plans = self._engine.cursor()
            for table in TABLES.values():
                self._shape(table.name, table)
        for name, table in scans.items():
            self._shape(name, table)
        for side in prepared.keyed.sides.values():
            if side.scan is None:
                self._view(side.name, written_out(side.query, prepared.keyed.parameters))
        text = _query_of(written_out(prepared.sql, prepared.parameters))
        found = self._serialised(text)
        if found is None:
            self._copy_unseen()
            found = self._serialised(text)
        return found

    def _read_by_sides(self, prepared: Prepared) -> dict[str, set[str]]:
        """Return the scans that each side reads which is no scan itself."""
        found: dict[str, set[str]] = {}
        for side in prepared.keyed.sides.values():
            root = None if side.scan else self._serialised(written_out(side.query, prepared.keyed.parameters))
            if root is not None:
                inner = BoundPlan()
                inner.walk(root)
                found[side.name] = set(inner.scans.values())
        return found

    def _serialised(self, text: str) -> Node | None:
        assert self._plans is not None
        sql = "SELECT json_serialize_plan(?, skip_null := true, skip_empty := true, optimize := false)"
        try:
            ((text,),) = self._plans.execute(sql, [text]).fetchall()
        except duckdb.Error:
            return None
        answer = json.loads(text)
        return None if answer.get("error") or not answer.get("plans") else answer["plans"][0]

    def _shape(self, name: str, table: GraphTable) -> None:
        assert self._plans is not None
        columns = ", ".join(f'"{column.name}" {sql_type(column.type)}' for column in table.columns)
        self._plans.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" ({columns})')

    def _view(self, name: str, query: str) -> None:
        assert self._plans is not None
        try:
            self._plans.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {query}')
        except duckdb.Error:
            return

    def _copy_unseen(self) -> None:
        """Make known what the other connection alone sees: temporary tables and views, and those of its transaction."""
        assert self._plans is not None
        rows = self._engine.execute(
            "SELECT sql FROM duckdb_tables() UNION ALL SELECT sql FROM duckdb_views()"
            " WHERE NOT internal AND NOT list_contains(?, view_name)",
            [list(TABLES)],
        ).fetchall()
        for (sql,) in rows:
            with contextlib.suppress(duckdb.Error):
                self._plans.execute(_CREATE.sub("CREATE OR REPLACE TEMP ", sql, count=1))


def _query_of(sql: str) -> str:
    """Return the query in a statement that makes a table or copies rows; any other statement as it is."""
    tokens = tokens_of(sql)
    if not tokens or tokens[0].text.upper() not in {"CREATE", "INSERT", "COPY"}:
        return sql
    start = next((t.start for t in tokens if t.text.upper() in {"WITH", "SELECT", "FROM", "VALUES"}), 0)
    return sql[start:]

"""Refuses a query whose conditions choose among drives that nobody would ask: what it left out nobody would miss.

A table whose rows hang on a drive, owner or site holds the connection's own unless values say others. A condition on such a
column that gives no values would be answered from the connection's own drive alone.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
from sqlglot import Token, TokenType

from driveql.errors import SqlNotSupportedError
from driveql.sql.bound_plan import BoundCondition, BoundPlan, Node, ScanColumn, has_columns, parts_of
from driveql.sql.catalogue import sql_type
from driveql.sql.implications import values_of
from driveql.sql.parameters import written_out
from driveql.sql.syntax import tokens_of
from driveql.sql.tables import DECIDING, TABLES, GraphTable

if TYPE_CHECKING:
    from driveql.sql.planning import Prepared

_SAME = frozenset({"COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"})
_HARMLESS = frozenset({"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"})
_CREATE = re.compile(r"^CREATE (?:TEMP(?:ORARY)? )?")
_ENDING = frozenset({"begin", "start", "commit", "end", "rollback", "abort"})
_BEFORE_BRACKETS = frozenset(
    {"values", "in", "as", "over", "and", "or", "not", "on", "by", "using", "exists", "where"}
)
Named = tuple[int, str]


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
        judge = _Judge(plan, {**TABLES, **tables}, _given(prepared, self._read_by_sides(prepared)))
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


class _Judge:
    def __init__(
        self, plan: BoundPlan, tables: Mapping[str, GraphTable], given: Mapping[str, set[str]]
    ) -> None:
        self._conditions = plan.conditions
        self._scans = plan.scans
        self._tables = tables
        self._given = given
        self._values: set[Named] = set()

    def judge(self) -> None:
        for condition in self._conditions:
            self._values |= self._finite(condition, condition.node)
        for condition in self._conditions:
            for column in self._mentions(condition, condition.node):
                if not self._is_said(column):
                    raise self._refused(column)

    def wanted(self) -> dict[str, frozenset[str]]:
        """Return what conditions give every scan of a name values for: the engine need not take them as far as the scan."""
        found: dict[str, frozenset[str]] = {}
        for scan, name in self._scans.items():
            table = self._tables.get(name)
            columns = (
                frozenset(c for c in table.scopes if (scan, c) in self._values) if table else frozenset()
            )
            if table is not None and table.name == "drives" and "owner" in columns:
                columns = frozenset({"owner"})
            found[name] = found.get(name, columns) & columns
        return found

    def _is_said(self, column: ScanColumn) -> bool:
        if column.column in self._given.get(column.table, ()):
            return True
        if (column.scan, column.column) in self._values:
            return True
        # Whoever says the owner asks for all of the owner's drives: there, the id is a value like any other.
        of_drives = self._tables[column.table].name == "drives" and column.column == "id"
        owned = (column.scan, "owner") in self._values or "owner" in self._given.get(column.table, ())
        return of_drives and owned

    def _decides(self, column: ScanColumn) -> bool:
        table = self._tables.get(column.table)
        return table is not None and column.column in table.scopes

    def _finite(self, condition: BoundCondition, node: Node) -> set[Named]:
        """Return the columns that a condition gives finitely many values."""
        kind, parts = node["type"], list(parts_of(node))
        if kind == "CONJUNCTION_AND":
            return set().union(*(self._finite(condition, part) for part in parts))
        if kind == "CONJUNCTION_OR":
            return set.intersection(*(self._finite(condition, part) for part in parts))
        if kind in _SAME or kind == "COMPARE_IN":
            columns = [condition.columns(part) for part in parts if has_columns(part)]
            if len(columns) == 1 and len(parts) > 1:
                return {(c.scan, c.column) for c in columns[0] if c.bare}
        return set()

    def _mentions(self, condition: BoundCondition, node: Node) -> Iterator[ScanColumn]:
        """Yield the deciding columns that a condition restricts otherwise than by values."""
        kind, parts = node["type"], list(parts_of(node))
        if kind in {"CONJUNCTION_AND", "CONJUNCTION_OR"}:
            for part in parts:
                yield from self._mentions(condition, part)
            return
        if kind in _HARMLESS or (kind in _SAME | {"COMPARE_IN"} and self._finite(condition, node)):
            return
        columns = [condition.columns(part) for part in parts]
        if kind in _SAME and len(columns) == 2 and self._are_linked(columns[0], columns[1]):
            return
        yield from (c for c in sorted(condition.columns(node), key=str) if self._decides(c))

    def _are_linked(self, left: frozenset[ScanColumn], right: frozenset[ScanColumn]) -> bool:
        """Return whether one side's scan got its values from the other, or both are of the connection's own drive."""
        if not all(c.bare for c in left | right) or not left or not right:
            return False
        for one, other in ((left, right), (right, left)):
            sources = {source for c in one for source in self._given.get(f"{c.table}.{c.column}", ())}
            if sources and {c.table for c in other} <= sources:
                return True
        same = len({c.column for c in left | right}) == 1 and all(map(self._decides, left | right))
        return same and not any(self._is_said(c) for c in left | right)

    def _refused(self, column: ScanColumn) -> SqlNotSupportedError:
        table, name = self._tables[column.table].name, column.column
        return SqlNotSupportedError(
            f"A condition on {table}.{name} does not say which values are wanted, so that only the connection's own would"
            " be asked and others be missing without a word.",
            hint=f"Write {name} = value, {name} IN (...), {name} IN (SELECT ...), or in the SELECT that names {table}: JOIN"
            f" {table} ON {table}.{name} = an expression over one other table. What else is to hold may stand beside it.",
        )


def _given(prepared: Prepared, read_by: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the columns of each scan that have values; under `scan.column`, the scans that gave them.

    Parameters:
        read_by: the scans that a side reads, where it is none itself.
    """
    given: dict[str, set[str]] = {}
    for name, hinted in prepared.scans.items():
        said = {c for c in hinted.table.scopes if values_of(hinted.hint.predicate, c) is not None}
        given[name] = said
    for key in prepared.keyed.keys:
        given[key.scan] |= set(key.columns[: key.needed])
        for column in key.columns[: key.needed]:
            given.setdefault(f"{key.scan}.{column}", set()).update({key.side}, read_by.get(key.side, ()))
    return given


def _query_of(sql: str) -> str:
    """Return the query in a statement that makes a table or copies rows; any other statement as it is."""
    tokens = tokens_of(sql)
    if not tokens or tokens[0].text.upper() not in {"CREATE", "INSERT", "COPY"}:
        return sql
    start = next((t.start for t in tokens if t.text.upper() in {"WITH", "SELECT", "FROM", "VALUES"}), 0)
    return sql[start:]

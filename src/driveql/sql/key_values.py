"""Computes what a statement's scans need to know before they begin, and gives it to them.

The side that gives values is read once: its rows become a temporary table, which the statement then reads in its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import duckdb

from driveql.errors import SqlNotSupportedError
from driveql.sql.bindings import Bindings
from driveql.sql.engine import Engine
from driveql.sql.key_marks import Marks, marks_of
from driveql.sql.key_queries import LIVE, KeyQuery, SideRelation
from driveql.sql.parameters import standing_alone, used_by
from driveql.sql.part_plans import EachItem
from driveql.sql.planning import Prepared
from driveql.sql.plans import Hint, MemberListing, Plan, TreeWalk
from driveql.sql.predicates import And, Compare, Never, OneOf, Or, Predicate, Value, conjunction
from driveql.sql.statement import Statement
from driveql.sql.tables.column import TEXT
from driveql.sql.tenant import Tenant

# Beyond this many values, columns that only narrow a listing are left to the engine.
MOST_NARROWING = 1000
# A file with more rows than this is not read for what only narrows a listing.
MOST_ROWS_OF_FILES = 100_000


class KeyValues:
    """The values that one statement's scans are given."""

    def __init__(self, engine: Engine, bindings: Bindings, tenant: Tenant, prepared: Prepared) -> None:
        self._engine = engine
        self._bindings = bindings
        self._tenant = tenant
        self._prepared = prepared
        self._gives: dict[str, bool] = {}
        self._known: dict[str, list[Predicate]] = {}
        self._words: dict[str, list[str]] = {}
        self._skips: set[str] = set()

    def meet(self) -> None:
        """Compute all values and bind the scans that get them.

        Raises:
            duckdb.Error: a side cannot be computed by itself.
            SqlNotSupportedError: values of another type than their column.
            DriveqlError: what went wrong when Graph was asked for a side.
        """
        keys = self._prepared.keyed.keys
        decisive = {key.side for key in keys if key.needed}
        for key in keys:
            self._tenant.statement.check()
            side = self._prepared.keyed.sides[key.side]
            if side.name not in self._gives:
                self._gives[side.name] = self._make(side, side.name in decisive)
            if self._gives[side.name]:
                self._learn(key)

    def marks(self) -> Marks:
        """Return stand-ins for the values, which are not computed; no request is sent."""
        keyed, scans = self._prepared.keyed, self._prepared.scans
        decisive = {key.side for key in keyed.keys if key.needed}
        left: set[str] = set()
        for side in keyed.sides.values():
            if side.name in decisive or side.scan is None:
                continue
            hinted = scans[side.name]
            self._bindings.bind(side.name + LIVE, self._tenant.dataset(hinted.table, hinted.hint))
            if self._is_dear(side):
                left.add(side.name)
        tables = {name: (hinted.table, hinted.hint) for name, hinted in scans.items()}
        return marks_of(keyed, tables, frozenset(left))

    def _make(self, side: SideRelation, decisive: bool) -> bool:
        """Make the relation of a side; return whether values are taken from it."""
        if side.scan is not None:
            hinted = self._prepared.scans[side.scan]
            live = self._tenant.dataset(hinted.table, self._hint(side.scan))
            self._bindings.bind(side.name + LIVE, live)
            if not decisive and self._is_dear(side):
                return False
            self._bindings.unbind(side.name)
        elif side.plain and self._is_table(side):
            self._create("VIEW", side)
            return True
        elif not decisive and not used_by(side.query, self._prepared.keyed.parameters):
            if self._is_dear(side):
                self._create("VIEW", side)
                return False
            if side.reads_files:
                # What was read is kept as blocks of the file, for the statement's own reading of it.
                self._create("VIEW", side)
                rows = self._run(f'SELECT 1 FROM "{side.name}" LIMIT {MOST_ROWS_OF_FILES + 1}')[1]
                return len(rows) <= MOST_ROWS_OF_FILES
        self._create("TABLE", side)
        return True

    def _create(self, kind: Literal["TABLE", "VIEW"], side: SideRelation) -> None:
        self._bindings.create(kind, side.name, *standing_alone(side.query, self._prepared.keyed.parameters))

    def _is_table(self, side: SideRelation) -> bool:
        name = side.query.rpartition(" FROM ")[2].partition(" AS ")[0]
        if not name.isidentifier() or side.query.startswith("WITH"):
            return False
        sql = "SELECT 1 FROM duckdb_tables() WHERE lower(table_name) = ?"
        return bool(self._engine.rows(sql, [name.lower()])[1])

    def _is_dear(self, side: SideRelation) -> bool:
        """Return whether reading a side lists more than anybody can foresee: then it is not read for a narrower listing."""
        tenant, running = self._tenant, self._tenant.statement
        dry = tenant.statement = Statement()
        tenant.dry = True
        try:
            self._run(side.query)
        except duckdb.Error:
            if dry.failure is not None:
                raise dry.failure from None
            raise
        finally:
            tenant.dry, tenant.statement = False, running
        return any(is_open_ended(record.plan) for record in dry.scans)

    def _learn(self, key: KeyQuery) -> None:
        decisive = key.needed > 0
        query = key.query if decisive else f"SELECT * FROM ({key.query}) LIMIT {MOST_NARROWING + 1}"
        types, rows = self._run(query)
        columns = key.columns
        table = self._prepared.scans[key.scan].table
        if any(table.by_name[column].type == TEXT and type_ not in {"VARCHAR", '"NULL"'}
               for column, type_ in zip(columns, types, strict=False)):  # fmt: skip
            if not decisive:
                return
            raise SqlNotSupportedError(
                f"{table.name}.{columns[0]} is compared with {key.words[0]}, which is {types[0]}, not text.",
                hint=f"Write it as text: CAST({key.words[0]} AS VARCHAR).",
            )
        if len(rows) > MOST_NARROWING:
            columns = columns[: key.needed]
        if not columns:
            return
        found = {tuple(row[: len(columns)]) for row in rows if None not in row[: len(columns)]}
        self._known.setdefault(key.scan, []).append(_one_of(columns, sorted(found)))
        self._words.setdefault(key.scan, []).append(
            f"{', '.join(columns)} = {', '.join(key.words)} ({len(found)} found)"
        )
        if decisive:
            self._skips.add(key.scan)
        hinted = self._prepared.scans[key.scan]
        self._bindings.bind(key.scan, self._tenant.dataset(hinted.table, self._hint(key.scan)))

    def _hint(self, scan: str) -> Hint:
        """Return the hint of a scan with the values it was given."""
        hint = self._prepared.scans[scan].hint
        known = self._known.get(scan, [])
        words = tuple(self._words.get(scan, ()))
        return replace(
            hint, predicate=conjunction(hint.predicate, *known), keys=words, skips=scan in self._skips
        )

    def _run(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        return self._engine.rows(*standing_alone(sql, self._prepared.keyed.parameters))


def is_open_ended(plan: Plan) -> bool:
    """Return whether a plan lists a whole tree, or asks for each item or group of a listing."""
    return any(isinstance(step, TreeWalk | EachItem) or step == MemberListing() for step in plan.steps)


def _one_of(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Predicate:
    if not rows:
        return Never()
    if len(columns) == 1:
        return OneOf(columns[0], tuple(_value(row[0]) for row in rows))
    return Or(tuple(
        And(tuple(Compare(column, "=", _value(value)) for column, value in zip(columns, row, strict=True)))
        for row in rows
    ))  # fmt: skip


def _value(value: Any) -> Value:
    return value if isinstance(value, str | int | float | bool) else str(value)

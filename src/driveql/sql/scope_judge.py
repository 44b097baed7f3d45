"""Refuses a query whose conditions choose among drives that nobody would ask: what it left out nobody would miss. Pure.

A table whose rows hang on a drive, owner or site holds the connection's own unless values say others. A condition on such a
column that gives no values would be answered from the connection's own drive alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from driveql.errors import SqlNotSupportedError
from driveql.sql.bound_plan import BoundCondition, BoundPlan, Node, ScanColumn, has_columns, parts_of
from driveql.sql.implications import values_of
from driveql.sql.tables import GraphTable

if TYPE_CHECKING:
    from driveql.sql.planning import Prepared

_SAME = frozenset({"COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"})
_HARMLESS = frozenset({"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"})
Named = tuple[int, str]


class Judge:
    """Judges one bound plan.

    Parameters:
        tables: what the names of scans stand for. given: the columns that have values already; see `given`.
    """

    def __init__(
        self, plan: BoundPlan, tables: Mapping[str, GraphTable], given: Mapping[str, set[str]]
    ) -> None:
        self._conditions = plan.conditions
        self._scans = plan.scans
        self._tables = tables
        self._given = given
        self._values: set[Named] = set()

    def judge(self) -> None:
        """Raise SqlNotSupportedError where a condition would be answered from the connection's own drive alone."""
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


def given(prepared: Prepared, read_by: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the columns of each scan that have values; under `scan.column`, the scans that gave them.

    Parameters:
        read_by: the scans that a side reads, where it is none itself.
    """
    found: dict[str, set[str]] = {}
    for name, hinted in prepared.scans.items():
        said = {c for c in hinted.table.scopes if values_of(hinted.hint.predicate, c) is not None}
        found[name] = said
    for key in prepared.keyed.keys:
        found[key.scan] |= set(key.columns[: key.needed])
        for column in key.columns[: key.needed]:
            found.setdefault(f"{key.scan}.{column}", set()).update({key.side}, read_by.get(key.side, ()))
    return found

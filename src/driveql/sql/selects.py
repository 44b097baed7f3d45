"""The FROM, JOIN and WHERE of one SELECT: its sources, and the conditions that hold for every row that comes of it. Pure.

A SELECT with a join other than INNER, CROSS, SEMI and LEFT is not read: there, what a condition excludes is not simply absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from driveql.sql.tables import TABLES, GraphTable

_INNER = frozenset({"", "INNER", "CROSS", "SEMI"})
_ODD = ("sample", "pivots", "joins", "laterals", "when", "version", "ordinality")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One thing that a SELECT reads.

    Parameters:
        alias: its name in the SELECT, in lower case. table: the table of Graph objects, where it is one.
        nullable: a LEFT JOIN may give it a row of NULLs. common: it is a common table expression.
    """

    alias: str
    node: exp.Table | exp.Subquery | exp.Values
    table: GraphTable | None
    nullable: bool
    common: Scope | None = None

    @property
    def rank(self) -> int:
        """How far the source is from where a tenant begins: what contains comes before what is contained."""
        if self.table is None or not self.table.scopes:
            return 0
        return {"drives": 1, "lists": 2, "items": 3, "files": 3, "folders": 3}.get(self.table.name, 4)


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of WHERE or ON. `only` is the source that it narrows, where it is the ON of a LEFT JOIN; else it narrows all."""

    node: exp.Expr
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a SELECT. `sources` are in the order of FROM."""

    select: exp.Select
    sources: dict[str, Source]
    conditions: tuple[Condition, ...]

    def source_of(self, column: exp.Column) -> Source | None:
        """Return the source that a column belongs to, None where that is not certain."""
        if column.args.get("db"):
            return None
        if column.table:
            return self.sources.get(column.table.lower())
        if len(self.sources) == 1:
            return next(iter(self.sources.values()))
        if any(source.table is None for source in self.sources.values()):
            return None
        name = column.name.lower()
        having = [s for s in self.sources.values() if s.table is not None and name in s.table.by_name]
        return having[0] if len(having) == 1 else None


def graph_table(node: exp.Expr) -> GraphTable | None:
    """Return the table of Graph objects that a table node names."""
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier) or node.args.get("db"):
        return None
    return TABLES.get(node.this.name.lower())


def read(scope: Scope) -> Reading | None:
    """Return the reading of a scope's SELECT, None where it has a form that is not read."""
    select = scope.expression
    from_ = select.args.get("from_") if isinstance(select, exp.Select) else None
    if not isinstance(select, exp.Select) or from_ is None or select.args.get("laterals"):
        return None
    sources: dict[str, Source] = {}
    conditions: list[Condition] = []
    for node, join in ((from_.this, None), *((j.this, j) for j in select.args.get("joins") or ())):
        source = _source(node, join, scope)
        if source is None or source.alias in sources:
            return None
        sources[source.alias] = source
        if join is not None:
            using = join.args.get("using") or ()
            if using and len(sources) != 2:
                return None
            first = next(iter(sources))
            parts = [*_conjuncts(join.args.get("on")), *(_equal(name, first, source.alias) for name in using)]
            conditions += [Condition(part, source.alias if source.nullable else None) for part in parts]
    where = select.args.get("where")
    conditions += [Condition(part) for part in _conjuncts(where.this if where is not None else None)]
    return Reading(select, sources, tuple(conditions))


def _source(node: exp.Expr, join: exp.Join | None, scope: Scope) -> Source | None:
    if not isinstance(node, exp.Table | exp.Subquery | exp.Values) or any(node.args.get(key) for key in _ODD):
        return None
    nullable = False
    if join is not None:
        side, kind = str(join.side or "").upper(), str(join.kind or "").upper()
        nullable = side == "LEFT" and kind in {"", "OUTER"}
        if join.args.get("method") or not (nullable or (not side and kind in _INNER)):
            return None
    alias = node.alias_or_name.lower()
    found = scope.sources.get(node.alias_or_name)
    common = found if isinstance(node, exp.Table) and isinstance(found, Scope) else None
    # Columns that the alias names anew are other columns than the table's of those names.
    table = None if common or node.alias_column_names else graph_table(node)
    return Source(alias, node, table, nullable, common) if alias else None


def _conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    if node is None:
        return
    node = node.unnest()
    if isinstance(node, exp.And):
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    else:
        yield node


def _equal(name: exp.Expr, left: str, right: str) -> exp.EQ:
    return exp.EQ(this=exp.column(name.copy(), table=left), expression=exp.column(name.copy(), table=right))

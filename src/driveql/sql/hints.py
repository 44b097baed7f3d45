"""What a SELECT says about its tables that DuckDB does not push into a scan: LIKE prefixes, bare flags, LIMIT. Pure.

A hint only narrows what is asked of Graph. It must hold for every row the statement can use: a conjunct of the WHERE clause of
the very SELECT that names the table does, since it is never true for a row it excludes, whatever the joins are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from driveql.sql.plans import Hint
from driveql.sql.predicates import And, Compare, OneOf, Or, Predicate, StartsWith, Unknown, conjunction
from driveql.sql.tables import TABLES, GraphTable
from driveql.sql.tables.column import BOOLEAN

# Clauses of a SELECT that neither remove nor combine rows.
_HARMLESS = frozenset({"expressions", "from_", "limit", "offset", "with_", "kind", "hint"})
_ROW_BY_ROW = (
    exp.Column,
    exp.Identifier,
    exp.Star,
    exp.Alias,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.Cast,
    exp.DataType,
    exp.Lower,
    exp.Upper,
    exp.Coalesce,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.DPipe,
)


@dataclass(frozen=True, slots=True)
class HintedTable:
    """A table reference with its hint. `start` and `end` (exclusive) are its name's place in the text."""

    table: GraphTable
    hint: Hint
    start: int
    end: int
    alias: str | None


def hints_of(tree: exp.Expression) -> list[HintedTable]:
    """Return the table references of a query about which it says more than DuckDB will push."""
    try:
        scopes = traverse_scope(tree)
    except (SqlglotError, RecursionError):
        return []
    found: list[HintedTable] = []
    for scope in scopes:
        if isinstance(scope.expression, exp.Select):
            found.extend(_in_select(scope, scope.expression))
    return found


def graph_table(node: exp.Expr) -> GraphTable | None:
    """Return the table of Graph objects that a table node names."""
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier) or node.args.get("db"):
        return None
    return TABLES.get(node.this.name.lower())


def _in_select(scope: Scope, select: exp.Select) -> Iterator[HintedTable]:
    sources = scope.selected_sources
    limit = _limit(select) if len(sources) == 1 else None
    for name, (node, source) in sources.items():
        table = graph_table(source) if isinstance(source, exp.Table) else None
        if table is None or not isinstance(source, exp.Table) or not _is_plain(source):
            continue
        meta = source.this.meta
        if "start" not in meta:
            continue
        predicate = conjunction(*_conjuncts(select, table, name, alone=len(sources) == 1))
        hint = Hint(predicate, limit)
        if hint != Hint():
            alias = node.alias or None
            yield HintedTable(table, hint, meta["start"], meta["end"] + 1, alias)


def _is_plain(source: exp.Table) -> bool:
    return not any(
        source.args.get(key) for key in ("sample", "pivots", "joins", "laterals", "when", "version")
    )


def _limit(select: exp.Select) -> int | None:
    """Return how many rows the SELECT reads of its only table, where nothing else decides that."""
    limit, offset = select.args.get("limit"), select.args.get("offset")
    if not isinstance(limit, exp.Limit) or any(
        value for key, value in select.args.items() if key not in _HARMLESS
    ):
        return None
    if any(
        not isinstance(node, _ROW_BY_ROW) for expression in select.expressions for node in expression.walk()
    ):
        return None
    rows = _whole_number(limit.expression)
    skipped = _whole_number(offset.expression) if isinstance(offset, exp.Offset) else 0
    others = any(value for key, value in limit.args.items() if key != "expression")
    return None if rows is None or skipped is None or others else rows + skipped


def _whole_number(node: exp.Expr | None) -> int | None:
    return (
        int(node.this)
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()
        else None
    )


def _conjuncts(select: exp.Select, table: GraphTable, alias: str, *, alone: bool) -> Iterator[Predicate]:
    where = select.args.get("where")
    if where is None:
        return
    parts = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    for part in parts:
        predicate = _read(part, table, alias, alone=alone)
        if _is_news(predicate):
            yield predicate


def _is_news(predicate: Predicate) -> bool:
    """Return True for what DuckDB does not push by itself and what is worth knowing."""
    match predicate:
        case StartsWith():
            return True
        case Compare(_, "=", bool()):
            return True
        case Or(parts):
            return all(not isinstance(part, Unknown) for part in parts)
        case _:
            return False


def _read(node: exp.Expr, table: GraphTable, alias: str, *, alone: bool) -> Predicate:
    def inner(part: exp.Expr) -> Predicate:
        return _read(part, table, alias, alone=alone)

    node = node.unnest()
    if isinstance(node, exp.Or):
        return Or((inner(node.left), inner(node.right)))
    if isinstance(node, exp.And):
        return And((inner(node.left), inner(node.right)))
    column = _column(node if isinstance(node, exp.Column) else node.this, table, alias, alone=alone)
    # Anything more than operator and operands, such as the negation in NOT LIKE, changes what it says.
    more = not isinstance(node, exp.Column) and set(_given(node)) - {"this", "expression", "expressions"}
    if column is None or more:
        return Unknown()
    if isinstance(node, exp.Column):
        return Compare(column, "=", True) if table.by_name[column].type == BOOLEAN else Unknown()
    if isinstance(node, exp.Not):
        return Compare(column, "=", False) if table.by_name[column].type == BOOLEAN else Unknown()
    if isinstance(node, exp.In):
        values = [_text(option) for option in node.expressions]
        return OneOf(column, tuple(v for v in values if v is not None)) if None not in values else Unknown()
    text = _text(node.args.get("expression"))
    if text is None:
        return Unknown()
    if isinstance(node, exp.EQ):
        return Compare(column, "=", text)
    if isinstance(node, exp.StartsWith):
        return StartsWith(column, text) if text else Unknown()
    return _like(column, text) if type(node) is exp.Like else Unknown()


def _given(node: exp.Expr) -> Iterator[str]:
    return (key for key, value in node.args.items() if value)


def _like(column: str, pattern: str) -> Predicate:
    ends = [index for mark in "%_" if (index := pattern.find(mark)) >= 0]
    if not ends:
        return Compare(column, "=", pattern)
    return StartsWith(column, pattern[: min(ends)]) if min(ends) > 0 else Unknown()


def _text(node: exp.Expr | None) -> str | None:
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def _column(node: object, table: GraphTable, alias: str, *, alone: bool) -> str | None:
    if not isinstance(node, exp.Column) or node.args.get("db"):
        return None
    if not (node.table.lower() == alias.lower() if node.table else alone):
        return None
    name = node.name.lower()
    return name if name in table.by_name else None

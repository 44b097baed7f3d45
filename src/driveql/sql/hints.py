"""What a SELECT says about its tables that DuckDB does not push into a scan: LIKE prefixes, bare flags, LIMIT. Pure.

A hint only narrows what is asked of Graph. It must hold for every row the statement can use: a conjunct of the WHERE clause of
the very SELECT that names the table does, since it is never true for a row it excludes, whatever the joins are.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from driveql.sql.conjuncts import Conjuncts
from driveql.sql.parameters import Parameters, value_of
from driveql.sql.plans import Hint
from driveql.sql.predicates import conjunction
from driveql.sql.selects import graph_table
from driveql.sql.tables import GraphTable

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


def hints_of(
    tree: exp.Expression, parameters: Parameters = None, always: Container[int] = (), *, apart: bool = False
) -> list[HintedTable]:
    """Return the table references of a query about which it says more than DuckDB will push.

    Parameters:
        always: places of table names that are returned whatever is said about them.
        apart: tables whose rows hang on a drive, owner or site are returned too, to be told from each other.
    """
    try:
        scopes = traverse_scope(tree)
    except (SqlglotError, RecursionError):
        return []
    found: list[HintedTable] = []
    for scope in scopes:
        if isinstance(scope.expression, exp.Select):
            found.extend(_in_select(scope, scope.expression, parameters, always, apart))
    return found


def _in_select(
    scope: Scope, select: exp.Select, parameters: Parameters, always: Container[int], apart: bool
) -> Iterator[HintedTable]:
    # Not `selected_sources`, which leaves out the right sides of SEMI and ANTI joins.
    sources = {name: (node, scope.sources[name]) for name, node in scope.references if name in scope.sources}
    limit = _limit(select, parameters) if len(sources) == 1 else None
    for name, (node, source) in sources.items():
        table = graph_table(source) if isinstance(source, exp.Table) else None
        if table is None or not isinstance(source, exp.Table) or not _is_plain(source):
            continue
        meta = source.this.meta
        if "start" not in meta:
            continue
        about = Conjuncts(table, name, len(sources) == 1, parameters)
        # Columns that the alias names anew are other columns than the table's of those names.
        said = () if node.alias_column_names else about.of(select)
        hint = Hint(conjunction(*said), limit)
        if hint != Hint() or meta["start"] in always or (apart and table.scopes):
            alias = node.alias or None
            yield HintedTable(table, hint, meta["start"], meta["end"] + 1, alias)


def _is_plain(source: exp.Table) -> bool:
    return not any(
        source.args.get(key) for key in ("sample", "pivots", "joins", "laterals", "when", "version")
    )


def _limit(select: exp.Select, parameters: Parameters) -> int | None:
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
    rows = _whole_number(limit.expression, parameters)
    skipped = _whole_number(offset.expression, parameters) if isinstance(offset, exp.Offset) else 0
    others = any(value for key, value in limit.args.items() if key != "expression")
    return None if rows is None or skipped is None or others else rows + skipped


def _whole_number(node: exp.Expr | None, parameters: Parameters) -> int | None:
    value = value_of(node, parameters)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return (
        int(node.this)
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()
        else None
    )

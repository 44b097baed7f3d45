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

from driveql.sql.parameters import Parameters, value_of
from driveql.sql.plans import Hint
from driveql.sql.predicates import (
    And,
    Compare,
    IsNull,
    OneOf,
    Or,
    Predicate,
    StartsWith,
    Unknown,
    conjunction,
)
from driveql.sql.selects import graph_table
from driveql.sql.tables import GraphTable
from driveql.sql.tables.column import BOOLEAN, TEXT

# Alternations of AND and OR beyond this many say nothing that would save a request.
_DEEPEST = 40
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
        about = _About(table, name, len(sources) == 1, parameters)
        # Columns that the alias names anew are other columns than the table's of those names.
        said = () if node.alias_column_names else about.conjuncts(select)
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


def _is_news(predicate: Predicate) -> bool:
    """Return True for what DuckDB does not push by itself and what is worth knowing."""
    match predicate:
        case StartsWith():
            return True
        case Compare(_, "=", _):
            return True
        case OneOf():
            return True
        case Or(parts):
            return all(_is_known(part) for part in parts)
        case _:
            return False


def _is_known(predicate: Predicate) -> bool:
    match predicate:
        case And(parts):
            return any(_is_known(part) for part in parts)
        case Or(parts):
            return all(_is_known(part) for part in parts)
        case _:
            return not isinstance(predicate, Unknown)


class _About:
    """Reads what a SELECT says about one of its tables."""

    def __init__(self, table: GraphTable, alias: str, alone: bool, parameters: Parameters) -> None:
        self._table, self._alias, self._alone, self._parameters = table, alias, alone, parameters

    def conjuncts(self, select: exp.Select) -> Iterator[Predicate]:
        """Yield the conjuncts of WHERE that DuckDB does not push."""
        where = select.args.get("where")
        if where is None:
            return
        parts = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
        for part in parts:
            predicate = self._read(part)
            if _is_news(predicate) and not self._is_pushed(part, predicate):
                yield predicate

    def _is_pushed(self, node: exp.Expr, predicate: Predicate) -> bool:
        """Return True for what DuckDB pushes by itself, where it stands below no outer join: a column compared with literals.

        What decides which drives are asked is not left to that.
        """
        decides = isinstance(predicate, Compare | OneOf) and predicate.column in self._table.scopes
        return isinstance(node.unnest(), exp.EQ | exp.In) and not decides

    def _read(self, node: exp.Expr, depth: int = 0) -> Predicate:
        node = node.unnest()
        if isinstance(node, exp.Or | exp.And):
            if depth == _DEEPEST:
                return Unknown()
            parts = tuple(self._read(part, depth + 1) for part in node.flatten())
            return Or(parts) if isinstance(node, exp.Or) else And(parts)
        column = self._column(node if isinstance(node, exp.Column) else node.this)
        if column is None or _says_more(node):
            return self._escaped(node)
        if isinstance(node, exp.Column):
            return self._flag(column, value=True)
        if isinstance(node, exp.Not):
            return self._flag(column, value=False)
        if isinstance(node, exp.Is):
            return IsNull(column) if isinstance(node.expression, exp.Null) else Unknown()
        if self._table.by_name[column].type != TEXT:
            return Unknown()
        if isinstance(node, exp.In):
            values = [self._text(option) for option in node.expressions if not isinstance(option, exp.Null)]
            known = tuple(v for v in values if v is not None)
            return OneOf(column, known) if len(known) == len(values) else Unknown()
        text = self._text(node.args.get("expression"))
        if text is None:
            return Unknown()
        if isinstance(node, exp.EQ | exp.NullSafeEQ):
            return Compare(column, "=", text)
        if isinstance(node, exp.StartsWith):
            return StartsWith(column, text) if text else Unknown()
        return _like(column, text, "") if type(node) is exp.Like else Unknown()

    def _escaped(self, node: exp.Expr) -> Predicate:
        """Read `column LIKE pattern ESCAPE character`."""
        inner = node.this
        if not isinstance(node, exp.Escape) or type(inner) is not exp.Like or _says_more(inner):
            return Unknown()
        column, pattern = self._column(inner.this), self._text(inner.args.get("expression"))
        escape = self._text(node.expression)
        if column is None or pattern is None or escape is None or len(escape) != 1:
            return Unknown()
        return _like(column, pattern, escape)

    def _flag(self, column: str, *, value: bool) -> Predicate:
        return Compare(column, "=", value) if self._table.by_name[column].type == BOOLEAN else Unknown()

    def _text(self, node: exp.Expr | None) -> str | None:
        """Return a text that is the same for every row: a literal, a parameter, or such texts joined by ||."""
        if isinstance(node, exp.Literal) and node.is_string:
            return str(node.this)
        if isinstance(node, exp.Paren):
            return self._text(node.this)
        if isinstance(node, exp.DPipe):
            left, right = self._text(node.left), self._text(node.right)
            return left + right if left is not None and right is not None else None
        value = value_of(node, self._parameters)
        return value if isinstance(value, str) else None

    def _column(self, node: object) -> str | None:
        if not isinstance(node, exp.Column) or node.args.get("db"):
            return None
        if not (node.table.lower() == self._alias.lower() if node.table else self._alone):
            return None
        name = node.name.lower()
        return name if name in self._table.by_name else None


def _says_more(node: exp.Expr) -> bool:
    """Return whether there is more than operator and operands, such as the negation in NOT LIKE, which changes what it says."""
    given = {key for key, value in node.args.items() if value}
    return not isinstance(node, exp.Column) and bool(given - {"this", "expression", "expressions"})


def _like(column: str, pattern: str, escape: str) -> Predicate:
    """Return what `LIKE` says: equality, or the text before the first wildcard."""
    prefix: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            following = next(characters, None)
            if following is None:
                return Unknown()
            prefix.append(following)
        elif character in "%_":
            return StartsWith(column, "".join(prefix)) if prefix else Unknown()
        else:
            prefix.append(character)
    return Compare(column, "=", "".join(prefix))

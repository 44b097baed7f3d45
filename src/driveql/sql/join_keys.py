"""Which columns of Graph tables get their values from the rest of a statement: joins, IN (SELECT ...), scalar subqueries. Pure.

`d.owner = '/users/' || u.user_principal_name` says which drives are wanted, once the users are known. A demand names the column,
the expression and the side that gives its values; who runs the statement computes them first. A demand only ever narrows: what it
leaves out can be in no row of the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokenizer_core import Token

from driveql.sql import selects
from driveql.sql.key_expressions import STRICT, is_readable, own_conditions, placed_subquery, references
from driveql.sql.selects import Condition, Reading, Source
from driveql.sql.sides import Side, needed_columns, side_of_query, side_of_source
from driveql.sql.syntax import DIALECT
from driveql.sql.tables import GraphTable, Takes

# Tables of which a plain listing costs a request for each folder, item or group, or more pages than anybody can foresee.
DEAR = frozenset({"items", "files", "folders", "permissions", "versions", "group_members"})


@dataclass(frozen=True, slots=True)
class Demand:
    """Values that a scan needs before it begins.

    Parameters:
        start: where the scanned table's name stands in the text. columns: its columns that get values.
        expressions: what gives them, in SQL over `side`. needed: how many of the columns decide which drives are meant.
    """

    start: int
    columns: tuple[str, ...]
    expressions: tuple[str, ...]
    side: Side
    needed: int


@dataclass(frozen=True, slots=True)
class _Equation:
    target: Source
    column: str
    value: exp.Expr
    gives: str | None
    query: exp.Expr | None = None

    @property
    def decides(self) -> bool:
        return self.target.table is not None and self.column in self.target.table.scopes


def demands_of(tree: exp.Expression, tokens: Sequence[Token], sql: str) -> list[Demand]:
    """Return the demands of a statement, those of inner queries first."""
    try:
        scopes = traverse_scope(tree)
    except (SqlglotError, RecursionError):
        return []
    found: list[Demand] = []
    for scope in scopes:
        reading = selects.read(scope)
        if reading is not None:
            found += _Select(tree, tokens, sql, reading).demands()
    return found


class _Select:
    def __init__(self, tree: exp.Expression, tokens: Sequence[Token], sql: str, reading: Reading) -> None:
        self._tree, self._tokens, self._sql = tree, tokens, sql
        self._reading = reading
        self._before: dict[str, set[str]] = defaultdict(set)
        self._equations = [equation for condition in reading.conditions for equation in self._read(condition)]

    def demands(self) -> list[Demand]:
        """Return the demands of the SELECT, in an order in which they can be met."""
        chosen = self._chosen()
        grouped: dict[tuple[str, str | int], list[_Equation]] = {}
        for equation in chosen:
            key = (equation.target.alias, equation.gives or id(equation))
            grouped.setdefault(key, []).append(equation)
        order = {alias: number for number, alias in enumerate(self._order)}
        groups = sorted(grouped.values(), key=lambda group: order[group[0].target.alias])
        return [demand for group in groups if (demand := self._demand(group)) is not None]

    def _chosen(self) -> list[_Equation]:
        """Return the equations that give values, so that no two tables wait for each other."""
        chosen: list[_Equation] = []
        self._order: list[str] = []
        waiting = dict(self._reading.sources)
        while waiting:
            ready = {alias: self._met(source, waiting) for alias, source in waiting.items()}
            alias = min(waiting, key=lambda alias: self._turn(waiting[alias], ready[alias], waiting))
            source = waiting.pop(alias)
            met = self._met(source, waiting)
            chosen += [e for e in met if e.decides or _worthwhile(e, self._reading)]
            self._order.append(alias)
        return chosen

    def _met(self, source: Source, waiting: dict[str, Source]) -> list[_Equation]:
        return [
            equation
            for equation in self._equations
            if equation.target is source and (equation.gives is None or equation.gives not in waiting)
            and equation.gives != source.alias
        ]  # fmt: skip

    def _turn(self, source: Source, met: list[_Equation], waiting: dict[str, Source]) -> tuple[int, int, int]:
        """Order what comes next: what waits for nothing, then what is said which drives it is of, then the widest."""
        table = source.table
        if table is None or not table.scopes or self._said(source):
            unmet = sum(
                1 for equation in self._equations
                if equation.target is source and equation.gives in waiting and equation.gives != source.alias
            )  # fmt: skip
            dear = table is not None and table.name in DEAR
            return (0, unmet if dear else 0, source.rank)
        if any(equation.decides for equation in met):
            return (1, source.rank, 0)
        asked = any(e.decides and e.target is source and e.gives in waiting for e in self._equations)
        return (3 if asked else 2, source.rank, 0)

    def _said(self, source: Source) -> bool:
        """Return whether constants say which drives a source is of."""
        assert source.table is not None
        for condition in self._reading.conditions:
            node = condition.node
            if condition.only not in {None, source.alias} or not isinstance(node, exp.EQ | exp.In):
                continue
            for column, others in _sides_of(node):
                values = others if others is not None else [node.args["query"]]
                if (
                    self._reading.source_of(column) is source
                    and column.name.lower() in source.table.scopes
                    and not any(list(value.find_all(exp.Column, exp.Query)) for value in values)
                ):
                    return True
        return False

    def _read(self, condition: Condition) -> Iterator[_Equation]:
        node = condition.node
        if not isinstance(node, exp.EQ | exp.In) or (isinstance(node, exp.In) and node.args.get("unnest")):
            return
        for column, others in _sides_of(node):
            target = self._reading.source_of(column)
            name = column.name.lower()
            if (
                target is None
                or not _takes_values(target.table, name)
                or condition.only not in {None, target.alias}
            ):
                continue
            if others is None:
                query = node.args["query"]
                yield _Equation(target, name, query, None, query)
            elif len(others) == 1:
                yield from self._equal(target, name, others[0])

    def _equal(self, target: Source, name: str, value: exp.Expr) -> Iterator[_Equation]:
        subqueries = list(value.find_all(exp.Subquery, exp.Query))
        given = references(value, self._reading)
        if subqueries:
            if len(subqueries) <= 2 and not given:
                yield _Equation(target, name, value, None, subqueries[0])
            return
        if given is None or len(given) != 1 or not is_readable(value):
            return
        (gives,) = given
        if self._reading.sources[gives].nullable and not all(isinstance(n, STRICT) for n in value.walk()):
            return
        yield _Equation(target, name, value, gives)

    def _demand(self, group: list[_Equation]) -> Demand | None:
        group = sorted(group, key=lambda equation: not equation.decides)
        first = group[0]
        meta = first.target.node.this.meta
        if "start" not in meta:
            return None
        if first.query is not None:
            side = side_of_query(first.query, self._tree, self._tokens, self._sql)
            texts: tuple[str, ...] = ()
            if side is not None:
                texts = (placed_subquery(first.value, first.query, side.name),)
        else:
            source = self._reading.sources[first.gives or ""]
            side = self._side(source)
            texts = tuple(equation.value.sql(DIALECT) for equation in group)
        if side is None:
            return None
        columns = tuple(equation.column for equation in group)
        return Demand(meta["start"], columns, texts, side, sum(e.decides for e in group))

    def _side(self, source: Source) -> Side | None:
        where = None if source.nullable else own_conditions(self._reading, source)
        columns = needed_columns(self._tree, source) if source.table is not None else None
        return side_of_source(source, where, columns, self._tree, self._tokens)


def _sides_of(node: exp.Expr) -> Iterator[tuple[exp.Column, list[exp.Expr] | None]]:
    """Yield each column of a comparison with what it is compared with; None for a query."""
    if isinstance(node, exp.In):
        if isinstance(node.this, exp.Column):
            yield node.this, (None if node.args.get("query") else list(node.expressions))
        return
    left, right = node.this.unnest(), node.expression.unnest()
    if isinstance(left, exp.Column):
        yield left, [right]
    if isinstance(right, exp.Column):
        yield right, [left]


def _takes_values(table: GraphTable | None, column: str) -> bool:
    declared = table.by_name.get(column) if table is not None else None
    return declared is not None and Takes.EQUAL in declared.takes


def _worthwhile(equation: _Equation, reading: Reading) -> bool:
    """Return whether values of a column that is only narrowed may cost less than a listing of everything."""
    gives = reading.sources[equation.gives].table if equation.gives is not None else None
    assert equation.target.table is not None
    if equation.target.table.name in DEAR:
        return True
    return gives is None

"""The sides of joins that give values, and their places in the text, where a relation of the same rows takes over. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from driveql.sql.selects import Source, graph_table
from driveql.sql.syntax import closing, tree_of
from driveql.sql.tables import GraphTable

SIDE = "__driveql_side_"


@dataclass(frozen=True, slots=True)
class Side:
    """What gives values.

    Parameters:
        start, end: its place in the text, `end` exclusive, without its alias. alias: its name in the SELECT.
        table: the table of Graph objects, where it is one; then its relation has the name of its scan.
        columns: those of the table that the statement uses. where: the conditions that concern it alone.
        query: it is a subquery of an expression. named: its alias is written in the text.
        common: common table expressions are within its reach. renamed: the names that its alias gives its columns.
    """

    start: int
    end: int
    alias: str
    table: GraphTable | None = None
    columns: tuple[str, ...] | None = None
    where: str | None = None
    query: bool = False
    named: bool = True
    common: bool = False
    renamed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The relation's name, where it is no scan."""
        return f"{SIDE}{self.start}"


def needed_columns(tree: exp.Expression, source: Source) -> tuple[str, ...]:
    """Return the columns of a Graph table that a statement may use."""
    assert source.table is not None
    every = tuple(source.table.by_name)
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            return every
    for join in tree.find_all(exp.Join):
        if join.args.get("method"):
            return every
    used = {name.name.lower() for name in tree.find_all(exp.Identifier)}
    if source.alias in {column.name.lower() for column in tree.find_all(exp.Column) if not column.table}:
        return every
    return tuple(name for name in every if name in used) or every[:1]


def side_of_source(
    source: Source,
    where: str | None,
    columns: tuple[str, ...] | None,
    tree: exp.Expression,
    tokens: Sequence[Token],
) -> Side | None:
    """Return the side that a source is; None where its place in the text or what it reads cannot be told."""
    node = source.node
    named = bool(node.alias)
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
        places = [part.meta for part in parts]
        if not all("start" in place for place in places) or node.args["this"].meta.get("end") is None:
            return None
        start, end = min(place["start"] for place in places), max(place["end"] for place in places) + 1
    else:
        found = _before_alias(node, tokens)
        if found is None:
            return None
        start, end = found
    alias = node.args.get("alias")
    renamed = tuple(column.name for column in alias.args.get("columns") or ()) if alias is not None else ()
    if renamed and graph_table(node) is not None:
        return None
    reach = _reach(node, source, tree)
    if reach is None:
        return None
    return Side(
        start, end, source.alias, source.table, columns, where, named=named, common=reach, renamed=renamed
    )


def side_of_query(query: exp.Expr, tree: exp.Expression, tokens: Sequence[Token], sql: str) -> Side | None:
    """Return the side that a subquery of an expression is, found by its text; the place is between its parentheses."""
    wanted = query.this if isinstance(query, exp.Subquery) else query
    reach = _reach(query, None, tree)
    if reach is None:
        return None
    all_tokens = list(tokens)
    for index, token in enumerate(all_tokens[:-1]):
        if token.token_type is not TokenType.L_PAREN or all_tokens[index + 1].text.upper() not in _QUERIES:
            continue
        end = closing(all_tokens, index)
        if end is None:
            continue
        inner = sql[token.end + 1 : all_tokens[end].start]
        if tree_of(inner) == wanted:
            return Side(token.end + 1, all_tokens[end].start, "", query=True, common=reach)
    return None


_QUERIES = frozenset({"SELECT", "FROM", "WITH", "VALUES"})


def _opening(tokens: Sequence[Token], end: int) -> int | None:
    """Return the index of the parenthesis that the one at `end` closes; None where it is missing."""
    depth = 0
    for index in range(end, -1, -1):
        kind = tokens[index].token_type
        depth += (kind is TokenType.R_PAREN) - (kind is TokenType.L_PAREN)
        if not depth:
            return index
    return None


def _before_alias(node: exp.Expr, tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return the place of a derived table or table function, which stands before its alias and ends with a parenthesis."""
    alias = node.args.get("alias")
    meta = alias.this.meta if alias is not None and isinstance(alias.this, exp.Identifier) else {}
    if "start" not in meta:
        return None
    last = next((index for index, token in enumerate(tokens) if token.start == meta["start"]), 0) - 1
    if last >= 0 and tokens[last].token_type is TokenType.ALIAS:
        last -= 1
    if last < 0 or tokens[last].token_type is not TokenType.R_PAREN:
        return None
    first = _opening(tokens, last)
    if first is None:
        return None
    if isinstance(node, exp.Table):
        first -= 1
    return tokens[first].start, tokens[last].end + 1


def _reach(node: exp.Expr, source: Source | None, tree: exp.Expression) -> bool | None:
    """Return whether a side may read the statement's common table expressions; None where it may read those of a query in it."""
    outer = tree.args.get("with_") if isinstance(tree, exp.Query) else None
    if isinstance(tree, exp.Create) and isinstance(tree.expression, exp.Query):
        outer = outer or tree.expression.args.get("with_")
    inside = {id(part) for part in node.walk()}
    others = [found for found in tree.find_all(exp.With) if found is not outer and id(found) not in inside]
    plain = source is not None and source.table is not None
    if others and not plain:
        return None
    return outer is not None and not plain

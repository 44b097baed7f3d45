"""Expressions and conditions that can be said again in a query of driveql's own, with the same meaning. Pure."""

from __future__ import annotations

from sqlglot import exp

from driveql.sql.selects import Reading, Source
from driveql.sql.syntax import DIALECT

# What is NULL where an operand is NULL.
STRICT = (
    exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.DPipe, exp.Cast, exp.DataType, exp.Lower, exp.Upper, exp.Substring,
    exp.Trim, exp.Placeholder, exp.Add, exp.Sub,
)  # fmt: skip
# What sqlglot writes as it read it.
_WRITTEN_AS_READ = (
    *STRICT,
    exp.Concat, exp.Coalesce, exp.Boolean, exp.Null, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike,
    exp.In, exp.And, exp.Or, exp.Not, exp.Is, exp.Between, exp.StartsWith, exp.Tuple, exp.Escape,
)  # fmt: skip


def is_readable(node: exp.Expr) -> bool:
    """Return whether an expression can be written anew with the same meaning."""
    return all(isinstance(part, _WRITTEN_AS_READ) for part in node.walk())


def references(node: exp.Expr, reading: Reading) -> set[str] | None:
    """Return the sources whose columns an expression looks at, outside of its subqueries; None where that is not certain."""
    found: set[str] = set()
    inner = {id(part) for query in node.find_all(exp.Query) for part in query.walk()}
    for column in node.find_all(exp.Column):
        if id(column) in inner:
            continue
        source = reading.source_of(column)
        if source is None:
            return None
        found.add(source.alias)
    return found


def own_conditions(reading: Reading, source: Source) -> str | None:
    """Return the conditions of a SELECT that are about one source alone, as SQL."""
    kept = [
        condition.node.sql(DIALECT)
        for condition in reading.conditions
        if condition.only is None
        and is_readable(condition.node)
        and references(condition.node, reading) == {source.alias}
    ]
    return " AND ".join(f"({text})" for text in kept) or None


def placed_subquery(value: exp.Expr, query: exp.Expr, name: str) -> str:
    """Return an expression with its subquery replaced by one that reads the relation `name`."""
    replaced = f'(SELECT * FROM "{name}")'
    if value is query:
        return "*"
    whole = value.copy()
    inner = next(part for part in whole.walk() if isinstance(part, exp.Query | exp.Subquery))
    standing = exp.Placeholder(this="driveql_subquery")
    if inner is whole:
        return replaced
    inner.replace(standing)
    return whole.sql(DIALECT).replace("$driveql_subquery", replaced)

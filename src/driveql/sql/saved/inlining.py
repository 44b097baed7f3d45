"""Puts saved queries where a statement names them, as if they had been written there: they are planned as one. Pure.

A name stands for the saved query wherever a table could stand, unless the statement itself gives the name to something else.
`CALL name(..)` is `SELECT * FROM name(..)`. The values of a call are computed first, by `evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.parameters import Parameters
from driveql.sql.saved.query import Parameter, SavedQuery
from driveql.sql.syntax import Splice, closing, splice, tokens_of, tree_of

# Expressions with the parameter each is for, and the parameters of the statement: the values as literals.
Evaluate = Callable[[Sequence[tuple[Parameter, str]], Parameters], list[str]]
_SIGNS = frozenset({"=>", ":=", "="})
_ALIASES = frozenset({TokenType.VAR, TokenType.IDENTIFIER, TokenType.ALIAS})
_TARGETS = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.TruncateTable)
_BARE = (exp.Describe, exp.Summarize, exp.Copy)


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a statement that stands for a saved query. `arguments` are names (blank by position) and texts.

    `first` and `last` are the tokens it takes up; `bare` says that it stands where no alias can.
    """

    name: str
    first: int
    last: int
    arguments: tuple[tuple[str, str], ...] | None
    aliased: bool
    bare: bool


@dataclass(frozen=True, slots=True)
class Inliner:
    """Inlines saved queries.

    Parameters:
        names: of all saved queries. load: gives one. evaluate: computes the values of a call.
    """

    names: Collection[str]
    load: Callable[[str], SavedQuery]
    evaluate: Evaluate

    def inlined(
        self, sql: str, parameters: Parameters = None, within: tuple[str, ...] = ()
    ) -> tuple[str, Parameters]:
        """Return a statement without names of saved queries, and the parameters that it still has.

        Raises:
            SqlSyntaxError: a saved query cannot be used, or is called with other parameters than it has.
            SqlError: saved queries use each other in a circle.
        """
        sql = self._without_call(sql)
        tokens = tokens_of(sql)
        found = list(references(sql, tokens, self.names))
        splices: list[Splice] = []
        for one in found:
            if one.name in within:
                circle = " -> ".join((*within[within.index(one.name) :], one.name))
                raise SqlError(
                    f"Saved queries use each other in a circle: {circle}.", hint="Edit one of them."
                )
            query = self.load(one.name)
            given = bound(query, one.arguments or ())
            own = _parameters_in(tokens[one.first : one.last + 1], tokens[: one.first], parameters)
            literals = self.evaluate([(each, text) for each, text in given], own) if given else []
            text = query.with_values(
                {each.name: value for (each, _), value in zip(given, literals, strict=True)}
            )
            inner, _ = self.inlined(text, None, (*within, one.name))
            named = "" if one.aliased or one.bare else f" AS {one.name}"
            splices.append(Splice(tokens[one.first].start, tokens[one.last].end + 1, f"({inner}\n){named}"))
        return splice(sql, splices), _left(tokens, found, parameters)

    def _without_call(self, sql: str) -> str:
        tokens = tokens_of(sql)
        if len(tokens) > 1 and tokens[0].text.upper() == "CALL" and tokens[1].text.lower() in self.names:
            return "SELECT * FROM " + sql[tokens[1].start :]
        return sql


def references(sql: str, tokens: Sequence[Token], names: Collection[str]) -> Iterator[Reference]:
    """Yield the names in a statement that stand for saved queries.

    Raises:
        SqlNotSupportedError: the statement would change or make something of that name.
    """
    offset = 0
    if tokens and tokens[0].text.upper() == "EXPLAIN":
        inner = (
            tokens[2]
            if len(tokens) > 2 and tokens[1].text.upper() == "ANALYZE"
            else tokens[min(1, len(tokens) - 1)]
        )
        offset = inner.start
    tree = tree_of(sql[offset:])
    if tree is None:
        return
    at = {token.start: index for index, token in enumerate(tokens)}
    for table in tree.find_all(exp.Table):
        name, start = _name(table), table.this.meta.get("start")
        if name not in names or start is None or table.args.get("db") or _is_other(table, name):
            continue
        first = at.get(start + offset)
        if first is not None:
            yield _reference(sql, list(tokens), name, first, isinstance(table.parent, _BARE))


def bound(query: SavedQuery, arguments: Sequence[tuple[str, str]]) -> list[tuple[Parameter, str]]:
    """Return each parameter with the expression of its value.

    Raises:
        SqlSyntaxError: an argument is missing, unknown, or given twice.
    """
    known = {one.name: one for one in query.parameters}
    order = list(known)
    given: dict[str, str] = {}
    for place, (name, text) in enumerate(arguments):
        chosen = name or (order[place] if place < len(order) else "")
        if chosen not in known or chosen in given:
            problem = (
                f"is given {chosen} twice" if chosen in given else f"has no parameter {name or place + 1}"
            )
            raise SqlSyntaxError(f"{query.name} {problem}.", hint=f"It is {query.signature}.")
        given[chosen] = text
    for one in query.parameters:
        text = given.setdefault(one.name, one.default or "")
        if not text:
            raise SqlSyntaxError(
                f"{query.name} needs a value for {one.name}.", hint=f"It is {query.signature}."
            )
    return [(one, given[one.name]) for one in query.parameters]


def _name(table: exp.Table) -> str:
    this = table.this
    return str(
        this.name or this.this if isinstance(this, exp.Anonymous) else getattr(this, "name", "")
    ).lower()


def _is_other(table: exp.Table, name: str) -> bool:
    """Return whether the name is a common table expression of the statement. Raises for the target of a change."""
    inside: exp.Expr = table
    while inside.parent is not None:
        outer = inside.parent
        if isinstance(outer, _TARGETS) and (
            outer.this is inside or isinstance(outer, exp.Drop | exp.TruncateTable | exp.Alter)
        ):
            raise SqlNotSupportedError(
                f"{name} is a saved query: no statement changes it, or makes something else of that name.",
                hint=f"driveql query save {name} --replace changes it; another name is free.",
            )
        with_ = outer.args.get("with_")
        if (
            with_ is not None
            and inside is not with_
            and any(cte.alias.lower() == name for cte in with_.expressions)
        ):
            return True
        if isinstance(outer, exp.With):
            earlier = (
                outer.expressions
                if outer.args.get("recursive")
                else outer.expressions[: _place(outer, inside)]
            )
            if any(cte.alias.lower() == name for cte in earlier):
                return True
        inside = outer
    return False


def _place(with_: exp.With, inside: exp.Expr) -> int:
    return next((index for index, cte in enumerate(with_.expressions) if cte is inside), 0)


def _reference(sql: str, tokens: list[Token], name: str, first: int, bare: bool) -> Reference:
    last, arguments = first, None
    if first + 1 < len(tokens) and tokens[first + 1].token_type is TokenType.L_PAREN:
        end = closing(tokens, first + 1)
        if end is None:
            raise SqlSyntaxError(f"The parenthesis after {name} is not closed.")
        last, arguments = end, tuple(_arguments(sql, tokens, name, first + 2, end))
    aliased = last + 1 < len(tokens) and tokens[last + 1].token_type in _ALIASES
    return Reference(name, first, last, arguments, aliased, bare)


def _arguments(sql: str, tokens: list[Token], name: str, start: int, end: int) -> Iterator[tuple[str, str]]:
    depth, begin = 0, start
    for index in range(start, end + 1):
        token = tokens[index]
        if index == end or (depth == 0 and token.token_type is TokenType.COMMA):
            if index > begin:
                yield _argument(sql, tokens[begin:index], name)
            begin = index + 1
        elif token.token_type in {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}:
            depth += 1
        elif token.token_type in {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}:
            depth -= 1


def _argument(sql: str, tokens: list[Token], query: str) -> tuple[str, str]:
    # `:` and `=` may be two tokens.
    sign = 2 if len(tokens) > 3 and tokens[1].text + tokens[2].text == ":=" else 1
    named = len(tokens) > 2 and (sign == 2 or tokens[1].text in _SIGNS)
    value = tokens[sign + 1 :] if named else tokens
    if any(token.token_type in {TokenType.SELECT, TokenType.FROM} for token in value):
        raise SqlNotSupportedError(
            f"{query}: a value is an expression of literals and parameters, not a query.",
            hint="Run that query first and give its value as a parameter.",
        )
    return tokens[0].text.lower() if named else "", sql[value[0].start : value[-1].end + 1]


def _parameters_in(own: Sequence[Token], before: Sequence[Token], parameters: Parameters) -> Parameters:
    """Return the parameters of the statement that stand in a call."""
    if isinstance(parameters, Mapping):
        return {name: parameters[name] for name in _names(own) if name in parameters} or None
    if parameters is None:
        return None
    start = _marks(before)
    return list(parameters[start : start + _marks(own)]) or None


def _left(tokens: Sequence[Token], found: Sequence[Reference], parameters: Parameters) -> Parameters:
    """Return the parameters without those that only stood in calls."""
    taken = {index for one in found for index in range(one.first, one.last + 1)}
    if not taken or parameters is None:
        return parameters
    outside = [token for index, token in enumerate(tokens) if index not in taken]
    if isinstance(parameters, Mapping):
        inside = _names([token for index, token in enumerate(tokens) if index in taken])
        kept = _names(outside)
        return {
            name: value for name, value in parameters.items() if name in kept or name not in inside
        } or None
    marks = [index for index, token in enumerate(tokens) if token.token_type is TokenType.PLACEHOLDER]
    numbered = zip(marks, parameters, strict=False)
    return [value for index, value in numbered if index not in taken] + list(parameters[len(marks) :])


def _marks(tokens: Sequence[Token]) -> int:
    return sum(token.token_type is TokenType.PLACEHOLDER for token in tokens)


def _names(tokens: Sequence[Token]) -> set[str]:
    """Return the names after `$` and `:`."""
    return {
        following.text
        for token, following in pairwise(tokens)
        if token.token_type in {TokenType.PARAMETER, TokenType.COLON} and following.start == token.end + 1
    }

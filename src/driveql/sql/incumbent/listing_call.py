"""The form in which a translated statement names a listing: `__driveql_listing(listed => 'items', parent_path => '/x')`. Pure.

What it says narrows what is asked of Graph, which finds a path without regard to case; the query around it compares again,
likewise without. Our own tables have no such form: there, `=` compares exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot.tokenizer_core import Token, TokenType

from driveql.sql.hints import HintedTable
from driveql.sql.plans import Hint
from driveql.sql.predicates import Compare, Predicate, StartsWith, conjunction
from driveql.sql.syntax import closing, quoted
from driveql.sql.tables import TABLES

FUNCTION = "__driveql_listing"
BELOW = "below"


def written(table: str, arguments: Mapping[str, str]) -> str:
    """Return the call of a listing; `below` names a folder whose whole tree is meant."""
    given = [f"{name} => {quoted(value)}" for name, value in {"listed": table, **arguments}.items()]
    return f"{FUNCTION}({', '.join(given)})"


def find(tokens: Sequence[Token]) -> list[HintedTable]:
    """Return the listings that a statement calls, with their places in the text."""
    calls: list[HintedTable] = []
    for index, token in enumerate(tokens[:-1]):
        if token.text != FUNCTION or tokens[index + 1].token_type is not TokenType.L_PAREN:
            continue
        end = closing(list(tokens), index + 1)
        if end is not None:
            inner = tokens[index + 2 : end]
            strings = [t for t in inner if t.token_type is TokenType.STRING]
            names = [t.text for t in inner if t.token_type not in _BETWEEN]
            given = {name: value.text for name, value in zip(names, strings, strict=True)}
            table = TABLES[given.pop("listed")]
            predicate = conjunction(*(_predicate(name, value) for name, value in given.items()))
            calls.append(HintedTable(table, Hint(predicate), token.start, tokens[end].end + 1, None))
    return calls


_BETWEEN = frozenset(
    {TokenType.STRING, TokenType.COMMA, TokenType.FARROW, TokenType.EQ, TokenType.GT, TokenType.ARROW}
)


def _predicate(name: str, value: str) -> Predicate:
    if name == BELOW:
        return StartsWith("path", value.rstrip("/") + "/")
    return Compare(name, "=", value)

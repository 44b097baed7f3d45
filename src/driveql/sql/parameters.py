"""Parameters in a statement's text: numbered, looked up, and written out where a plan is only looked at. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from driveql.sql.syntax import Splice, quoted, splice, tokens_of

Parameters = Sequence[Any] | Mapping[str, Any] | None


def numbered(sql: str, parameters: Parameters) -> str:
    """Return the text with `?` written as `$1`, `$2` ..., so that a part of it can stand alone."""
    if not parameters or isinstance(parameters, Mapping):
        return sql
    marks = [
        token for token in tokens_of(sql) if token.token_type is TokenType.PLACEHOLDER and token.text == "?"
    ]
    if len(marks) != len(parameters):
        return sql
    return splice(sql, (Splice(mark.start, mark.end + 1, f"${n}") for n, mark in enumerate(marks, 1)))


def value_of(node: object, parameters: Parameters) -> Any:
    """Return the value of a placeholder; None where it has none."""
    if not isinstance(node, exp.Placeholder) or not parameters:
        return None
    name = node.name
    if isinstance(parameters, Mapping):
        return parameters.get(name)
    return parameters[int(name) - 1] if name.isdigit() and 0 < int(name) <= len(parameters) else None


def used_by(sql: str, parameters: Parameters) -> dict[str, Any] | None:
    """Return those parameters that a part of the statement has, by name or number."""
    names = {name for name, _, _ in _places(sql)}
    if not parameters or not names:
        return None
    given = (
        parameters if isinstance(parameters, Mapping) else {str(n): v for n, v in enumerate(parameters, 1)}
    )
    return {name: given[name] for name in names if name in given}


def standing_alone(sql: str, parameters: Parameters) -> tuple[str, dict[str, Any] | None]:
    """Return a part of a statement as a statement of its own: with those parameters that it has, all by name."""
    used = used_by(sql, parameters)
    if used is None or isinstance(parameters, Mapping):
        return sql, used
    named = splice(sql, (Splice(start, end, f"$p{name}") for name, start, end in _places(sql)))
    return named, {f"p{name}": value for name, value in used.items()}


def written_out(sql: str, parameters: Parameters) -> str:
    """Return the text with a literal for each parameter: its value, or a NULL where it has no simple one."""
    given = used_by(sql, parameters) or {}
    return splice(sql, (Splice(start, end, _literal(given.get(name))) for name, start, end in _places(sql)))


def _places(sql: str) -> list[tuple[str, int, int]]:
    tokens = tokens_of(sql)
    return [
        (after.text, token.start, after.end + 1)
        for token, after in pairwise(tokens)
        if token.token_type is TokenType.PARAMETER and after.start == token.end + 1
    ]


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return quoted(value) if isinstance(value, str) else "NULL"

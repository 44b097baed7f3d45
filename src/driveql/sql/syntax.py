"""Statements as tokens with positions, and replacements at those positions: the text around them stays as it was written.

A statement is never written anew from a syntax tree; what the tree cannot express would be lost. Pure.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlSyntaxError
from driveql.sql import comments
from driveql.sql.dollars import DollarTokenizer

DIALECT = "duckdb"


class _Statement(DuckDB):
    """DuckDB's statements."""

    class Tokenizer(DollarTokenizer):
        """DuckDB's words, and what follows CALL and its like as one text."""


class _Words(DuckDB):
    """DuckDB's words; sqlglot would take what follows CALL and its like as one text, semicolons and all."""

    class Tokenizer(DollarTokenizer):
        COMMANDS: ClassVar[set[TokenType]] = set()


# sqlglot reports what it cannot express as a tree; nothing is lost by that here.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Splice:
    """Puts `text` in place of the characters from `start` to `end`, `end` exclusive."""

    start: int
    end: int
    text: str


def splice(sql: str, splices: Iterable[Splice]) -> str:
    """Return `sql` with all replacements made; they must not overlap."""
    for part in sorted(splices, key=lambda part: part.start, reverse=True):
        sql = sql[: part.start] + part.text + sql[part.end :]
    return sql


def tokens_of(sql: str) -> list[Token]:
    """Return the tokens of a text, without comments.

    Raises:
        SqlSyntaxError: a quote or comment is not closed, or a comment is one that reads in two ways.
    """
    try:
        tokens = list(sqlglot.tokenize(sql, dialect=_Words))
    except SqlglotError as error:
        raise SqlSyntaxError(
            "The statement ends inside a quoted text or comment.",
            hint="Close the quote: a quote within text is doubled.",
        ) from error
    if not comments.is_read_alike(sql, ((token.start, token.end + 1) for token in tokens)):
        raise SqlSyntaxError(
            "A comment begins directly behind an operator, or within another comment, or is not closed.",
            hint="Put a blank before /* and --, and one comment behind the other.",
        )
    return tokens


def tree_of(sql: str) -> exp.Expression | None:
    """Return the syntax tree of one statement; None where sqlglot cannot read it, which DuckDB may well do."""
    try:
        parsed: Any = sqlglot.parse_one(sql, dialect=_Statement)
    except (SqlglotError, RecursionError):
        return None
    return None if parsed is None or isinstance(parsed, exp.Command) else parsed


def split(sql: str) -> list[str]:
    """Return the statements of a text, separated by semicolons, without empty ones.

    Raises:
        SqlSyntaxError: a quote or comment is not closed.
    """
    statements: list[str] = []
    start = 0
    filled = False
    for token in tokens_of(sql):
        if token.token_type is TokenType.SEMICOLON:
            if filled:
                statements.append(sql[start : token.start].strip())
            start, filled = token.end + 1, False
        else:
            filled = True
    if filled:
        statements.append(sql[start:].strip())
    return statements


def explanation(rows: Iterable[tuple[str, str]]) -> str:
    """Return a query whose rows are an explanation, as DuckDB gives them: a key and a text."""
    shown = ", ".join(f"({quoted(key)}, {quoted(text)})" for key, text in rows)
    return f"SELECT * FROM (VALUES {shown}) AS explanation(explain_key, explain_value)"


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def closing(tokens: list[Token], opening: int) -> int | None:
    """Return the index of the parenthesis that closes the one at `opening`; None where it is missing."""
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index].token_type in _OPENING:
            depth += 1
        elif tokens[index].token_type in _CLOSING:
            depth -= 1
            if depth == 0:
                return index
    return None


_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})

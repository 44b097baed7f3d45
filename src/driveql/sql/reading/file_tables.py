"""Finds the file names that stand where a table can: `FROM 'onedrive:/a.csv', 'onedrive:/b.csv'`, `SUMMARIZE '..'`. Pure.

Told by the words alone, since DuckDB takes them in statements that no syntax tree is to be had of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError

_PLACE = re.compile(r"(?:onedrive|driveql):/?", re.IGNORECASE)
_TEXTS = frozenset({TokenType.STRING, TokenType.IDENTIFIER})
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_ALIASES = _NAMES | {TokenType.ALIAS}
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
# After these a list of tables is over: a comma leads to something else.
_ENDS = frozenset(
    {
        "SELECT", "WHERE", "GROUP BY", "HAVING", "QUALIFY", "WINDOW", "ORDER BY", "LIMIT", "OFFSET", "UNION", "INTERSECT",
        "EXCEPT", "SET", "RETURNING", "VALUES", "WITH",
    }
)  # fmt: skip
_VERBS = frozenset(
    {"DESCRIBE", "DESC", "SUMMARIZE", "TABLE", "PIVOT", "PIVOT_WIDER", "PIVOT_LONGER", "UNPIVOT", "COPY"}
)
# What is expected next: a table of a list, or one by its name alone.
_LISTED, _ALONE = "listed", "alone"
_PARTS = frozenset({"TRIM", "SUBSTRING", "EXTRACT", "OVERLAY"})
_TARGETS = frozenset({"UPDATE", "INTO"})
_MAKES = frozenset({"CREATE", "REPLACE", "TEMP", "TEMPORARY", "DROP", "TRUNCATE", "ALTER", "EXISTS"})


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file name in a table's place.

    Parameters:
        index: its token. listed: it stands in a list of tables, after FROM and its like, where a function may stand too.
        named: the statement gives it a name of its own.
    """

    index: int
    listed: bool
    named: bool


@dataclass(slots=True)
class _Frame:
    """What is between one pair of parentheses: whether a comma leads to a table, and whether FROM begins tables."""

    lists_tables: bool = False
    has_from: bool = True


def find(tokens: Sequence[Token]) -> Iterator[FileTable]:
    """Yield the texts and quoted names that stand where a table can, whatever they are.

    Raises:
        SqlNotSupportedError: the statement would change a file as if it were a table.
    """
    frames = [_Frame()]
    expected, labelled = "", False
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        word = "" if token.token_type in _TEXTS else token.text.upper()
        if expected and _is_label(token, after):
            labelled = True
            continue
        if token.token_type is TokenType.COLON and labelled:
            continue
        if expected and token.token_type in _TEXTS:
            yield FileTable(index, expected == _LISTED, labelled or _is_named(after))
        nested = expected == _LISTED and token.token_type is TokenType.L_PAREN
        expected, labelled = _expected(tokens, index, word, frames[-1]), False
        if token.token_type in _OPENING:
            takes_parts = before is not None and before.text.upper() in _PARTS
            frames.append(_Frame(nested, not takes_parts))
            expected = _LISTED if nested else ""
        elif token.token_type in _CLOSING:
            if len(frames) > 1:
                frames.pop()
        elif word in _ENDS:
            frames[-1].lists_tables, frames[-1].has_from = False, True
        elif token.token_type is TokenType.SEMICOLON:
            frames = [_Frame()]


def _expected(tokens: Sequence[Token], index: int, word: str, frame: _Frame) -> str:
    """Return what is expected behind a word; blank where it is no table."""
    before = tokens[index - 1].text.upper() if index else ""
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if word in _TARGETS or (word == "FROM" and before == "DELETE") or (word == "TABLE" and before in _MAKES):
        _refuse_target(after)
        return ""
    if word == "FROM":
        if before == "DISTINCT" or not frame.has_from:
            return ""
        frame.lists_tables = True
        return _LISTED
    if word == "USING":
        if after is None or after.token_type is TokenType.L_PAREN:
            return _LISTED if tokens[0].text.upper() in {"MERGE", "WITH"} else ""
        frame.lists_tables = tokens[0].text.upper() in {"DELETE", "WITH", "MERGE"}
        return _LISTED if frame.lists_tables else ""
    if word == "JOIN" or (word == "," and frame.lists_tables):
        return _LISTED
    return _ALONE if word in _VERBS else ""


def _is_label(token: Token, after: Token | None) -> bool:
    return token.token_type in _NAMES and after is not None and after.token_type is TokenType.COLON


def _is_named(after: Token | None) -> bool:
    return after is not None and after.token_type in _ALIASES and after.text.upper() != "AT"


def _refuse_target(token: Token | None) -> None:
    if token is not None and token.token_type in _TEXTS and _PLACE.match(token.text):
        raise SqlNotSupportedError(
            f"{token.text!r} is a file, and no table that a statement makes or changes.",
            hint="COPY (SELECT ...) TO 'onedrive:/...' writes a file; DELETE FROM items WHERE path = '/..' deletes one.",
        )

"""Finds the incumbent's tables in a statement and the WITH clause that passes them their parameters. Pure.

A clause `WITH (Name='value', ...)` stands behind the table or at the end of its SELECT; it belongs to the last such table of
the same SELECT before it. A name that is also a table of ours is the incumbent's where it has a clause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlSyntaxError
from driveql.sql.syntax import closing

_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_BEFORE_TABLE = frozenset({TokenType.FROM, TokenType.JOIN, TokenType.INTO, TokenType.UPDATE})
_AFTER_ALIAS = frozenset(
    {
        TokenType.WHERE, TokenType.ORDER_BY, TokenType.GROUP_BY, TokenType.LIMIT, TokenType.HAVING, TokenType.JOIN,
        TokenType.ON, TokenType.WITH, TokenType.COMMA, TokenType.R_PAREN, TokenType.UNION, TokenType.SEMICOLON,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """A WITH clause. `start` and `end` (exclusive) are its place in the text; names are in lower case, `written` has them as
    they stand there.
    """

    start: int
    end: int
    parameters: Mapping[str, str]
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Named:
    """A table's name in a statement: its place in the text, and whether an alias follows. `verb` stands before it."""

    name: str
    start: int
    end: int
    has_alias: bool
    level: tuple[int, ...]
    verb: TokenType
    clause: Clause | None = None


def find(tokens: Sequence[Token], known: frozenset[str]) -> tuple[list[Named], list[Clause]]:
    """Return the tables whose names are known, each with its clause, and the clauses that belong to none.

    Raises:
        SqlSyntaxError: a clause is not `Name='value'` all through.
    """
    found: list[Named] = []
    loose: list[Clause] = []
    known -= _defined(tokens)
    level: list[int] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.token_type is TokenType.L_PAREN:
            level.append(index)
        elif token.token_type is TokenType.R_PAREN and level:
            level.pop()
        elif token.token_type is TokenType.WITH and _begins_clause(tokens, index):
            clause, index = _clause(tokens, index)
            owner = _owner(found, tuple(level))
            if owner is None:
                loose.append(clause)
            else:
                owner.clause = clause
            continue
        named = _named(tokens, index, known, tuple(level))
        if named is not None:
            found.append(named)
        index += 1
    return found, loose


def _defined(tokens: Sequence[Token]) -> set[str]:
    """Return the names of the statement's common table expressions, which stand before any table."""
    return {
        name.text.lower()
        for name, alias, opening in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if name.token_type in _NAMES
        and alias.token_type is TokenType.ALIAS
        and opening.token_type is TokenType.L_PAREN
    }


def _named(
    tokens: Sequence[Token], index: int, known: frozenset[str], level: tuple[int, ...]
) -> Named | None:
    token = tokens[index]
    if token.text.lower() not in known or token.token_type is TokenType.STRING:
        return None
    first = last = index
    if _is_bracketed(tokens, index):
        first, last = index - 1, index + 1
    before = tokens[first - 1].token_type if first else None
    after = tokens[last + 1] if last + 1 < len(tokens) else None
    if before not in _BEFORE_TABLE and not (before is TokenType.COMMA and _in_from(tokens, first)):
        return None
    if after is not None and (
        after.token_type is TokenType.DOT
        or (after.token_type is TokenType.L_PAREN and before is not TokenType.INTO)
    ):
        return None
    verb = before if before in _BEFORE_TABLE else TokenType.FROM
    if verb is TokenType.FROM and first > 1 and tokens[first - 2].token_type is TokenType.DELETE:
        verb = TokenType.DELETE
    alias = after is not None and (
        after.token_type is TokenType.ALIAS
        or (after.token_type in _NAMES and after.token_type not in _AFTER_ALIAS)
    )
    return Named(token.text.lower(), tokens[first].start, tokens[last].end + 1, alias, level, verb)


def _is_bracketed(tokens: Sequence[Token], index: int) -> bool:
    """Return True for the name in `[name]`."""
    around = [token.token_type for token in (*tokens[index - 1 : index], *tokens[index + 1 : index + 2])]
    return around == [TokenType.L_BRACKET, TokenType.R_BRACKET]


def _in_from(tokens: Sequence[Token], index: int) -> bool:
    """Return True where a comma before `index` separates tables: FROM is the last clause that began."""
    depth = 0
    for token in reversed(tokens[:index]):
        if token.token_type is TokenType.R_PAREN:
            depth += 1
        elif token.token_type is TokenType.L_PAREN:
            depth -= 1
            if depth < 0:
                return False
        elif depth == 0 and token.token_type in {TokenType.FROM, TokenType.JOIN}:
            return True
        elif depth == 0 and token.token_type in {
            TokenType.SELECT, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY, TokenType.SET,
        }:  # fmt: skip
            return False
    return False


def _owner(found: Sequence[Named], level: tuple[int, ...]) -> Named | None:
    own = [named for named in found if named.level == level and named.clause is None]
    return own[-1] if own else None


def _begins_clause(tokens: Sequence[Token], index: int) -> bool:
    """Return True for `WITH (Name =` and `WITH ()`; a common table expression has no parenthesis there."""
    rest = [token.token_type for token in tokens[index + 1 : index + 5]]
    if rest[:2] == [TokenType.L_PAREN, TokenType.R_PAREN]:
        return True
    return len(rest) > 2 and rest[0] is TokenType.L_PAREN and rest[2] is TokenType.EQ


def _clause(tokens: Sequence[Token], index: int) -> tuple[Clause, int]:
    end = closing(list(tokens), index + 1)
    if end is None:
        raise SqlSyntaxError("The parenthesis after WITH is not closed.")
    parameters: dict[str, str] = {}
    written: dict[str, str] = {}
    inner = list(tokens[index + 2 : end])
    while inner:
        if len(inner) < 3 or inner[1].token_type is not TokenType.EQ or not _is_value(inner[2]):
            shown = " ".join(token.text for token in inner[:3])
            raise SqlSyntaxError(
                f"The WITH clause has {shown!r}, which is not Name='value'.",
                hint="WITH (DriveId='b!...', FolderId='root:/Reports:')",
            )
        parameters[inner[0].text.lower()] = inner[2].text
        written[inner[0].text.lower()] = inner[0].text
        if len(inner) > 3 and inner[3].token_type is not TokenType.COMMA:
            raise SqlSyntaxError(f"A comma is missing in the WITH clause before {inner[3].text!r}.")
        inner = inner[4:]
    return Clause(tokens[index].start, tokens[end].end + 1, parameters, written), end + 1


def _is_value(token: Token) -> bool:
    return token.token_type in {TokenType.STRING, TokenType.NUMBER} or token.text.lower() in {"true", "false"}

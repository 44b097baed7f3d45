"""Finds calls of read_graph in a statement and reads their arguments, which must be literals. Pure.

read_graph('/users?$select=id,mail')                the objects of a collection, all pages; else the object itself
read_graph('/me/drive', root = '$.quota')           what a path in the answer leads to: $.name.name, [*] at its end for a list
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import closing

FUNCTION = "read_graph"
_ROOT = re.compile(r"\$((?:\.[\w@]+)*)(\[\*\])?")
_SIGNS = frozenset({"=", ":=", "=>"})


@dataclass(frozen=True, slots=True)
class GraphCall:
    """One call. `start` and `end` (exclusive) are its place in the text; `root` is None for the whole answer."""

    start: int
    end: int
    url: str
    root: tuple[str, ...] | None = None

    def inside(self, answer: Any) -> list[Any]:
        """Return what the root leads to in an answer, as a list; nothing where it leads nowhere."""
        for name in self.root or ():
            answer = answer.get(name) if isinstance(answer, Mapping) else None
        return answer if isinstance(answer, list) else [] if answer is None else [answer]


def find(tokens: Sequence[Token]) -> list[GraphCall]:
    """Return every call of read_graph.

    Raises:
        SqlNotSupportedError: an argument is not a literal text, or there is no such argument.
    """
    calls: list[GraphCall] = []
    for index, token in enumerate(tokens[:-1]):
        if token.text.lower() != FUNCTION or tokens[index + 1].token_type is not TokenType.L_PAREN:
            continue
        end = closing(list(tokens), index + 1)
        if end is None:
            raise SqlSyntaxError(f"The parenthesis after {FUNCTION} is not closed.")
        calls.append(_call(token.start, tokens[end].end + 1, list(tokens[index + 2 : end])))
    return calls


def _call(start: int, end: int, inner: list[Token]) -> GraphCall:
    wrong = SqlNotSupportedError(
        f"{FUNCTION} takes a path or address as a literal, and root.",
        hint=f"{FUNCTION}('/users?$top=5', root = '$.value[*]')",
    )
    if not inner or inner[0].token_type is not TokenType.STRING:
        raise wrong
    if len(inner) == 1:
        return GraphCall(start, end, inner[0].text)
    sign = "".join(token.text for token in inner[3:-1])
    if inner[1].text != "," or inner[2].text.lower() != "root" or sign not in _SIGNS:
        raise wrong
    match = _ROOT.fullmatch(inner[-1].text) if inner[-1].token_type is TokenType.STRING else None
    if match is None:
        raise SqlSyntaxError(f"{FUNCTION}: root is a path such as $.value[*], not {inner[-1].text!r}.")
    names = tuple(match[1].split(".")[1:])
    # The objects of a collection are given out one by one as they are.
    return GraphCall(start, end, inner[0].text, None if names == ("value",) else names)

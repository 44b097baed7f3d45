"""Dollar signs: where one begins a parameter (`$1`, `$name`), and where it opens a text (`$tag$ .. $tag$`). Pure.

sqlglot takes all up to the next dollar sign for the tag of a text, unless a blank is in it: `$1,$2` would be the text `$1,$`.
So a blank is put behind each parameter before it reads, and its positions are taken back to the text as it was written.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokenizer_core import Token

_PIECE = re.compile(
    r"""[eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
    | --[^\n]* | (?P<comment>/\*) | (?P<text>\$(?:[^\W\d]\w*)?\$) | (?P<parameter>\$\w+) | \w[\w$]*""",
    re.DOTALL | re.VERBOSE,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")


class DollarTokenizer(DuckDB.Tokenizer):
    """DuckDB's tokens, with parameters that stand close to one another."""

    def tokenize(self, sql: str) -> list[Token]:
        """Return the tokens of a text."""
        ends = close_ends(sql)
        # With a dollar sign before it, sqlglot does not see where a text ends that ends in '' and is the last of all.
        tokens: list[Token] = super().tokenize(_with_blanks(sql, ends) + " ")
        if ends:
            blanks = [end + number for number, end in enumerate(ends)]
            for token in tokens:
                token.start -= bisect_left(blanks, token.start)
                token.end -= bisect_left(blanks, token.end)
        return tokens


def close_ends(sql: str) -> list[int]:
    """Return where those parameters end behind which no blank stands, in order."""
    if sql.count("$") < 2:
        return []
    ends: list[int] = []
    at = 0
    while (piece := _PIECE.search(sql, at)) is not None:
        at = piece.end()
        if piece["comment"]:
            at = _end_of_comment(sql, at)
        elif piece["text"]:
            closing = sql.find(piece["text"], at)
            at = len(sql) if closing < 0 else closing + len(piece["text"])
        elif piece["parameter"] and not sql[at : at + 1].isspace():
            ends.append(at)
    return ends


def _end_of_comment(sql: str, at: int) -> int:
    depth = 1
    for mark in _COMMENT_MARK.finditer(sql, at):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)


def _with_blanks(sql: str, ends: list[int]) -> str:
    return " ".join(sql[start:end] for start, end in zip([0, *ends], [*ends, len(sql)], strict=True))

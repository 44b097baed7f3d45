"""The clauses of a writing statement, found among its tokens at the outermost level, as pieces of the text. Pure.

A piece ends with its last token, so that a comment behind it cannot swallow what is put after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from driveql.errors import SqlSyntaxError
from driveql.sql.syntax import tokens_of

NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


@dataclass(frozen=True, slots=True)
class Words:
    """A statement's text and its tokens."""

    sql: str
    tokens: Sequence[Token]

    @classmethod
    def of(cls, sql: str) -> Words:
        """Read a text. Raises SqlSyntaxError where a quote is not closed."""
        return cls(sql, tokens_of(sql))

    def __len__(self) -> int:
        return len(self.tokens)

    def type(self, index: int) -> TokenType | None:
        """Return a token's type; None past the end."""
        return self.tokens[index].token_type if 0 <= index < len(self.tokens) else None

    def word(self, index: int) -> str:
        """Return a token's text in capitals; blank past the end and for quoted text."""
        if not 0 <= index < len(self.tokens) or self.tokens[index].token_type is TokenType.STRING:
            return ""
        return self.tokens[index].text.upper()

    def is_name(self, index: int) -> bool:
        """Return True for what can be a column's name, a word of SQL such as Size or Date among them."""
        kind = self.type(index)
        return kind in NAMES or (kind is not TokenType.STRING and self.word(index).isidentifier())

    def text(self, start: int, end: int) -> str:
        """Return the text of the tokens from `start` to `end`, exclusive; blank where there are none."""
        if start >= end:
            return ""
        return self.sql[self.tokens[start].start : self.tokens[end - 1].end + 1]

    def outermost(self, start: int, end: int | None = None) -> Iterator[int]:
        """Yield the tokens that stand in no parenthesis opened after `start`."""
        depth = 0
        for index in range(start, len(self.tokens) if end is None else end):
            kind = self.tokens[index].token_type
            if kind in _CLOSING:
                depth -= 1
            if depth == 0 and kind not in _CLOSING:
                yield index
            if kind in _OPENING:
                depth += 1

    def find(self, kinds: Collection[TokenType], start: int, end: int | None = None) -> int:
        """Return the first outermost token of a kind, or the end; FROM in IS DISTINCT FROM is none."""
        last = len(self.tokens) if end is None else end
        for index in self.outermost(start, last):
            if self.tokens[index].token_type in kinds and self.word(index - 1) != "DISTINCT":
                return index
        return last

    def parts(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the spans between the outermost commas."""
        spans: list[tuple[int, int]] = []
        begin = start
        for index in self.outermost(start, end):
            if self.tokens[index].token_type is TokenType.COMMA:
                spans.append((begin, index))
                begin = index + 1
        if begin < end or spans:
            spans.append((begin, end))
        if any(first >= last for first, last in spans):
            raise SqlSyntaxError("Something is missing beside a comma.")
        return spans

    def parameters(self, start: int, end: int) -> bool:
        """Return True where a parameter stands among the tokens."""
        return any(
            self.tokens[index].token_type in {TokenType.PLACEHOLDER, TokenType.PARAMETER}
            or (
                self.tokens[index].token_type is TokenType.COLON
                and self.type(index + 1) is TokenType.VAR
                and self.type(index - 1) is not TokenType.COLON
            )
            for index in range(start, end)
        )

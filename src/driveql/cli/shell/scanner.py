"""Text that is still being typed, taken apart: code, texts, names and comments, also where one is not closed yet. Pure.

The statements found are those that `driveql.sql.split` finds, as soon as it can read the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a piece of a text is."""

    WORD = "a name, keyword or number"
    SIGN = "one other character"
    TEXT = "a text in single quotes, or between dollar signs"
    NAME = "a name in double quotes"
    COMMENT = "a comment"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece: `text` from `start` on; `closed` is False where its end is not typed yet."""

    kind: Kind
    start: int
    text: str
    closed: bool = True

    @property
    def end(self) -> int:
        """Where the piece ends, exclusive."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed so far: the statements that are ended by a semicolon, and what comes after the last of them."""

    statements: tuple[str, ...]
    rest: str

    @property
    def finished(self) -> bool:
        """True where nothing but finished statements stands there."""
        return bool(self.statements) and not self.rest


_ESCAPED_TEXT = re.compile(r"[eE]'(?:[^'\\]|''|\\(?:.|\Z))*('?)", re.DOTALL)
_PLAIN_TEXT = re.compile(r"'(?:[^']|'')*('?)")
_NAME = re.compile(r'"(?:[^"]|"")*("?)')
_LINE_COMMENT = re.compile(r"--[^\n\r]*")
_TAG = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_WORD = re.compile(r"\d\w*|[^\W\d][\w$]*")
_NESTED = re.compile(r"/\*|\*/")


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text in order, without the white space between them."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        piece = _piece(text, at)
        yield piece
        at = piece.end


def typed(text: str) -> Typed:
    """Return the finished statements, without their semicolons and empty ones, and the rest."""
    found: list[str] = []
    start, filled = 0, False
    for piece in pieces(text):
        if piece.kind is Kind.SIGN and piece.text == ";":
            if filled:
                found.append(text[start : piece.start].strip())
            start, filled = piece.end, False
        elif piece.kind is not Kind.COMMENT or not piece.closed:
            filled = True
    return Typed(tuple(found), text[start:].strip() if filled else "")


def _piece(text: str, at: int) -> Piece:
    character = text[at]
    if text.startswith("/*", at):
        return _block_comment(text, at)
    if text.startswith("--", at):
        return Piece(Kind.COMMENT, at, _matched(_LINE_COMMENT, text, at)[0])
    if character == "'":
        return _quoted(Kind.TEXT, _PLAIN_TEXT, text, at)
    if character in "eE" and text.startswith("'", at + 1):
        return _quoted(Kind.TEXT, _ESCAPED_TEXT, text, at)
    if character == '"':
        return _quoted(Kind.NAME, _NAME, text, at)
    if tag := _TAG.match(text, at):
        end = text.find(tag[0], tag.end())
        closed = end >= 0
        return Piece(Kind.TEXT, at, text[at : end + len(tag[0])] if closed else text[at:], closed)
    if word := _WORD.match(text, at):
        return Piece(Kind.WORD, at, word[0])
    return Piece(Kind.SIGN, at, character)


def _matched(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    match = pattern.match(text, at)
    assert match is not None
    return match


def _quoted(kind: Kind, pattern: re.Pattern[str], text: str, at: int) -> Piece:
    match = _matched(pattern, text, at)
    return Piece(kind, at, match[0], bool(match[1]))


def _block_comment(text: str, at: int) -> Piece:
    depth = 0
    for mark in _NESTED.finditer(text, at):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return Piece(Kind.COMMENT, at, text[at : mark.end()])
    return Piece(Kind.COMMENT, at, text[at:], closed=False)

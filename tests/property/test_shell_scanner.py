"""The shell takes what is typed apart as the engine will: whatever is typed, and however far."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from driveql.cli.shell.scanner import Kind, pieces, typed
from driveql.errors import SqlSyntaxError
from driveql.sql import split

PARTS = st.sampled_from([
    "SELECT", "a", "e", "1", ";", "'", "''", '"', "--", "\n", " /*", "*/ ", "$$", "$t$", "$1", "a$b", "\\", " ", "é", ".", "-",
])  # fmt: skip
TEXTS = st.lists(PARTS, max_size=16).map("".join)


@given(TEXTS)
def test_statements_are_those_that_the_engine_will_see(text: str) -> None:
    try:
        expected = split(text)
    except SqlSyntaxError:
        return
    found = typed(text)
    # An open comment is no statement to the engine and goes on for the shell; a lone dollar sign is no SQL.
    if any(not piece.closed or piece.text == "$" for piece in pieces(text)):
        return
    assert [*found.statements, *([found.rest] if found.rest else [])] == expected


@given(TEXTS)
def test_every_character_is_in_one_piece_or_white(text: str) -> None:
    end = 0
    for piece in pieces(text):
        assert text[end : piece.start].strip() == ""
        assert text[piece.start : piece.end] == piece.text != ""
        end = piece.end
    assert text[end:].strip() == ""


@given(TEXTS, st.integers(0, 40))
def test_what_is_finished_stays_finished_while_typing_goes_on(text: str, cut: int) -> None:
    before, after = typed(text[:cut]), typed(text)
    assert after.statements[: len(before.statements)] == before.statements
    assert not (typed(text + ";").finished and any(not one.closed for one in pieces(text)))


@given(TEXTS)
def test_only_the_last_piece_can_be_open(text: str) -> None:
    found = list(pieces(text))
    assert all(piece.closed for piece in found[:-1])
    assert all(piece.kind not in {Kind.WORD, Kind.SIGN} for piece in found if not piece.closed)

"""The shell's own commands are read, and a slip is answered."""

from __future__ import annotations

import pytest

from driveql.cli.shell import meta
from driveql.cli.shell.meta import Look
from driveql.errors import SqlSyntaxError


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("\\d", "d", ""),
        ("  \\d items ;", "d", "items"),
        ("\\q;", "q", ""),
        ("\\i 'my file.sql'", "i", "'my file.sql'"),
        ("\\explain SELECT 1;", "explain", "SELECT 1"),
        ("\\?", "?", ""),
    ],
)
def test_a_command_and_its_argument(text: str, name: str, argument: str) -> None:
    command, found = meta.parse(text)
    assert (command.name, found) == (name, argument)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\\tming", "There is no command"),
        ("\\i", "needs FILE"),
        ("\\explain", "needs STATEMENT"),
        ("\\q now", "takes nothing"),
    ],
)
def test_a_slip_is_answered(text: str, said: str) -> None:
    with pytest.raises(SqlSyntaxError, match=said):
        meta.parse(text)


def test_a_near_name_is_proposed() -> None:
    with pytest.raises(SqlSyntaxError) as raised:
        meta.parse("\\formt csv")
    assert raised.value.hint == "Did you mean \\format? \\? lists the commands."


def test_the_look_changes_as_it_is_told() -> None:
    look = Look()
    assert (look.format, look.expanded, look.timing) == ("table", "auto", False)
    assert look.with_expanded("").expanded == "on"
    assert look.with_expanded("").with_expanded("").expanded == "off"
    assert look.with_expanded("AUTO").expanded == "auto"
    assert look.with_timing("").timing
    assert not look.with_timing("").with_timing("").timing
    assert look.with_timing("on").with_timing("on").timing
    assert look.with_format("CSV").format == "csv"
    for change in (look.with_format, look.with_timing, look.with_expanded):
        with pytest.raises(SqlSyntaxError, match="takes"):
            change("parquet")


@pytest.mark.parametrize(
    ("written", "name"), [("a b", "a b"), ("'a b'", "a b"), ('"a""b"', 'a"b'), ("'", "'")]
)
def test_a_file_may_stand_in_quotes(written: str, name: str) -> None:
    assert meta.unquoted(written) == name

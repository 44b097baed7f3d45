"""How rows, counts and costs look; names in folders are asked for once."""

from __future__ import annotations

import sys

import pytest

from driveql.cli import cost, drawing, statements
from driveql.cli.options import Invocation
from driveql.cli.shell.places import FolderNames
from driveql.cli.shell.scanner import typed
from driveql.cli.shell.terminal import interact
from driveql.cli.statements import Held
from driveql.errors import MissingExtraError, NotFoundError
from driveql.transport.attempts import Statistics

DESCRIPTION = [("name", "VARCHAR"), ("size", "BIGINT")]


def drawn(rows: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str], expanded: str = "auto") -> str:
    count = drawing.draw(Held(DESCRIPTION, rows), expanded=expanded)
    assert count == len(rows)
    return capsys.readouterr().out


def test_a_table_tells_null_from_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn([("a.csv", 12345), (None, None), ("", 7)], capsys).splitlines()
    assert [line.split() for line in lines] == [["name", "size"], ["a.csv", "12345"], ["NULL", "NULL"], ["7"]]


def test_a_value_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn([("a", 1), ("\x1b[2J", None)], capsys, "on").splitlines()
    assert [line.rstrip() for line in lines] == [
        "-- row 1 --",
        "name  a",
        "size  1",
        "-- row 2 --",
        "name  \\x1b[2J",
        "size  NULL",
    ]


def test_more_rows_than_are_fetched_at_once_have_one_heading(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn([(f"f{number}", number) for number in range(drawing.ROWS + 5)], capsys).splitlines()
    assert len(lines) == drawing.ROWS + 6
    assert sum(line.startswith("name") for line in lines) == 1


def test_no_rows_are_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn([], capsys).split() == ["name", "size"]


def test_whether_a_table_fits() -> None:
    assert drawing.fits(["a", "b"], [("x" * 500, 1)], 20)
    assert not drawing.fits(["a", "b"], [("x" * 500, "y" * 9)], 20)
    assert drawing.fits([], [], 1)
    many = [f"column_{number}" for number in range(40)]
    assert not drawing.fits(many, [], 200)


def test_the_cost_of_a_statement() -> None:
    before = Statistics(5, 1, 1, 10, 1000, 0.5)
    spent = Statistics(17, 2, 1, 10, 3048, 2.5).since(before)
    assert spent == Statistics(12, 1, 0, 0, 2048, 2.0)
    assert (
        cost.under_way(3.4, spent, 2000) == "3 s  12 requests  2,000 objects  2.0 KiB  1 retry  throttled 2 s"
    )
    assert cost.under_way(1, Statistics(1), 0) == "1 s  1 request"
    assert (
        cost.timing(0.1234, spent)
        == "Time: 0.123 s, 12 requests, 2.0 KiB received, 0 B sent, 1 retry, throttled 2.0 s"
    )


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"done": 2, "skipped": 1}, "3 rows: 2 done, 1 skipped."),
        ({"planned": 1}, "1 row: 1 planned."),
        ({}, "0 rows."),
    ],
)
def test_writes_are_counted(counts: dict[str, int], line: str) -> None:
    assert statements.counted(counts) == line


def test_a_shell_without_its_packages_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    invocation = Invocation(None, None, json=False, quiet=True, verbose=False, trace=False)
    with pytest.raises(MissingExtraError, match="'prompt_toolkit'") as raised:
        interact(invocation, "table", pytest.fail, timed=False)
    assert "driveql[shell]" in (raised.value.hint or "")


def test_a_folder_is_asked_for_once_and_silently() -> None:
    asked: list[str] = []

    def ask(folder: str) -> list[tuple[str, bool]]:
        asked.append(folder)
        if folder == "/none/":
            raise NotFoundError("There is none.", status=404)
        return [("a", True), ("evil\x1b[2J", False)]

    names = FolderNames(ask)
    assert names.of("/R/") == names.of("/R/") == [("a", True)]
    assert list(names.of("/none/")) == list(names.of("/none/")) == []
    assert asked == ["/R/", "/none/"]
    names.forget()
    names.of("/R/")
    assert asked == ["/R/", "/none/", "/R/"]


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("SELECT 1;", True),
        ("SELECT 1; -- said", True),
        ("SELECT 1", False),
        ("SELECT ';'", False),
        ("SELECT 1; SELECT", False),
        ("SELECT 1; /* more", False),
        (";", False),
    ],
)
def test_when_enter_runs_what_is_typed(text: str, finished: bool) -> None:
    assert typed(text).finished is finished

"""`driveql sql` tells what became of a write, also of one that failed, and what statements cost."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys

import pytest
from tests.cli.conftest import CommandLine

TWO = "INSERT INTO items (path, content) VALUES ('/R/a.txt', '1'), ('/R/b.txt', '2')"


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    """A drive where /R/a.txt is taken."""
    cli.drive.put_file("/R/a.txt", b"0")
    return cli


def test_a_failed_write_gives_its_rows_and_its_code(filled: CommandLine) -> None:
    result = filled.run("sql", TWO, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["path"], row["outcome"]) for row in rows] == [("/R/a.txt", "failed"), ("/R/b.txt", "done")]
    error = json.loads(result.stderr)["error"]
    assert error["type"] == "WriteError"
    assert result.exit_code == error["exit_code"] != 0
    table = filled.run("sql", TWO, "--format", "csv")
    assert [row["outcome"] for row in csv.DictReader(io.StringIO(table.stdout, newline=""))] == ["failed"] * 2
    assert "2 of 2 rows failed" in table.stderr


def test_statements_after_a_failed_write_are_not_run(filled: CommandLine) -> None:
    result = filled.run("sql", f"SELECT 1 AS first; {TWO}; SELECT 2 AS last", "--json")
    assert [set(json.loads(line)) & {"first", "last", "outcome"} for line in result.stdout.splitlines()] == [
        {"first"},
        {"outcome"},
        {"outcome"},
    ]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_the_rows_of_a_failed_write_do_not_go_into_the_file(filled: CommandLine, name: str) -> None:
    result = filled.run("sql", TWO, "-o", name)
    assert result.exit_code != 0
    assert "/R/b.txt" in result.stdout
    assert list(filled.directory.iterdir()) == []


def test_timing_is_told_for_each_statement_on_standard_error(filled: CommandLine) -> None:
    result = filled.run("sql", "SELECT 1 AS a; SELECT count(*) AS n FROM files", "--timing", "--json")
    assert [json.loads(line) for line in result.stdout.splitlines()] == [{"a": 1}, {"n": 1}]
    first, second = result.stderr.splitlines()
    assert re.fullmatch(
        r"Time: [\d.]+ s, 0 requests, 0 B received, 0 B sent, 0 retries, throttled 0.0 s", first
    )
    assert re.fullmatch(r"Time: [\d.]+ s, [1-9] requests?, [1-9].* received, .*", second)


@pytest.mark.skipif(os.name != "posix", reason="pexpect.spawn needs a POSIX terminal")
def test_on_a_terminal_writes_are_counted_and_null_is_shown(filled: CommandLine) -> None:
    pexpect = pytest.importorskip("pexpect", reason="pexpect needs a POSIX terminal")

    def shown(statement: str) -> str:
        child = pexpect.spawn(
            sys.executable, ["-m", "driveql.cli.main", "sql", statement], timeout=30, encoding="utf-8",
            env=filled.environment | {"TERM": "dumb"}, dimensions=(40, 120),
        )  # fmt: skip
        text: str = child.read()
        child.close()
        # What a statement that takes its time shows of its progress, it takes away again.
        return re.sub(r"[^\n]*\x1b\[K", "", text).replace("\r", "")

    assert shown("INSERT INTO items (path, content) VALUES ('/R/c.txt', '1')") == "1 row: 1 done.\n"
    assert [
        line.split() for line in shown("DELETE FROM files WHERE name = 'c.txt' RETURNING name").splitlines()
    ] == [
        ["name"],
        ["c.txt"],
    ]
    assert [line.split() for line in shown("SELECT NULL AS a, 'x' AS b").splitlines()] == [
        ["a", "b"],
        ["NULL", "x"],
    ]
    assert "failed" in shown(TWO)


def test_help_names_every_table(cli: CommandLine) -> None:
    from driveql.sql import TABLES

    named = re.search(r"describe items`\):(.*?)\.", " ".join(cli.ok("sql", "--help").split()))
    assert named is not None
    assert named[1].replace(" ", "").split(",") == list(TABLES)

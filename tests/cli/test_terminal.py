"""On a terminal: drawn tables, people's sizes, a bar on standard error, questions; no escape sequence from a server."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import pytest
from tests.cli.conftest import CommandLine

from driveql.cli.options import Invocation

pexpect = pytest.importorskip("pexpect", reason="pexpect needs a POSIX terminal")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="pexpect.spawn needs a POSIX terminal")
_SGR = re.compile(r"\x1b\[[0-9;]*m")


def _terminal(cli: CommandLine, *words: str, **environment: str) -> Any:
    return pexpect.spawn(
        sys.executable, ["-m", "driveql.cli.main", *words], env=cli.environment | {"TERM": "xterm-256color"} | environment,
        cwd=str(cli.directory), encoding="utf-8", timeout=30, dimensions=(40, 120),
    )  # fmt: skip


def _all(cli: CommandLine, *words: str, **environment: str) -> str:
    child = _terminal(cli, *words, **environment)
    text: str = child.read()
    child.close()
    assert child.exitstatus == 0, text
    return text.replace("\r\n", "\n")


def test_ls_long_is_for_people_and_colour_ends_with_no_color(cli: CommandLine) -> None:
    cli.drive.put_file("/folder/big.bin", b"x" * 5000)
    coloured = _all(cli, "ls", "-l")
    assert "4.9 KiB" in coloured
    assert "\x1b[" in coloured
    assert _all(cli, "ls") != _SGR.sub("", _all(cli, "ls"))
    for words in (("ls", "-l"), ("ls",)):
        plain = _all(cli, *words, NO_COLOR="1")
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain)
        assert "folder/" in plain


def test_a_hostile_name_cannot_drive_the_terminal(cli: CommandLine) -> None:
    item = cli.drive.put_file("/harmless", b"")
    item.name = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt"
    cli.drive.touch(item)
    for words in (
        ("ls",), ("ls", "-l"), ("ls", "--json"), ("tree", "-s"), ("find",), ("changes", "--state", "feed.db"),
        ("sync", "-n", "onedrive:/", "out"), ("sql", "SELECT name FROM files"),
    ):  # fmt: skip
        shown = _SGR.sub("", _all(cli, *words))
        # Our own line of what a statement that takes its time has asked, taken away again.
        shown = re.sub(r"\r\x1b\[K(?:\d+ s  \d+ requests?)?", "", shown)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown), (words, shown)
        assert "owned" in shown


def test_sync_draws_a_table_of_what_was_done(cli: CommandLine) -> None:
    (cli.directory / "src").mkdir()
    (cli.directory / "src/big.bin").write_bytes(b"x" * 5000)
    shown = _SGR.sub("", _all(cli, "sync", "src", "onedrive:/M"))
    rows = [line.split() for line in shown.splitlines() if "big.bin" in line and "copied" in line]
    assert rows == [["copied", "big.bin", "4.9", "KiB", "is", "missing"]]
    assert "1 copied." in shown
    assert "4.9 KiB  onedrive:/M" in _all(cli, "du", "-s", "onedrive:/M")
    again = _all(cli, "sync", "src", "onedrive:/M")
    assert "both sides are the same" in again
    assert "may differ" not in again


def test_sql_draws_a_table(cli: CommandLine) -> None:
    shown = _SGR.sub(
        "", _all(cli, "sql", "SELECT 'EMEA' AS region, 7 AS n UNION ALL SELECT 'APAC', 12345 ORDER BY n")
    )
    assert [line.split() for line in shown.splitlines()] == [
        ["region", "n"],
        ["EMEA", "7"],
        ["APAC", "12345"],
    ]


def test_parquet_is_not_written_to_a_terminal(cli: CommandLine) -> None:
    child = _terminal(cli, "sql", "SELECT 1", "--format", "parquet")
    child.expect("-o FILE")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2


@pytest.mark.parametrize(("answer", "status", "left"), [("n", 130, 2), ("y", 0, 0)])
def test_rm_asks_before_it_takes_a_folder(cli: CommandLine, answer: str, status: int, left: int) -> None:
    cli.drive.put_file("/R/1", b"")
    cli.drive.put_file("/R/2", b"")
    child = _terminal(cli, "rm", "-r", "onedrive:/R")
    child.expect("2 items in it")
    child.expect("recycle bin")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status
    assert len(cli.drive.tree()) == left


def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(cli: CommandLine) -> None:
    cli.drive.put_file("/big.bin", b"x" * 3_000_000)
    child = _terminal(cli, "get", "onedrive:/big.bin")
    child.expect("Downloading")
    child.expect("big.bin -> big.bin")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    quiet = _terminal(cli, "get", "--overwrite", "--quiet", "onedrive:/big.bin")
    assert quiet.read() == ""
    assert cli.run("get", "--overwrite", "onedrive:/big.bin").stderr == ""


def test_an_invocation_never_shows_its_connection_string() -> None:
    invocation = Invocation(None, "ClientSecret=hush", json=False, quiet=False, verbose=False, trace=False)
    assert "hush" not in repr(invocation)


def test_trace_and_log_are_redacted_and_on_standard_error(cli: CommandLine) -> None:
    cli.drive.put_file("/a.txt", b"hello")
    for flag in ("--trace", "-v"):
        result = cli.run("cat", "onedrive:/a.txt", flag)
        assert result.stdout == "hello"
        assert "/v1.0/drives/" in result.stderr
        assert "200" in result.stderr
        for secret in ("tempauth", "Bearer", "eyJ"):
            assert secret not in result.stderr

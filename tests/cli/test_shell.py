"""The SQL shell on a terminal: statements, its own commands, completion, history, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CommandLine

from driveql.cli.options import Invocation
from driveql.cli.shell.meta import Look
from driveql.cli.shell.shell import Shell
from driveql.cli.shell.terminal import completer
from driveql.connection import settings_from
from driveql.sql import connect
from driveql.sql.dbapi import Connection
from graph_emulator import faults

pexpect = pytest.importorskip("pexpect", reason="pexpect needs a POSIX terminal")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="pexpect.spawn needs a POSIX terminal")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07")
_BUSY = 30


class Terminal:
    """A shell on a terminal of 40 lines of 120 characters."""

    def __init__(self, cli: CommandLine, *words: str, **environment: str) -> None:
        # This terminal cannot say where its cursor is, and is not asked.
        own = {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", "PAGER": ""}
        own["DRIVEQL_HISTORY"] = str(cli.directory / "history")
        self.child: Any = pexpect.spawn(
            sys.executable, ["-m", "driveql.cli.main", "sql", *words], env=cli.environment | own | environment,
            cwd=str(cli.directory), encoding="utf-8", timeout=_BUSY, dimensions=(40, 120),
        )  # fmt: skip
        self.prompt()

    def prompt(self) -> str:
        """Wait for a fresh prompt: the cursor is where a person types. Return what was written before it."""
        self.child.expect(r"\x1b\[\?2004h")
        return _ESCAPES.sub("", self.child.before).replace("\r", "")

    def run(self, text: str) -> str:
        """Type a line and Enter; return what was written until the next prompt."""
        self.child.send(text + "\r")
        return self.prompt()

    def leave(self) -> int:
        """Type Ctrl-D and return the exit code."""
        self.child.send("\x04")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus)


@pytest.fixture
def shell(cli: CommandLine) -> Iterator[Terminal]:
    for name in ("alpha.csv", "beta.csv"):
        cli.drive.put_file(f"/Reports/{name}", b"region,amount\nEMEA,1\nAPAC,2\n")
    terminal = Terminal(cli)
    yield terminal
    terminal.child.close(force=True)


def _words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def test_statements_and_commands(shell: Terminal, cli: CommandLine) -> None:
    shown = shell.run("SELECT name, NULL AS n FROM files ORDER BY 1;")
    assert _words(shown)[-4:] == [["name", "n"], ["alpha.csv", "NULL"], ["beta.csv", "NULL"], ["(2", "rows)"]]
    assert ["(2", "rows)"] in _words(shell.run("SELECT 1 AS a UNION ALL\rSELECT 2;"))
    shown = shell.run("SELEC 1; SELECT 'never' || ' reached';")
    assert "driveql: Parser Error" in shown
    assert "never reached" not in shown
    shown = shell.run("CREATE TABLE mine AS SELECT 7 AS seven; SELECT seven + 1 AS eight FROM mine;")
    assert ["eight"] in _words(shown)
    assert ["seven", "INTEGER"] in _words(shell.run("\\d mine"))
    shown = shell.run("\\d")
    assert "mine" in shown
    assert "shared_with_me" in shown
    assert ["id", "VARCHAR", "=,", "IN", "exact", "Id", "of", "the", "item"] in [
        words[:9] for words in _words(shell.run("\\d files"))
    ]
    assert "There is no table 'filse'" in shell.run("\\d filse")
    assert "There is no command \\nonsense" in shell.run("\\nonsense")
    assert "1 request" in shell.run("\\explain SELECT name FROM files WHERE path = '/Reports/alpha.csv'")
    assert "to_path" in shell.run("\\dp move")
    assert "read_xlsx" in shell.run("\\df read_x")
    assert "\\timing" in shell.run("\\?")
    assert shell.leave() == 0


def test_looks_and_files(shell: Terminal, cli: CommandLine) -> None:
    assert "Timing: on." in shell.run("\\timing")
    shown = shell.run("SELECT name FROM files WHERE path = '/Reports/alpha.csv';")
    assert re.search(r"Time: \d+\.\d{3} s, \d requests?, .* received, .* sent, 0 retries", shown)
    shell.run("\\timing off")
    shell.run("\\x on")
    assert ["a", "1"] in _words(shell.run("SELECT 1 AS a;"))
    shell.run("\\x auto")
    assert ["file_mime_type", "text/csv"] in _words(shell.run("SELECT * FROM files LIMIT 1;"))
    shell.run("\\format csv")
    assert '"x,y",' in shell.run("SELECT 'x,y' AS a, NULL AS b;")
    shell.run("\\o rows.csv")
    shell.run("SELECT 1 AS a; SELECT 2 AS a; SELECT 3 FROM nowhere;")
    assert (cli.directory / "rows.csv").read_text() == "a\n1\na\n2\n"
    assert sorted(path.name for path in cli.directory.iterdir()) == ["history", "rows.csv"]
    shell.run("\\o")
    (cli.directory / "two.sql").write_text("SELECT 'from' AS a;\nSELECT 'a file' AS b")
    assert "a file" in shell.run("\\i two.sql")
    assert "none.sql: No such file" in shell.run("\\i none.sql")


def test_writes_are_counted_and_failures_told(shell: Terminal, cli: CommandLine) -> None:
    assert "1 row: 1 done." in shell.run(
        "INSERT INTO items (path, content) VALUES ('/Reports/new.txt', 'x');"
    )
    shown = shell.run(
        "INSERT INTO items (path, content) VALUES ('/Reports/new.txt', 'y'), ('/Reports/b.txt', 'y');"
    )
    assert "1 of 2 rows failed" in shown
    assert "done" in shown
    assert "failed" in shown
    shown = shell.run("DELETE FROM items WHERE path = '/Reports/b.txt' RETURNING name, outcome;")
    assert ["b.txt", "done"] in _words(shown)


def test_names_and_paths_are_offered_while_typing(shell: Terminal) -> None:
    shell.child.send("SELECT * FROM group_mem")
    shell.child.expect("group_members")
    shell.child.send("\x15SELECT * FROM files WHERE path = '/Reports/al")
    shell.child.expect("alpha.csv")


def test_a_folder_is_listed_once_for_completion_and_in_vain_in_silence(cli: CommandLine) -> None:
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    cli.drive.put_file("/Reports/O'Brien/alpha.csv", b"a\n1\n")

    def connected(_: Invocation) -> Connection:
        return connect(settings=settings_from(cli.connection_string, environ={}, proxy=""))

    invocation = Invocation(None, None, json=False, quiet=True, verbose=False, trace=False)
    shell = Shell(invocation, Look(), connected)
    completing = completer(shell)

    def offered(text: str) -> list[str]:
        return [one.text for one in completing.get_completions(Document(text), CompleteEvent())]

    cli.emulator.requests.clear()
    assert offered("SELECT * FROM files WHERE parent_path = '/Rep") == ["Reports"]
    assert offered("SELECT * FROM files WHERE path = '/rep") == ["Reports/"]
    assert offered("SELECT * FROM read_csv('onedrive:/Reports/") == ["O''Brien/"]
    assert offered("SELECT * FROM read_csv('onedrive:/Reports/O''Brien/") == ["alpha.csv"]
    assert offered("SELECT * FROM read_csv('onedrive:/nowhere/") == []
    assert offered("SELECT * FROM read_csv('onedrive:/nowhere/a") == []
    listed = [one.target for one in cli.emulator.requests if "/children" in one.target]
    # The folder that is not there is looked for once.
    assert len(listed) == 4, listed
    shell.run("CREATE TABLE mine AS SELECT 1 AS my_column;")
    assert offered("SELECT my_c") == ["my_column"]
    shell.close()


def test_ctrl_c_clears_what_is_typed_and_cancels_what_runs(shell: Terminal, cli: CommandLine) -> None:
    shell.child.send("SELECT 'half a statement")
    shell.child.send("\x03")
    shell.prompt()
    cli.emulator.faults.add(faults.Delay(seconds=60), target="/children", nth=1)
    shell.child.send("SELECT name FROM files WHERE parent_path = '/Reports';\r")
    shell.child.expect(r"\d s  \d+ request")
    shell.child.send("\x03")
    assert "Cancelled." in shell.prompt()
    assert cli.emulator.faults.consumed()
    shown = shell.run("SELECT name FROM files WHERE parent_path = '/Reports';")
    assert ["(2", "rows)"] in _words(shown)
    assert "half" not in shown
    assert shell.leave() == 0


def test_history_is_kept_without_secrets(cli: CommandLine) -> None:
    terminal = Terminal(cli)
    terminal.run("SELECT 'remember me';")
    terminal.run("SELECT 'x' AS password WHERE 'Secret1' = 'a' AND password = 'Secret1';")
    assert terminal.leave() == 0
    path: Path = cli.directory / "history"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "remember me" in path.read_text()
    assert "Secret1" not in path.read_text()
    terminal = Terminal(cli)
    terminal.child.send("\x1b[A")
    terminal.child.expect("remember me")
    terminal.child.send("\r")
    terminal.prompt()
    assert terminal.leave() == 0


def test_another_connection(cli: CommandLine) -> None:
    stored = "\n".join(
        f"{name} = {value.strip('{}')!r}"
        for name, _, value in (part.partition("=") for part in cli.connection_string.split(";"))
    )
    (cli.directory / "connections.toml").write_text(f"[connections.second]\n{stored}\n")
    (cli.directory / "connections.toml").chmod(0o600)
    terminal = Terminal(cli)
    terminal.run("CREATE TABLE mine AS SELECT 1 AS a;")
    assert "Connected to second." in terminal.run("\\c second")
    assert "mine" in terminal.run("SELECT * FROM mine;")
    assert "There is no connection 'third'" in terminal.run("\\c third")
    assert "Connected to second." in terminal.run("\\c")
    assert terminal.run("SELECT count(*) AS n FROM files;").split()[-4:] == ["n", "0", "(1", "row)"]
    assert terminal.leave() == 0


def test_a_long_result_goes_through_the_pager(cli: CommandLine) -> None:
    terminal = Terminal(cli, PAGER="tee paged.txt")
    terminal.run("SELECT 5 AS few;")
    assert not (cli.directory / "paged.txt").exists()
    shown = terminal.run("SELECT range AS many FROM range(2500);")
    assert "(2,500 rows)" in shown
    lines = _ESCAPES.sub("", (cli.directory / "paged.txt").read_text()).split()
    assert lines == ["many", *map(str, range(2500))]
    assert terminal.leave() == 0


def test_what_the_shell_refuses(cli: CommandLine) -> None:
    for words in (("-o", "x.csv"), ("--format", "parquet")):
        child = pexpect.spawn(
            sys.executable, ["-m", "driveql.cli.main", "sql", *words], env=cli.environment, encoding="utf-8", timeout=_BUSY
        )  # fmt: skip
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 2, words

"""`driveql query`: saved queries are kept in plain files of the connection, listed, shown, run and removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import CommandLine


@pytest.fixture
def stored(cli: CommandLine) -> CommandLine:
    """The connection is stored as `work`; nothing else names it."""
    cli.ok(
        "connect",
        "add",
        "work",
        "--from-string",
        cli.connection_string,
        "--store-secrets-in-clear",
        "--no-input",
    )
    cli.without_environment = True
    return cli


def test_a_query_is_saved_listed_shown_run_and_removed(stored: CommandLine) -> None:
    stored.ok("mkdir", "onedrive:/Notes")
    statement = "SELECT name FROM folders WHERE parent_path = $parent AND name <> $but"
    words = ("--param", "parent VARCHAR", "--param", "but VARCHAR = 'x' : not this one")
    stored.ok("query", "save", "below", statement, "--description", "Folders below one", *words)
    file = Path(stored.directory, "work.queries", "below.sql")
    assert file.read_text() == (
        "-- Folders below one\n-- @param parent VARCHAR\n-- @param but VARCHAR = 'x' : not this one\n"
        + statement
        + "\n"
    )
    assert stored.ok("query", "show", "below") == file.read_text()
    (listed,) = stored.records("query", "list")
    assert listed["call"] == "below(parent VARCHAR, but VARCHAR = 'x')"
    assert listed["parameters"][1] == {
        "name": "but", "type": "VARCHAR", "default": "'x'", "description": "not this one"
    }  # fmt: skip
    assert stored.ok("query", "run", "below", "--param", "parent=/", "--format", "csv") == "name\nNotes\n"
    assert stored.records("query", "run", "below", "--param", "parent=/", "--param", "but=Notes") == []
    assert "below" in stored.ok("query", "remove", "below")
    assert stored.records("query", "list") == []


def test_a_file_is_saved_as_it_is_and_replaced_only_on_request(stored: CommandLine) -> None:
    Path(stored.directory, "q.sql").write_text("-- One\n\nSELECT 1 AS n\n")
    stored.ok("query", "save", "one", "-f", "q.sql")
    assert stored.ok("query", "show", "one") == "-- One\n\nSELECT 1 AS n\n"
    again = stored.run("query", "save", "one", "SELECT 2 AS n")
    assert again.exit_code != 0
    assert "exists already" in again.stderr
    stored.ok("query", "save", "one", "-f", "-", "--replace", input="SELECT 2 AS n")
    assert json.loads(stored.ok("query", "run", "one", "--json")) == {"n": 2}
    stored.ok("query", "run", "one", "-o", "one.csv")
    assert Path(stored.directory, "one.csv").read_text() == "n\n2\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("save", "items", "SELECT 1"), "table or procedure of driveql"),
        (("save", "bad", "DELETE FROM items WHERE true"), "only queries are saved"),
        (("save", "bad"), "Give a STATEMENT"),
        (("save", "bad", "-f", "none.sql"), "none.sql"),
        (("show", "nothing"), "no saved query"),
        (("remove", "nothing"), "no saved query"),
        (("run", "nothing"), "no saved query"),
        (("list", "--connection", "other"), "no connection"),
    ],
)
def test_what_cannot_be_done_is_told(stored: CommandLine, words: tuple[str, ...], says: str) -> None:
    result = stored.run("query", *words)
    assert result.exit_code != 0
    assert says in result.stderr


def test_a_broken_file_is_listed_with_its_problem(stored: CommandLine) -> None:
    stored.ok("query", "save", "fine", "SELECT 1")
    Path(stored.directory, "work.queries", "broken.sql").write_text("SELECT (1")
    problems = {record["name"]: record["problem"] for record in stored.records("query", "list")}
    assert problems["fine"] is None
    assert "parentheses" in problems["broken"]


def test_without_a_stored_connection_there_are_none(cli: CommandLine) -> None:
    result = cli.run("query", "list")
    assert result.exit_code != 0
    assert "stored connection" in result.stderr


def test_what_cannot_be_bound_is_not_saved_unless_it_must_be(stored: CommandLine) -> None:
    for statement, told in (
        ("SELECT nmae FROM files", 'Referenced column "nmae" not found'),
        ("SELECT * FROM fles", "fles does not exist"),
        ("SELECT nope(size) FROM files", "nope does not exist"),
        ("SELECT nmae FROM list_root", "nmae"),
        ("SELECT sum(name) FROM files", "sum(VARCHAR)"),
    ):
        refused = stored.run("query", "save", "wrong", statement)
        assert refused.exit_code != 0
        assert told in refused.stderr
        assert "--force" in refused.stderr
    assert stored.records("query", "list") == []
    stored.ok("query", "save", "wrong", "SELECT nmae FROM files", "--force")
    (listed,) = stored.records("query", "list")
    assert "nmae" in listed["problem"]
    before = len(stored.emulator.requests)
    for name, statement in (
        ("reads", "SELECT a FROM read_csv('onedrive:/none.csv')"),
        ("asks", "SELECT * FROM generic_request WITH (Url='/users')"),
        ("rooted", "SELECT name FROM list_root"),
        ("nested", "SELECT name FROM rooted JOIN reads ON name = a"),
        ("sheets", "SELECT * FROM worksheets('onedrive:/none.xlsx')"),
        ("keys", "SELECT name FROM items WHERE owner IN (SELECT id FROM users)"),
        ("local", "SELECT * FROM read_csv('not-there-yet.csv')"),
    ):
        stored.ok("query", "save", name, statement)
    words = ("SELECT * FROM read_csv('onedrive:/' || $name)", "--param", "name VARCHAR")
    stored.ok("query", "save", "named", *words)
    problems = {each["name"]: each["problem"] for each in stored.records("query", "list")}
    assert [name for name, problem in problems.items() if problem] == ["wrong"]
    assert len(stored.emulator.requests) == before
    stored.ok("mkdir", "onedrive:/Notes")
    assert stored.ok("query", "run", "rooted", "--format", "csv") == "name\nNotes\n"


def test_a_connections_file_that_is_not_toml_is_told_with_its_line(stored: CommandLine) -> None:
    file = Path(stored.directory, "connections.toml")
    for content, told in (
        ('[connections.work]\nTenantId = "a"\nSecret secret-1\n', "connections.toml is not TOML: line 3, "),
        ('[connections.work]\nTenantId = """secret-1', "its end comes too early"),
        ("[connections.work]\nTenantId = secret-1\n", "line 2, column"),
    ):
        file.write_text(content)
        for words in (("query", "list"), ("connect", "list"), ("connect", "remove", "work")):
            refused = stored.run(*words)
            assert told in refused.stderr
            assert "hint: It has [connections.NAME]" in refused.stderr
            assert "secret-1" not in refused.stderr
    file.write_bytes(b"\xff")
    assert "is not UTF-8 text" in stored.run("connect", "list").stderr

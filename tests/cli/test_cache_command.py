"""`driveql cache` shows what lies in files of the user and forgets it; `driveql sql --cache` fills it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import CommandLine

SQL = "SELECT name FROM files ORDER BY name"


@pytest.fixture
def caching(cli: CommandLine, tmp_path: Path) -> CommandLine:
    cli.drive.put_file("/a.txt", b"a")
    cli.extra = {"DRIVEQL_CACHE": str(tmp_path / "caches"), "DRIVEQL_CACHE_STORAGE": "file"}
    return cli


def requests(cli: CommandLine) -> int:
    found = sum("/v1.0/" in record.target for record in cli.emulator.requests)
    cli.emulator.requests.clear()
    return found


def test_what_one_run_asked_the_next_need_not_ask(caching: CommandLine) -> None:
    names = caching.records("sql", SQL, "--cache", "metadata")
    assert names == [{"name": "a.txt"}]
    assert requests(caching)
    assert caching.records("sql", SQL, "--cache", "metadata") == names
    assert requests(caching) == 0
    caching.drive.put_file("/b.txt", b"b")
    assert len(caching.records("sql", SQL)) == 2, "without the option the connection's own mode counts"
    caching.ok("rm", "-q", "onedrive:/a.txt")
    assert caching.records("sql", SQL, "--cache", "all") == [{"name": "b.txt"}]


def test_it_is_shown_and_cleared(caching: CommandLine) -> None:
    assert caching.records("cache") == []
    assert caching.ok("cache").splitlines() == ["connection\towner\tanswers\tfiles\tbytes\toldest_seconds"]
    caching.ok("sql", f"{SQL}; SELECT * FROM read_text('onedrive:/a.txt')", "--cache", "all")
    (shown,) = caching.records("cache")
    assert shown["owner"].startswith("/users/alice")
    assert shown["files"] == 1
    assert shown["answers"] >= 2
    assert shown["bytes"] > 0
    assert shown["oldest_seconds"] >= 0
    (cleared,) = caching.records("cache", "clear")
    assert cleared["bytes"] == shown["bytes"]
    (empty,) = caching.records("cache")
    assert (empty["answers"], empty["files"], empty["bytes"], empty["oldest_seconds"]) == (0, 0, 0, None)
    requests(caching)
    caching.ok("sql", SQL, "--cache", "metadata")
    assert requests(caching)


def test_one_connection_may_be_chosen(caching: CommandLine) -> None:
    caching.ok("sql", SQL, "--cache", "metadata")
    words = caching.connection_string.split(";")
    (given,) = [word.partition("=")[2].strip("{}") for word in words if word.startswith("ClientSecret")]
    by_name = dict(word.split("=", 1) for word in words)
    caching.without_environment = True
    caching.extra["SECRET"] = given.removeprefix("plain:")
    table = {**by_name, "ClientSecret": "env:SECRET"}
    lines = ["[connections.work]", *(f'{name} = "{value}"' for name, value in table.items())]
    lines += ["[connections.other]", *(f'{name} = "{value}"' for name, value in table.items())]
    lines[-1] = 'GroupOrUserId = "/users/bruno@contoso.com"'
    path = caching.directory / "connections.toml"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    assert caching.records("cache", "--connection", "other") == []
    assert len(caching.records("cache", "--connection", "work")) == 1
    assert caching.records("cache", "clear", "--connection", "other") == []
    assert len(caching.records("cache", "clear", "--connection", "work")) == 1
    assert caching.run("cache", "--connection", "nobody").exit_code != 0

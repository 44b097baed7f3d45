"""get and put carry files with an outcome each; nothing is overwritten unasked and nothing lands outside the target."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from tests.cli.conftest import CommandLine

from graph_emulator import faults
from graph_emulator.faults.effect import Exchange
from graph_emulator.faults.pages import page_of
from graph_emulator.messages import Response, json_response


def _tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    cli.drive.put_file("/R/a.csv", b"a")
    cli.drive.put_file("/R/deep/b.csv", b"b")
    cli.drive.put_file("/R/deep/c.txt", b"c")
    cli.drive.create_folder("/R/empty")
    return cli


def test_get_writes_a_file_here_and_refuses_to_overwrite_it(filled: CommandLine) -> None:
    filled.ok("get", "onedrive:/R/a.csv")
    assert _tree(filled.directory) == {"a.csv": b"a"}
    (filled.directory / "a.csv").write_bytes(b"mine")
    refused = filled.run("get", "onedrive:/R/a.csv")
    assert refused.exit_code == 11
    assert "--overwrite" in refused.stderr
    assert _tree(filled.directory) == {"a.csv": b"mine"}
    filled.ok("get", "onedrive:/R/a.csv", "--overwrite")
    assert _tree(filled.directory) == {"a.csv": b"a"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/R/a.csv", "x.csv"), {"x.csv"}),
        (("/R/a.csv", "made/"), {"made/a.csv"}),
        (("/R/a.csv", "there"), {"there/a.csv"}),
        (("/R/**/*.csv", "to"), {"to/a.csv", "to/deep/b.csv"}),
        (("-r", "/R", "."), {"R/a.csv", "R/deep/b.csv", "R/deep/c.txt"}),
        (("-r", "/R", "new"), {"new/a.csv", "new/deep/b.csv", "new/deep/c.txt"}),
        (("-r", "/", "all"), {"all/R/a.csv", "all/R/deep/b.csv", "all/R/deep/c.txt"}),
        (("-r", "/R/*", "to"), {"to/a.csv", "to/deep/b.csv", "to/deep/c.txt"}),
        (("-r", "/R/**", "to"), {"to/a.csv", "to/deep/b.csv", "to/deep/c.txt"}),
    ],
)
def test_get_puts_files_where_a_person_expects_them(
    filled: CommandLine, words: tuple[str, ...], expected: set[str]
) -> None:
    (filled.directory / "there").mkdir()
    filled.ok("get", *words)
    assert set(_tree(filled.directory)) == expected


def test_get_of_a_folder_makes_its_empty_folders_too(filled: CommandLine) -> None:
    filled.ok("get", "-r", "onedrive:/R", ".")
    assert (filled.directory / "R/empty").is_dir()


def test_get_of_a_folder_without_r_is_refused(filled: CommandLine) -> None:
    refused = filled.run("get", "onedrive:/R")
    assert refused.exit_code == 2
    assert "-r" in refused.stderr
    assert _tree(filled.directory) == {}


def test_get_reports_each_file_and_ends_with_10_when_some_failed(filled: CommandLine) -> None:
    (filled.directory / "deep").mkdir()
    (filled.directory / "deep/b.csv").write_bytes(b"mine")
    result = filled.run("get", "onedrive:/R/**/*.csv", ".", "--json")
    assert result.exit_code == 10
    outcomes = {r["source"]: r for r in map(json.loads, result.stdout.splitlines())}
    assert outcomes["onedrive:/R/a.csv"]["outcome"] == "done"
    failed = outcomes["onedrive:/R/deep/b.csv"]
    assert (failed["outcome"], failed["error"]["exit_code"]) == ("failed", 11)
    assert json.loads(result.stderr)["error"]["exit_code"] == 10
    assert _tree(filled.directory) == {"a.csv": b"a", "deep/b.csv": b"mine"}


def test_a_failed_download_leaves_no_file(filled: CommandLine) -> None:
    filled.emulator.faults.add(faults.Refuse(403, code="accessDenied"), target="_content", count=None)
    filled.emulator.faults.add(faults.Refuse(403, code="accessDenied"), target="/content", count=None)
    result = filled.run("get", "onedrive:/R/a.csv")
    assert result.exit_code == 5, result.stderr
    assert list(filled.directory.iterdir()) == []


@dataclass(frozen=True, slots=True)
class HostileNames(faults.Effect):
    """A listing whose names are what no service allows; the addresses of the contents stay right."""

    kind: ClassVar[str] = "hostile_names"
    acts_before: ClassVar[bool] = False
    names: tuple[str, ...] = ()

    async def after(self, exchange: Exchange, /) -> Response | None:
        page = page_of(exchange.response)
        if page is None:
            return None
        for item, name in zip(page["value"], self.names, strict=True):
            item["name"] = name
        return json_response(200, page)


def test_names_from_the_server_stay_inside_the_target(cli: CommandLine) -> None:
    names = ("../../outside", "..", "/etc/passwd", "a\x1b[2Jb", "..\\up", "n\x00l")
    for number in range(len(names)):
        cli.drive.put_file(f"/R/{number}", b"evil")
    cli.emulator.faults.add(HostileNames(names), target="/children")
    result = cli.run("get", "-r", "onedrive:/R", "to/in/")
    assert result.exit_code == 0, result.stderr
    assert "\x1b" not in result.stdout
    everywhere = {path for path in cli.directory.parent.rglob("*") if path.is_file()}
    written = {path for path in everywhere if path.read_bytes() == b"evil"}
    assert len(written) == len(names)
    assert all(path.is_relative_to(cli.directory / "to/in/R") for path in written)


def test_put_writes_files_and_folders_where_a_person_expects_them(cli: CommandLine) -> None:
    tree = {"src/Q1 #2 100%.csv": b"1", "src/sub/Übersicht & Plan.txt": b"2", "src/zero": b""}
    for name, content in tree.items():
        path = cli.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    cli.ok("put", "-r", "src", "onedrive:/")
    assert set(cli.drive.tree()) == {f"/{name}" for name in tree}
    cli.ok("put", "-r", "src", "onedrive:/other")
    assert {path for path in cli.drive.tree() if path.startswith("/other/")} == {
        "/other/Q1 #2 100%.csv", "/other/sub/Übersicht & Plan.txt", "/other/zero"
    }  # fmt: skip
    cli.ok("put", "src/zero", "onedrive:/other/one")
    cli.ok("put", "src/zero", "onedrive:/other/sub")
    cli.ok("put", "-p", "src/zero", "src/Q1 #2 100%.csv", "onedrive:/x/y")
    assert {"/other/one", "/other/sub/zero", "/x/y/zero", "/x/y/Q1 #2 100%.csv"} <= set(cli.drive.tree())
    cli.ok("get", "-r", "onedrive:/src", "back")
    assert _tree(cli.directory / "back") == {
        name.removeprefix("src/"): content for name, content in tree.items()
    }


def test_put_refuses_a_taken_name_unless_told_what_to_do(cli: CommandLine) -> None:
    cli.drive.put_file("/a.txt", b"old")
    (cli.directory / "a.txt").write_bytes(b"new")
    assert cli.run("put", "a.txt", "onedrive:/").exit_code == 6
    assert cli.ok("cat", "/a.txt") == "old"
    renamed = cli.records("put", "a.txt", "onedrive:/", "--conflict", "rename")
    assert renamed[0]["target"] == "onedrive:/a 1.txt"
    cli.ok("put", "a.txt", "onedrive:/", "--conflict", "replace")
    assert cli.ok("cat", "/a.txt") == "new"


def test_put_reads_standard_input(cli: CommandLine) -> None:
    content = bytes(range(256)) * 50
    cli.ok("put", "-", "onedrive:/in.bin", input=content)
    assert cli.run("cat", "/in.bin").stdout_bytes == content
    assert cli.run("put", "-", "onedrive:/", input=b"x").exit_code == 2


def test_put_without_p_wants_the_folder_to_be_there(cli: CommandLine) -> None:
    (cli.directory / "a.txt").write_bytes(b"new")
    refused = cli.run("put", "a.txt", "onedrive:/no/where/")
    assert refused.exit_code == 4
    assert "-p" in refused.stderr
    assert cli.drive.tree() == {}


def test_put_goes_on_after_a_file_that_cannot_be(cli: CommandLine) -> None:
    for name in ("a:b.txt", "good.txt"):
        (cli.directory / name).write_bytes(b"x")
    result = cli.run("put", "a:b.txt", "missing.txt", "good.txt", "onedrive:/")
    assert result.exit_code == 10
    assert set(cli.drive.tree()) == {"/good.txt"}
    assert "a:b.txt" in result.stderr
    assert "missing.txt" in result.stderr


def test_several_files_do_not_go_into_one(cli: CommandLine) -> None:
    cli.drive.put_file("/file", b"x")
    for name in ("1", "2"):
        (cli.directory / name).write_bytes(b"x")
    assert cli.run("put", "1", "2", "onedrive:/file").exit_code == 2


def test_a_full_drive_ends_the_command_with_its_own_code(cli: CommandLine) -> None:
    cli.drive.quota_total = 10
    for number in range(4):
        (cli.directory / f"{number}.bin").write_bytes(b"x" * 100)
    result = cli.run("put", "0.bin", "1.bin", "2.bin", "3.bin", "onedrive:/")
    assert result.exit_code == 13
    assert result.stderr.count("hint:") == 1
    assert cli.drive.tree() == {}

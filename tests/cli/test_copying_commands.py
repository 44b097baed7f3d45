"""cp, mv and hash: copies arrive, moves between drives are compared first, dry runs change nothing and foresee refusals."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.conftest import CommandLine

from driveql.cli.hash_list import entries, line
from driveql.cli.text import escaped
from driveql.drive import moving
from graph_emulator import faults
from graph_emulator.faults.effect import Exchange
from graph_emulator.messages import Response, json_response
from graph_emulator.store.checking_out import check_out


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    cli.emulator.behaviour.copy_polls = 1
    cli.drive.put_file("/R/a.csv", b"a")
    cli.drive.put_file("/R/deep/b.csv", b"bb")
    cli.drive.put_file("/R/deep/er/zero", b"")
    cli.drive.create_folder("/to")
    return cli


@pytest.fixture
def bob(filled: CommandLine) -> Any:
    return filled.emulator.tenant.add_user("bob", "Bob Jones")


def _content(drive: Any) -> dict[str, str]:
    return {path: sha256 for path, (_, sha256) in drive.tree().items()}


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("words", "arrived"),
    [
        (("onedrive:/R/a.csv", "onedrive:/to"), {"/to/a.csv"}),
        (("onedrive:/R/a.csv", "onedrive:/to/x.csv"), {"/to/x.csv"}),
        (("onedrive:/R/a.csv", "onedrive:/R/deep/b.csv", "onedrive:/to/"), {"/to/a.csv", "/to/b.csv"}),
        (("onedrive:/R/**/*.csv", "onedrive:/to"), {"/to/a.csv", "/to/b.csv"}),
        (("-r", "onedrive:/R", "onedrive:/to"), {"/to/R/a.csv", "/to/R/deep/b.csv", "/to/R/deep/er/zero"}),
        (("-r", "onedrive:/R/deep", "onedrive:/to/d"), {"/to/d/b.csv", "/to/d/er/zero"}),
    ],
)
def test_cp_within_a_drive_puts_items_where_a_person_expects_them(
    filled: CommandLine, words: tuple[str, ...], arrived: set[str]
) -> None:
    before = set(filled.drive.tree())
    filled.ok("cp", *words)
    assert set(filled.drive.tree()) - before == arrived
    assert before <= set(filled.drive.tree())


def test_cp_to_another_drive_and_its_comparison(filled: CommandLine, bob: Any) -> None:
    told = filled.records("cp", "-r", "--verify", "onedrive:/R", f"onedrive://{bob.user_principal_name}/")
    assert told[0]["target"] == f"onedrive://{bob.user_principal_name}/R"
    assert _content(bob.drive) == {
        "/R/a.csv": _sha(b"a"),
        "/R/deep/b.csv": _sha(b"bb"),
        "/R/deep/er/zero": _sha(b""),
    }


def test_cp_refuses_a_taken_name_unless_told_what_to_do(filled: CommandLine) -> None:
    filled.drive.put_file("/to/a.csv", b"old")
    for words in ((), ("--dry-run",)):
        refused = filled.run("cp", "onedrive:/R/a.csv", "onedrive:/to", *words)
        assert refused.exit_code == 6, refused.stderr
    skipped = filled.records("cp", "--skip-existing", "onedrive:/R/**/*.csv", "onedrive:/to")
    assert {r["target"]: r["outcome"] for r in skipped} == {
        "onedrive:/to/a.csv": "skipped", "onedrive:/to/b.csv": "done"
    }  # fmt: skip
    assert _content(filled.drive)["/to/a.csv"] == _sha(b"old")
    renamed = filled.records("cp", "--conflict", "rename", "onedrive:/R/a.csv", "onedrive:/to")
    assert renamed[0]["target"] == "onedrive:/to/a 1.csv"
    filled.ok("cp", "--conflict", "replace", "onedrive:/R/a.csv", "onedrive:/to")
    assert _content(filled.drive)["/to/a.csv"] == _sha(b"a")


def test_cp_between_here_and_there_is_put_and_get(filled: CommandLine) -> None:
    filled.ok("cp", "-r", "onedrive:/R", "here")
    assert (filled.directory / "here/deep/b.csv").read_bytes() == b"bb"
    filled.ok("cp", "-r", "here", "onedrive:/back")
    assert _content(filled.drive)["/back/deep/b.csv"] == _sha(b"bb")
    filled.ok("cp", "onedrive:/R/a.csv", "onedrive:/R/deep/b.csv", ".")
    assert (filled.directory / "b.csv").read_bytes() == b"bb"


@pytest.mark.parametrize(
    "words",
    [
        ("a.csv", "b.csv"),
        ("onedrive:/R/a.csv", "a.csv", "onedrive:/to"),
        ("onedrive:/R", "onedrive:/to"),
        ("-r", "onedrive:/R", "onedrive:/R/deep/x"),
        ("-r", "onedrive:/", "onedrive:/to"),
        ("--conflict", "rename", "onedrive:/R/a.csv", "."),
        ("--conflict", "replace", "--skip-existing", "onedrive:/R/a.csv", "."),
    ],
)
def test_what_cannot_be_meant_is_refused(filled: CommandLine, words: tuple[str, ...]) -> None:
    before = set(filled.drive.tree())
    assert filled.run("cp", *words).exit_code == 2
    assert set(filled.drive.tree()) == before


def test_mv_takes_several_and_patterns(filled: CommandLine) -> None:
    filled.ok("mv", "onedrive:/R/a.csv", "onedrive:/R/deep/*.csv", "onedrive:/to/")
    assert set(filled.drive.tree()) == {"/to/a.csv", "/to/b.csv", "/R/deep/er/zero"}
    filled.ok("mv", "onedrive:/to", "onedrive:/TO")
    assert "/TO/a.csv" in filled.drive.tree()
    assert filled.run("mv", "onedrive:/R", "onedrive:/R/deep/x").exit_code == 2
    assert filled.run("mv", "onedrive:/TO/a.csv", "onedrive:/none/x").exit_code == 4


def test_mv_to_another_drive_copies_compares_and_deletes(filled: CommandLine, bob: Any) -> None:
    result = filled.run("mv", "onedrive:/R", f"onedrive://{bob.user_principal_name}/Mine")
    assert result.exit_code == 0, result.stderr
    assert "copied, compared, then deleted" in result.stderr
    assert set(filled.drive.tree()) == set()
    assert _content(bob.drive) == {
        "/Mine/a.csv": _sha(b"a"),
        "/Mine/deep/b.csv": _sha(b"bb"),
        "/Mine/deep/er/zero": _sha(b""),
    }
    assert [item.name for item in filled.drive.in_bin()] == ["R"]


@dataclass(frozen=True, slots=True)
class Shrunk(faults.Effect):
    """An item that is a byte shorter than what was stored, as after a copy that went wrong."""

    kind: ClassVar[str] = "shrunk"
    acts_before: ClassVar[bool] = False

    async def after(self, exchange: Exchange, /) -> Response | None:
        item = json.loads(exchange.response.body)
        item["size"] -= 1
        return json_response(200, item)


def test_mv_to_another_drive_deletes_nothing_when_the_copy_differs(
    filled: CommandLine, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_BETWEEN_LOOKS", 0.0)
    filled.drive.put_file("/one.bin", b"12345")
    filled.emulator.faults.add(
        Shrunk(), target=f"/drives/{re.escape(bob.drive.id)}/items/", method="GET", count=None
    )
    result = filled.run("mv", "onedrive:/one.bin", f"onedrive://{bob.user_principal_name}/one.bin")
    assert result.exit_code == 9, result.stderr
    assert "has 5 bytes, its copy 4" in result.stderr
    assert "both there" in result.stderr
    assert "/one.bin" in filled.drive.tree()
    assert "/one.bin" in bob.drive.tree()
    filled.emulator.faults.assert_consumed()


def test_a_dry_run_sends_nothing_that_writes(filled: CommandLine, bob: Any) -> None:
    (filled.directory / "new.txt").write_bytes(b"new")
    (filled.directory / "a:b").write_bytes(b"new")
    before = _content(filled.drive)
    there = f"onedrive://{bob.user_principal_name}/"
    for words in (
        ("cp", "-r", "onedrive:/R", "onedrive:/copy"),
        ("cp", "onedrive:/R/a.csv", there),
        ("mv", "onedrive:/R", "onedrive:/to/"),
        ("mv", "onedrive:/R", there),
        ("rm", "-r", "onedrive:/R", "onedrive:/to"),
        ("mkdir", "-p", "onedrive:/x/y/z"),
        ("put", "-p", "new.txt", "onedrive:/x/y/"),
        ("get", "-r", "onedrive:/R", "got"),
        ("sync", ".", "onedrive:/mirror", "--exclude", "a:b"),
        ("sync", "onedrive:/R", "mirror"),
        ("request", "DELETE", f"/drives/{filled.drive.id}/root:/R"),
    ):
        told = filled.records(*words, "--dry-run")
        assert told, words
        assert {r["outcome"] for r in told} == {"planned"}, words
        assert "would" in filled.run(*words, "-n").output.casefold() or words[0] == "sync"
    assert _content(filled.drive) == before
    assert bob.drive.tree() == {}
    assert {path.name for path in filled.directory.iterdir()} == {"new.txt", "a:b"}
    refused = filled.run("put", "-n", "new.txt", "a:b", "onedrive:/R/a.csv/")
    assert refused.exit_code == 2


def test_a_dry_run_ends_as_the_run_would(filled: CommandLine) -> None:
    for name in ("a.csv", "a:b", "new"):
        (filled.directory / name).write_bytes(b"x")
    result = filled.run("put", "-n", "a.csv", "a:b", "new", "onedrive:/R")
    assert result.exit_code == 10
    assert "exists already" in result.stderr
    assert "which no name in OneDrive can hold" in result.stderr
    assert "new -> onedrive:/R/new" in result.stdout
    assert filled.run("sync", "-n", ".", "onedrive:/R").exit_code == 10
    assert filled.run("mv", "-n", "onedrive:/R/a.csv", "onedrive:/R/deep/b.csv").exit_code == 6
    assert filled.run("mv", "-n", "onedrive:/R/a.csv", "onedrive:/R/A.csv").exit_code == 0


def test_existing_files_are_skipped_when_asked(filled: CommandLine) -> None:
    filled.ok("get", "-r", "onedrive:/R", "out")
    (filled.directory / "out/a.csv").write_bytes(b"mine")
    (filled.directory / "out/deep/b.csv").unlink()
    told = {
        r["source"]: r["outcome"]
        for r in filled.records("get", "-r", "--skip-existing", "onedrive:/R", "out/")
    }
    assert set(told.values()) == {"done"}  # into out/R
    told = {r["source"]: r["outcome"] for r in filled.records("get", "--skip-existing", "/R/**/*.csv", "out")}
    assert told == {"onedrive:/R/a.csv": "skipped", "onedrive:/R/deep/b.csv": "done"}
    assert (filled.directory / "out/a.csv").read_bytes() == b"mine"
    told = {r["source"]: r["outcome"] for r in filled.records("put", "--skip-existing", "out/a.csv", "/R")}
    assert told == {"out/a.csv": "skipped"}
    assert filled.ok("cat", "/R/a.csv") == "a"


def test_hash_is_the_same_here_and_there_and_can_be_checked(filled: CommandLine) -> None:
    filled.ok("get", "-r", "onedrive:/R", "out")
    there = filled.ok("hash", "-r", "onedrive:/R")
    here = filled.ok("hash", "-r", "out")
    assert {line.split("  ")[0] for line in there.splitlines()} == {
        line.split("  ")[0] for line in here.splitlines()
    }
    assert len(there.splitlines()) == 3
    odd = filled.directory / "back\\slash\nbreak"
    odd.write_bytes(b"odd")
    lists = there + here + filled.ok("hash", str(odd.name))
    (filled.directory / "list").write_text(lists)
    assert filled.ok("hash", "-c", "list").count(": OK\n") == 7
    assert filled.run("hash", "-c", "-", input=lists).exit_code == 0
    filled.drive.put_file("/R/deep/b.csv", b"xx")
    changed = filled.run("hash", "-c", "list")
    assert changed.exit_code == 9
    assert "onedrive:/R/deep/b.csv: FAILED" in changed.stdout
    odd.unlink()
    filled.drive.put_file("/R/deep/b.csv", b"bb")
    assert filled.run("hash", "-c", "list").exit_code == 10


@given(st.text(min_size=1))
def test_every_name_survives_a_list_of_hashes(name: str) -> None:
    written = line("YWCBGBQQAxbIQAEzbAENFAAAAAA=", name)
    assert escaped(written) == written
    assert list(entries("list", [f"{written}\n"])) == [("YWCBGBQQAxbIQAEzbAENFAAAAAA=", name)]


def test_hashes_that_the_service_does_not_state_are_read(filled: CommandLine) -> None:
    (filled.directory / "a.csv").write_bytes(b"a")
    refused = filled.run("hash", "-a", "sha256", "onedrive:/R/a.csv")
    assert refused.exit_code == 13
    assert "--download" in refused.stderr
    expected = hashlib.sha256(b"a").hexdigest()
    shown = filled.ok("hash", "-a", "sha256", "--download", "onedrive:/R/a.csv", "a.csv")
    assert shown == f"{expected}  onedrive:/R/a.csv\n{expected}  a.csv\n"
    assert filled.run("hash", "missing").exit_code == 11
    assert filled.run("hash", "onedrive:/R").exit_code == 2
    (filled.directory / "list").write_text("no list\n")
    assert filled.run("hash", "-c", "list").exit_code == 2


def test_rm_of_many_tells_each_and_the_id_that_brings_it_back(filled: CommandLine) -> None:
    for number in range(25):
        filled.drive.put_file(f"/many/{number}", b"")
    told = filled.records("rm", "--yes", "onedrive:/many/*")
    assert {r["path"] for r in told} == {f"/many/{number}" for number in range(25)}
    assert not any(path.startswith("/many/") for path in filled.drive.tree())
    filled.ok("restore", *(r["id"] for r in told[:3]))
    assert sum(path.startswith("/many/") for path in filled.drive.tree()) == 3


def test_one_of_many_that_rm_may_not_take_is_named_and_the_others_go(filled: CommandLine, bob: Any) -> None:
    filled.connection_string += ";RetryMode=None"
    check_out(filled.drive.put_file("/R/a.csv", b"a"), bob.drive.actor)
    result = filled.run("rm", "onedrive:/R/a.csv", "onedrive:/R/deep/b.csv")
    assert result.exit_code == 10, result.stderr
    assert "onedrive:/R/a.csv: " in result.stderr
    assert "/drives/" not in result.stderr
    assert set(filled.drive.tree()) == {"/R/a.csv", "/R/deep/er/zero"}


def test_contents_that_are_refused_are_named_by_their_place(filled: CommandLine) -> None:
    filled.connection_string += ";RetryMode=None"
    filled.emulator.faults.add(faults.Refuse(403, code="accessDenied"), target="_content", count=None)
    for words in (
        ("get", "/R/a.csv", "x"),
        ("cat", "/R/a.csv"),
        ("head", "/R/a.csv"),
        ("cp", "onedrive:/R/a.csv", "x"),
    ):
        result = filled.run(*words)
        assert result.exit_code == 5, (words, result.stderr)
        assert "/R/a.csv: Access denied" in result.stderr, words
        assert "GET" not in result.stderr
    assert not (filled.directory / "x").exists()


def test_an_address_that_ran_out_is_renewed_where_retries_are_switched_off_too(filled: CommandLine) -> None:
    filled.connection_string += ";RetryMode=None"
    filled.emulator.faults.add(faults.ExpiredUrl(), target="_content")
    assert filled.ok("cat", "/R/a.csv") == "a"
    filled.emulator.faults.assert_consumed()

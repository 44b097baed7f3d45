"""share, versions, restore, checkout, checkin, thumbnail, preview, convert: each does what it says, once, and says it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cli.conftest import CommandLine

from graph_emulator import faults


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    cli.drive.put_file("/R/a.csv", b"one")
    cli.drive.put_file("/R/deep/b.csv", b"b")
    cli.emulator.tenant.add_user("bob", "Bob Jones")
    return cli


def _bob(cli: CommandLine) -> str:
    return f"bob@{cli.emulator.tenant.domain}"


def test_a_link_is_made_listed_resolved_and_revoked(filled: CommandLine) -> None:
    (link,) = filled.ok("share", "link", "/R/a.csv", "--expires", "30d").splitlines()
    assert link.startswith("https://")
    (listed,) = [r for r in filled.records("share", "list", "/R/a.csv") if r["kind"] == "link"]
    assert (listed["link"], listed["link_scope"]) == (link, "organization")
    assert listed["expires"]
    (item,) = filled.records("share", "resolve", link)
    assert item["path"] == "/R/a.csv"
    assert filled.ok("cat", link) == "one"
    planned = filled.records("share", "revoke", "/R/a.csv", "--links", "--dry-run")
    assert [r["outcome"] for r in planned] == ["planned"]
    filled.ok("share", "revoke", "/R/a.csv", "--links")
    assert "link" not in {r["kind"] for r in filled.records("share", "list", "/R/a.csv")}
    missing = filled.run("share", "revoke", "/R/a.csv", "nothing")
    assert missing.exit_code == 4
    assert "There is no permission nothing of onedrive:/R/a.csv." in missing.stderr


def test_a_links_password_is_never_shown(filled: CommandLine) -> None:
    filled.extra["LINK_PASSWORD"] = "hush hush 42"
    words = ("share", "link", "/R/a.csv", "--scope", "anonymous", "--password", "env:LINK_PASSWORD")
    for flags in (("-v",), ("--trace",), ("--json",), ("-n",)):
        result = filled.run(*words, *flags)
        assert result.exit_code == 0, result.stderr
        assert "hush" not in result.output
    refused = filled.run("share", "link", "/R/a.csv", "--scope", "anonymous", "--password", "env:NOT_THERE")
    assert refused.exit_code == 2


def test_each_invited_person_has_an_outcome(filled: CommandLine) -> None:
    bob = _bob(filled)
    result = filled.run("share", "invite", "/R", bob, "nobody@nowhere.example", "--json")
    told = {r["recipient"]: r["outcome"] for r in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 10
    assert told == {bob: "invited", "nobody@nowhere.example": "failed"}
    inherited = [r for r in filled.records("share", "list", "/R/a.csv") if r["who"] == bob]
    assert [(r["inherited_from"], r["roles"]) for r in inherited] == [("onedrive:/R", "read")]
    filled.ok("share", "invite", "/R", bob, "--role", "write", "--no-mail")
    alone = filled.run("share", "invite", "/R", "nobody@nowhere.example")
    assert alone.exit_code == 13
    assert "onedrive:/R: " in alone.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("link", "/R/a.csv", "--to", "bob@x.example"),
        ("link", "/R/a.csv", "--expires", "2001-01-01"),
        ("link", "/R/a.csv", "--expires", "soon"),
        ("invite", "/R", "bob@x.example", "bob@x.example"),
        ("invite", "/R", "bob@x.example", "--no-mail", "--message", "hello"),
        ("revoke", "/R"),
        ("revoke", "/R", "id", "--links"),
        ("list", "/R/../x"),
    ],
)
def test_sharing_that_cannot_be_is_refused(filled: CommandLine, words: tuple[str, ...]) -> None:
    assert filled.run("share", *words).exit_code == 2


def test_versions_are_listed_read_restored_and_removed(filled: CommandLine) -> None:
    for content in (b"second", b"the third"):
        (filled.directory / "a.csv").write_bytes(content)
        filled.ok("put", "a.csv", "/R/", "--conflict", "replace")
    listed = filled.records("versions", "list", "/R/a.csv")
    assert [(r["id"], r["size"]) for r in listed] == [("3.0", 9), ("2.0", 6), ("1.0", 3)]
    assert filled.ok("versions", "get", "/R/a.csv", "1.0", "-") == "one"
    refused = filled.run("versions", "get", "/R/a.csv", "2.0")
    assert (refused.exit_code, (filled.directory / "a.csv").read_bytes()) == (11, b"the third")
    filled.ok("versions", "get", "/R/a.csv", "2.0", "new/before.csv")
    assert (filled.directory / "new/before.csv").read_bytes() == b"second"
    filled.ok("versions", "restore", "/R/a.csv", "1.0", "--dry-run")
    assert filled.ok("cat", "/R/a.csv") == "the third"
    filled.ok("versions", "restore", "/R/a.csv", "1.0")
    assert filled.ok("cat", "/R/a.csv") == "one"
    assert filled.run("versions", "delete", "/R/a.csv", "2.0").exit_code == 2
    filled.ok("versions", "delete", "/R/a.csv", "2.0", "--yes")
    assert "2.0" not in {r["id"] for r in filled.records("versions", "list", "/R/a.csv")}
    # With retries the client waits for what a new file may not show yet.
    filled.connection_string += ";RetryMode=None"
    missing = filled.run("versions", "get", "/R/a.csv", "9.0", "-")
    assert missing.exit_code == 4
    assert "version 9.0 of onedrive:/R/a.csv" in missing.stderr
    assert filled.run("versions", "list", "/R").exit_code == 2


def test_what_rm_took_restore_brings_back(filled: CommandLine) -> None:
    (gone,) = filled.records("rm", "-r", "--yes", "/R")
    assert filled.drive.tree() == {}
    (entry,) = filled.records("restore", "--list")
    assert entry["name"] == "R"
    filled.ok("restore", gone["id"], "--dry-run")
    assert filled.drive.tree() == {}
    assert filled.ok("restore", f"id:{gone['id']}") == "restored onedrive:/R\n"
    assert set(filled.drive.tree()) == {"/R/a.csv", "/R/deep/b.csv"}
    note = filled.run("rm", "/R/a.csv").stderr
    identifier = note.partition("(driveql restore ")[2].partition(")")[0]
    filled.ok("restore", identifier, "--to", "onedrive:/R/deep", "--name", "back.csv")
    assert set(filled.drive.tree()) == {"/R/deep/b.csv", "/R/deep/back.csv"}
    several = filled.run("restore", "id:unknown", identifier)
    assert several.exit_code == 10
    assert several.stderr.count("hint:") <= 2
    assert filled.run("restore").exit_code == 2


def test_a_restore_does_not_replace_what_has_the_name_now(filled: CommandLine) -> None:
    (gone,) = filled.records("rm", "/R/a.csv")
    filled.drive.put_file("/R/a.csv", b"other")
    assert filled.run("restore", gone["id"]).exit_code == 6
    assert filled.ok("cat", "/R/a.csv") == "other"


def test_a_file_is_checked_out_in_and_back(filled: CommandLine) -> None:
    filled.ok("checkout", "/R/a.csv", "--dry-run")
    assert filled.run("checkin", "/R/a.csv").exit_code == 13
    filled.ok("checkout", "/R/a.csv")
    (filled.directory / "a.csv").write_bytes(b"draft")
    filled.ok("put", "a.csv", "/R/", "--conflict", "replace")
    filled.ok("checkin", "--discard", "/R/a.csv")
    assert filled.ok("cat", "/R/a.csv") == "one"
    filled.ok("checkout", "/R/a.csv", "/R/deep/b.csv")
    filled.ok("put", "a.csv", "/R/", "--conflict", "replace")
    told = filled.records("checkin", "-m", "new figures", "/R/a.csv", "/R/deep/b.csv")
    assert {r["outcome"] for r in told} == {"checked in"}
    assert filled.ok("cat", "/R/a.csv") == "draft"
    assert filled.run("checkin", "--discard", "-m", "x", "/R/a.csv").exit_code == 2
    assert filled.run("checkout", "/R").exit_code == 2


def test_one_of_several_that_is_locked_does_not_stop_the_others(filled: CommandLine) -> None:
    filled.connection_string += ";RetryMode=None"
    filled.emulator.faults.add(faults.Locked(), target="/checkout")
    result = filled.run("checkout", "/R/a.csv", "/R/deep/b.csv")
    assert result.exit_code == 10
    assert "onedrive:/R/a.csv: " in result.stderr
    assert "/drives/" not in result.stderr
    filled.ok("checkin", "/R/deep/b.csv")
    filled.emulator.faults.assert_consumed()


def test_pictures_previews_and_other_formats(filled: CommandLine) -> None:
    filled.drive.put_file("/team.jpg", b"\xff\xd8\xffpicture")
    filled.drive.put_file("/plan.docx", b"PK plan")
    assert {r["size"] for r in filled.records("thumbnail", "/team.jpg", "--list")} >= {"small", "large"}
    filled.ok("thumbnail", "/team.jpg")
    assert (filled.directory / "team.jpg.large.jpg").stat().st_size > 0
    assert filled.run("thumbnail", "/team.jpg").exit_code == 11
    assert filled.run("thumbnail", "/team.jpg", "x", "--size", "huge").exit_code == 2
    (address,) = filled.ok("preview", "/plan.docx").splitlines()
    assert address.startswith("http")
    filled.ok("convert", "/plan.docx", "out/")
    assert (filled.directory / "out/plan.pdf").read_bytes().startswith(b"%PDF-")
    assert filled.run("convert", "/team.jpg", "--to", "jpg").exit_code == 2
    assert filled.run("convert", "/R", "--overwrite").exit_code == 2


def test_a_pattern_names_one_item_or_none(filled: CommandLine) -> None:
    filled.drive.put_file("/R/c.csv", b"c")
    assert filled.run("versions", "list", "onedrive:/R/*.csv").exit_code == 2
    rows: list[dict[str, Any]] = filled.records("versions", "list", "onedrive:/R/a*")
    assert len(rows) == 1

"""metadata and subscriptions: what is set is kept and shown; who is to be told is told, until it is ended."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.cli.conftest import CommandLine

PLACE = "onedrive:/a.csv"


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    cli.drive.put_file("/a.csv", b"one")
    return cli


def test_columns_are_shown_and_set(filled: CommandLine) -> None:
    (before,) = filled.records("metadata", PLACE)
    assert before["fields"]["FileLeafRef"] == "a.csv"
    planned = filled.records("metadata", "--dry-run", PLACE, "Title=Plan")
    assert planned == [{"place": PLACE, "name": "Title", "value": "Plan", "outcome": "planned"}]
    assert "Title" not in filled.records("metadata", PLACE)[0]["fields"]
    (now,) = filled.records("metadata", PLACE, "Title=7 = seven", "--if-match", before["etag"])
    assert now["fields"]["Title"] == "7 = seven"
    assert "7 = seven" in filled.ok("metadata", PLACE)
    stale = filled.run("metadata", PLACE, "Title=x", "--if-match", before["etag"])
    assert stale.exit_code == 6
    assert filled.records("metadata", PLACE)[0]["fields"]["Title"] == "7 = seven"
    unknown = filled.run("metadata", PLACE, "Nope=x")
    assert unknown.exit_code not in {0, 2}
    assert f"driveql metadata {PLACE} shows the columns" in unknown.stderr
    filled.ok("metadata", PLACE, "Title:=null")
    assert filled.records("metadata", PLACE)[0]["fields"].get("Title") is None


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["Title"], "NAME=TEXT"),
        (["=x"], "NAME=TEXT"),
        (["Title:=no json"], "not JSON"),
        (["--if-match", "x"], "--if-match"),
    ],
)
def test_what_is_no_change_is_refused(filled: CommandLine, words: list[str], named: str) -> None:
    filled.emulator.requests.clear()
    result = filled.run("metadata", PLACE, *words)
    assert result.exit_code == 2
    assert named in result.stderr
    assert not filled.emulator.requests


def test_a_drive_is_listened_to(filled: CommandLine) -> None:
    listening = subprocess.Popen(
        [sys.executable, "-m", "driveql", "subscriptions", "listen", "--count", "1"],
        env=filled.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert listening.stderr is not None
        said = [listening.stderr.readline(), listening.stderr.readline()]
        assert said[0].startswith("listening on http://127.0.0.1:"), said
        assert "subscribed as" in said[1], said
        (known,) = filled.records("subscriptions", "list")
        assert known["notification_url"] in said[0]
        assert known["id"] in said[1]
        until = filled.records("subscriptions", "renew", known["id"], "--minutes", "90")[0]["expires"]
        assert until < known["expires"]
        filled.drive.put_file("/b.csv", b"two")
        out, _ = listening.communicate(timeout=20)
    finally:
        listening.kill()
    (told,) = [json.loads(line) for line in out.splitlines()]
    assert told["subscription_id"] == known["id"]
    assert told["change_type"] == "updated"
    assert filled.records("subscriptions", "list") == []


def test_subscriptions_that_cannot_be(filled: CommandLine) -> None:
    planned = filled.records("subscriptions", "create", "-n", "https://hooks.example.com/x")
    assert planned[0]["outcome"] == "planned"
    plain = filled.run("subscriptions", "create", "http://hooks.example.com/x")
    assert plain.exit_code == 2
    assert "https" in plain.stderr
    long = filled.run("subscriptions", "create", "--minutes", "50000", "https://hooks.example.com/x")
    assert "42300" in long.stderr
    nobody = filled.run("subscriptions", "create", "http://127.0.0.1:1/x")
    assert nobody.exit_code not in {0, 2}
    assert filled.records("subscriptions", "list") == []
    missing = filled.run("subscriptions", "delete", "7f105c7d-2dc5-4530-97cd-4e7ae6534c07")
    assert missing.exit_code == 4
    assert filled.records("subscriptions", "delete", "-n", "x")[0]["outcome"] == "planned"


def test_sync_follows_changes(cli: CommandLine) -> None:
    for number in range(6):
        cli.drive.put_file(f"/R/{number}/f.txt", b"x%d" % number)
    words = ("sync", "onedrive:/", "here", "--state", "state.sqlite")
    assert len([r for r in cli.records(*words) if r["outcome"] == "copied"]) == 6
    cli.drive.put_file("/R/3/f.txt", b"changed")
    cli.emulator.requests.clear()
    told = [(r["path"], r["outcome"]) for r in cli.records(*words) if r["outcome"] != "same"]
    assert told == [("R/3/f.txt", "replaced")]
    asked = [record.target for record in cli.emulator.requests if "/v1.0/" in record.target]
    assert sum("delta" in target for target in asked) == 1
    assert not any("/children" in target for target in asked)

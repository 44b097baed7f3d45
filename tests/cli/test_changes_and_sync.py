"""changes: nothing is confirmed that was not written; sync: the target becomes the source, and what failed is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CommandLine

from graph_emulator import faults

DRIVEQL = [sys.executable, "-m", "driveql.cli.main"]


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _write(root: Path, **content: bytes) -> None:
    for name, data in content.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        # What is mirrored as soon as it was written is read again by the next run, to be sure.
        os.utime(path, (path.stat().st_mtime - 3600, path.stat().st_mtime - 3600))


def _paths(told: list[dict[str, Any]], kind: str = "changed") -> set[str]:
    return {r["path"] for r in told if r["kind"] == kind and r.get("type") != "folder"}


def test_changes_begins_with_everything_and_then_tells_what_changed(cli: CommandLine) -> None:
    cli.drive.put_file("/R/a.csv", b"a")
    cli.drive.put_file("/R/b.csv", b"b")
    feed = ("changes", "--state", "feed.db")
    assert _paths(cli.records(*feed)) == {"/R/a.csv", "/R/b.csv"}
    assert cli.records(*feed) == []
    cli.ok("mv", "/R/a.csv", "/R/c.csv")
    cli.ok("rm", "/R/b.csv")
    told = cli.records(*feed)
    assert {(r["path"], r["old_path"]) for r in told if r["path"] == "/R/c.csv"} == {("/R/c.csv", "/R/a.csv")}
    assert _paths(told, "deleted") == {"/R/b.csv"}
    cli.drive.put_file("/R/d.csv", b"d")
    assert "changed\tonedrive:/R/d.csv" in cli.ok(*feed).splitlines()
    assert (cli.directory / "feed.db").stat().st_mode & 0o077 == 0


def test_a_new_feed_begins_where_it_is_told_and_a_folder_narrows_it(cli: CommandLine) -> None:
    cli.drive.put_file("/R/a.csv", b"a")
    assert cli.records("changes", "--state", "new.db", "--start", "latest") == []
    cli.drive.put_file("/R/b.csv", b"b")
    cli.drive.put_file("/Other/c.csv", b"c")
    assert _paths(cli.records("changes", "--state", "new.db", "onedrive:/R")) == {"/R/b.csv"}
    assert cli.run("changes", "--state", "x.db", "--start", "yesterday").exit_code == 2
    assert not (cli.directory / "x.db").exists()
    bob = cli.emulator.tenant.add_user("bob", "Bob Jones")
    assert cli.run("changes", "--state", "new.db", f"onedrive://{bob.user_principal_name}/").exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_changes_that_no_reader_took_are_told_again(cli: CommandLine) -> None:
    for number in range(40):
        cli.drive.put_file(f"/R/{number:03} {'x' * 200}", b"")
    first = subprocess.Popen(
        [*DRIVEQL, "changes", "--state", "feed.db", "--json"],
        env=cli.environment, cwd=cli.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert first.stdout is not None
    assert first.stderr is not None
    first.stdout.close()
    assert first.wait(60) == 141
    assert first.stderr.read() == b""
    first.stderr.close()
    assert len(_paths(cli.records("changes", "--state", "feed.db"))) == 40
    assert cli.records("changes", "--state", "feed.db") == []


def test_changes_after_an_expired_cursor_tells_everything_that_is_and_is_not(cli: CommandLine) -> None:
    cli.drive.put_file("/R/a.csv", b"a")
    cli.drive.put_file("/R/gone.csv", b"g")
    cli.ok("changes", "--state", "feed.db")
    cli.ok("rm", "/R/gone.csv")
    cli.emulator.faults.add(faults.Resync())
    told = cli.records("changes", "--state", "feed.db")
    assert "/R/gone.csv" in {r["path"] for r in told if r["kind"] == "deleted"}
    assert {r["resync"] for r in told} == {"apply"}
    cli.emulator.faults.assert_consumed()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_following_ends_with_ctrl_c_and_goes_on_from_there(cli: CommandLine) -> None:
    cli.drive.put_file("/a.csv", b"a")
    command = subprocess.Popen(
        [*DRIVEQL, "changes", "--state", "feed.db", "--follow", "1", "--json"],
        env=cli.environment, cwd=cli.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    assert json.loads(command.stdout.readline())["path"] == "/a.csv"
    cli.drive.put_file("/b.csv", b"b")
    assert json.loads(command.stdout.readline())["path"] == "/b.csv"
    command.send_signal(signal.SIGINT)
    _, stderr = command.communicate(timeout=60)
    assert command.returncode == 130, stderr
    assert "run again, goes on from there" in stderr
    assert "Traceback" not in stderr


def test_sync_makes_onedrive_the_same_and_repeats_nothing(cli: CommandLine) -> None:
    _write(cli.directory / "src", a=b"1", sub__b=b"22", sub__deep__c=b"")
    told = cli.records("sync", "src", "onedrive:/M")
    assert {r["path"]: r["outcome"] for r in told} == {
        "a": "copied", "sub": "made", "sub/b": "copied", "sub/deep": "made", "sub/deep/c": "copied"
    }  # fmt: skip
    assert set(cli.drive.tree()) == {"/M/a", "/M/sub/b", "/M/sub/deep/c"}
    assert cli.records("sync", "src", "onedrive:/M") == []
    _write(cli.directory / "src", a=b"new")
    (cli.directory / "src/sub/b").unlink()
    assert [(r["path"], r["outcome"]) for r in cli.records("sync", "src", "onedrive:/M")] == [
        ("a", "replaced")
    ]
    kept = cli.run("sync", "src", "onedrive:/M", "--delete", "--max-delete", "0")
    assert kept.exit_code == 2
    assert "/M/sub/b" in cli.drive.tree()
    assert "/M/sub/b" in {f"/M/{r['path']}" for r in cli.records("sync", "src", "onedrive:/M", "--delete")}
    assert set(cli.drive.tree()) == {"/M/a", "/M/sub/deep/c"}


def test_sync_makes_a_directory_the_same_by_filters(cli: CommandLine) -> None:
    for path in ("/R/a.csv", "/R/sub/b.csv", "/R/sub/c.txt", "/R/skip/d.csv"):
        cli.drive.put_file(path, path.encode())
    cli.ok("sync", "onedrive:/R", "here", "--include", "*.csv", "--exclude", "skip")
    assert _files(cli.directory / "here") == {"a.csv": b"/R/a.csv", "sub/b.csv": b"/R/sub/b.csv"}
    cli.ok("sync", "onedrive:/R", "here")
    assert set(_files(cli.directory / "here")) == {"a.csv", "sub/b.csv", "sub/c.txt", "skip/d.csv"}
    cli.drive.put_file("/R/a.csv", b"/r/A.CSV")
    times = {path: path.stat().st_mtime for path in (cli.directory / "here").rglob("*.csv")}
    for path, moment in times.items():
        os.utime(path, (moment + 100, moment + 100))
    planned = cli.records("sync", "-n", "onedrive:/R", "here")
    assert {r["action"] for r in planned} == {"replace if it differs"}
    cli.ok("sync", "onedrive:/R", "here", "--compare", "hash", "--quiet")
    assert _files(cli.directory / "here")["a.csv"] == b"/r/A.CSV"


def test_sync_reports_each_failure_and_deletes_nothing_after_one(cli: CommandLine) -> None:
    _write(cli.directory / "src", a=b"1", b=b"2")
    cli.drive.put_file("/M/old", b"old")
    cli.emulator.faults.add(faults.Refuse(403, code="accessDenied"), target="/a:/")
    result = cli.run("sync", "src", "onedrive:/M", "--delete")
    assert result.exit_code == 10, result.stderr
    assert {"/M/b", "/M/old"} == set(cli.drive.tree())
    assert "Access denied" in result.stderr
    assert "since other steps failed" in result.stderr
    cli.ok("sync", "src", "onedrive:/M", "--delete")
    assert {"/M/a", "/M/b"} == set(cli.drive.tree())
    cli.emulator.faults.assert_consumed()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("a", "b"), 2),
        (("onedrive:/a", "onedrive:/b"), 2),
        (("missing", "onedrive:/b"), 11),
        (("onedrive:/missing", "here"), 4),
        ((".", "onedrive:/b", "--max-delete", "3"), 2),
    ],
)
def test_sync_refuses_what_cannot_be_meant(cli: CommandLine, words: tuple[str, ...], code: int) -> None:
    result = cli.run("sync", *words)
    assert result.exit_code == code, result.stderr
    assert "/drives/" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_sync_that_is_interrupted_is_finished_by_running_it_again(cli: CommandLine) -> None:
    for number in range(4):
        _write(cli.directory / "src", **{f"f{number}": b"x" * 10})
    cli.emulator.faults.add(faults.Delay(seconds=30), target="/f3", method="POST")
    command = subprocess.Popen(
        [*DRIVEQL, "sync", "src", "onedrive:/M", "--concurrency", "1"], env=cli.environment, cwd=cli.directory,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    assert [command.stdout.readline().split("\t")[0] for _ in range(3)] == ["copied"] * 3
    while not cli.emulator.faults.consumed():
        assert command.poll() is None, command.communicate()
        time.sleep(0.02)
    command.send_signal(signal.SIGINT)
    _, stderr = command.communicate(timeout=60)
    assert command.returncode == 130, stderr
    assert "3 of 4 steps were done" in stderr, stderr
    assert "run again" in stderr
    assert len(cli.records("sync", "src", "onedrive:/M")) == 1
    assert len(cli.drive.tree()) == 4

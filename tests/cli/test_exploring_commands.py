"""tree, find, du, head and search show what is there, no more than was asked for, and each place so that it can be typed."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from tests.cli.conftest import CommandLine

from driveql.cli.quantities import future, past, size_test
from graph_emulator import faults


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    cli.drive.put_file("/R/a.csv", b"a,b\n1,2\n3,4\n")
    cli.drive.put_file("/R/deep/b.CSV", b"x" * 5000)
    cli.drive.put_file("/R/deep/er/c.txt", b"c")
    cli.drive.create_folder("/R/empty")
    return cli


def _listings(cli: CommandLine) -> list[str]:
    """Commands with --trace tell the requests they sent; those for children are listings."""
    result = cli.run(*("tree", "-L", "1", "onedrive:/R", "--trace"))
    return [line for line in result.stderr.splitlines() if "/children" in line]


def test_tree_draws_every_level_with_its_last_branch(filled: CommandLine) -> None:
    assert filled.ok("tree").splitlines() == [
        "onedrive:/",
        "└── R/",
        "    ├── a.csv",
        "    ├── deep/",
        "    │   ├── b.CSV",
        "    │   └── er/",
        "    │       └── c.txt",
        "    └── empty/",
        "",
        "4 folders, 3 files",
    ]


def test_tree_asks_for_no_level_below_the_deepest_shown(filled: CommandLine) -> None:
    shown = filled.ok("tree", "-L", "1", "-s", "onedrive:/R").splitlines()
    assert [line for line in shown if line.startswith(("├", "└"))] == [
        "├── a.csv  [12]",
        "├── deep/  [5001]",
        "└── empty/  [0]",
    ]
    assert len(_listings(filled)) == 1
    assert {r["path"]: r["depth"] for r in filled.records("tree", "-d", "onedrive:/R")} == {
        "/R/deep": 1, "/R/empty": 1, "/R/deep/er": 2
    }  # fmt: skip


def test_a_deep_tree_is_drawn_to_its_end(cli: CommandLine) -> None:
    cli.drive.put_file("/" + "/".join("d" for _ in range(150)) + "/end", b"")
    assert cli.ok("tree").splitlines()[-3].endswith("└── end")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/R", "--name", "*.csv"), {"/R/a.csv", "/R/deep/b.CSV"}),
        (("/R", "--name", "deep/*"), {"/R/deep/b.CSV", "/R/deep/er/", "/R/deep/er/c.txt"}),
        (("/R", "--name", "a*", "--name", "*.txt"), {"/R/a.csv", "/R/deep/er/c.txt"}),
        (("/R", "--type", "d"), {"/R/", "/R/deep/", "/R/deep/er/", "/R/empty/"}),
        (("/R", "--size", "+1k"), {"/R/deep/b.CSV"}),
        (("/R", "--size", "+1", "--size", "-1k"), {"/R/a.csv"}),
        (("/R", "--size", "1"), {"/R/deep/er/c.txt"}),
        (("/R", "--max-depth", "1"), {"/R/", "/R/a.csv", "/R/deep/", "/R/empty/"}),
        (("/R", "--max-depth", "0"), {"/R/"}),
        (("/R/*", "--type", "f", "--max-depth", "1"), {"/R/a.csv", "/R/deep/b.CSV"}),
        (("/R", "--older", "1h"), set()),
        (("--newer", "1h", "--name", "c.*"), {"/R/deep/er/c.txt"}),
    ],
)
def test_find_keeps_what_passes_every_test(
    filled: CommandLine, words: tuple[str, ...], expected: set[str]
) -> None:
    assert set(filled.ok("find", *words).splitlines()) == {f"onedrive:{path}" for path in expected}


def test_find_compares_times_with_a_local_file(filled: CommandLine) -> None:
    stamp = filled.directory / "stamp"
    stamp.touch()
    hour = datetime.now(UTC) + timedelta(hours=1)
    os.utime(stamp, (hour.timestamp(), hour.timestamp()))
    assert filled.ok("find", "/R", "--newer", "stamp") == ""
    assert len(filled.ok("find", "/R", "--older", "stamp", "--type", "f").splitlines()) == 3


def test_what_find_prints_can_be_typed_again(filled: CommandLine) -> None:
    bob = filled.emulator.tenant.add_user("bob", "Bob Jones")
    bob.drive.put_file("/In/Q1 #2 100%.csv", b"bob's")
    site = filled.emulator.tenant.add_site("sites/Finance")
    next(iter(site.drives)).put_file("/Plan.txt", b"plan")
    host = filled.emulator.tenant.host
    library = f"onedrive://{host}/sites/Finance/Shared Documents"
    web = f"https://{host}/sites/Finance/Shared%20Documents"
    for start, content in (
        (f"onedrive://{bob.user_principal_name}/", "bob's"),
        (library, "plan"),
        (web, "plan"),
    ):
        (place,) = filled.ok("find", start, "--type", "f").splitlines()
        assert filled.ok("cat", place) == content
    null = filled.ok("find", "/R", "--type", "f", "-0")
    assert {name for name in null.split("\0") if name} == {
        "onedrive:/R/a.csv", "onedrive:/R/deep/b.CSV", "onedrive:/R/deep/er/c.txt"
    }  # fmt: skip


def test_a_place_that_is_not_there_is_named_in_every_drive(filled: CommandLine) -> None:
    bob = filled.emulator.tenant.add_user("bob", "Bob Jones")
    for command in ("ls", "tree", "find", "du", "head", "cat", "stat", "hash", "get"):
        for place in ("onedrive:/nope", f"onedrive://{bob.user_principal_name}/nope"):
            result = filled.run(command, place)
            assert result.exit_code == 4, (command, result.stderr)
            assert f"There is no {place}." in result.stderr
            assert "/drives/" not in result.stderr


def test_a_refusal_in_the_middle_of_a_listing_names_the_place(filled: CommandLine) -> None:
    for command in ("ls", "tree", "du", "find"):
        filled.emulator.faults.add(faults.Refuse(403, code="accessDenied"), target="/children")
        filled.emulator.faults.add(faults.Refuse(403, code="accessDenied"), target="/delta")
        result = filled.run(command, "onedrive:/R")
        assert result.exit_code == 5, (command, result.stderr)
        assert "onedrive:/R: Access denied" in result.stderr
        assert "/drives/" not in result.stderr
        filled.emulator.faults.clear()


def test_du_sums_files_below_each_folder(filled: CommandLine) -> None:
    lines = [line.split("\t") for line in filled.ok("du", "onedrive:/R").splitlines()]
    assert {place: int(size) for size, place in lines} == {
        "onedrive:/R/deep/er": 1, "onedrive:/R/deep": 5001, "onedrive:/R/empty": 0, "onedrive:/R": 5013
    }  # fmt: skip
    assert lines[-1][1] == "onedrive:/R"
    assert filled.ok("du", "-sh", "onedrive:/R") == "4.9 KiB\tonedrive:/R\n"
    assert filled.ok("du", "-s", "onedrive:/R/*").splitlines() == [
        "12\tonedrive:/R/a.csv", "5001\tonedrive:/R/deep", "0\tonedrive:/R/empty"
    ]  # fmt: skip
    (whole,) = filled.records("du", "-s")
    assert (whole["size"], whole["files"], whole["folders"]) == (5013, 3, 4)
    assert filled.run("du", "-s", "--max-depth", "1").exit_code == 2


def test_head_reads_ranges_only(cli: CommandLine) -> None:
    lines = [f"{number},{'x' * 90}\n".encode() for number in range(30_000)]
    cli.drive.put_file("/big.csv", b"".join(lines))
    cli.drive.put_file("/no-end", b"one")
    for count in (0, 1, 10, 500):
        assert cli.run("head", "-n", str(count), "/big.csv").stdout_bytes == b"".join(lines[:count])
    assert cli.run("head", "-n", "40000", "/big.csv").stdout_bytes == b"".join(lines)
    assert cli.run("head", "-c", "5", "/big.csv").stdout_bytes == b"0,xxx"
    assert cli.ok("head", "/no-end", "/big.csv", "-n", "1") == (
        f"==> onedrive:/no-end <==\none\n==> onedrive:/big.csv <==\n{lines[0].decode()}"
    )
    assert cli.run("head", "/").exit_code == 2
    # A server that hands out no ranges would be read to its end: head must ask for them.
    cli.emulator.faults.add(faults.IgnoreRange(), target="_content")
    assert cli.run("head", "-n", "1", "/big.csv").stdout_bytes == lines[0]
    cli.emulator.faults.assert_consumed()


def test_search_asks_the_index_and_says_so(filled: CommandLine) -> None:
    told = filled.run("search", "csv")
    assert set(told.stdout.splitlines()) == {"onedrive:/R/a.csv", "onedrive:/R/deep/b.CSV"}
    assert "lags behind" in told.stderr
    assert filled.run("search", "csv", "--quiet").stderr == ""
    assert [r["place"] for r in filled.records("search", "c", "onedrive:/R/deep", "--ext", "TXT")] == [
        "onedrive:/R/deep/er/c.txt"
    ]
    assert len(filled.ok("search", "c", "--limit", "1").splitlines()) == 1
    assert filled.run("search", " ").exit_code == 2
    assert filled.run("search", "a", "/R/a.csv").exit_code == 2


def test_search_walks_where_the_index_is_closed(filled: CommandLine) -> None:
    filled.emulator.behaviour.search_refused = True
    refused = filled.run("search", "csv")
    assert refused.exit_code == 5
    assert "--walk" in refused.stderr
    walked = filled.run("search", "--walk", "CSV a", "onedrive:/R")
    assert walked.stdout == "onedrive:/R/a.csv\n"
    assert walked.stderr == ""


@pytest.mark.parametrize(
    ("text", "comparison", "size"),
    [("0", "exactly", 0), ("+10M", "more", 10 << 20), ("-1k", "less", 1024), ("1.5KiB", "exactly", 1536), ("7b", "exactly", 7)],
)  # fmt: skip
def test_sizes_are_read_as_written(text: str, comparison: str, size: int) -> None:
    read = size_test(text)
    assert (read.comparison, read.size) == (comparison, size)


def test_times_are_read_as_written() -> None:
    now = datetime.now(UTC)
    assert timedelta(days=6.9) < now - past("7d") < timedelta(days=7.1)
    assert timedelta(hours=11.9) < future("12h") - now < timedelta(hours=12.1)
    assert past("2026-01-31T08:00+01:00") == datetime(2026, 1, 31, 7, tzinfo=UTC)
    assert past("2026-01-31").astimezone() == datetime(2026, 1, 31).astimezone()


def test_nonsense_is_refused(cli: CommandLine) -> None:
    for flag in ("--size", "--newer", "--older"):
        for value in ("", "much", "10X", "1e999d", "99999999999d"):
            result = cli.run("find", flag, value, "--json")
            assert result.exit_code == 2, (flag, value)
            assert "write" in json.loads(result.stderr)["error"]["message"]

"""The history is its owner's alone and keeps no secret; a file that cannot be used is done without."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from driveql.cli.shell import history
from driveql.cli.shell.history import HistoryFile, history_path, looks_secret


@pytest.mark.parametrize(
    "text",
    [
        "CALL create_link(path => '/a', password => 'Sommer2026')",
        "CALL create_link('/a', password := $$x$$)",
        "SELECT 1 AS x WHERE client_secret = 'abc'",
        'SELECT \'{"access_token": "abc"}\'',
        "CREATE OR REPLACE PERSISTENT SECRET s (TYPE s3)",
        "CALL generic_request('GET', '/me', headers => {'Authorization': 'Basic YWJjOmRlZg=='})",
        "SELECT 'Bearer abcdefghijk'",
        "SELECT 'eyJhbGciOiJub25l.eyJhIjoxfQ.c2ln'",
        "SELECT * FROM read_csv('https://x.sharepoint.com/a?tempauth=v1.abc')",
        "SELECT 'abc8Q~0123456789abcdefghijklmnopqrstuv'",
        "SELECT '-----BEGIN PRIVATE KEY-----'",
    ],
)
def test_what_looks_like_a_secret_is_not_kept(text: str, tmp_path: Path) -> None:
    assert looks_secret(text)
    file = HistoryFile(tmp_path / "history")
    file.add(text)
    assert not (tmp_path / "history").exists()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT name FROM files WHERE path LIKE '/Passwords/%'",
        "SELECT * FROM items WHERE id = '01GFP7TSFS6GL2T2G6Q4CS5PW6X26UJRQG'",
        "SELECT * FROM drives WHERE id = 'b!OGipmyto0EO6G9YPUspthGXKW3pGHgxFohznEO_UAvI70ULBtRb2R7bHcxuXYJOb'",
        "CALL create_link('/a', password => ?)",
        "SELECT token, name FROM t",
        "CALL create_link('/a', password => $password)",
        "SELECT * FROM read_csv('onedrive:/token/list.csv')",
        "\\c work",
    ],
)
def test_what_is_none_is_kept(text: str, tmp_path: Path) -> None:
    assert not looks_secret(text)
    file = HistoryFile(tmp_path / "history")
    file.add(text)
    assert list(file.newest_first()) == [text]


@pytest.mark.skipif(os.name != "posix", reason="modes as POSIX has them")
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    HistoryFile(path).add("SELECT 1;")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    HistoryFile(path).add("SELECT 'a\nb';")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(HistoryFile(path).newest_first()) == ["SELECT 'a\nb';", "SELECT 1;"]


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_KEPT", 10)
    file = HistoryFile(tmp_path / "history")
    for number in range(35):
        file.add(f"SELECT {number};")
    assert next(iter(file.newest_first())) == "SELECT 34;"
    assert 10 <= len((tmp_path / "history").read_text().splitlines()) < 20
    assert [path.name for path in tmp_path.iterdir()] == ["history"]


def test_what_cannot_be_read_or_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "history").write_bytes(b'"good"\nnonsense\n{"a": 1}\n')
    assert list(HistoryFile(tmp_path / "history").newest_first()) == ["good"]
    directory = HistoryFile(tmp_path)
    directory.add("SELECT 1;")
    assert list(directory.newest_first()) == []
    HistoryFile(None).add("SELECT 1;")
    assert list(HistoryFile(None).newest_first()) == []


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DRIVEQL_HISTORY": "off"}, None),
        ({"DRIVEQL_HISTORY": ""}, None),
        ({"DRIVEQL_HISTORY": "/x/h"}, Path("/x/h")),
        ({"DRIVEQL_STATE": "/x"}, Path("/x/history")),
    ],
)
def test_the_environment_says_where(environ: dict[str, str], expected: Path | None) -> None:
    assert history_path(environ) == expected


def test_it_lies_among_the_states_of_the_user() -> None:
    path = history_path({})
    assert path is not None
    assert path.parts[-2:] == ("driveql", "history")

"""Versions: one for each content and each setting of file times; listed, read, restored, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from graph_emulator import Clock, Emulator
from graph_emulator.store import Drive


@pytest.fixture
def file(ask: Any, drive: Drive, clock: Clock) -> str:
    """Return the address of a file with the contents "1", "22" and "333"."""
    drive.put_file("/f.txt", b"1")
    address = f"/drives/{drive.id}/root:/f.txt:"
    for data in (b"22", b"333"):
        clock.advance(60)
        assert ask("PUT", f"{address}/content", data=data).status == 200
    return address


def labels(ask: Any, file: str) -> list[tuple[str, int]]:
    return [(each["id"], each["size"]) for each in ask("GET", f"{file}/versions").json["value"]]


def test_listing(ask: Any, file: str) -> None:
    versions = ask("GET", f"{file}/versions").json["value"]
    assert [(each["id"], each["size"]) for each in versions] == [("3.0", 3), ("2.0", 2), ("1.0", 1)]
    times = [each["lastModifiedDateTime"] for each in versions]
    assert times == sorted(times, reverse=True)
    assert versions[0]["lastModifiedBy"]["application"]["displayName"] == "test"
    assert versions[2]["lastModifiedBy"]["user"]["displayName"] == "Alice Romero"
    pages = [page.json["value"] for page in ask.follow(f"{file}/versions?$top=2&$select=id")]
    assert pages == [[{"id": "3.0"}, {"id": "2.0"}], [{"id": "1.0"}]]


def test_one_version_and_its_content(ask: Any, file: str, emulator: Emulator) -> None:
    assert ask("GET", f"{file}/versions/current").json["id"] == "3.0"
    one = ask("GET", f"{file}/versions/1.0").json
    assert ask("GET", one["@microsoft.graph.downloadUrl"]).body == b"1"
    led = ask("GET", f"{file}/versions/2.0/content")
    assert led.status == 302
    part = ask("GET", led.headers["Location"], headers={"Range": "bytes=1-"})
    assert (part.status, part.body) == (206, b"2")
    assert ask("GET", led.headers["Location"].replace("/2.0/", "/1.0/")).status == 401
    assert ask("GET", f"{file}/versions/9.0").status == 404
    assert ask("GET", f"{file}/versions/current/content").status == 400
    emulator.behaviour.current_version_content = True
    assert ask("GET", ask("GET", f"{file}/versions/current/content").headers["Location"]).body == b"333"


def test_restoring_makes_a_new_version(ask: Any, file: str) -> None:
    before = ask("GET", file).json
    assert ask("POST", f"{file}/versions/1.0/restoreVersion").status == 204
    after = ask("GET", file).json
    assert (after["size"], after["eTag"] != before["eTag"], after["cTag"] != before["cTag"]) == (
        1,
        True,
        True,
    )
    assert labels(ask, file) == [("4.0", 1), ("3.0", 3), ("2.0", 2), ("1.0", 1)]
    assert ask("POST", f"{file}/versions/4.0/restoreVersion").status == 400
    stale = {"If-Match": before["eTag"]}
    assert ask("POST", f"{file}/versions/2.0/restoreVersion", headers=stale).status == 412


def test_deleting_versions_frees_no_number(ask: Any, file: str) -> None:
    assert ask("DELETE", f"{file}/versions/2.0").status == 204
    assert ask("DELETE", f"{file}/versions/2.0").status == 404
    assert ask("DELETE", f"{file}/versions/3.0").status == 400
    ask("PUT", f"{file}/content", data=b"4444")
    assert labels(ask, file) == [("4.0", 4), ("3.0", 3), ("1.0", 1)]


@pytest.mark.parametrize("makes", [True, False])
def test_setting_file_times(ask: Any, file: str, emulator: Emulator, makes: bool) -> None:
    emulator.behaviour.patched_times_make_version = makes
    times = {"lastModifiedDateTime": "2020-01-01T00:00:00Z"}
    assert ask("PATCH", file, json={"fileSystemInfo": times}).status == 200
    assert len(labels(ask, file)) == (4 if makes else 3)
    assert ask("PATCH", file, json={"description": "new"}).status == 200
    assert len(labels(ask, file)) == (4 if makes else 3)


def test_an_upload_session_makes_one_version(ask: Any, file: str) -> None:
    times = {"lastModifiedDateTime": "2020-01-01T00:00:00Z"}
    session = ask("POST", f"{file}/createUploadSession", json={"item": {"fileSystemInfo": times}}).json
    headers = {"Content-Range": "bytes 0-4/5", "Content-Length": "5"}
    assert ask("PUT", session["uploadUrl"], data=b"55555", headers=headers).status == 200
    assert labels(ask, file)[0] == ("4.0", 5)


def test_folders_have_none(ask: Any, drive: Drive) -> None:
    drive.create_folder("/a")
    assert ask("GET", f"/drives/{drive.id}/root:/a:/versions").status == 400

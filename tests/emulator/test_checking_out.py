"""Checking out: the holder writes, all others see what was there and are refused with 423."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.emulator.conftest import Asker

from graph_emulator import Emulator
from graph_emulator.store import Drive


@pytest.fixture
def other(emulator: Emulator, ask: Asker) -> Asker:
    """Return another application, which is another actor."""
    asker = Asker(emulator)
    application = emulator.register_application("other", {"Files.ReadWrite.All"})
    asker.token = emulator.identity.mint(emulator.tenant, application, lifetime=10**6)
    return asker


@pytest.fixture
def file(drive: Drive) -> str:
    """Return the address of a file."""
    return f"/drives/{drive.id}/items/{drive.put_file('/a/f.txt', b'before').id}"


def content(ask: Any, file: str) -> bytes:
    return bytes(ask("GET", ask("GET", f"{file}/content").headers["Location"]).body)


def publication(ask: Any, file: str) -> Any:
    return ask("GET", f"{file}?$select=publication").json["publication"]


def test_who_sees_what(ask: Any, other: Asker, drive: Drive, file: str) -> None:
    before = other("GET", file).json
    assert publication(ask, file) == {"level": "published", "versionId": "1.0"}
    assert ask("POST", f"{file}/checkout").status == 204
    held = publication(other, file)
    assert (held["level"], held["checkedOutBy"]["application"]["displayName"]) == ("checkout", "test")
    for data in (b"draft", b"second draft"):
        assert ask("PUT", f"{file}/content", data=data).status == 200
    mine, seen = ask("GET", file).json, other("GET", file).json
    url = "@microsoft.graph.downloadUrl"
    assert (content(ask, file), content(other, file)) == (b"second draft", b"before")
    assert (ask("GET", mine[url]).body, other("GET", seen[url]).body) == (b"second draft", b"before")
    assert {**seen, url: ""} == {**before, url: ""}
    assert (mine["size"], mine["eTag"] != before["eTag"]) == (12, True)
    listed = other("GET", f"/drives/{drive.id}/root:/a:/children").json["value"][0]
    assert (listed["size"], listed["eTag"]) == (6, before["eTag"])
    assert other("GET", file, headers={"If-None-Match": before["eTag"]}).status == 304
    assert [each["size"] for each in other("GET", f"{file}/versions").json["value"]] == [6]
    assert ask("POST", f"{file}/checkin", json={"comment": "done", "checkInAs": "published"}).status == 204
    assert content(other, file) == b"second draft"
    shown = [(each["id"], each["size"]) for each in other("GET", f"{file}/versions").json["value"]]
    assert shown == [("2.0", 12), ("1.0", 6)]
    assert publication(other, file) == {"level": "published", "versionId": "2.0"}


def test_discarding(ask: Any, other: Asker, drive: Drive, file: str) -> None:
    before = ask("GET", file).json
    ask("POST", f"{file}/checkout")
    ask("PUT", f"{file}/content", data=b"a longer draft")
    assert ask("POST", f"{file}/discardCheckout").status == 204
    after = ask("GET", file).json
    assert (content(ask, file), after["size"], drive.item("/a").size) == (b"before", 6, 6)
    assert after["lastModifiedBy"] == before["lastModifiedBy"]
    assert after["eTag"] != before["eTag"]
    assert len(ask("GET", f"{file}/versions").json["value"]) == 1
    assert other("PUT", f"{file}/content", data=b"x").status == 200


def test_others_are_refused(ask: Any, other: Asker, drive: Drive, file: str) -> None:
    ask("POST", f"{file}/checkout")
    folder = drive.item("/a").id
    attempts = [
        other("PUT", f"{file}/content", data=b"x"),
        other("PATCH", file, json={"name": "g.txt"}),
        other("PATCH", file, json={"description": "x"}),
        other("DELETE", file),
        other("DELETE", f"/drives/{drive.id}/items/{folder}"),
        other("POST", f"{file}/permanentDelete"),
        other("POST", f"{file}/createUploadSession", json={}),
        other("POST", f"{file}/checkout"),
        other("POST", f"{file}/checkin", json={}),
        other("POST", f"{file}/discardCheckout"),
        ask("POST", f"{file}/checkout"),
    ]
    assert [(each.status, each.code) for each in attempts] == [(423, "resourceLocked")] * len(attempts)
    assert drive.tree().keys() == {"/a/f.txt"}
    assert ask("PATCH", file, json={"name": "g.txt"}).status == 200
    assert ask("DELETE", file).status == 204


def test_what_was_begun_before_is_refused_at_its_end(ask: Any, other: Asker, drive: Drive, file: str) -> None:
    session = other("POST", f"{file}/createUploadSession", json={}).json
    ask("POST", f"{file}/checkout")
    last = other("PUT", session["uploadUrl"], data=b"x", headers={"Content-Range": "bytes 0-0/1"})
    assert (last.status, content(ask, file)) == (423, b"before")


def test_what_makes_no_sense(ask: Any, drive: Drive, file: str) -> None:
    assert ask("POST", f"{file}/checkin", json={}).status == 400
    assert ask("POST", f"{file}/discardCheckout").status == 400
    assert ask("POST", f"/drives/{drive.id}/root:/a:/checkout").status == 400
    ask("POST", f"{file}/checkout")
    assert ask("POST", f"{file}/checkin", json={"checkInAs": "something"}).status == 400
    assert ask("POST", f"{file}/checkin", json={"comment": 5}).status == 400
    assert ask("POST", f"{file}/checkin").status == 204
    assert len(ask("GET", f"{file}/versions").json["value"]) == 1


def test_histories_survive_a_restart(tmp_path: Path) -> None:
    """Check-outs, versions, the recycle bin and delta's place are kept in a state directory."""
    emulator = Emulator("none", state=tmp_path)
    drive = emulator.tenant.add_user("alice").drive
    assert drive is not None
    ask = Asker(emulator)
    for size in (1, 2):
        drive.put_file("/f.txt", bytes(size))
    gone, purged = drive.put_file("/gone/x.txt", bytes(7)), drive.put_file("/purged.txt", bytes(9))
    file = f"/drives/{drive.id}/items/{drive.item('/f.txt').id}"
    link = ask("GET", f"/drives/{drive.id}/root/delta?token=latest").json["@odata.deltaLink"]
    assert ask("POST", f"{file}/checkout").status == 204
    assert ask("PUT", f"{file}/content", data=b"333").status == 200
    drive.delete(drive.item("/gone"))
    drive.delete(purged)
    drive.purge(purged)
    told = ask("GET", link).json["value"]
    emulator.save()

    again = Emulator("none", state=tmp_path)
    reader = Asker(again)
    same = Asker(again)
    application = next(iter(emulator.tenant.applications.values()))
    same.token = again.identity.mint(again.tenant, again.tenant.applications[application.client_id])
    assert (reader("GET", file).json["size"], same("GET", file).json["size"]) == (2, 3)
    assert reader("PUT", f"{file}/content", data=b"x").status == 423
    kept = again.tenant.drives[drive.id]
    assert (kept.quota_deleted, [item.name for item in kept.in_bin()]) == (7, ["gone"])
    strip = lambda items: [{k: v for k, v in each.items() if "downloadUrl" not in k} for each in items]  # noqa: E731
    assert strip(same("GET", link).json["value"]) == strip(told)
    assert same("POST", f"{file}/checkin").status == 204
    shown = [(each["id"], each["size"]) for each in reader("GET", f"{file}/versions").json["value"]]
    assert shown == [("3.0", 3), ("2.0", 2), ("1.0", 1)]
    assert same("POST", f"/drives/{drive.id}/items/{gone.parent.id}/restore", json={}).status == 200
    assert kept.item("/gone/x.txt").size == 7

"""Items: what they show, how they are renamed, moved, described, timed and deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from graph_emulator import Clock
from graph_emulator.store import Drive


def test_a_file_shows_what_graph_shows(ask: Any, drive: Drive) -> None:
    item = drive.put_file("/R & D/h#a 100%.csv", b"a,b\n", modified=1_700_000_000)
    shown = ask("GET", f"/drives/{drive.id}/root:/r%20%26%20d/H%23A%20100%25.CSV").json
    assert shown["id"] == item.id
    assert re.fullmatch(r"01[A-Z2-7]{32}", item.id)
    assert re.fullmatch(r'"\{[0-9A-F-]{36}\},1"', shown["eTag"])
    assert re.fullmatch(r'"c:\{[0-9A-F-]{36}\},1"', shown["cTag"])
    assert (shown["name"], shown["size"]) == ("h#a 100%.csv", 4)
    assert shown["file"] == {"mimeType": "text/csv", "hashes": {"quickXorHash": item.content.quick_xor_hash}}  # type: ignore[union-attr]
    assert shown["fileSystemInfo"] == {
        "createdDateTime": "2023-11-14T22:13:20Z",
        "lastModifiedDateTime": "2023-11-14T22:13:20Z",
    }
    assert shown["parentReference"] == {
        "driveType": "business",
        "driveId": drive.id,
        "id": drive.item("/R & D").id,
        "name": "R & D",
        "path": f"/drives/{drive.id}/root:/R%20%26%20D",
        "siteId": drive.site.site_guid,
    }
    assert shown["webUrl"].endswith("/Documents/R%20%26%20D/h%23a%20100%25.csv")
    assert shown["createdBy"]["user"]["displayName"] == "Alice Romero"
    assert shown["@microsoft.graph.downloadUrl"].startswith("http://localhost:80/_content/")
    assert not shown.keys() & {"folder", "root", "deleted"}


def test_folders_and_the_root(ask: Any, drive: Drive) -> None:
    drive.put_file("/a/b/one.bin", bytes(10))
    drive.put_file("/a/two.bin", bytes(5))
    drive.put_file("/a/empty.bin", b"")
    root = ask("GET", f"/drives/{drive.id}/root").json
    assert (root["name"], root["root"], root["folder"], root["size"]) == ("root", {}, {"childCount": 1}, 15)
    assert "id" not in root["parentReference"]
    folder = ask("GET", f"/drives/{drive.id}/root:/a").json
    assert (folder["folder"], folder["size"]) == ({"childCount": 3}, 15)
    assert "@microsoft.graph.downloadUrl" not in folder
    assert folder["parentReference"]["path"] == f"/drives/{drive.id}/root:"
    assert ask("GET", f"/drives/{drive.id}/root:/a/empty.bin").json["file"] == {
        "mimeType": "application/octet-stream"
    }
    drive.delete(drive.item("/a/b/one.bin"))
    assert ask("GET", f"/drives/{drive.id}/root:/a").json["size"] == 5
    quota = ask("GET", f"/drives/{drive.id}").json["quota"]
    assert (quota["used"], quota["deleted"], quota["remaining"]) == (5, 10, quota["total"] - 15)


def test_selecting(ask: Any, drive: Drive) -> None:
    item = drive.put_file("/a.txt", b"x")
    shown = ask("GET", f"/drives/{drive.id}/items/{item.id}?$select=id,name").json
    assert shown.keys() == {"@odata.context", "@odata.etag", "id", "name"}
    shown = ask("GET", f"/drives/{drive.id}/items/{item.id}?select=id,content.downloadUrl").json
    assert "@microsoft.graph.downloadUrl" in shown
    refused = ask("GET", f"/drives/{drive.id}/items/{item.id}?$select=shoeSize")
    assert (refused.status, refused.code) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/drives/short/root", 400, "invalidRequest"),
        (f"/drives/b!{'A' * 64}/root", 404, "itemNotFound"),
        ("/drives/{drive}/items/01NOTHING", 404, "itemNotFound"),
        ("/drives/{drive}/root:/nothing", 404, "itemNotFound"),
        ("/drives/{drive}/root:/a.txt/below", 404, "itemNotFound"),
        ("/drives/{drive}/root/delta/unheard", 501, "notImplemented"),
        ("/drives/{drive}/root/analytics", 501, "notImplemented"),
        ("/drives/{drive}/special/photos", 501, "notImplemented"),
        ("/drives/{drive}/root?$expand=analytics", 501, "notImplemented"),
        ("/planner/tasks", 501, "notImplemented"),
    ],
)
def test_refusals_name_what_is_wrong(ask: Any, drive: Drive, target: str, status: int, code: str) -> None:
    drive.put_file("/a.txt", b"x")
    answer = ask("GET", target.replace("{drive}", drive.id), headers={"client-request-id": "mine"})
    assert (answer.status, answer.code) == (status, code)
    inner = answer.json["error"]["innerError"]
    assert inner["client-request-id"] == answer.headers["client-request-id"] == "mine"
    assert inner["request-id"] == answer.headers["request-id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", inner["date"])
    assert "x-ms-ags-diagnostic" in answer.headers
    if status == 501:
        assert (
            "GET" in answer.json["error"]["message"]
            or "$" in answer.json["error"]["message"]
            or "special" in target
        )


def test_no_token_no_answer(ask: Any, drive: Drive) -> None:
    assert ask("GET", f"/drives/{drive.id}", token=False).status == 401
    ask.token = "x.y.z"
    assert (ask("GET", f"/drives/{drive.id}").status, ask("GET", f"/drives/{drive.id}").code) == (
        401,
        "InvalidAuthenticationToken",
    )


def test_renaming_changes_paths_below_and_the_tag(ask: Any, drive: Drive) -> None:
    drive.put_file("/old/deep/a.txt", b"x")
    before = ask("GET", f"/drives/{drive.id}/root:/old/deep/a.txt").json
    answer = ask("PATCH", f"/drives/{drive.id}/root:/old", json={"name": "New #1"})
    assert (answer.status, answer.json["name"], answer.json["eTag"][-2]) == (200, "New #1", "2")
    after = ask("GET", f"/drives/{drive.id}/root:/new%20%231/deep/a.txt").json
    assert after["id"] == before["id"]
    assert after["eTag"] == before["eTag"]
    assert after["parentReference"]["path"].endswith("root:/New%20%231/deep")
    assert ask("GET", f"/drives/{drive.id}/root:/old").status == 404
    assert (
        ask("PATCH", f"/drives/{drive.id}/root:/New%20%231", json={"name": "new #1"}).json["name"] == "new #1"
    )


def test_moving(ask: Any, drive: Drive, emulator: Any) -> None:
    item = drive.put_file("/a/x.txt", b"x")
    target = drive.create_folder("/b")
    drive.put_file("/b/taken.txt", b"1")
    address = f"/drives/{drive.id}/items/{item.id}"
    moved = ask("PATCH", address, json={"parentReference": {"id": target.id}, "name": "y.txt"})
    assert (moved.status, item.path) == (200, "/b/y.txt")
    assert ask("PATCH", address, json={"name": "TAKEN.txt"}).code == "nameAlreadyExists"
    renamed = ask("PATCH", address + "?@microsoft.graph.conflictBehavior=rename", json={"name": "taken.txt"})
    assert renamed.json["name"] == "taken 1.txt"
    by_path = {"path": f"/drives/{drive.id}/root:/a"}
    assert ask("PATCH", address, json={"parentReference": by_path}).status == 200
    assert item.path == "/a/taken 1.txt"
    other = emulator.tenant.add_user("bob").drive
    for reference, status in (
        ({"id": "root"}, 400),
        ({"id": drive.root.id}, 200),
        ({"driveId": other.id, "id": other.root.id}, 400),
        ({"id": "01NOTHING"}, 404),
        ({"id": item.id}, 400),
    ):
        assert ask("PATCH", address, json={"parentReference": reference}).status == status
    folder = drive.create_folder("/b/inner")
    refused = ask(
        "PATCH", f"/drives/{drive.id}/items/{target.id}", json={"parentReference": {"id": folder.id}}
    )
    assert refused.status == 400
    assert ask("PATCH", f"/drives/{drive.id}/root", json={"name": "x"}).status == 400


def test_times_and_descriptions(ask: Any, drive: Drive) -> None:
    item = drive.put_file("/a.txt", b"x")
    times = {
        "createdDateTime": "2020-01-02T03:04:05.678Z",
        "lastModifiedDateTime": "2021-01-02T03:04:05+02:00",
    }
    answer = ask(
        "PATCH", f"/drives/{drive.id}/items/{item.id}", json={"fileSystemInfo": times, "description": "d"}
    )
    assert answer.json["fileSystemInfo"] == {
        "createdDateTime": "2020-01-02T03:04:05Z",
        "lastModifiedDateTime": "2021-01-02T01:04:05Z",
    }
    assert answer.json["description"] == "d"
    assert answer.json["eTag"].endswith(',2"')
    assert answer.json["cTag"].endswith(',1"')
    for body, status in (
        ({"fileSystemInfo": {"createdDateTime": "yesterday"}}, 400),
        ({"shoeSize": 1}, 501),
        ({"parentReference": "x"}, 400),
    ):
        assert ask("PATCH", f"/drives/{drive.id}/items/{item.id}", json=body).status == status
    assert ask("PATCH", f"/drives/{drive.id}/items/{item.id}", data=b"[1]").status == 400


def test_conditions(ask: Any, drive: Drive, clock: Clock) -> None:
    item = drive.put_file("/a.txt", b"x")
    address = f"/drives/{drive.id}/items/{item.id}"
    first = ask("GET", address).json["eTag"]
    assert ask("GET", address, headers={"If-None-Match": first}).status == 304
    assert ask("PATCH", address, json={"description": "1"}, headers={"If-Match": first}).status == 200
    for method, body in (("PATCH", {"description": "2"}), ("DELETE", None)):
        refused = ask(method, address, json=body, headers={"If-Match": first})
        assert (refused.status, refused.code) == (412, "resourceModified")
        assert refused.json["error"]["innerError"]["code"] == "entityTagDoesNotMatch"
    assert ask("PUT", f"{address}/content", data=b"y", headers={"If-Match": first}).status == 412
    assert ask("GET", address, headers={"If-None-Match": first}).status == 200
    now = ask("GET", address).json
    for tag in (now["eTag"], now["eTag"].strip('"'), now["cTag"], "*", f'"other", {now["eTag"]}'):
        assert ask("PATCH", address, json={}, headers={"If-Match": tag}).status == 200
    assert ask("DELETE", address, headers={"If-Match": now["eTag"]}).status == 204


def test_deleting_keeps_a_tombstone(ask: Any, drive: Drive, clock: Clock) -> None:
    file = drive.put_file("/a/b/c.txt", b"x")
    folder = drive.item("/a")
    before = drive.sequence
    assert ask("DELETE", f"/drives/{drive.id}/root:/A").status == 204
    assert ask("GET", f"/drives/{drive.id}/items/{file.id}").status == 404
    assert ask("DELETE", f"/drives/{drive.id}/root:/a").status == 404
    assert {file.id, folder.id} <= drive.deleted.keys()
    assert before < folder.sequence < file.sequence == drive.sequence
    assert file.deleted == clock.now()
    assert ask("DELETE", f"/drives/{drive.id}/root").code == "accessDenied"
    assert drive.put_file("/a/b/c.txt", b"y").id != file.id


def test_searching(ask: Any, drive: Drive) -> None:
    for path in ("/Reports/Sales 2026.csv", "/Reports/deep/sales.txt", "/other.txt", "/it's.txt"):
        drive.put_file(path, b"x")
    base = f"/drives/{drive.id}"
    assert sorted(ask("GET", f"{base}/root/search(q='sales')").names) == ["Sales 2026.csv", "sales.txt"]
    assert ask("GET", f"{base}/search(q='2026%20sales')").names == ["Sales 2026.csv"]
    assert ask("GET", f"{base}/root:/Reports/deep:/search(q='sales')").names == ["sales.txt"]
    assert ask("GET", f"{base}/root/search(q='it''s')").names == ["it's.txt"]
    everything = [name for page in ask.follow(f"{base}/root/search(q='')?$top=2") for name in page.names]
    assert len(everything) == len(set(everything)) == 6

"""The recycle bin: what is deleted can be restored, until it is deleted for good."""

from __future__ import annotations

from typing import Any

from graph_emulator import Clock, Emulator
from graph_emulator.store import Drive


def restore(ask: Any, drive: Drive, item_id: str, query: str = "", **body: Any) -> Any:
    return ask("POST", f"/drives/{drive.id}/items/{item_id}/restore{query}", json=body)


def test_a_folder_comes_back_with_what_was_in_it(ask: Any, drive: Drive) -> None:
    for path in ("/x/a/b/1.txt", "/x/a/2.txt"):
        drive.put_file(path, path.encode())
    before, folder = drive.tree(), drive.item("/x/a")
    tags = {item.id: item.etag for item in folder.walk()}
    assert ask("DELETE", f"/drives/{drive.id}/items/{folder.id}").status == 204
    assert (drive.tree(), drive.item("/x").size) == ({}, 0)
    assert ask("GET", f"/drives/{drive.id}/items/{folder.id}").status == 404
    back = restore(ask, drive, folder.id)
    assert (back.status, back.json["id"], back.json["name"]) == (200, folder.id, "a")
    assert drive.tree() == before
    assert {item.id: item.etag for item in folder.walk()} == tags
    assert ask("GET", f"/drives/{drive.id}/root:/x").json["size"] == folder.size > 0
    assert restore(ask, drive, folder.id).status == 400
    assert restore(ask, drive, "01NONE").status == 404


def test_where_and_under_what_name(ask: Any, drive: Drive) -> None:
    item = drive.put_file("/x/1.txt", b"x")
    drive.delete(item)
    drive.put_file("/x/1.txt", b"other")
    taken = restore(ask, drive, item.id)
    assert (taken.status, taken.code) == (409, "nameAlreadyExists")
    elsewhere = drive.create_folder("/y")
    moved = restore(ask, drive, item.id, parentReference={"id": elsewhere.id}, name="2.txt")
    assert (moved.status, drive.item("/y/2.txt").id) == (200, item.id)
    drive.delete(item)
    assert restore(ask, drive, item.id, parentReference={"id": "01NONE"}).status == 404
    assert restore(ask, drive, item.id, name="a:b").status == 400
    drive.put_file("/y/2.txt", b"taken")
    renamed = restore(ask, drive, item.id, "?@microsoft.graph.conflictBehavior=rename")
    assert renamed.json["name"] == "2 1.txt"


def test_when_its_folder_is_gone_too(ask: Any, drive: Drive) -> None:
    item = drive.put_file("/x/1.txt", b"x")
    folder = drive.item("/x")
    drive.delete(item)
    drive.delete(folder)
    assert restore(ask, drive, item.id).status == 404
    drive.create_folder("/x")
    assert restore(ask, drive, item.id).status == 200
    assert drive.item("/x/1.txt").id == item.id
    inside = drive.put_file("/z/in.txt", b"x")
    drive.delete(drive.item("/z"))
    assert restore(ask, drive, inside.id).status == 404  # it is in the folder, and the folder is in the bin


def test_deleting_for_good(ask: Any, drive: Drive, emulator: Emulator) -> None:
    drive.put_file("/x/1.txt", bytes(10))
    folder = drive.item("/x")
    link = ask("GET", f"/drives/{drive.id}/root/delta?token=latest").json["@odata.deltaLink"]
    stale = {"If-Match": '"other"'}
    address = f"/drives/{drive.id}/items/{folder.id}/permanentDelete"
    assert ask("POST", address, headers=stale).status == 412
    assert ask("POST", address).status == 204
    assert ask("POST", address).status == 404
    assert restore(ask, drive, folder.id).status == 404
    assert drive.quota_deleted == 0
    told = ask("GET", link).json["value"]
    assert [item["deleted"] for item in told[1:]] == [{"state": "deleted"}] * 2
    assert ask("POST", f"/drives/{drive.id}/root/permanentDelete").status == 403


def test_the_bin_counts_against_the_quota(ask: Any, emulator: Emulator) -> None:
    drive = emulator.tenant.add_user("bob", quota_total=100).drive
    assert drive is not None
    gone = drive.put_file("/1.bin", bytes(80))
    drive.delete(gone)
    quota = ask("GET", f"/drives/{drive.id}").json["quota"]
    assert (quota["used"], quota["deleted"], quota["remaining"]) == (0, 80, 20)
    put = f"/drives/{drive.id}/root:/2.bin:/content"
    assert ask("PUT", put, data=bytes(30)).status == 507
    assert restore(ask, drive, gone.id).status == 200
    assert ask("POST", f"/drives/{drive.id}/items/{gone.id}/permanentDelete").status == 204
    assert ask("PUT", put, data=bytes(100)).status == 201


def test_the_bin_of_a_site(ask: Any, emulator: Emulator, clock: Clock) -> None:
    site = emulator.tenant.add_site("sites/Finance", libraries=("Documents", "Archive"))
    first, second = site.drives
    one = first.put_file("/a/1.txt", b"x")
    two = second.put_file("/2.txt", b"xx")
    first.delete(one)
    clock.advance(10)
    second.delete(two)
    clock.advance(10)
    first.delete(first.item("/a"))
    address = f"/sites/{site.id}/recycleBin/items"
    shown = ask("GET", address).json["value"]
    assert [(each["name"], each["size"], each["deletedFromLocation"]) for each in shown] == [
        ("a", 0, "Shared Documents"),
        ("2.txt", 2, "Archive"),
        ("1.txt", 1, "Shared Documents/a"),
    ]
    assert [page.names for page in ask.follow(f"{address}?$top=2")] == [["a", "2.txt"], ["1.txt"]]
    restore(ask, second, two.id)
    assert ask("GET", address).names == ["a", "1.txt"]

"""delta: everything once, then changes, each item in its present state; tokens of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Asker

from graph_emulator import Clock, Emulator
from graph_emulator.store import Drive


def a_round(ask: Any, link: str) -> tuple[list[dict[str, Any]], str]:
    """Return the items of a whole round and the link for next time."""
    items: list[dict[str, Any]] = []
    while True:
        page = ask("GET", link)
        assert page.status == 200, page.body
        items += page.json["value"]
        if "@odata.deltaLink" in page.json:
            assert "@odata.nextLink" not in page.json
            return items, page.json["@odata.deltaLink"]
        link = page.json["@odata.nextLink"]


def test_rounds(ask: Any, drive: Drive) -> None:
    for index in range(5):
        drive.put_file(f"/a/{index}.txt", b"x")
    items, link = a_round(ask, f"/drives/{drive.id}/root/delta?$top=2")
    assert "root" in items[0]
    assert [item["name"] for item in items[1:]] == ["a", "0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]
    assert not any("path" in item["parentReference"] for item in items)
    assert "@microsoft.graph.downloadUrl" in items[2]
    assert a_round(ask, link)[0] == []
    drive.put_file("/a/0.txt", b"changed")
    drive.put_file("/new.txt", b"n")
    ask("PATCH", f"/drives/{drive.id}/root:/a/1.txt", json={"name": "one.txt"})
    ask("PATCH", f"/drives/{drive.id}/root:/a/1.txt", json={"name": "uno.txt"})
    gone = drive.item("/a/2.txt").id
    drive.delete(drive.item("/a/2.txt"))
    items, link = a_round(ask, link)
    assert [item.get("name") for item in items] == ["root", "0.txt", "new.txt", "one.txt", None]
    assert items[-1]["id"] == gone
    assert items[-1]["deleted"] == {"state": "deleted"}
    assert not items[-1].keys() & {"name", "cTag"}
    assert a_round(ask, link)[0] == []


@pytest.mark.parametrize(
    "form", ["delta()", "delta(token='latest')", "delta?token=latest", "microsoft.graph.delta"]
)
def test_forms(ask: Any, drive: Drive, form: str) -> None:
    drive.put_file("/a.txt", b"x")
    items, link = a_round(ask, f"/drives/{drive.id}/root/{form}")
    assert len(items) == (0 if "latest" in form else 2)
    drive.put_file("/b.txt", b"x")
    items, _ = a_round(ask, link)
    assert [item["name"] for item in items] == ["root", "b.txt"]
    token = link.partition("token=")[2]
    assert len(a_round(ask, f"/drives/{drive.id}/root/delta(token='{token}')")[0]) == 2


def test_a_time_as_token(ask: Any, drive: Drive, clock: Clock) -> None:
    drive.put_file("/old.txt", b"x")
    gone = drive.put_file("/gone.txt", b"x").id
    clock.advance(100)
    drive.put_file("/new.txt", b"x")
    drive.delete(drive.item("/gone.txt"))
    moment = clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
    items, _ = a_round(ask, f"/drives/{drive.id}/root/delta?token={moment}")
    assert [item.get("name") for item in items] == ["root", "new.txt", None]
    assert items[-1]["id"] == gone


def test_tokens_that_no_longer_do(ask: Any, drive: Drive, clock: Clock, emulator: Emulator) -> None:
    address = f"/drives/{drive.id}/root/delta"
    _, link = a_round(ask, address)
    assert ask("GET", f"{address}?token=made-up").status == 400
    other = emulator.tenant.add_user("bob").drive
    assert other is not None
    foreign = a_round(ask, f"/drives/{other.id}/root/delta")[1].partition("token=")[2]
    clock.advance(31 * 24 * 3600)
    for target in (link, f"{address}?token={foreign}"):
        gone = ask("GET", target)
        assert (gone.status, gone.code) == (410, "resyncRequired")
        assert gone.json["error"]["innerError"]["code"] == "resyncChangesApplyDifferences"
        assert a_round(ask, gone.headers["Location"])[0]
    drive.create_folder("/a")
    assert ask("GET", f"/drives/{drive.id}/root:/a:/delta").code == "notSupported"


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "move", "ask"]),
        st.sampled_from(["/a", "/b/c", "/b/d", "/e"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(OPERATIONS, st.integers(1, 4))
def test_following_the_changes_gives_the_drive(operations: list[tuple[str, str, int]], top: int) -> None:
    emulator = Emulator("none")
    drive = emulator.tenant.add_user("u").drive
    assert drive is not None
    ask = Asker(emulator)
    link = f"/drives/{drive.id}/root/delta?$top={top}&$select=id,name,size,parentReference,deleted,root,eTag"
    copy: dict[str, dict[str, Any]] = {}

    def follow(link: str) -> str:
        items, following = a_round(ask, link)
        for item in items:
            if "deleted" in item:
                copy.pop(item["id"], None)
            else:
                copy[item["id"]] = item
        return following

    for verb, path, number in operations:
        place = f"{path}/{number}.txt"
        there = drive.resolve([part for part in place.split("/") if part])
        if verb == "put":
            drive.put_file(place, bytes(number))
        elif verb == "delete" and there is not None:
            drive.delete(there if number else there.parent or there)
        elif verb == "move" and there is not None:
            drive.move(there, drive.create_folder("/moved"), f"{drive.sequence}.txt")
        elif verb == "ask":
            link = follow(link)
    follow(link)
    seen = {
        key: (item["name"], item["eTag"], item["parentReference"].get("id"))
        for key, item in copy.items()
        if "root" not in item
    }
    assert seen == {
        item.id: (item.name, item.etag, item.parent.id)
        for item in drive.items.values()
        if item.parent is not None
    }

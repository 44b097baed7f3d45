"""delta: everything once, then changes, each item in its present state; tokens of every kind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Asker

from graph_emulator import Behaviour, Clock, Emulator
from graph_emulator.faults import Resync
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
    names = [item.get("name") for item in items]  # with each page come the folders that its items are in
    assert names == ["root", "a", "0.txt", "new.txt", "a", "one.txt", None]
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


def test_the_header_leaves_out_folders_that_did_not_change(ask: Any, drive: Drive) -> None:
    drive.put_file("/a/b/0.txt", b"x")
    _, link = a_round(ask, f"/drives/{drive.id}/root/delta")
    drive.put_file("/a/b/0.txt", b"y")
    assert [item["name"] for item in a_round(ask, link)[0]] == ["root", "a", "b", "0.txt"]
    alone = ask("GET", link, headers={"deltaExcludeParent": "true"})
    assert alone.names == ["0.txt"]


def test_what_was_in_a_deleted_folder_is_told_as_deleted(ask: Any, drive: Drive, emulator: Emulator) -> None:
    drive.put_file("/a/b/0.txt", b"x")
    ids = [drive.item(path).id for path in ("/a", "/a/b", "/a/b/0.txt")]
    _, link = a_round(ask, f"/drives/{drive.id}/root/delta")
    drive.delete(drive.item("/a"))
    drive.put_file("/a/b/0.txt", b"again")
    items, _ = a_round(ask, link)
    assert [item["id"] for item in items if "deleted" in item] == ids
    assert [item["name"] for item in items if "deleted" not in item] == ["root", "a", "b", "0.txt"]
    behaviour = emulator.behaviour
    behaviour.delta_deleted_names = behaviour.delta_deleted_ctags = True
    gone = next(item for item in a_round(ask, link)[0] if "deleted" in item)
    assert (gone["name"], "cTag" in gone) == ("a", True)
    selected = ask("GET", link.replace("token=", "$select=id,name&token="))
    assert selected.json["value"][1].keys() == {"id", "name", "deleted"}


def test_items_that_occur_twice(ask: Any, drive: Drive, emulator: Emulator) -> None:
    """The last occurrence is the present state, the one before it is not; they may be on different pages."""
    emulator.behaviour.delta_repeats = True
    drive.put_file("/a.txt", b"one")
    _, link = a_round(ask, f"/drives/{drive.id}/root/delta?$top=1")
    drive.put_file("/a.txt", b"seven b")
    drive.delete(drive.put_file("/b.txt", b"x"))
    items, _ = a_round(ask, link)
    first = {item["id"]: item for item in reversed(items)}
    last = {item["id"]: item for item in items}
    a, b = drive.item("/a.txt").id, next(iter(drive.deleted))
    assert (first[a]["size"], last[a]["size"]) == (0, 7)
    assert ("deleted" in first[b], "deleted" in last[b]) == (False, True)
    assert "name" in first[b]


def test_changes_appear_late(ask: Any, drive: Drive, clock: Clock, emulator: Emulator) -> None:
    emulator.behaviour.delta_lag = 30.0
    address = f"/drives/{drive.id}/root/delta"
    drive.put_file("/a/b.txt", b"x")
    clock.advance(31)
    drive.put_file("/late.txt", b"x")
    drive.move(drive.item("/a"), drive.root, "z")
    items, link = a_round(ask, address)
    assert [item["name"] for item in items] == ["root", "z", "b.txt"]  # never without the folder it is in
    assert a_round(ask, f"{address}?token=latest")[0] == []
    assert a_round(ask, link)[0] == []
    clock.advance(31)
    assert [item["name"] for item in a_round(ask, link)[0]] == ["root", "late.txt", "z"]


def test_a_time_before_all_that_is_remembered(ask: Any, drive: Drive, clock: Clock) -> None:
    now = clock.now()
    for index in range(3):
        drive.put_file(f"/{index}.txt", b"x", modified=now - 10_000 + index)
    for index in range(3, 6):
        drive.put_file(f"/{index}.txt", b"x", modified=now - 500 + index)
    moment = datetime.fromtimestamp(now - 1000, UTC).isoformat().replace("+", "%2B")
    items, _ = a_round(ask, f"/drives/{drive.id}/root/delta?$top=1&token={moment}")
    assert [item["name"] for item in items] == ["root", "3.txt", "4.txt", "5.txt"]


KINDS = ("resyncRequired", "resyncChangesApplyDifferences", "resyncChangesUploadDifferences")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("planned", [True, False])
def test_every_kind_of_resync(ask: Any, drive: Drive, emulator: Emulator, kind: Any, planned: bool) -> None:
    drive.put_file("/a.txt", b"x")
    _, link = a_round(ask, f"/drives/{drive.id}/root/delta")
    if planned:
        emulator.faults.add(Resync(kind), route="delta")
    else:
        emulator.behaviour.delta_resync = kind
        emulator.clock.advance(emulator.behaviour.delta_life + 1)
    gone = ask("GET", link)
    assert (gone.status, gone.code) == (410, "resyncRequired")
    assert gone.json["error"]["innerError"].get("code", "resyncRequired") == kind
    assert len(a_round(ask, gone.headers["Location"])[0]) == 2
    emulator.faults.assert_consumed()


def test_prices(ask: Any, drive: Drive, emulator: Emulator) -> None:
    """With a token in either form delta costs one unit, without one two."""
    emulator.throttle.files_per_minute = 4
    _, link = a_round(ask, f"/drives/{drive.id}/root/delta")
    token = link.partition("token=")[2]
    assert ask("GET", link).status == 200
    assert ask("GET", f"/drives/{drive.id}/root/delta(token='{token}')").status == 200
    assert ask("GET", link).status == 429


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "restore", "purge", "move", "ask"]),
        st.sampled_from(["/a", "/b/c", "/b/d", "/e"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(OPERATIONS, st.integers(1, 4), st.booleans())
def test_following_the_changes_gives_the_drive(
    operations: list[tuple[str, str, int]], top: int, repeats: bool
) -> None:
    emulator = Emulator("none", behaviour=Behaviour(delta_repeats=repeats))
    drive = emulator.tenant.add_user("u").drive
    assert drive is not None
    ask = Asker(emulator)
    link = f"/drives/{drive.id}/root/delta?$top={top}&$select=id,name,size,parentReference,deleted,root,eTag"
    copy: dict[str, dict[str, Any]] = {}

    def follow(link: str) -> tuple[str, bool]:
        """Take one page in; return the next link, and whether the round goes on."""
        page = ask("GET", link).json
        for item in page["value"]:
            if "deleted" in item:
                copy.pop(item["id"], None)
            else:
                copy[item["id"]] = item
        return page.get("@odata.nextLink") or page["@odata.deltaLink"], "@odata.nextLink" in page

    for verb, path, number in operations:
        place = f"{path}/{number}.txt"
        there = drive.resolve([part for part in place.split("/") if part])
        if verb == "put":
            drive.put_file(place, bytes(number))
        elif verb == "delete" and there is not None:
            drive.delete(there if number else there.parent or there)
        elif verb == "restore":
            gone = next(drive.in_bin(), None)
            if gone is not None and drive.resolve([gone.name]) is None:
                drive.restore(gone, drive.root, None)
        elif verb == "purge" and there is not None:
            drive.delete(there)
            drive.purge(there)
        elif verb == "move" and there is not None:
            drive.move(there, drive.create_folder("/moved"), f"{drive.sequence}.txt")
        elif verb == "ask":
            link, _ = follow(link)
    for _ in range(2):  # the round that is under way, and what happened meanwhile
        more = True
        while more:
            link, more = follow(link)
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

"""Listing a folder and making folders in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Asker

from graph_emulator import Emulator
from graph_emulator.store import Drive


@pytest.fixture
def folder(drive: Drive) -> str:
    for name in ("b.txt", "A.txt", "c #1.txt", "Äpfel.txt", "zwei"):
        drive.put_file(f"/f/{name}", b"x") if "." in name else drive.create_folder(f"/f/{name}")
    return f"/drives/{drive.id}/root:/f:/children"


def test_order_and_pages(ask: Any, folder: str) -> None:
    names = ["A.txt", "b.txt", "c #1.txt", "zwei", "Äpfel.txt"]
    assert ask("GET", folder).names == names
    for query in ("$top=2", "%24top=2", "top=2&$orderby=name", "$top=2&$orderby=name%20asc&$select=name"):
        assert [name for page in ask.follow(f"{folder}?{query}") for name in page.names] == names
    assert [
        name for page in ask.follow(f"{folder}?$top=2&$orderby=name%20desc") for name in page.names
    ] == names[::-1]
    refused = ask("GET", f"{folder}?$orderby=lastModifiedDateTime")
    assert (refused.status, refused.code) == (400, "invalidRequest")


def test_the_next_link_keeps_the_options_and_the_drive_may_change_meanwhile(
    ask: Any, drive: Drive, folder: str
) -> None:
    first = ask("GET", f"{folder}?$top=2&$select=name")
    assert first.json["@odata.nextLink"].startswith(
        f"http://127.0.0.1:80/v1.0{folder}?$top=2&$select=name&$skiptoken="
    )
    drive.delete(drive.item("/f/A.txt"))
    drive.put_file("/f/aa.txt", b"x")
    rest = [name for page in ask.follow(first.json["@odata.nextLink"]) for name in page.names]
    assert rest == ["c #1.txt", "zwei", "Äpfel.txt"]


def test_default_page_is_200_and_the_largest_1000(ask: Any, drive: Drive) -> None:
    empty = drive.contents.from_bytes(b"")
    many = drive.create_folder("/many")
    for index in range(1005):
        drive.put(many, f"{index:04d}", empty)
    address = f"/drives/{drive.id}/items/{many.id}/children"
    assert len(ask("GET", address).names) == 200
    assert len(ask("GET", f"{address}?$top=5000").names) == 1000
    assert sum(len(page.names) for page in ask.follow(f"{address}?$top=999")) == 1005
    inside = ask("GET", f"/drives/{drive.id}/root:/many?$expand=children($select=name)").json
    assert len(inside["children"]) == 200
    assert len(ask("GET", inside["children@odata.nextLink"]).names) == 200


def test_filters_and_expansion(ask: Any, folder: str) -> None:
    assert ask("GET", f"{folder}?$filter=name%20eq%20'B.TXT'").names == ["b.txt"]
    assert ask("GET", f"{folder}?$filter=startswith(name,'c')").names == ["c #1.txt"]
    assert ask("GET", f"{folder}?$filter=folder%20ne%20null").names == ["zwei"]
    pages = list(ask.follow(f"{folder}?$filter=file%20ne%20null&$top=3"))
    assert [len(page.names) for page in pages] == [3, 1]
    assert ask("GET", f"{folder}?$filter=size%20gt%201").status == 400
    shown = ask("GET", f"{folder.removesuffix(':/children')}?$expand=children").json
    assert len(shown["children"]) == 5


def test_a_file_has_no_children(ask: Any, drive: Drive, folder: str) -> None:
    assert ask("GET", f"/drives/{drive.id}/root:/f/b.txt:/children").json["value"] == []


@pytest.mark.parametrize(
    "query", ["$apply=x", "$skip=5", "$count=true", "$search=x", "$skiptoken=e30", "$skiptoken=!"]
)
def test_options_that_would_change_the_answer_are_not_ignored(ask: Any, folder: str, query: str) -> None:
    assert ask("GET", f"{folder}?{query}").status in (400, 404, 501)
    assert ask("GET", f"{folder}?client-request-id=1&AVOverride=1").status == 200


def test_making_folders(ask: Any, drive: Drive) -> None:
    address = f"/drives/{drive.id}/root/children"
    body = {"name": "New", "folder": {}}
    made = ask("POST", address, json=body)
    assert (made.status, made.json["folder"], made.json["createdBy"]["application"]["displayName"]) == (
        201,
        {"childCount": 0},
        "test",
    )
    taken = ask("POST", address, json={**body, "name": "NEW"})
    assert (taken.status, taken.code) == (409, "nameAlreadyExists")
    rename = {"@microsoft.graph.conflictBehavior": "rename"}
    assert [ask("POST", address, json={**body, **rename}).json["name"] for _ in range(2)] == [
        "New 1",
        "New 2",
    ]
    replace = ask("POST", address, json={**body, "@microsoft.graph.conflictBehavior": "replace"})
    assert (replace.status, replace.json["id"]) == (201, made.json["id"])
    old_form = ask("POST", address, json={**body, "@name.conflictBehavior": "fail"})
    assert old_form.status == 409
    for wrong, status in (
        ({"folder": {}}, 400),
        ({"name": "x"}, 501),
        ({"name": "a/b", "folder": {}}, 400),
        ({"name": "Forms", "folder": {}}, 400),
        ({**body, "@microsoft.graph.conflictBehavior": "perhaps"}, 400),
    ):
        assert ask("POST", address, json=wrong).status == status
    drive.put_file("/file.txt", b"x")
    assert ask("POST", f"/drives/{drive.id}/root:/file.txt:/children", json=body).status == 400
    assert ask("POST", f"/drives/{drive.id}/root:/nowhere:/children", json=body).status == 404
    assert (
        ask("POST", f"/drives/{drive.id}/root:/New:/children", json={"name": "Forms", "folder": {}}).status
        == 201
    )


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.text("abAB ä1.日", min_size=1, max_size=4).map(lambda name: f"x{name}x"), max_size=12),
    st.integers(1, 7),
    st.booleans(),
)
def test_pages_always_make_the_whole_folder(names: set[str], top: int, descending: bool) -> None:
    emulator = Emulator("none")
    drive = emulator.tenant.add_user("u").drive
    assert drive is not None
    kept = {name.casefold(): name for name in sorted(names)}
    for name in kept.values():
        drive.put_file(f"/{name}", b"")
    query = f"$top={top}&$select=name" + ("&$orderby=name%20desc" if descending else "")
    listed = [
        name
        for page in Asker(emulator).follow(f"/drives/{drive.id}/root/children?{query}")
        for name in page.names
    ]
    assert listed == [kept[key] for key in sorted(kept, reverse=descending)]

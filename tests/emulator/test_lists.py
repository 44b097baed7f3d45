"""Lists of a site: columns, entries, filters on indexed columns alone; and the list that a library is."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from tests.emulator.conftest import Answer, Asker

from graph_emulator import Emulator
from graph_emulator.store import Drive, Site
from graph_emulator.store.lists import Column

COLUMNS = (
    Column("Color", indexed=True),
    Column("Quantity", "number"),
    Column("Due", "dateTime"),
    Column("Kind", "choice", settings={"choices": ["small", "big"]}),
)
NON_INDEXED = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}


@pytest.fixture
def site(emulator: Emulator) -> Site:
    return emulator.tenant.add_site("sites/Stock", "Stock")


@pytest.fixture
def inventory(emulator: Emulator, site: Site) -> str:
    made = emulator.tenant.add_list(site, "Inventory", COLUMNS)
    rows = [("Gadget", "Red", 503), ("Widget", "Blue", 2357), ("Gizmo", "Green", 92)]
    for title, color, quantity in rows:
        made.add({"Title": title, "Color": color, "Quantity": quantity}, emulator.clock.now())
    return f"/sites/{site.id}/lists/{made.guid}"


def titles(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [row["fields"]["Title"] for row in answer.json["value"]]


def test_the_lists_of_a_site(ask: Asker, site: Site, inventory: str) -> None:
    lists = ask("GET", f"/sites/{site.id}/lists").json["value"]
    assert [(each["displayName"], each["list"]["template"]) for each in lists] == [
        ("Documents", "documentLibrary"),
        ("Inventory", "genericList"),
    ]
    assert lists[1]["webUrl"] == "https://contoso.sharepoint.com/sites/Stock/Lists/Inventory"
    for name in ("inventory", "Inventory", lists[1]["id"]):
        assert ask("GET", f"/sites/{site.id}/lists/{name}").json["id"] == lists[1]["id"]
    filtered = ask("GET", f"/sites/{site.id}/lists?$filter=displayName eq 'Inventory'&$select=id")
    assert filtered.json["value"] == [{"id": lists[1]["id"]}]
    assert ask("GET", f"/sites/{site.id}/lists/none").status == 404
    (first,), (second,) = [page.json["value"] for page in ask.follow(f"/sites/{site.id}/lists?$top=1")]
    assert (first["id"], second["id"]) == (lists[0]["id"], lists[1]["id"])


def test_a_list_with_all_that_is_in_it(ask: Asker, inventory: str) -> None:
    expand = "columns(select=name,indexed),items(expand=fields(select=Title,Color))"
    shown = ask("GET", f"{inventory}?select=id,name&expand={expand}").json
    assert {"name": "Color", "indexed": True} in shown["columns"]
    assert [row["fields"]["Color"] for row in shown["items"]] == ["Red", "Blue", "Green"]
    assert ask("GET", f"{inventory}?$expand=contentTypes").status == 501


def test_making_a_list(ask: Asker, site: Site) -> None:
    body = {
        "displayName": "Books",
        "columns": [{"name": "Pages", "number": {}}],
        "list": {"template": "genericList"},
    }
    made = ask("POST", f"/sites/{site.id}/lists", json=body)
    assert (made.status, made.json["name"]) == (201, "Books")
    assert ask("POST", f"/sites/{site.id}/lists", json=body).code == "nameAlreadyExists"
    books = f"/sites/{site.id}/lists/Books"
    assert ask("POST", f"{books}/items", json={"fields": {"Title": "One", "Pages": 7}}).status == 201
    library = {"displayName": "Scans", "list": {"template": "documentLibrary"}}
    assert ask("POST", f"/sites/{site.id}/lists", json=library).status == 201
    drive = ask("GET", f"/sites/{site.id}/lists/Scans/drive").json
    assert drive["id"] in [each["id"] for each in ask("GET", f"/sites/{site.id}/drives").json["value"]]
    assert ask("GET", f"{books}/drive").status == 404
    for wrong in (
        {},
        {"displayName": "x", "columns": [{"name": "a"}]},
        {"displayName": "x", "columns": [{"name": "a b", "text": {}}]},
    ):
        assert ask("POST", f"/sites/{site.id}/lists", json=wrong).status == 400


def test_columns(ask: Asker, inventory: str, emulator: Emulator) -> None:
    columns = {each["name"]: each for each in ask("GET", f"{inventory}/columns").json["value"]}
    assert (columns["Color"]["indexed"], columns["Quantity"]["number"], columns["ID"]["readOnly"]) == (
        True,
        {},
        True,
    )
    assert ask("GET", f"{inventory}/columns/{columns['Color']['id']}").json["name"] == "Color"
    assert ask("GET", f"{inventory}/columns/none").status == 404
    assert ask("POST", f"{inventory}/columns", json={"name": "Note", "text": {}}).status == 403
    manager = emulator.register_application("manager", {"Sites.Manage.All"})
    ask.token = emulator.identity.mint(emulator.tenant, manager)
    made = ask("POST", f"{inventory}/columns", json={"name": "Note", "text": {}, "indexed": True})
    assert (made.status, made.json["indexed"]) == (201, True)
    assert ask("POST", f"{inventory}/columns", json={"name": "Note", "text": {}}).status == 409


def test_entries_in_pages_with_their_fields(ask: Asker, inventory: str) -> None:
    bare = ask("GET", f"{inventory}/items").json["value"][0]
    assert "fields" not in bare
    assert (bare["id"], bare["contentType"]["name"], bare["eTag"]) == ("1", "Item", bare["@odata.etag"])
    pages = list(ask.follow(f"{inventory}/items?$top=2&$expand=fields($select=Title)"))
    assert [titles(page) for page in pages] == [["Gadget", "Widget"], ["Gizmo"]]
    assert set(pages[0].json["value"][0]["fields"]) == {"@odata.etag", "Title"}
    pages = list(ask.follow(f"{inventory}/items?$top=1&$expand=fields&$filter=fields/Color ne 'Blue'"))
    assert [titles(page) for page in pages] == [["Gadget"], ["Gizmo"]]


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("fields/Color eq 'Red'", ["Gadget"]),
        ("startswith(fields/Color,'B')", ["Widget"]),
        ("fields/Color eq 'Red' or fields/Color eq 'green'", ["Gadget", "Gizmo"]),
        ("fields/ID gt 1", ["Widget", "Gizmo"]),
    ],
)
def test_filters_on_indexed_columns(ask: Asker, inventory: str, clause: str, found: list[str]) -> None:
    assert titles(ask("GET", f"{inventory}/items?$expand=fields&$filter={quote(clause)}")) == found


def test_columns_that_are_not_indexed(ask: Asker, inventory: str) -> None:
    for option in ("$filter=fields/Quantity gt 100", "$orderby=fields/Quantity desc"):
        target = f"{inventory}/items?$expand=fields&{quote(option, safe='=$/')}"
        refused = ask("GET", target)
        assert (refused.status, refused.code) == (400, "invalidRequest")
        assert refused.json["error"]["message"] == (
            "Field 'Quantity' cannot be referenced in filter or orderby as it is not indexed. Provide the 'Prefer: "
            "HonorNonIndexedQueriesWarningMayFailRandomly' header to allow this, but be warned that such queries may "
            "fail on large lists."
        )
        assert titles(ask("GET", target, headers=NON_INDEXED))[:2] in (
            ["Gadget", "Widget"],
            ["Widget", "Gadget"],
        )
    assert ask("GET", f"{inventory}/items?$filter=fields/None eq 1").status == 400
    ordered = ask("GET", f"{inventory}/items?$expand=fields&$orderby=fields/Color")
    assert titles(ordered) == ["Widget", "Gizmo", "Gadget"]


def test_an_entry_from_its_making_to_its_end(ask: Asker, inventory: str) -> None:
    made = ask(
        "POST", f"{inventory}/items", json={"fields": {"Title": "Bolt", "Quantity": 7, "Kind": "small"}}
    )
    assert (made.status, made.json["fields"]["Quantity"], made.json["id"]) == (201, 7, "4")
    place = f"{inventory}/items/4"
    assert ask("GET", f"{place}?expand=fields(select=Kind)").json["fields"]["Kind"] == "small"
    changed = ask("PATCH", f"{place}/fields", json={"Quantity": 8, "Kind": None})
    assert (changed.status, changed.json["Quantity"], "Kind" in changed.json) == (200, 8, False)
    assert ask("PATCH", place, json={"fields": {"Color": "Red"}}).json["fields"]["Color"] == "Red"
    assert ask("GET", f"{place}/fields?$select=Color").json["Color"] == "Red"
    stale = {"If-Match": made.json["eTag"]}
    assert ask("PATCH", f"{place}/fields", json={"Quantity": 9}, headers=stale).status == 412
    assert ask("DELETE", place, headers=stale).status == 412
    assert ask("DELETE", place).status == 204
    assert ask("GET", place).status == 404
    assert ask("POST", f"{inventory}/items", json={"fields": {}}).json["id"] == "5"
    assert ask("GET", f"{inventory}/items/1/driveItem").status == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"Quantity": "many"},
        {"Due": "soon"},
        {"Kind": "middle"},
        {"Title": 1},
        {"None": 1},
        {"Created": "2026-01-01T00:00:00Z"},
        [1],
    ],
)
def test_values_that_a_column_does_not_take(ask: Asker, inventory: str, fields: Any) -> None:
    assert ask("POST", f"{inventory}/items", json={"fields": fields}).status == 400
    assert ask("PATCH", f"{inventory}/items/1", json={"fields": fields}).status == 400


def test_a_library_is_a_list(ask: Asker, site: Site) -> None:
    drive = site.drives[0]
    drive.library.columns.append(Column("Status", indexed=True))
    file = drive.put_file("/Reports/a.csv", b"x,y")
    rows = ask(
        "GET", f"/sites/{site.id}/lists/Documents/items?$expand=fields,driveItem($select=id,name)"
    ).json["value"]
    assert [(row["contentType"]["name"], row["fields"]["FileLeafRef"]) for row in rows] == [
        ("Folder", "Reports"),
        ("Document", "a.csv"),
    ]
    assert (rows[1]["driveItem"]["id"], rows[1]["fields"]["DocIcon"]) == (file.id, "csv")
    place = f"/sites/{site.id}/lists/Documents/items/{rows[1]['id']}"
    assert ask("GET", f"{place}/driveItem").json["id"] == file.id
    assert ask("POST", f"/sites/{site.id}/lists/Documents/items", json={"fields": {}}).status == 400
    own = f"/drives/{drive.id}/items/{file.id}/listItem"
    assert ask("GET", own).json["id"] == rows[1]["id"]
    before = file.etag
    patched = ask("PATCH", f"{own}/fields", json={"Status": "final", "Title": "A"})
    assert (patched.status, patched.json["Status"], file.etag != before) == (200, "final", True)
    assert ask("GET", f"{own}/fields?$select=Title").json["Title"] == "A"
    assert ask("GET", f"{own}?$expand=fields").json["fields"]["Status"] == "final"
    found = ask("GET", f"/drives/{drive.id}/list/items?$expand=fields&$filter=fields/Status eq 'final'")
    assert titles(found) == ["A"]
    ask("PATCH", f"{own}/fields", json={"FileLeafRef": "b.csv"})
    assert file.name == "b.csv"
    assert ask("GET", f"/drives/{drive.id}/root/listItem").status == 404
    assert ask("GET", f"/drives/{drive.id}/list").json["displayName"] == "Documents"
    assert ask("DELETE", place).status == 204
    assert ask("GET", f"/drives/{drive.id}/items/{file.id}").status == 404


def test_numbers_of_entries_stay(ask: Asker, drive: Drive) -> None:
    places = [drive.put_file(f"/{index}.txt", b"") for index in range(3)]
    numbers = [drive.library.number(item) for item in places]
    drive.delete(places[1])
    assert numbers == [1, 2, 3]
    assert [row["id"] for row in ask("GET", f"/drives/{drive.id}/list/items").json["value"]] == ["1", "3"]


def test_another_applications_check_out_holds_here_too(ask: Asker, drive: Drive) -> None:
    item = drive.put_file("/a.docx", b"x")
    place = f"/drives/{drive.id}/items/{item.id}"
    other = Asker(ask.emulator)
    assert other("POST", f"{place}/checkout").status == 204
    number = drive.library.number(item)
    assert ask("PATCH", f"{place}/listItem/fields", json={"Title": "A"}).status == 423
    assert ask("DELETE", f"/sites/{drive.site.id}/lists/OneDrive/items/{number}").status == 423
    assert other("PATCH", f"{place}/listItem/fields", json={"Title": "A"}).status == 200

"""A round in any order, cut into any pages, gives every item once, in its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import ProtocolError
from driveql.graph.delta import Placing, Tree, changes, resync_kind


@st.composite
def drives(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A tree in a random order: the root, folders below folders, files anywhere."""
    items: list[dict[str, Any]] = [{"id": "r", "name": "root", "root": {}, "folder": {}}]
    folders = ["r"]
    for number in range(draw(st.integers(0, 25))):
        parent = draw(st.sampled_from(folders))
        item: dict[str, Any] = {"id": f"i{number}", "name": f"n{number}", "parentReference": {"id": parent}}
        if draw(st.booleans()):
            item["folder"] = {}
            folders.append(item["id"])
        items.append(item)
    return draw(st.permutations(items))


def true_path(items: list[dict[str, Any]], identifier: str) -> str:
    by_id = {item["id"]: item for item in items}
    names = []
    while "root" not in by_id[identifier]:
        names.append(by_id[identifier]["name"])
        identifier = by_id[identifier]["parentReference"]["id"]
    return "/" + "/".join(reversed(names))


@given(drives(), st.lists(st.integers(0, 26), max_size=5))
def test_every_item_is_placed_once_whatever_the_order_and_the_pages(
    items: list[dict[str, Any]], cuts: list[int]
) -> None:
    placing, placed = Placing(), {}
    edges = sorted({0, len(items), *(cut for cut in cuts if cut < len(items))})
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007 - reads as what it is: pages
        for folder, raw in placing.place(items[start:end]):
            assert raw["id"] not in placed
            placed[raw["id"]] = folder.rstrip("/") + "/" + raw["name"]
    assert placing.left() == 0
    assert placed == {item["id"]: true_path(items, item["id"]) for item in items if "root" not in item}


@given(drives())
def test_the_tree_of_ids_says_every_path(items: list[dict[str, Any]]) -> None:
    tree = Tree()
    for item in items:
        tree.put(item)
    for item in items:
        assert tree.path(item["id"]) == true_path(items, item["id"])
    tree.drop("r")
    assert all(tree.path(item["id"]) is None for item in items)


def test_a_folder_that_never_comes_is_noticed() -> None:
    placing = Placing()
    assert (
        list(
            placing.place(
                [{"id": "r", "root": {}}, {"id": "x", "name": "x", "parentReference": {"id": "gone"}}]
            )
        )
        == []
    )
    assert placing.left() == 1


def test_a_circle_is_an_error_and_not_an_endless_walk() -> None:
    tree = Tree()
    tree.put({"id": "a", "name": "a", "parentReference": {"id": "b"}})
    tree.put({"id": "b", "name": "b", "parentReference": {"id": "a"}})
    with pytest.raises(ProtocolError):
        tree.path("a")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers())))
def test_the_last_occurrence_of_an_id_wins(events: list[tuple[str, bool, int]]) -> None:
    raw = [{"id": name, "n": number, **({"deleted": {}} if gone else {})} for name, gone, number in events]
    found = changes(raw)
    expected = {name: (gone, number) for name, gone, number in events}
    assert {change.id: (change.deleted, change.raw["n"]) for change in found} == expected
    order = [name for name, _, _ in reversed(events)]
    assert [change.id for change in reversed(found)] == list(dict.fromkeys(order))


def test_both_kinds_of_resync() -> None:
    assert resync_kind(["resyncRequired", "resyncChangesUploadDifferences"]) == "upload"
    assert resync_kind(["resyncRequired", "resyncChangesApplyDifferences"]) == "apply"
    assert resync_kind([]) == "apply"
    with pytest.raises(ProtocolError):
        changes([{"name": "no id"}])

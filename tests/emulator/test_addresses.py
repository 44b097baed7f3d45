"""All the URL shapes of the files API name the same thing."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_emulator.addresses import ITEM, Address, ItemLocator, parse
from graph_emulator.errors import GraphError

A_B = ItemLocator("root", ("a", "b"))


@pytest.mark.parametrize(
    ("path", "template", "item"),
    [
        ("/drives/b!x/root:/a/b", ITEM, A_B),
        ("/drives/b!x/root:/a/b:", ITEM, A_B),
        ("/drives/b!x/root:/a/b:/children", f"{ITEM}/children", A_B),
        ("//drives/b!x/items/root%3A%2Fa%2Fb%3A/children", f"{ITEM}/children", A_B),
        ("/drives/b!x/root:/a:/root:/b:", f"{ITEM}/root:/b:", ItemLocator("root", ("a",))),
        ("/drives/b!x/items/01A:/a/b:/content", f"{ITEM}/content", ItemLocator("01A", ("a", "b"))),
        ("/drives/b!x/items/01A/children/b/content", f"{ITEM}/content", ItemLocator("01A", ("b",))),
        ("/drives('b!x')/items('01A')/children", f"{ITEM}/children", ItemLocator("01A")),
        ("/users/a@c.com/drive/root:/.%2Fa/b", ITEM, A_B),
        ("/users/a@c.com/drives/b!x/items/root", ITEM, ItemLocator()),
        ("/groups/g/drive/root", ITEM, ItemLocator()),
        ("/sites/root/drive/root:/a/b:/createUploadSession", f"{ITEM}/createUploadSession", A_B),
        ("/sites/c.sharepoint.com:/sites/x:/drive/items/01A", ITEM, ItemLocator("01A")),
        ("/drives/b!x/root/delta()", f"{ITEM}/delta", ItemLocator()),
        ("/drives/b!x/root:", ITEM, ItemLocator()),
        ("/drives/b!x/root/unheard/of", f"{ITEM}/unheard/of", ItemLocator()),
    ],
)
def test_shapes_of_items(path: str, template: str, item: ItemLocator) -> None:
    address = parse(path)
    assert (address.template, address.item) == (template, item)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/users", Address("/users")),
        ("/users/a@c.com", Address("/users/{user-id}", {"user": "a@c.com"})),
        ("/users('a%27%27b')", Address("/users/{user-id}", {"user": "a'b"})),
        ("/groups/1/members/$count", Address("/groups/{group-id}/members/$count", {"group": "1"})),
        ("/sites/h:/sites/x", Address("/sites/{site-id}", {"site": "h:/sites/x"})),
        ("/sites/h,1,2/drives", Address("/sites/{site-id}/drives", {"site": "h,1,2"})),
        ("/planner/tasks", Address("/planner/tasks")),
    ],
)
def test_shapes_of_directory_objects(path: str, expected: Address) -> None:
    assert parse(path) == expected


@pytest.mark.parametrize("text", ["", "it's", "a/b:c", "100%", "x)", "é"])
def test_a_search_text_arrives_as_it_was_meant(text: str) -> None:
    for written in (f"search(q='{quote(text.replace(chr(39), chr(39) * 2), safe='')}')",):
        assert parse(f"/drives/b!x/root/{written}").argument == text
        assert parse(f"/drives/b!x/{written}").argument == text


def test_a_file_may_be_named_like_a_function() -> None:
    assert parse("/drives/b!x/root:/delta(1)/search(q='x')").item == ItemLocator(
        "root", ("delta(1)", "search(q='x')")
    )


@pytest.mark.parametrize("path", ["/me", "/me/drive/root", "/drive/root"])
def test_an_application_has_no_me(path: str) -> None:
    with pytest.raises(GraphError, match="delegated") as caught:
        parse(path)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/drives/x/root:/%ff",
        "/drives/x/root:/a/../b",
        "/drives/x/root:/" + "/".join("a" * 26),
        "/drives/x/root:a",
    ],
)
def test_malformed_paths_are_refused(path: str) -> None:
    with pytest.raises(GraphError) as caught:
        parse(path)
    assert caught.value.status == 400


NAMES = st.text(
    st.characters(exclude_characters='"*:<>?/\\|', exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
)


@given(st.lists(NAMES.filter(lambda name: name not in (".", "..")), min_size=1, max_size=6))
def test_any_name_survives_every_shape(names: list[str]) -> None:
    encoded = "/".join(quote(name, safe="") for name in names)
    kiota = quote(f"root:/{'/'.join(names)}:", safe="")
    for path in (
        f"/drives/b!x/root:/{encoded}:/content",
        f"/drives/b!x/items/root:/{encoded}:/content",
        f"//drives/b!x/items/{kiota}/content",
    ):
        address = parse(path)
        assert address.item == ItemLocator("root", tuple(names))
        assert address.template == f"{ITEM}/content"

"""Every legal name survives the way to the wire and back; nothing else gets there."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from driveql.errors import InvalidPathError
from driveql.graph import addresses, paths

IMPOSSIBLE = '"*:<>?/\\|'
names = st.text(
    st.characters(exclude_characters=IMPOSSIBLE, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40
).filter(lambda name: name not in {".", ".."})
odd = st.text(st.sampled_from("#%?&+' ~=;,@!$()[]{}^`éß日本😀%20%2F"), min_size=1, max_size=12).filter(
    lambda name: not set(name) & set(IMPOSSIBLE)
)


@given(st.lists(names | odd, max_size=6))
def test_a_path_is_encoded_once_and_decodes_to_itself(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    encoded = paths.encode(path)
    assert [unquote(segment) for segment in encoded.split("/") if segment] == segments
    assert not set(encoded) & set("#?+&' ")
    encoded.encode("ascii")


@given(st.lists(names | odd, min_size=1, max_size=6))
def test_the_parent_reference_gives_back_the_plain_folder(segments: list[str]) -> None:
    reference = f"/drives/b!1/root:/{paths.encode('/'.join(segments))}"
    assert paths.from_parent_reference(reference) == "/" + "/".join(segments)


@given(
    st.text(max_size=30),
    st.sampled_from([*IMPOSSIBLE.replace("/", ""), "\0", "\n", "\x1f"]),
    st.text(max_size=30),
)
def test_characters_that_no_name_has_are_refused(before: str, wrong: str, after: str) -> None:
    assume("/" not in before + after)
    with pytest.raises(InvalidPathError):
        paths.normalise(f"/{before}{wrong}{after}")


@given(st.lists(names, max_size=4), st.sampled_from([".", ".."]), st.lists(names, max_size=4))
def test_dot_segments_are_refused(before: list[str], dots: str, after: list[str]) -> None:
    with pytest.raises(InvalidPathError):
        paths.normalise("/".join([*before, dots, *after]))


@given(st.text())
def test_any_text_is_normalised_or_refused_and_normalising_twice_changes_nothing(text: str) -> None:
    try:
        path = paths.normalise(text)
    except InvalidPathError:
        return
    assert paths.normalise(path) == path
    assert path.startswith("/")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("CON", "reserved"), ("con", "reserved"), ("lpt1", "reserved"), (".lock", "reserved"), ("desktop.ini", "reserved"),
        ("~$a.docx", "begins with"), ("x_vti_y", "contains"), (" a", "space"), ("a ", "space"), ("a.", "dot"), ("", "not a name"),
        ("a/b", "not a name"), ("x" * 256, "255"),
    ],
)  # fmt: skip
def test_names_that_sharepoint_refuses_are_refused_before_any_request(name: str, why: str) -> None:
    with pytest.raises(InvalidPathError, match=why):
        paths.check_new_name(name)


def test_a_path_too_long_is_refused_and_one_just_short_enough_is_not() -> None:
    assert paths.check_new_path("/" + "/".join(["a" * 99] * 4)) != "/"
    with pytest.raises(InvalidPathError, match="400"):
        paths.check_new_path("/" + "/".join(["a" * 99] * 4) + "a")


@given(st.lists(names | odd, min_size=1, max_size=5))
def test_an_item_address_is_one_line_of_ascii_without_open_structure(segments: list[str]) -> None:
    address = str(
        addresses.item_at("b!x-_1", "/".join(segments)).below("children").option("$select", ["id", "name"])
    )
    address.encode("ascii")
    assert address.startswith("/drives/b!x-_1/root:/")
    assert address.endswith(":/children?$select=id,name")
    assert address.count("?") == 1
    assert "#" not in address


@given(st.text(max_size=30))
def test_query_values_cannot_break_out_of_their_option(value: str) -> None:
    assume(not any(0xD800 <= ord(character) <= 0xDFFF for character in value))
    text = str(addresses.users().option("$filter", value or "x"))
    query = text.partition("?")[2]
    assert "&" not in query
    assert "#" not in query
    assert unquote(query.partition("=")[2]) == (value or "x")
    assert "+" not in query

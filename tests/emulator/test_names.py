"""Names that SharePoint refuses, and the names it gives when one is taken."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_emulator.rules import free_name
from graph_emulator.store import Drive

BAD = [
    "a*b",
    'a"b',
    "a<b",
    "a|b",
    "CON",
    "con",
    "lpt9",
    "COM0",
    ".lock",
    "Desktop.ini",
    "~$a.docx",
    "a_vti_b",
    " a",
    "a ",
]
BAD += ["a.", "x" * 256, "a\\b", "a\tb"]
GOOD = [
    "#",
    "%",
    "100%25.txt",
    "a+b&c=d;e,f@g!h$.txt",
    "it's",
    "日本.txt",
    "😀",
    "x" * 255,
    "COM10",
    ".hidden",
    "lock",
    "~a",
]


@pytest.mark.parametrize("name", BAD)
def test_bad_names(ask: Any, drive: Drive, name: str) -> None:
    assert ask("PUT", f"/drives/{drive.id}/root:/{quote(name, safe='')}:/content", data=b"x").status == 400
    assert ask("POST", f"/drives/{drive.id}/root/children", json={"name": name, "folder": {}}).status == 400
    item = drive.put_file("/a.txt", b"x")
    assert ask("PATCH", f"/drives/{drive.id}/items/{item.id}", json={"name": name}).status == 400
    assert len(drive.items) == 2


@pytest.mark.parametrize("name", GOOD)
def test_good_names(ask: Any, drive: Drive, name: str) -> None:
    address = f"/drives/{drive.id}/root:/{quote(name, safe='')}"
    assert ask("PUT", f"{address}:/content", data=b"x").json["name"] == name
    assert ask("GET", address).json["name"] == name


def test_the_path_has_a_length(ask: Any, drive: Drive) -> None:
    drive.create_folder("/" + "/".join(["a" * 99] * 3))
    base = f"/drives/{drive.id}/items/{drive.item('/' + '/'.join(['a' * 99] * 3)).id}"
    assert ask("PUT", f"{base}:/{'b' * 100}:/content", data=b"x").status == 201
    too_long = ask("PUT", f"{base}:/{'c' * 101}:/content", data=b"x")
    assert (too_long.status, too_long.json["error"]["innerError"]["code"]) == (400, "pathIsTooLong")


def test_a_folder_does_not_move_where_its_files_would_be_too_deep(ask: Any, drive: Drive) -> None:
    folder = drive.create_folder("/" + "a" * 200)
    drive.put_file("/b/" + "c" * 220, b"x")
    address = f"/drives/{drive.id}/items/{drive.item('/b').id}"
    refused = ask("PATCH", address, json={"parentReference": {"id": folder.id}})
    assert (refused.status, refused.json["error"]["innerError"]["code"]) == (400, "pathIsTooLong")
    drive.delete(drive.item("/b/" + "c" * 220))
    assert ask("PATCH", address, json={"parentReference": {"id": folder.id}}).status == 200


@given(st.sampled_from(["a.txt", "a", ".a", "a.tar.gz", "a 1.txt"]), st.integers(0, 5), st.booleans())
def test_a_free_name_is_found(name: str, others: int, is_folder: bool) -> None:
    taken: set[str] = set()
    for _ in range(others + 1):
        given_name = free_name(name, taken.__contains__, is_folder=is_folder)
        assert given_name not in taken
        taken.add(given_name)
    assert len(taken) == others + 1
    if not is_folder and name == "a.tar.gz":
        assert taken >= {"a.tar.gz"}
        assert all(each.endswith(".gz") for each in taken)

"""One canonical text for every place: canonical twice is canonical once, and no name is damaged."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import InvalidPathError
from driveql.filesystem import OneDriveFileSystem
from driveql.filesystem.location import canonical, locate

strip = OneDriveFileSystem._strip_protocol
# Everything a name can hold, the characters with a meaning in URLs and patterns often.
names = st.text(
    st.one_of(
        st.sampled_from("#%&+'[]{}@~$;,. =üß日"),
        st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='/\\"*:<>?|'),
    ),
    min_size=1,
    max_size=12,
).filter(lambda name: name not in {".", ".."})
in_drive = st.lists(names, max_size=5).map(lambda segments: "/" + "/".join(segments))
roots = st.sampled_from(
    [
        "onedrive://alice@contoso.com",
        "onedrive://groups/finance@contoso.com",
        "onedrive://users/0b7b4d1e-0000-4000-8000-000000000000",
        "onedrive://contoso.sharepoint.com/sites/Finance/Shared Documents",
        "onedrive://contoso.sharepoint.com/Documents",
        "onedrive://drives/b!s8RqPCGh0ESQS2EYnKM0",
    ]
)


@given(in_drive)
def test_a_path_in_the_default_drive_is_itself_under_every_scheme(path: str) -> None:
    assert strip(path) == path
    for scheme in ("onedrive://", "driveql://", "onedrive:"):
        assert strip(f"{scheme}{path}") == path
    assert strip(f"{path}/") == path


@given(roots, in_drive)
def test_an_owners_path_keeps_its_owner(root: str, path: str) -> None:
    name = root + path.rstrip("/")
    assert strip(name) == name
    assert strip(strip(name)) == name
    assert strip(name.replace("onedrive://", "driveql://", 1)) == name
    assert OneDriveFileSystem._parent(f"{name}/child") == name
    location = locate(name)
    assert location.path == path
    assert location.name == name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "/"),
        ("/", "/"),
        ("onedrive://", "/"),
        ("Reports/a.csv", "/Reports/a.csv"),
        ("report.csv", "/report.csv"),
        ("onedrive:///a//b/", "/a/b"),
        ("/r/*.csv", "/r/*.csv"),
        ("/r/x?[1]", "/r/x?[1]"),
        ("onedrive://alice@contoso.com", "onedrive://alice@contoso.com"),
        ("onedrive://alice@contoso.com/", "onedrive://alice@contoso.com"),
        (
            "onedrive://contoso.sharepoint.com/sites/Finance",
            "onedrive://contoso.sharepoint.com/sites/Finance",
        ),
        (
            "https://contoso.sharepoint.com/sites/Finance/Shared%20Documents/a%20b%23.csv",
            "onedrive://contoso.sharepoint.com/sites/Finance/Shared Documents/a b#.csv",
        ),
        (
            "onedrive://https://contoso.sharepoint.com/sites/Finance/Docs/a.csv",
            "onedrive://contoso.sharepoint.com/sites/Finance/Docs/a.csv",
        ),
        ("https://1drv.ms/f/s!abc?e=xyz", "https://1drv.ms/f/s!abc?e=xyz"),
        (PurePosixPath("/a/b"), "/a/b"),
    ],
)
def test_ways_to_write_a_place(written: str, expected: str) -> None:
    assert strip(written) == expected
    assert strip(strip(written)) == expected


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("/a/b", "/a"),
        ("/a", "/"),
        ("/", "/"),
        ("onedrive://alice@contoso.com/a", "onedrive://alice@contoso.com"),
        ("onedrive://alice@contoso.com", "onedrive://alice@contoso.com"),
        (
            "onedrive://contoso.sharepoint.com/sites/Finance/Docs",
            "onedrive://contoso.sharepoint.com/sites/Finance",
        ),
    ],
)
def test_the_folder_above(name: str, parent: str) -> None:
    assert OneDriveFileSystem._parent(name) == parent


def test_a_site_is_not_a_library() -> None:
    assert locate("onedrive://contoso.sharepoint.com/sites/Finance").is_site
    assert not locate("onedrive://contoso.sharepoint.com/sites/Finance/Docs").is_site
    assert not locate("/sites/Finance").is_site


@pytest.mark.parametrize(
    "wrong", ["/a:b", "/a\\b", "/a/../b", "onedrive://Reports/a.csv", "onedrive://groups/"]
)
def test_what_cannot_be_is_refused_before_any_request(wrong: str) -> None:
    with pytest.raises(InvalidPathError):
        locate(wrong)


def test_a_malformed_address_is_an_oserror_with_the_reason() -> None:
    with pytest.raises(OSError, match="three slashes") as caught:
        strip("onedrive://Reports/a.csv")
    assert isinstance(caught.value.__cause__, InvalidPathError)
    assert canonical("/a") == "/a"

"""Every way of product.md to write a place, and the ways that are refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import DriveqlError, InvalidPathError
from driveql.graph import places
from driveql.graph.places import Place, parse

FINANCE = "/sites/contoso.sharepoint.com:/sites/Finance"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("onedrive:///Reports/2026/a.csv", Place(path="/Reports/2026/a.csv")),
        ("onedrive:/Reports/a.csv", Place(path="/Reports/a.csv")),
        ("ONEDRIVE:/a", Place(path="/a")),
        ("driveql:///a", Place(path="/a")),
        ("onedrive:", Place()),
        ("onedrive:///", Place()),
        ("/Reports//a.csv/", Place(path="/Reports/a.csv")),
        ("onedrive:/100%20 percent #1.csv", Place(path="/100%20 percent #1.csv")),
        ("onedrive://alice@contoso.com/Reports/a.csv", Place("/users/alice@contoso.com", path="/Reports/a.csv")),
        ("onedrive://users/4a8f/x", Place("/users/4a8f", path="/x")),
        ("onedrive://drives/b!1-x/Reports/a.csv", Place(path="/Reports/a.csv", drive_id="b!1-x")),
        ("onedrive://drives/b!1/id:01ABC", Place(path="id:01ABC", drive_id="b!1")),
        ("onedrive:/id:01AB!7", Place(path="id:01AB!7")),
        ("onedrive://alice@contoso.com/id:01AB", Place("/users/alice@contoso.com", path="id:01AB")),
        ("onedrive://groups/finance@contoso.com/b", Place("/groups/finance@contoso.com", path="/b")),
        ("onedrive://contoso.sharepoint.com/sites/Finance/Shared Documents/a b.csv", Place(FINANCE, "Shared Documents", "/a b.csv")),  # noqa: E501 - one row, one case
        ("onedrive://contoso.sharepoint.com/Shared Documents/x", Place("/sites/contoso.sharepoint.com:/", "Shared Documents", "/x")),  # noqa: E501 - one row, one case
        ("https://contoso.sharepoint.com/sites/Finance/Shared%20Documents/a%20b%23.csv", Place(FINANCE, "Shared Documents", "/a b#.csv")),  # noqa: E501 - one row, one case
        (
            "https://contoso.sharepoint.com/sites/Finance/Shared%20Documents/Forms/AllItems.aspx?id=%2Fsites%2FFinance%2FShared%20Documents%2FQ1&viewid=1",
            Place(FINANCE, "Shared Documents", "/Q1"),
        ),
        ("https://contoso.sharepoint.com/:x:/s/Finance/EaBc?e=12", Place(sharing_url="https://contoso.sharepoint.com/:x:/s/Finance/EaBc?e=12")),
        ("https://1drv.ms/u/s!abc", Place(sharing_url="https://1drv.ms/u/s!abc")),
    ],
)  # fmt: skip
def test_written_places(text: str, place: Place) -> None:
    assert parse(text) == place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("onedrive://Reports/a.csv", "three slashes"),
        ("onedrive://groups/", "no owner"),
        ("onedrive:/a/../b", r"\.\."),
        ("https://[bad/x", "cannot be read"),
        ("onedrive:/a*b", "no name in OneDrive"),
        ("http://contoso.sharepoint.com/sites/x", "https"),
        ("https://user:pass@contoso.sharepoint.com/x", "user and password"),
        ("onedrive://contoso.sharepoint.com/sites", "no site"),
    ],
)
def test_malformed_places_are_refused_with_a_hint(text: str, why: str) -> None:
    with pytest.raises(InvalidPathError, match=why) as caught:
        parse(text)
    assert caught.value.hint
    assert "pass@" not in str(caught.value)


def test_patterns_are_accepted_only_where_asked_for() -> None:
    assert parse("onedrive:/Reports/*.csv", wildcards=True).path == "/Reports/*.csv"
    with pytest.raises(InvalidPathError):
        parse("onedrive:/Reports/*.csv")


@given(
    st.text(max_size=60)
    | st.text(max_size=60).map("onedrive://".__add__)
    | st.text(max_size=60).map("https://".__add__)
)
def test_any_text_is_a_place_or_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(DriveqlError):
        assert isinstance(parse(text), Place)


def test_the_sharing_token_is_the_documented_one() -> None:
    url = "https://onedrive.live.com/redir?resid=1231244193912!12&authKey=1201919!12921!1"
    token = "u!aHR0cHM6Ly9vbmVkcml2ZS5saXZlLmNvbS9yZWRpcj9yZXNpZD0xMjMxMjQ0MTkzOTEyITEyJmF1dGhLZXk9MTIwMTkxOSExMjkyMSEx"
    assert places.sharing_token(url) == token

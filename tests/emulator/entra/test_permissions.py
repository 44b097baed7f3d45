"""The table of permissions is Microsoft's, and closed by default."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graph_contract import load
from graph_emulator.errors import GraphError
from graph_emulator.identity import TokenClaims
from graph_emulator.permissions import Row, authorise, canonical, required, rows
from graph_emulator.router import ROUTES, permission_route

ITEM = "/drives/{drive-id}/items/{item-id}"


def claims(*roles: str) -> TokenClaims:
    return TokenClaims("tenant", "client", "principal", frozenset(roles), 0.0)


def catalogue_line(row: Row) -> str:
    return re.sub(r"\{(?!value)[^}]*\}", "{id}", row.catalogue or row.route).casefold()


def test_every_row_is_microsofts(shared_dir: Path) -> None:
    """Each row equals its line of the metadata, but for what the row itself names with a reason."""
    listed: dict[tuple[str, str], frozenset[str]] = {}
    for line in json.loads((shared_dir / "graph" / "permission_catalogue.json").read_bytes())["endpoints"]:
        listed[line["method"], line["path"].casefold()] = frozenset(line["application"])
    compared = 0
    for row in rows():
        line = listed.get((row.method, catalogue_line(row)))
        if line is None:
            assert row.reason, f"{row.method} {row.route} has no line in the metadata and no reason"
            continue
        assert row.any_of - row.added == line - row.added, f"{row.method} {row.route}"
        assert not row.added or row.reason
        compared += 1
    print(f"{compared} of {len(list(rows()))} rows compared with the metadata")
    assert compared >= 70


def test_no_row_is_there_twice() -> None:
    keys = [(row.method, canonical(row.route)) for row in rows()]
    assert len(keys) == len(set(keys))


def test_every_route_of_the_router_has_its_row() -> None:
    for method, template in ROUTES:
        required(method, permission_route(template))


def test_features_name_a_sufficient_permission() -> None:
    for name, feature in load("permissions")["features"].items():
        assert feature["least"] in required(feature["method"], feature["route"]), name


def test_a_route_without_a_row_is_not_open() -> None:
    with pytest.raises(KeyError):
        required("GET", "/drives/{drive-id}/items/{item-id}/workbook")


@pytest.mark.parametrize(
    "address",
    [
        "/drives/{id}/items/{x}/children",
        "/drives/{drive-id}/root/children",
        "/drives/{drive-id}/root:/{path}:/children",
        "/drives/{drive-id}/items/{item-id}:/{path}:/children",
        "/drives/{drive-id}/special/{name}/children",
        "/users/{user-id}/drive/root/children",
        "/users/{user-id}/drives/{drive-id}/items/{item-id}/children",
        "/groups/{group-id}/drive/items/{item-id}/children",
        "/sites/{site-id}/drive/root:/{path}:/children",
        "/me/drive/root/children",
    ],
)
def test_every_address_of_an_item_is_one_route(address: str) -> None:
    assert canonical(address) == canonical(f"{ITEM}/children")


@pytest.mark.parametrize(
    ("method", "route", "enough", "too_little"),
    [
        ("GET", "/users", "User.ReadBasic.All", "Files.ReadWrite.All"),
        ("GET", "/groups/{group-id}/members", "GroupMember.ReadBasic.All", "User.Read.All"),
        ("GET", "/sites", "Sites.Read.All", "Files.ReadWrite.All"),
        ("GET", "/sites", "Sites.FullControl.All", "Directory.Read.All"),
        ("GET", f"{ITEM}/children", "Files.Read.All", "Group.Read.All"),
        ("GET", ITEM, "Group.Read.All", "User.Read.All"),
        ("PUT", f"{ITEM}/content", "Files.ReadWrite.All", "Files.Read.All"),
        ("PUT", f"{ITEM}/content", "Sites.Manage.All", "Sites.Read.All"),
        ("POST", f"{ITEM}/createUploadSession", "Files.ReadWrite.All", "Files.Read.All"),
        ("GET", "/drives/{drive-id}/items/{item-id}/search(q='{q}')", "Files.Read.All", "User.Read.All"),
        ("POST", "/search/query", "Files.ReadWrite.All", "User.Read.All"),
        ("GET", "/users/{user-id}/drive", "Files.Read.All", "User.ReadWrite.All"),
        ("GET", "/sites/{site-id}/permissions", "Sites.FullControl.All", "Sites.Manage.All"),
    ],
)
def test_who_may(method: str, route: str, enough: str, too_little: str) -> None:
    authorise(claims(enough), method, route)
    with pytest.raises(GraphError) as refusal:
        authorise(claims(too_little), method, route)
    assert refusal.value.status == 403


def test_a_batch_asks_for_a_token_only() -> None:
    authorise(claims(), "POST", "/$batch")


@pytest.mark.parametrize(
    ("route", "roles", "status", "code"),
    [
        ("/users", (), 403, "Authorization_RequestDenied"),
        ("/groups/{group-id}", ("Files.Read.All",), 403, "Authorization_RequestDenied"),
        ("/users/{user-id}/drive", ("User.Read.All",), 403, "accessDenied"),
        (f"{ITEM}/children", ("User.Read.All",), 403, "accessDenied"),
        (f"{ITEM}/children", (), 401, "generalException"),
    ],
)
def test_how_it_is_refused(route: str, roles: tuple[str, ...], status: int, code: str) -> None:
    with pytest.raises(GraphError) as refusal:
        authorise(claims(*roles), "GET", route)
    assert (refusal.value.status, refusal.value.code) == (status, code)

"""Every route of the router has its permissions, and asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from graph_emulator import Emulator
from graph_emulator.permissions import required
from graph_emulator.router import ROUTES, permission_route
from graph_emulator.store import Drive

# What asks for a token only: each request inside a batch is checked on its own.
OPEN = {("POST", "/$batch")}


@pytest.mark.parametrize(("method", "template"), sorted(ROUTES.keys() - OPEN))
def test_no_route_is_open(method: str, template: str) -> None:
    assert required(method, permission_route(template))


@pytest.mark.parametrize(
    ("permissions", "method", "target", "status"),
    [
        ({"Files.Read.All"}, "GET", "/drives/{id}/root/children", 200),
        ({"Files.Read.All"}, "POST", "/drives/{id}/root/children", 403),
        ({"Files.ReadWrite.All"}, "DELETE", "/users/alice@contoso.com/drive/root:/a.txt", 204),
        ({"Files.Read.All"}, "DELETE", "/users/alice@contoso.com/drive/root:/a.txt", 403),
        ({"User.Read.All"}, "GET", "/users", 200),
        ({"User.Read.All"}, "GET", "/groups", 403),
        ({"User.Read.All"}, "GET", "/users/alice@contoso.com/drive", 403),
        ({"Sites.Read.All"}, "GET", "/sites?search=*", 200),
        ({"User.Read.All"}, "GET", "/users/$count", 200),
        ({"Sites.Read.All"}, "GET", "/users/$count", 403),
    ],
)
def test_permissions_hold_however_a_drive_is_addressed(
    emulator: Emulator, drive: Drive, asker: Any, permissions: set[str], method: str, target: str, status: int
) -> None:
    drive.put_file("/a.txt", b"x")
    ask = asker(emulator)
    application = emulator.register_application("narrow", permissions)
    ask.token = emulator.identity.mint(emulator.tenant, application)
    answer = ask(method, target.format(id=drive.id), headers={"ConsistencyLevel": "eventual"}, json={})
    assert answer.status == status, answer.body
    if status == 403:
        assert answer.code in ("accessDenied", "Authorization_RequestDenied")

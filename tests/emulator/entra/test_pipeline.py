"""Token, permission, throttling and faults as they meet a whole request, with the tenant's real routes behind."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from multidict import CIMultiDict

from graph_emulator import Clock, Emulator, Request, Response
from graph_emulator.directory import Application
from graph_emulator.faults import (
    ClaimsChallenge,
    EmptyBody,
    EmptyPage,
    ExpiredUrl,
    IgnoreRange,
    Locked,
    NotFoundAfterCreate,
    Refuse,
    RepeatedNextLink,
)
from graph_emulator.store import Drive

NOW = 1_780_000_000.0
GRAPH = "https://graph.microsoft.com"


class Caller:
    """An application in process: it signs in once and asks."""

    def __init__(self, emulator: Emulator, application: Application, secret: str) -> None:
        self.emulator, self.application, self.secret = emulator, application, secret
        self.token: str | None = None

    async def sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.application.client_id,
            "client_secret": self.secret,
            "scope": f"{GRAPH}/.default",
        }
        headers = CIMultiDict({"Content-Type": "application/x-www-form-urlencoded"})
        target = f"/{self.emulator.tenant.tenant_id}/oauth2/v2.0/token"
        request = Request(
            "POST", "https://login.microsoftonline.com", target, headers, urlencode(form).encode()
        )
        answer = await self.emulator.handle(request)
        self.token = content_of(answer)["access_token"]

    async def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        sent = CIMultiDict(headers)
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if body[:1] == b"{":
            sent["Content-Type"] = "application/json"
        path = target.removeprefix(GRAPH)
        return await self.emulator.handle(Request(method, GRAPH, path, sent, body))

    async def follow(self, url: str, **headers: str) -> Response:
        """Ask a pre-authenticated address, without the token."""
        scheme, _, rest = url.partition("://")
        host, _, path = rest.partition("/")
        return await self.emulator.handle(
            Request("GET", f"{scheme}://{host}", f"/{path}", CIMultiDict(headers))
        )


def content_of(response: Response) -> Any:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="none", clock=Clock(fixed=NOW))


@pytest.fixture
def drive(emulator: Emulator) -> Drive:
    drive = emulator.tenant.add_user("ann").drive
    assert drive is not None
    for number in range(5):
        drive.put_file(f"/folder/{number}.txt", b"0123456789" * (number + 1))
    return drive


async def caller_with(emulator: Emulator, *permissions: str) -> Caller:
    application = emulator.register_application("Caller", set(permissions))
    caller = Caller(emulator, application, emulator.add_secret(application))
    await caller.sign_in()
    return caller


@pytest.fixture
async def caller(emulator: Emulator) -> Caller:
    return await caller_with(emulator, "Files.ReadWrite.All", "User.Read.All")


async def test_without_a_token(emulator: Emulator, drive: Drive, caller: Caller) -> None:
    caller.token = None
    response = await caller.ask("GET", f"/v1.0/drives/{drive.id}", **{"client-request-id": "mine"})
    assert response.status == 401
    assert response.headers["www-authenticate"].startswith('Bearer realm=""')
    assert content_of(response)["error"]["innerError"]["request-id"] == response.headers["request-id"]
    assert response.headers["client-request-id"] == "mine"


@pytest.mark.parametrize(
    ("permission", "allowed", "denied"),
    [
        ("User.ReadBasic.All", "/v1.0/users", "/v1.0/users/ann@{domain}/drive"),
        ("Files.Read.All", "/v1.0/users/ann@{domain}/drive", "/v1.0/users"),
        ("Files.Read.All", "/v1.0/drives/{drive}/root:/folder:/children", "/v1.0/groups"),
        ("Sites.Read.All", "/v1.0/sites?search=*", "/v1.0/users?$top=5"),
    ],
)
async def test_each_permission_opens_its_routes(
    emulator: Emulator, drive: Drive, permission: str, allowed: str, denied: str
) -> None:
    caller = await caller_with(emulator, permission)
    names = {"domain": emulator.tenant.domain, "drive": drive.id}
    assert (await caller.ask("GET", allowed.format(**names))).status == 200
    response = await caller.ask("GET", denied.format(**names))
    assert response.status == 403
    expected = "accessDenied" if "drive" in denied else "Authorization_RequestDenied"
    assert content_of(response)["error"]["code"] == expected


async def test_reading_permission_does_not_write(emulator: Emulator, drive: Drive) -> None:
    caller = await caller_with(emulator, "Files.Read.All")
    target = f"/v1.0/drives/{drive.id}/root:/new.txt:/content"
    assert (await caller.ask("PUT", target, b"x")).status == 403
    assert drive.resolve(["new.txt"]) is None


async def test_a_grant_counts_from_the_next_token_on(emulator: Emulator, drive: Drive) -> None:
    caller = await caller_with(emulator)
    target = f"/v1.0/drives/{drive.id}/root"
    refused = await caller.ask("GET", target)
    assert (refused.status, content_of(refused)["error"]["code"]) == (401, "generalException")
    caller.application.permissions.add("Files.Read.All")
    assert (await caller.ask("GET", target)).status == 401
    await caller.sign_in()
    assert (await caller.ask("GET", target)).status == 200


async def test_a_token_expires(emulator: Emulator, drive: Drive, caller: Caller) -> None:
    emulator.clock.advance(3599)
    response = await caller.ask("GET", f"/v1.0/drives/{drive.id}")
    assert content_of(response)["error"]["message"] == "Lifetime validation failed, the token is expired."


async def test_throttling_counts_what_the_routes_cost(
    emulator: Emulator, drive: Drive, caller: Caller
) -> None:
    emulator.throttle.files_per_minute = 10
    target = f"/v1.0/drives/{drive.id}/root:/folder:/children"
    answers = [await caller.ask("GET", target) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert [answer.headers.get("RateLimit-Remaining") for answer in answers] == [
        None,
        None,
        None,
        "2",
        "0",
        "0",
    ]
    assert answers[-1].headers["Retry-After"] == "60"
    emulator.clock.advance(60)
    assert (await caller.ask("GET", target)).status == 200


async def test_empty_pages_lose_nothing(emulator: Emulator, drive: Drive, caller: Caller) -> None:
    emulator.faults.add(EmptyPage(), route="/children$", count=3)
    link: str | None = f"/v1.0/drives/{drive.id}/root:/folder:/children?$top=2&$select=name"
    names, pages = [], 0
    while link is not None:
        page = content_of(await caller.ask("GET", link))
        names += [item["name"] for item in page["value"]]
        link, pages = page.get("@odata.nextLink"), pages + 1
    assert names == [f"{number}.txt" for number in range(5)]
    assert pages == 6
    emulator.faults.assert_consumed()


async def test_repeated_next_link_repeats(emulator: Emulator, drive: Drive, caller: Caller) -> None:
    emulator.faults.add(RepeatedNextLink(), route="/children$", count=None)
    target = f"/v1.0/drives/{drive.id}/root:/folder:/children?$top=2"
    first = content_of(await caller.ask("GET", target))
    assert first["@odata.nextLink"] == GRAPH + target
    assert content_of(await caller.ask("GET", first["@odata.nextLink"])) == first


@pytest.mark.parametrize("address", ["id", "path"])
async def test_an_upload_is_not_found_at_first(
    emulator: Emulator, drive: Drive, caller: Caller, address: str
) -> None:
    emulator.faults.add(NotFoundAfterCreate(requests=2), method="PUT", route="/content$")
    path = f"/v1.0/drives/{drive.id}/root:/folder/h%23a%20%25.txt"
    created = await caller.ask("PUT", f"{path}:/content", b"new")
    assert created.status == 201
    target = path if address == "path" else f"/v1.0/drives/{drive.id}/items/{content_of(created)['id']}"
    assert [(await caller.ask("GET", target)).status for _ in range(3)] == [404, 404, 200]


async def test_range_answered_whole_and_addresses_that_expire(
    emulator: Emulator, drive: Drive, caller: Caller
) -> None:
    redirect = await caller.ask("GET", f"/v1.0/drives/{drive.id}/root:/folder/1.txt:/content")
    assert redirect.status == 302
    url = redirect.headers["Location"]
    emulator.faults.add(IgnoreRange(), target="^/_content/", nth=2)
    emulator.faults.add(ExpiredUrl(403), target="^/_content/", nth=3)
    statuses = [(await caller.follow(url, Range="bytes=3-5")).status for _ in range(4)]
    assert statuses == [206, 200, 403, 206]
    emulator.faults.assert_consumed()


async def test_a_folder_is_created_though_the_answer_is_empty(
    emulator: Emulator, drive: Drive, caller: Caller
) -> None:
    emulator.faults.add(EmptyBody(), method="POST", route="/children$")
    target = f"/v1.0/drives/{drive.id}/root/children"
    response = await caller.ask("POST", target, b'{"name":"made","folder":{}}')
    assert (response.status, response.body) == (200, b"")
    assert drive.resolve(["made"]) is not None


async def test_refusals_do_nothing(emulator: Emulator, drive: Drive, caller: Caller) -> None:
    target = f"/v1.0/drives/{drive.id}/root:/folder/1.txt"
    plan = [Refuse(429, retry_after=1), Refuse(507), Locked(2), ClaimsChallenge()]
    for effect in plan:
        emulator.faults.add(effect, method="DELETE")
    statuses = [(await caller.ask("DELETE", target)).status for _ in range(4)]
    assert statuses == [429, 507, 423, 401]
    assert drive.resolve(["folder", "1.txt"]) is not None
    assert (await caller.ask("DELETE", target)).status == 204


async def test_faults_of_the_token_endpoint(emulator: Emulator, drive: Drive, caller: Caller) -> None:
    emulator.faults.add(Refuse(503, retry_after=2), target="/oauth2/v2.0/token$")
    with pytest.raises(KeyError):
        await caller.sign_in()
    await caller.sign_in()
    emulator.faults.assert_consumed()


async def test_a_leaked_token_is_refused_and_recorded(
    emulator: Emulator, drive: Drive, caller: Caller
) -> None:
    redirect = await caller.ask("GET", f"/v1.0/drives/{drive.id}/root:/folder/1.txt:/content")
    response = await caller.follow(redirect.headers["Location"], Authorization=f"Bearer {caller.token}")
    assert response.status == 401
    assert len(emulator.leaks) == 1
    assert caller.token not in str(emulator.leaks) + str(emulator.requests)

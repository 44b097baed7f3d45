"""A demo tenant, and a client that asks it without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from multidict import CIMultiDict
from tests.emulator.receiver import Receiver, listening

from graph_emulator import Clock, Emulator, Request, Response
from graph_emulator.store import Drive, User

PERMISSIONS = {"User.Read.All", "Group.Read.All", "Files.ReadWrite.All", "Sites.ReadWrite.All"}


@dataclass
class Answer:
    """An answer with its body read."""

    status: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])

    @property
    def names(self) -> list[str]:
        return [item["name"] for item in self.json["value"]]


class Asker:
    """Asks an emulator in process, with a token of an application that may do everything here."""

    def __init__(self, emulator: Emulator, base_url: str = "http://127.0.0.1:80") -> None:
        self.emulator = emulator
        self.base_url = base_url
        application = emulator.register_application("test", PERMISSIONS)
        self.token = emulator.identity.mint(emulator.tenant, application, lifetime=10**7)

    def __call__(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        data: bytes | list[bytes] = b"",
        headers: dict[str, str] | None = None,
        token: bool | None = None,
    ) -> Answer:
        """Ask Graph for a path below /v1.0, or a whole address as it stands (without the token)."""
        base_url = self.base_url
        sent = CIMultiDict(headers or {})
        if target.startswith("http"):
            parts = urlsplit(target)
            base_url = f"{parts.scheme}://{parts.netloc}"
            target = target[len(base_url) :]
            with_token = target.startswith("/v1.0") if token is None else token
        else:
            target = f"/v1.0{target}"
            with_token = token is not False
        if with_token:
            sent["Authorization"] = f"Bearer {self.token}"
        body = orjson.dumps(json) if json is not None else data
        request = Request(method, base_url, target, sent, body if isinstance(body, bytes) else _pieces(body))
        return asyncio.run(self._ask(request))

    async def _ask(self, request: Request) -> Answer:
        response = await self.emulator.handle(request)
        return Answer(response.status, response.headers, await read(response))

    def follow(self, target: str) -> Iterator[Answer]:
        """Yield the pages of a collection."""
        link: str | None = target
        while link is not None:
            page = self("GET", link)
            assert page.status == 200, page.body
            yield page
            link = page.json.get("@odata.nextLink")


async def read(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([bytes(part) async for part in response.body])


def _pieces(parts: list[bytes]) -> Any:
    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return stream


@pytest.fixture
def clock() -> Clock:
    return Clock(1_790_000_000.0)


@pytest.fixture
def emulator(clock: Clock) -> Iterator[Emulator]:
    made = Emulator("none", clock=clock)
    yield made
    made.close()


@pytest.fixture
def ask(emulator: Emulator) -> Asker:
    return Asker(emulator)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of change notifications on this machine."""
    with listening() as started:
        yield started


@pytest.fixture
def asker() -> type[Asker]:
    return Asker


@pytest.fixture
def alice(emulator: Emulator) -> User:
    return emulator.tenant.add_user(
        "alice", "Alice Romero", givenName="Alice", surname="Romero", department="Finance"
    )


@pytest.fixture
def drive(alice: User) -> Drive:
    assert alice.drive is not None
    return alice.drive

"""The behaviours that hold on any tenant, arranged through the client alone: on the local tenant always, and with
DRIVEQL_LIVE_CONNECTION_STRING set (`make live`) on a real one, in a folder of its own that is deleted afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import local_tenant

from driveql import errors
from driveql.connection import settings_from
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.graph.mirror_plan import MirrorRules

LIVE = os.environ.get("DRIVEQL_LIVE_CONNECTION_STRING")
BIG = os.urandom(1 << 20) * 5 + b"end"


@dataclass
class Somewhere:
    """A drive and a folder in it that belongs to the test."""

    drive: DriveHandle
    folder: str

    def at(self, path: str) -> str:
        return f"{self.folder}/{path}"

    async def settled(self, path: str, seconds: float = 120.0) -> None:
        """A real tenant may answer 404 for what was just written; wait until it does not."""
        pause = 0.1
        while await self.drive.find(self.at(path)) is None:
            assert seconds > 0, f"{path} never appeared"
            await asyncio.sleep(pause)
            seconds, pause = seconds - pause, min(pause * 2, 5.0)


@pytest_asyncio.fixture(params=["local", *(["live"] if LIVE else [])])
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Somewhere]:
    async with contextlib.AsyncExitStack() as stack:
        if request.param == "local":
            tenant = await stack.enter_async_context(local_tenant())
            onedrive, handle = tenant.drive, tenant.handle
        else:
            onedrive = await stack.enter_async_context(OneDrive(settings_from(LIVE, environ={})))
            handle = await onedrive.drive()
        folder = f"/driveql-test-{uuid.uuid4()}"
        await handle.create_folder(folder)
        somewhere = Somewhere(handle, folder)
        await somewhere.settled("")
        try:
            yield somewhere
        finally:
            await handle.delete(folder)


@pytest.mark.parametrize(
    "name", ["h#a.txt", "100% & more+.csv", "a%20b.txt", "it's; ok,.txt", "Übersicht 日本 😀.txt"]
)
async def test_odd_names_are_their_own_files(here: Somewhere, name: str) -> None:
    await here.drive.upload(here.at("h"), b"decoy")
    item = await here.drive.upload(here.at(name), name.encode())
    assert item.name == name
    await here.settled(name)
    assert await here.drive.read(here.at(name)) == name.encode()
    listed = [one.name async for page in here.drive.list(here.folder) for one in page]
    assert sorted(listed) == sorted(["h", name])


@pytest.mark.parametrize("size", [0, 1, 5_000, 5_242_883])
async def test_any_size_goes_up_and_comes_down_verified(here: Somewhere, size: int, tmp_path: Path) -> None:
    (tmp_path / "up.bin").write_bytes(BIG[:size])
    os.utime(tmp_path / "up.bin", (1_700_000_000, 1_700_000_000))
    item = await here.drive.upload(here.at("up.bin"), tmp_path / "up.bin")
    assert item.size == size
    await here.settled("up.bin")
    await here.drive.download(here.at("up.bin"), tmp_path / "down.bin")
    assert (tmp_path / "down.bin").read_bytes() == BIG[:size]
    if size:
        assert (tmp_path / "down.bin").stat().st_mtime == 1_700_000_000
        assert (
            await here.drive.read(here.at("up.bin"), size // 2, size // 2 + 1)
            == BIG[size // 2 : size // 2 + 1]
        )


async def test_conflicts_and_guards(here: Somewhere) -> None:
    first = await here.drive.upload(here.at("a.txt"), b"first")
    await here.settled("a.txt")
    with pytest.raises(errors.AlreadyExistsError):
        await here.drive.upload(here.at("a.txt"), b"no", conflict="fail")
    renamed = await here.drive.upload(here.at("a.txt"), b"other", conflict="rename")
    assert renamed.name != "a.txt"
    await here.drive.upload(here.at("a.txt"), b"second")
    with pytest.raises(errors.ItemChangedError):
        await here.drive.move(here.at("a.txt"), here.at("b.txt"), if_match=first.etag)
    assert await here.drive.read(here.at("a.txt")) == b"second"


async def test_move_copy_and_delete(here: Somewhere) -> None:
    await here.drive.create_folder(here.at("one/two"))
    await here.settled("one/two")
    item = await here.drive.upload(here.at("a.txt"), b"content")
    await here.settled("a.txt")
    moved = await here.drive.move(here.at("a.txt"), here.at("one/two/b.txt"))
    assert moved.id == item.id
    copied = await here.drive.copy(f"id:{item.id}", here.at("c.txt"))
    assert copied.id != item.id
    assert await here.drive.read(f"id:{copied.id}") == b"content"
    await here.drive.delete(f"id:{item.id}")
    with pytest.raises(errors.NotFoundError):
        await here.drive.item(f"id:{item.id}")


async def test_a_mirror_up_and_down(here: Somewhere, tmp_path: Path) -> None:
    for number in range(12):
        path = tmp_path / "up" / f"d{number % 3}" / f"{number} #.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(number * 10))
    up = here.drive.mirror(here.at("mirror"), tmp_path / "up", upward=True)
    assert not [outcome for outcome in await up.run() if outcome.error]
    await here.settled("mirror/d2/11 #.txt")
    down = here.drive.mirror(
        here.at("mirror"), tmp_path / "down", upward=False, rules=MirrorRules(compare="hash")
    )
    assert not [outcome for outcome in await down.run() if outcome.error]
    for path in (tmp_path / "up").rglob("*.txt"):
        assert (tmp_path / "down" / path.relative_to(tmp_path / "up")).read_bytes() == path.read_bytes()

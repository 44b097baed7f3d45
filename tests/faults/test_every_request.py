"""Every operation with a fault at every one of its requests: the result is right, or the error clear and nothing half done.

An operation is run once to count its requests, then once for each request and each kind of fault.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support import LocalTenant, local_tenant

from driveql.drive.download import Download
from driveql.errors import DriveqlError
from driveql.graph.mirror_plan import MirrorRules
from graph_emulator import faults

CONTENT = bytes(range(256)) * 3000
EFFECTS: list[faults.Effect] = [
    faults.DropBefore(),
    faults.Drop(),
    faults.Truncate(bytes=3),
    faults.Refuse(503, retry_after=0),
    faults.Refuse(429, retry_after=0),
    faults.Refuse(500),
]
State = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Operation:
    """What is done, and what is asked of its result. `after` says the state that success leaves, from the one before."""

    do: Callable[[LocalTenant, Path], Awaitable[Any]]
    result: Callable[[Any, Path], bool]
    changes: bool = False
    # Files that may be there or not after a failure: each step of the operation is whole in itself.
    in_steps: bool = False


async def _list(tenant: LocalTenant, _: Path) -> list[str | None]:
    return sorted([item.path async for page in tenant.handle.list("/d") for item in page], key=str)


async def _walk(tenant: LocalTenant, _: Path) -> list[str | None]:
    return sorted([item.path async for page in tenant.handle.walk("/d") for item in page], key=str)


async def _whole(tenant: LocalTenant, _: Path) -> int:
    return len([item async for page in tenant.handle.walk(method="delta") for item in page])


async def _glob(tenant: LocalTenant, _: Path) -> list[str | None]:
    return sorted([item.path async for item in tenant.handle.glob("/d/**/*.txt")], key=str)


async def _download(tenant: LocalTenant, home: Path) -> None:
    await tenant.handle.download("/big.bin", home / "big.bin")


async def _in_ranges(tenant: LocalTenant, home: Path) -> None:
    item = await tenant.handle.item("/big.bin")
    reading = tenant.handle.reading
    await Download(
        item, home / "big.bin", reading, range_bytes=300_000, resumable_bytes=1, connections=2
    ).run()


async def _session(tenant: LocalTenant, _: Path) -> int:
    return (await tenant.upload("/up.bin", CONTENT, fragment_bytes=327_680)).size


async def _follow(tenant: LocalTenant, home: Path) -> int:
    feed = tenant.handle.changes(home / "feed.db", page_size=3)
    count = 0
    try:
        async for page in feed.pages():
            page.confirm()
            count += len(page.changes)
    finally:
        feed.close()
    return count


async def _mirror_down(tenant: LocalTenant, home: Path) -> bool:
    outcomes = await tenant.handle.mirror(
        "/d", home / "d", upward=False, rules=MirrorRules(delete=True)
    ).run()
    return not any(outcome.error for outcome in outcomes)


async def _mirror_up(tenant: LocalTenant, home: Path) -> bool:
    (home / "src").mkdir()
    for name in ("a.txt", "b.txt"):
        (home / "src" / name).write_bytes(name.encode())
    outcomes = await tenant.handle.mirror("/new", home / "src", upward=True).run()
    return not any(outcome.error for outcome in outcomes)


async def _delete_many(tenant: LocalTenant, _: Path) -> bool:
    items = [item async for page in tenant.handle.list("/d/sub") for item in page]
    return all(outcome.succeeded for outcome in await tenant.handle.delete_many(items))


LISTED = ["/d/0.txt", "/d/1.txt", "/d/sub"]
WALKED = [*LISTED, "/d/sub/2.txt", "/d/sub/3.txt"]
OPERATIONS: dict[str, Operation] = {
    "list": Operation(_list, lambda found, _: found == LISTED),
    "walk": Operation(_walk, lambda found, _: found == WALKED),
    "whole drive": Operation(_whole, lambda found, _: found == len(WALKED) + 2),
    "glob": Operation(_glob, lambda found, _: found == [path for path in WALKED if path.endswith(".txt")]),
    "read": Operation(lambda tenant, _: tenant.handle.read("/big.bin"), lambda found, _: found == CONTENT),
    "range": Operation(lambda tenant, _: tenant.handle.read("/big.bin", 5, 700_000), lambda got, _: got == CONTENT[5:700_000]),
    "download": Operation(_download, lambda _, home: (home / "big.bin").read_bytes() == CONTENT),
    "download in ranges": Operation(_in_ranges, lambda _, home: (home / "big.bin").read_bytes() == CONTENT),
    "put": Operation(lambda tenant, _: tenant.handle.upload("/up.txt", b"small"), lambda item, _: item.size == 5, changes=True),
    "put guarded": Operation(
        lambda tenant, _: tenant.handle.upload("/up.txt", b"small", conflict="fail"), lambda item, _: item.size == 5, changes=True
    ),
    "upload session": Operation(_session, lambda size, _: size == len(CONTENT), changes=True),
    "create folder": Operation(
        lambda tenant, _: tenant.handle.create_folder("/x/y"), lambda item, _: item.is_folder, changes=True, in_steps=True
    ),
    "move": Operation(
        lambda tenant, _: tenant.handle.move("/d/0.txt", "/d/sub/moved.txt"),
        lambda item, _: item.name == "moved.txt",
        changes=True,
    ),
    "copy": Operation(lambda tenant, _: tenant.handle.copy("/d", "/copy"), lambda item, _: item.is_folder, changes=True),
    "delete": Operation(lambda tenant, _: tenant.handle.delete("/d/sub"), lambda found, _: found is None, changes=True),
    "delete many": Operation(_delete_many, lambda done, _: done, changes=True, in_steps=True),
    "changes": Operation(_follow, lambda count, _: count == len(WALKED) + 2),
    "mirror down": Operation(
        _mirror_down, lambda done, home: done and (home / "d" / "sub" / "3.txt").read_bytes() == b"3", changes=False
    ),
    "mirror up": Operation(_mirror_up, lambda done, _: done, changes=True, in_steps=True),
}  # fmt: skip


def _furnish(tenant: LocalTenant) -> None:
    tenant.emulator.behaviour.copy_polls = 1
    tenant.store_drive.put_file("/big.bin", CONTENT)
    for number in range(4):
        tenant.store_drive.put_file(f"/d/{'sub/' if number > 1 else ''}{number}.txt", str(number).encode())


def _state(tenant: LocalTenant) -> tuple[State, frozenset[str]]:
    root = tenant.store_drive.root
    folders = frozenset(item.path for item in root.walk() if item.content is None and item is not root)
    return dict(tenant.store_drive.tree()), folders


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_fault_at_every_request(name: str) -> None:
    operation = OPERATIONS[name]
    async with local_tenant() as tenant:
        _furnish(tenant)
        before = _state(tenant)
        with tempfile.TemporaryDirectory() as home:
            assert operation.result(await operation.do(tenant, Path(home)), Path(home))
        after = _state(tenant)
        count = len(tenant.emulator.requests)
    assert (before != after) == operation.changes
    assert count >= 2
    succeeded = failed = 0
    for nth in range(1, count + 1):
        for effect in EFFECTS:
            where = f"{name}, request {nth} of {count}, {effect!r}"
            async with local_tenant() as tenant:
                _furnish(tenant)
                fault = tenant.emulator.faults.add(effect, nth=nth)
                with tempfile.TemporaryDirectory() as home:
                    try:
                        result = await operation.do(tenant, Path(home))
                    except DriveqlError:
                        failed += 1
                        _check_nothing_half_done(operation, _state(tenant), before, after, Path(home), where)
                    else:
                        if operation.result(result, Path(home)):
                            succeeded += 1
                            assert _state(tenant) == after, where
                        else:
                            # An operation of many steps tells in its outcomes that some failed.
                            assert result is False, where
                            failed += 1
                assert fault.spent or effect.kind == "truncate", where
                assert not tenant.emulator.leaks, where
                # A session whose address never arrived cannot be cancelled by the client; the service lets it expire.
                orphans = 1 if effect.kind in {"drop", "truncate"} else 0
                assert len(tenant.emulator.world.uploads) <= orphans, where
    assert succeeded > failed, f"{succeeded} succeeded, {failed} failed"


def _check_nothing_half_done(
    operation: Operation,
    state: tuple[State, frozenset[str]],
    before: tuple[State, frozenset[str]],
    after: tuple[State, frozenset[str]],
    home: Path,
    where: str,
) -> None:
    if operation.in_steps:
        assert set(state[0].items()) <= set(before[0].items()) | set(after[0].items()), where
    else:
        assert state in (before, after), where
    for path in home.rglob("*"):
        if path.is_file() and not path.name.startswith((".", "feed.db")):
            assert path.read_bytes() in {CONTENT, b"a.txt", b"b.txt", b"0", b"1", b"2", b"3"}, where

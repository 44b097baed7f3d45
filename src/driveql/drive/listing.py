"""Complete listings: a folder and all below it by parallel walks, and patterns; a branch that fails fails the whole.

Folders are walked by id, so depth and odd names do not matter.
"""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driveql.errors import NotFoundError, ProtocolError
from driveql.graph import addresses, delta, paths
from driveql.graph.delta import Placing
from driveql.graph.models import DriveItem, Json
from driveql.transport.session import vanished
from graph_contract import load

if TYPE_CHECKING:
    from driveql.drive.lookups import DriveLookups

_MAGIC = re.compile(r"[*?\[]")
# What a walk itself needs, whatever the caller selects.
WALK_PROPERTIES = ("id", "name", "folder", "file", "size", "parentReference")
DELTA_PROPERTIES = (*WALK_PROPERTIES, "root", "deleted")


def has_wildcards(pattern: str) -> bool:
    """Return True where a path is a pattern."""
    return bool(_MAGIC.search(pattern))


async def walk(
    drive: DriveLookups, top_id: str, top_path: str, *, select: Sequence[str] | None, concurrency: int
) -> AsyncGenerator[list[DriveItem], None]:
    """Yield all items below a folder, a page at a time, in no particular order; memory stays bounded by the pages under way.

    Raises:
        DriveqlError: a folder could not be listed; the walk ends there.
    """
    folders: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
    # Each worker holds a page and has asked for the next: more waiting here would be memory and no speed.
    pages: asyncio.Queue[list[DriveItem] | BaseException | None] = asyncio.Queue(maxsize=2)
    folders.put_nowait((top_id, top_path))
    open_folders = 1

    async def worker() -> None:
        nonlocal open_folders
        while (folder := await folders.get()) is not None:
            identifier, path = folder
            async for items in _listed(drive, identifier, path, select):
                for item in items:
                    if item.is_folder and item.path is not None:
                        open_folders += 1
                        folders.put_nowait((item.id, item.path))
                if items:
                    await pages.put(items)
            open_folders -= 1
            if open_folders == 0:
                for _ in range(concurrency):
                    folders.put_nowait(None)

    async def supervise() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(worker())
        except BaseExceptionGroup as failures:
            await pages.put(failures.exceptions[0])
        else:
            await pages.put(None)

    supervisor = asyncio.create_task(supervise())
    try:
        while (page := await pages.get()) is not None:
            if isinstance(page, BaseException):
                raise page
            yield page
    finally:
        supervisor.cancel()
        await asyncio.gather(supervisor, return_exceptions=True)


async def _listed(
    drive: DriveLookups, identifier: str, path: str, select: Sequence[str] | None
) -> AsyncGenerator[list[DriveItem], None]:
    try:
        async with contextlib.aclosing(drive.children(item_id=identifier, select=select)) as pages:
            async for page in pages:
                yield [DriveItem.from_json(raw, path) for raw in page.items]
    except NotFoundError as gone:
        raise vanished(f"the folder {path}", gone) from gone


@dataclass(slots=True)
class Round:
    """What a whole drive's listing tells besides the items.

    Parameters:
        root: the id of the drive's root. link: tells what changes from then on.
        later: what the service said again, in another state, of items that had come already.
    """

    root: str | None = None
    link: str | None = None
    later: list[Json] = field(default_factory=list)


async def whole_drive(
    drive: DriveLookups,
    *,
    select: Sequence[str] | None,
    ended: Callable[[Round], None] | None = None,
) -> AsyncGenerator[list[DriveItem], None]:
    """Yield every item of a drive by the service's change listing: a request a thousand items instead of one a folder.

    Each item comes once, when the folders above it are known. The service may be some seconds behind its last writes.

    Parameters:
        ended: called at the end with what the service said besides.

    Raises:
        ProtocolError: an item's folder never came, so that the listing would be incomplete.
    """
    most = load("limits")["paging"]["items_max"]
    wanted = sorted({*select, *DELTA_PROPERTIES}) if select is not None else None
    address = addresses.drive(drive.id).below("root/delta").option("$select", wanted).option("$top", most)
    placing, given = Placing(), set[str]()
    round_ = Round()
    async with contextlib.aclosing(drive.session.pages(address)) as pages:
        async for page in pages:
            round_.link = page.delta_link or round_.link
            told = delta.changes(page.items)
            round_.later += [change.raw for change in told if change.id in given and "root" not in change.raw]
            fresh = [change.raw for change in told if not change.deleted and change.id not in given]
            given.update(raw["id"] for raw in fresh)
            items = [DriveItem.from_json(raw, folder) for folder, raw in placing.place(fresh)]
            if items:
                yield items
    if placing.left():
        raise ProtocolError(
            f"The service listed {placing.left()} items without the folders that hold them.",
            hint='Walk the folders instead: walk(method="children").',
            retryable=True,
        )
    if ended is not None:
        round_.root = placing.tree.root
        ended(round_)


async def glob(drive: DriveLookups, pattern: str) -> AsyncGenerator[DriveItem, None]:
    """Yield the items that match a pattern from the drive's root: `*`, `?`, `[...]` within a name, `**` across folders.

    `id:` and an id is that item. Names are compared without regard to case, as the service does. A folder whose name no
    wildcard touches is not listed.
    """
    if pattern.startswith("id:"):
        known = await drive.find(pattern)
        if known is not None:
            yield known
        return
    segments = [segment for segment in pattern.split("/") if segment]
    fixed = 0
    while fixed < len(segments) and not has_wildcards(segments[fixed]):
        fixed += 1
    start = paths.normalise("/".join(segments[:fixed]))
    if fixed == len(segments):
        found = await drive.find(start)
        if found is not None:
            yield found
        return
    literal = await drive.find(pattern) if "[" in pattern and not re.search(r"[*?]", pattern) else None
    if literal is not None:
        yield literal
        return
    top = await drive.find(start)
    if top is None or not top.is_folder:
        return
    async for item in _descend(drive, top, top.path or start, segments[fixed:]):
        yield item


async def _descend(
    drive: DriveLookups, folder: DriveItem, path: str, segments: list[str]
) -> AsyncGenerator[DriveItem, None]:
    if "**" in segments:
        matches = matcher(segments)
        prefix = len(path.rstrip("/")) + 1
        async for items in drive.walk_from(folder, path):
            for item in items:
                if item.path is not None and matches(item.path[prefix:]):
                    yield item
        return
    fits = matcher(segments[:1])
    async for page in drive.children(item_id=folder.id):
        for raw in page.items:
            item = DriveItem.from_json(raw, path)
            if not fits(item.name):
                continue
            if len(segments) == 1:
                yield item
            elif item.is_folder and item.path is not None:
                async for below in _descend(drive, item, item.path, segments[1:]):
                    yield below


def matcher(segments: Sequence[str]) -> Callable[[str], bool]:
    """Return a test for relative paths against pattern segments; `**` stands for any number of folders, also none."""
    tests = [
        None if segment == "**" else re.compile(fnmatch.translate(segment), re.IGNORECASE)
        for segment in segments
    ]

    def fits(path: str) -> bool:
        names = path.split("/")
        # How many of the names the segments so far may stand for.
        reached = {0}
        for number, expression in enumerate(tests, start=1):
            if not reached:
                return False
            if expression is None:
                # A segment that follows stands for a name at least, and so does the last one.
                last = number == len(tests)
                reached = set(range(min(reached) + last, len(names) + last))
            else:
                fitting = (at for at in reached if at < len(names))
                reached = {at + 1 for at in fitting if expression.match(names[at]) is not None}
        return len(names) in reached

    return fits

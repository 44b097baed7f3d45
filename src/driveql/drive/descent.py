"""A folder's listing down to a given level: folders deeper than asked for are never requested.

A level is listed by several requests at once; its pages come before those of the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from driveql.drive.listing import WALK_PROPERTIES
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle

_Folder = tuple[str, str]


async def descend(
    drive: DriveHandle, top: DriveItem, path: str, *, levels: int, select: Sequence[str] | None = None
) -> AsyncGenerator[list[DriveItem], None]:
    """Yield the items below a folder a page at a time, each with its path.

    Parameters:
        path: the folder's path. levels: how many levels below it; 1 is its children.
        select: property names besides those that the listing needs.

    Raises:
        DriveqlError: a folder could not be listed; the listing ends there.
    """
    wanted = sorted({*select, *WALK_PROPERTIES}) if select is not None else None
    folders: list[_Folder] = [(top.id, path)]
    for _ in range(levels):
        below: list[_Folder] = []
        async with aclosing(_children(drive, folders, wanted)) as pages:
            async for items in pages:
                below += [(item.id, item.path) for item in items if item.is_folder and item.path is not None]
                yield items
        folders = below


async def _children(
    drive: DriveHandle, folders: list[_Folder], select: Sequence[str] | None
) -> AsyncGenerator[list[DriveItem], None]:
    pages: asyncio.Queue[list[DriveItem] | BaseException | None] = asyncio.Queue(maxsize=2)
    waiting = list(reversed(folders))

    async def worker() -> None:
        while waiting:
            identifier, path = waiting.pop()
            async with aclosing(drive.children(item_id=identifier, select=select)) as listing:
                async for page in listing:
                    await pages.put([DriveItem.from_json(raw, path) for raw in page.items])

    async def supervise() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(len(folders), drive.session.settings.max_concurrency)):
                    group.create_task(worker())
        except BaseExceptionGroup as failures:
            await pages.put(failures.exceptions[0])
        else:
            await pages.put(None)

    supervisor = asyncio.create_task(supervise())
    try:
        while (items := await pages.get()) is not None:
            if isinstance(items, BaseException):
                raise items
            yield items
    finally:
        supervisor.cancel()
        await asyncio.gather(supervisor, return_exceptions=True)

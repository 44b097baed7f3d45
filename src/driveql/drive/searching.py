"""Searching by the service's index, each item with its path; and by walking, which misses nothing but reads names only.

The index lags behind the drive: a new item may be missing from it, and one that is gone may still be found.
Source: https://learn.microsoft.com/graph/api/driveitem-search
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from driveql.drive.finding import has_extension, has_words
from driveql.errors import NotFoundError
from driveql.graph import addresses, paths
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle


async def by_index(
    drive: DriveHandle, text: str, *, folder: DriveItem | None = None, extensions: Sequence[str] = ()
) -> AsyncGenerator[list[DriveItem], None]:
    """Yield what the service's index finds in names, contents and properties, a page at a time, each item once.

    Parameters:
        folder: search below it; None for the whole drive.
        extensions: without the dot; kept are items with one of them.

    Raises:
        PermissionDeniedError: the tenant does not let applications search a drive.
    """
    address = addresses.search(drive.id, text, folder.id if folder is not None else "root")
    parents: dict[str, str | None] = {}
    seen: set[str] = set()
    async with aclosing(drive.session.pages(address)) as pages:
        async for page in pages:
            items = [DriveItem.from_json(raw) for raw in page.items]
            fresh = {item.id: item for item in items if item.id not in seen}
            seen.update(fresh)
            kept = [item for item in fresh.values() if has_extension(item.name, extensions)]
            if kept:
                yield await _placed(drive, kept, parents)


async def by_walk(
    drive: DriveHandle, text: str, top: DriveItem, *, extensions: Sequence[str] = ()
) -> AsyncGenerator[list[DriveItem], None]:
    """Yield the items below a folder whose names hold every word of the text; complete, and as new as the drive."""
    walk = drive.walk_from(top, top.path or paths.ROOT)
    async with aclosing(walk) as pages:
        async for page in pages:
            kept = [
                item for item in page if has_words(item.name, text) and has_extension(item.name, extensions)
            ]
            if kept:
                yield kept


async def _placed(
    drive: DriveHandle, items: list[DriveItem], parents: dict[str, str | None]
) -> list[DriveItem]:
    """Give items their paths; a folder is asked for once, however many of its items were found."""
    unknown = {
        item.parent_id
        for item in items
        if item.path is None and item.parent_id is not None and item.drive_id in {drive.id, None}
    } - parents.keys()
    found = await asyncio.gather(*(_path(drive, identifier) for identifier in unknown))
    parents.update(zip(unknown, found, strict=True))
    return [
        DriveItem.from_json(item.raw, parents.get(item.parent_id or "")) if item.path is None else item
        for item in items
    ]


async def _path(drive: DriveHandle, identifier: str) -> str | None:
    try:
        folder = await drive.item(
            f"id:{identifier}", select=("id", "name", "root", "folder", "parentReference")
        )
    except NotFoundError:
        return None
    return folder.path

"""Drive items as the commands show them, and the places a person writes resolved to them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from driveql.cli.places import DEFAULT_DRIVE, Naming, about, naming
from driveql.cli.render import Column
from driveql.drive.handle import DriveHandle
from driveql.drive.listing import has_wildcards
from driveql.drive.onedrive import OneDrive
from driveql.errors import InvalidPathError, NotFoundError
from driveql.graph import paths
from driveql.graph.models import DriveItem

# What a listing asks of Graph: all that `record` shows, and no pre-authenticated URL.
PROPERTIES = (
    "id",
    "name",
    "size",
    "folder",
    "file",
    "root",
    "eTag",
    "createdDateTime",
    "lastModifiedDateTime",
    "fileSystemInfo",
    "createdBy",
    "lastModifiedBy",
    "webUrl",
    "parentReference",
)
LONG = (
    Column("size", "Size", "size"),
    Column("modified", "Modified", "time"),
    Column("modified_by", "Modified by"),
    Column("name", "Name", "name"),
)


def record(item: DriveItem) -> dict[str, object]:
    """Return an item as a flat record: sizes in bytes, times aware, no pre-authenticated URL."""
    return {
        "path": item.path,
        "name": item.name,
        "type": "folder" if item.is_folder else "file",
        "size": item.size,
        "modified": item.modified,
        "modified_by": item.modified_by,
        "created": item.created,
        "created_by": item.created_by,
        "child_count": item.child_count,
        "mime_type": item.mime_type,
        "quick_xor_hash": item.quick_xor_hash,
        "id": item.id,
        "parent_id": item.parent_id,
        "drive_id": item.drive_id,
        "etag": item.etag,
        "web_url": item.web_url,
    }


def shown_name(item: DriveItem, base: str | None = None) -> str:
    """Return an item's name, or its path below `base`; a folder's ends with a slash."""
    name = item.name
    if base is not None and item.path is not None:
        name = item.path.removeprefix(base.rstrip("/") + "/")
    return f"{name}/" if item.is_folder else name


@dataclass(frozen=True, slots=True)
class Found:
    """One item that a written place names.

    Parameters:
        base: the folder from which names are counted: the fixed part of a pattern, else the item's own folder.
        by_pattern: the place was a pattern.
        naming: how items of this drive are named.
    """

    drive: DriveHandle
    item: DriveItem
    base: str
    by_pattern: bool = False
    naming: Naming = DEFAULT_DRIVE

    @property
    def place(self) -> str:
        """Return the item's place as it can be typed again."""
        return self.naming.item(self.item)


async def find(onedrive: OneDrive, place: str) -> AsyncGenerator[Found]:
    """Yield the items that a written place names: one, or all that fit its pattern.

    Raises:
        NotFoundError: there is none, or nothing fits.
    """
    with about(place):
        drive, path = await onedrive.at(place, wildcards=True)
        names = await naming(drive, place)
    if not has_wildcards(path):
        item = await item_at(drive, path, names=names)
        yield Found(drive, item, paths.split(item.path)[0] if item.path else paths.ROOT, naming=names)
        return
    found = False
    with about(place):
        async for item in drive.glob(path):
            found = True
            yield Found(drive, item, _fixed_part(path), by_pattern=True, naming=names)
    if not found:
        raise NotFoundError(
            f"Nothing fits {place}.",
            status=404,
            hint="* and ? stand for a part of one name, ** for any folders.",
        )


async def one(onedrive: OneDrive, place: str) -> Found:
    """Return the one item that a written place names.

    Raises:
        NotFoundError: there is none. InvalidPathError: a pattern fits several.
    """
    founds = [found async for found in find(onedrive, place)]
    if len(founds) > 1:
        raise InvalidPathError(f"{len(founds)} items fit {place}; this is for one.")
    return founds[0]


async def item_at(
    drive: DriveHandle, path: str, select: tuple[str, ...] | None = None, *, names: Naming | None = None
) -> DriveItem:
    """Return the item at a path.

    Raises:
        NotFoundError: there is none; it names the place as a person writes it, not the request.
    """
    place = (names or DEFAULT_DRIVE).of(path)
    try:
        with about(place):
            return await drive.item(path, select=select)
    except NotFoundError as error:
        raise NotFoundError(
            f"There is no {place}.",
            status=error.status,
            code=error.code,
            hint=error.hint,
            request_id=error.request_id,
        ) from error


def _fixed_part(pattern: str) -> str:
    fixed: list[str] = []
    for segment in pattern.split("/"):
        if has_wildcards(segment):
            break
        if segment:
            fixed.append(segment)
    return paths.ROOT + "/".join(fixed)

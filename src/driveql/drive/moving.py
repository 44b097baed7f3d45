"""From one drive to another: a copy made by the service, compared with its source, and only then the source deleted.

Graph moves within a drive only. What a copy does not take along (earlier versions, sharing) stays with the deleted source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from driveql.drive.verification import REWRITTEN
from driveql.errors import DriveqlError, IntegrityError
from driveql.graph import paths
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle

# A hash can be missing for a moment after a copy.
_LOOKS, _BETWEEN_LOOKS = 4, 1.0


async def move_across(
    source: DriveHandle,
    item: DriveItem,
    target: DriveHandle,
    path: str,
    *,
    timeout: float = 3600.0,
    progress: Callable[[float], None] | None = None,
) -> DriveItem:
    """Copy an item into another drive, compare every file, delete the source (into its recycle bin); return the copy.

    Parameters:
        path: the copy's whole path in `target`, whose folder must exist and whose name must be free.
        timeout: seconds to wait for the service's copy. progress: called with the percentage that it states.

    Raises:
        IntegrityError: the copy is not the same; both are left. ItemChangedError: the source changed meanwhile; likewise.
    """
    copied = await source.copy(item, path, target=target, timeout=timeout, progress=progress)
    try:
        await verify_copy(source, item, target, copied)
        # A folder's eTag says nothing of what is in it; the comparison above does.
        await source.delete(item, if_match=None if item.is_folder else item.etag)
    except DriveqlError as error:
        error.hint = (
            f"The copy at {path} and the source are both there; delete the one that is not wanted. "
            f"{error.hint or ''}".strip()
        )
        raise
    return copied


async def verify_copy(source: DriveHandle, item: DriveItem, target: DriveHandle, copied: DriveItem) -> int:
    """Compare a copy with its source, file by file, by size and quickXorHash; return how many files were compared.

    An Office file that SharePoint rewrote on arrival has another hash by right; of those only the presence is asked.

    Raises:
        IntegrityError: something is missing or differs, or the service states no hash to compare.
    """
    wanted = await _files(source, item)
    for look in range(_LOOKS):
        found = await _files(target, copied)
        wrong = _difference(wanted, found)
        if wrong is None:
            return len(wanted)
        if look < _LOOKS - 1:
            await asyncio.sleep(_BETWEEN_LOOKS)
    raise IntegrityError(f"The copy of {item.path or item.name} is not the same as its source: {wrong}.")


async def _files(drive: DriveHandle, item: DriveItem) -> dict[str, DriveItem]:
    if not item.is_folder:
        now = await drive.item(f"id:{item.id}")
        return {"": now}
    base = item.path or paths.ROOT
    found: dict[str, DriveItem] = {}
    async with aclosing(drive.walk_from(item, base)) as pages:
        async for page in pages:
            for below in page:
                found[(below.path or below.name)[len(base.rstrip("/")) :].casefold()] = below
    return found


def _difference(wanted: dict[str, DriveItem], found: dict[str, DriveItem]) -> str | None:
    for key, source in wanted.items():
        copy = found.get(key)
        name = source.path or source.name
        if copy is None or copy.is_folder != source.is_folder:
            return f"{name} is missing"
        if source.is_folder or source.name.casefold().endswith(tuple(REWRITTEN)):
            continue
        if copy.size != source.size:
            return f"{name} has {source.size} bytes, its copy {copy.size}"
        if source.size and copy.quick_xor_hash != source.quick_xor_hash:
            return f"{name} has another hash than its copy"
        if source.size and copy.quick_xor_hash is None:
            return f"the service states no hash of {name}"
    return None

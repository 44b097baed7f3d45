"""A file's new content on top of the version that was read: written only while the file is still that version.

A small file is guarded by If-Match at the very moment. An upload session is guarded when it begins; whether somebody wrote
while it lasted is seen from the versions afterwards, and told. Nothing is lost either way: OneDrive keeps every version.
Source: https://learn.microsoft.com/graph/api/driveitem-put-content and driveitem-createuploadsession
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from driveql.drive.upload import SMALL_UPLOAD_BYTES, Progress
from driveql.errors import (
    AlreadyExistsError,
    ConnectionLostError,
    DriveqlError,
    IntegrityError,
    ItemChangedError,
    NotFoundError,
    RequestTimeoutError,
    UnavailableError,
)
from driveql.graph.models import DriveItem
from driveql.graph.quickxor import QuickXor

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle

_PIECE = 1 << 20
_CHANGED = (ItemChangedError, AlreadyExistsError, NotFoundError)
_DOUBTFUL = (ConnectionLostError, RequestTimeoutError, UnavailableError)


async def write_back(
    drive: DriveHandle,
    path: str,
    source: Path | BinaryIO,
    base: DriveItem | None,
    *,
    progress: Progress | None = None,
) -> DriveItem:
    """Write what a file's content is to be, if the file is still the version `base`.

    Parameters:
        source: the whole new content. base: the version that it was made from; None where there was no file.

    Raises:
        ItemChangedError: somebody else wrote meanwhile; what they wrote is there.
        DriveqlError: as for an upload.
    """
    etag = None if base is None else base.etag
    size = await asyncio.to_thread(_size, source)
    before = await _newest(drive, base) if base is not None and size > SMALL_UPLOAD_BYTES else None
    try:
        item = await drive.upload(
            path,
            source,
            conflict="fail" if base is None else "replace",
            keep_times=False,
            if_match=etag,
            progress=progress,
        )
    except (*_CHANGED, *_DOUBTFUL) as error:
        # A try whose answer was lost may have written it: then this is what was asked for.
        now = await _found(drive, path)
        if now is not None and (base is None or now.id == base.id) and await _is(now, source):
            return now
        if isinstance(error, _DOUBTFUL):
            raise
        raise _changed(path, error) from error
    if before is not None and base is not None:
        await _check_alone(drive, item, before, path)
    return item


async def _newest(drive: DriveHandle, item: DriveItem) -> str | None:
    async with aclosing(drive.versions.list(f"id:{item.id}")) as pages:
        async for page in pages:
            return page[0].id if page else None
    return None


async def _check_alone(drive: DriveHandle, item: DriveItem, before: str, path: str) -> None:
    """Raise ItemChangedError where a version came between the one that was read and the one that was written."""
    async with aclosing(drive.versions.list(f"id:{item.id}")) as pages:
        known = [version.id async for page in pages for version in page][:2]
    if len(known) > 1 and known[1] != before:
        raise ItemChangedError(
            f"{path} was changed by somebody else while it was written: their change is version {known[1]}, below ours.",
            status=412,
            hint="Compare the versions, and restore or merge what is wanted; both are kept.",
        )


async def _found(drive: DriveHandle, path: str) -> DriveItem | None:
    try:
        return await drive.find(path)
    except DriveqlError:
        return None


async def _is(item: DriveItem, source: Path | BinaryIO) -> bool:
    """Return True where a file's content is that of the source."""
    size, digest = await asyncio.to_thread(_digest, source)
    return not item.is_folder and item.size == size and item.quick_xor_hash in {None, digest}


def _size(source: Path | BinaryIO) -> int:
    return source.stat().st_size if isinstance(source, Path) else source.seek(0, 2)


def _digest(source: Path | BinaryIO) -> tuple[int, str]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _digest(file)
    running, size = QuickXor(), 0
    source.seek(0)
    while piece := source.read(_PIECE):
        running.update(piece)
        size += len(piece)
    return size, running.base64digest()


async def copied(drive: DriveHandle, base: DriveItem, target: BinaryIO) -> None:
    """Write a version's content into an open file, verified.

    Raises:
        ItemChangedError: the file is another version by now. IntegrityError: the bytes are not the file's.
    """
    try:
        async with aclosing(drive.stream(base)) as chunks:
            async for chunk in chunks:
                await asyncio.to_thread(target.write, chunk)
    except IntegrityError as error:
        # The address of the content leads to whatever is there now.
        now = await drive.find(f"id:{base.id}")
        if now is not None and now.etag == base.etag:
            raise
        raise _changed(base.path or base.name, error) from error


def _changed(path: str, error: DriveqlError) -> ItemChangedError:
    return ItemChangedError(
        f"{path} was changed by somebody else after it was read; nothing was added to it.",
        status=412,
        request_id=error.request_id,
        hint="Run it again: it begins with what is there now.",
        retryable=True,
    )

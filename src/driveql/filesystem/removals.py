"""Deletion: into the recycle bin, a folder with all that is in it in one request, many files twenty a request."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable
from typing import Any

from fsspec.asyn import _run_coros_in_chunks

from driveql.drive.handle import DriveHandle
from driveql.errors import NotFoundError
from driveql.filesystem.copies import CopyFileSystem
from driveql.filesystem.oserrors import os_error, plain, translated
from driveql.graph.models import DriveItem


class RemovalFileSystem(CopyFileSystem):
    """See `OneDriveFileSystem`."""

    @translated
    async def _rmdir(self, path: str) -> None:
        name = self._writable(path)
        handle, item = await self._item(name)
        if not item.is_folder:
            raise plain(errno.ENOTDIR, name)
        async with contextlib.aclosing(handle.children(item_id=item.id, select=("id",), top=1)) as pages:
            async for page in pages:
                if page.items:
                    raise plain(errno.ENOTEMPTY, name)
        await self._remove([name], recursive=True)

    @translated
    async def _rm_file(self, path: str, **_: Any) -> None:
        await self._remove([self._writable(path)], recursive=False)

    @translated
    async def _rm(
        self,
        path: str | list[str],
        recursive: bool = False,
        batch_size: int | None = None,
        maxdepth: int | None = None,
        **_: Any,
    ) -> None:
        """Delete files, and with `recursive` folders; with `maxdepth` too, only the files down to there."""
        if recursive and maxdepth is not None:
            expanded = await self._expand_path(path, recursive=True, maxdepth=maxdepth)
            names = [name for name in expanded if not await self._isdir(name)]
        else:
            names = _topmost(await self._expand_path(path), recursive)
        await self._remove([self._writable(name) for name in names], recursive, batch_size)

    async def _remove(self, names: list[str], recursive: bool, batch_size: int | None = None) -> None:
        found: list[tuple[DriveHandle, DriveItem]] = await _run_coros_in_chunks(
            [self._removable(name, recursive) for name in names],
            batch_size=batch_size or self.batch_size,
            nofiles=True,
        )
        by_drive: dict[str, tuple[DriveHandle, list[tuple[str, DriveItem]]]] = {}
        for name, (handle, item) in zip(names, found, strict=True):
            by_drive.setdefault(handle.id, (handle, []))[1].append((name, item))
        try:
            for handle, pairs in by_drive.values():
                await _delete(handle, pairs)
        finally:
            for folder in {self._parent(name) for name in names}:
                self.invalidate_cache(folder)

    @translated
    async def _removable(self, name: str, recursive: bool) -> tuple[DriveHandle, DriveItem]:
        handle, item = await self._item(name)
        if item.is_folder and not recursive:
            raise plain(errno.EISDIR, name)
        if item.is_root:
            raise plain(errno.EPERM, name)
        return handle, item


async def _delete(handle: DriveHandle, pairs: list[tuple[str, DriveItem]]) -> None:
    """Delete what was there a moment ago; what is gone by now is as it was asked for."""
    if len(pairs) == 1:
        with contextlib.suppress(NotFoundError):
            await handle.delete(pairs[0][1])
        return
    outcomes = await handle.delete_many([item for _, item in pairs])
    for (name, _), outcome in zip(pairs, outcomes, strict=True):
        if outcome.error is not None and not isinstance(outcome.error, NotFoundError):
            raise os_error(outcome.error, name)


def _topmost(names: Iterable[str], recursive: bool) -> list[str]:
    """Return the names without those that go with a folder among them."""
    chosen: list[str] = []
    for name in sorted(names):
        if not (recursive and chosen and name.startswith(f"{chosen[-1].rstrip('/')}/")):
            chosen.append(name)
    return chosen

"""Changes to the tree: new folders, moves and times.

A move within a drive renames the item itself, with all its versions. What it replaces is put aside first, and thrown away only
when the new one is in its place.
"""

from __future__ import annotations

import asyncio
import errno
import uuid
from datetime import UTC, datetime
from glob import has_magic
from typing import Any

from driveql.drive.handle import DriveHandle
from driveql.errors import AlreadyExistsError, ConflictError, NotFoundError
from driveql.filesystem.location import join, locate
from driveql.filesystem.oserrors import plain, translated
from driveql.filesystem.removals import RemovalFileSystem
from driveql.graph import paths
from driveql.graph.models import DriveItem


class ChangingFileSystem(RemovalFileSystem):
    """See `OneDriveFileSystem`."""

    @translated
    async def _mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        name = self._writable(path)
        handle, inside = await self._drive(name)
        if inside == paths.ROOT:
            raise plain(errno.EEXIST, name)
        above, last = paths.split(paths.check_new_path(inside))
        try:
            try:
                await _new_folder(handle, above, last)
            except NotFoundError:
                if not create_parents or above == paths.ROOT:
                    raise
                await handle.create_folder(above)
                await _new_folder(handle, above, last)
        finally:
            self.invalidate_cache(name)

    @translated
    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        name = self._writable(path)
        if not exist_ok:
            await self._mkdir(name)
        elif locate(name).path != paths.ROOT:
            handle, inside = await self._drive(name)
            try:
                await handle.create_folder(inside)
            finally:
                self.invalidate_cache(name)

    @translated
    async def _mv(self, path1: Any, path2: Any, **_: Any) -> None:
        """Move or rename files and folders. Into a folder that is there, or has a slash at its end, they keep their names."""
        if isinstance(path1, list) and isinstance(path2, list):
            pairs = list(zip(path1, path2, strict=True))
        else:
            sources = await self._expand_path(path1)
            several = isinstance(path1, list) or (has_magic(path1) and not await self._is_literal(path1))
            into = several or path2.endswith("/") or await self._isdir(path2)
            folder: str = self._strip_protocol(path2)
            pairs = [(name, join(folder, name.rpartition("/")[2]) if into else folder) for name in sources]
        for source, target in pairs:
            await self._mv_file(source, target)

    @translated
    async def _mv_file(self, path1: str, path2: str) -> None:
        source, target = self._writable(path1), self._writable(path2)
        if source == target:
            return
        handle, item = await self._item(source)
        goal, inside = await self._drive(target)
        try:
            if goal.id != handle.id:
                await self._cp_file(source, target)
                await handle.delete(item, if_match=item.etag)
                return
            try:
                await self._renamed(handle, item, inside)
            except NotFoundError:
                above = paths.split(inside)[0]
                if above == paths.ROOT:
                    raise
                await goal.create_folder(above)
                await self._renamed(handle, item, inside)
        finally:
            self.invalidate_cache(source)
            self.invalidate_cache(target)

    @translated
    async def _touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        name = self._writable(path)
        if truncate or not await self._exists(name, refresh=True):
            await self._upload(name, b"", "replace")
            return
        handle, item = await self._file(name)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            change = {"fileSystemInfo": {"lastModifiedDateTime": now}}
            await handle.session.request(
                "PATCH", await handle.address(item), json=change, safe_to_repeat=True
            )
        finally:
            self.invalidate_cache(name)

    async def _renamed(self, handle: DriveHandle, item: DriveItem, path: str) -> None:
        """Give an item its new path; a file that has it already is put aside and thrown away afterwards."""
        try:
            await handle.move(item, path)
        except (AlreadyExistsError, ConflictError):
            replaced = await handle.item(path)
            if replaced.is_folder or item.is_folder:
                raise
            aside = await handle.move(replaced, f"{path}.{uuid.uuid4().hex[:8]}.replaced")
            try:
                await handle.move(item, path)
            except BaseException:
                await asyncio.shield(handle.move(aside, path))
                raise
            await handle.delete(aside)


async def _new_folder(handle: DriveHandle, above: str, name: str) -> None:
    """Create a folder that must not be there. A lost answer is an error: who made the folder would not be known."""
    body = {"name": name, "folder": {}, "@microsoft.graph.conflictBehavior": "fail"}
    address = (await handle.address(above)).below("children")
    await handle.session.request("POST", address, json=body)

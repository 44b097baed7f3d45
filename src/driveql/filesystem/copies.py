"""Copies, made by the service: no byte comes here and goes back. A folder that is copied to a new place is one request."""

from __future__ import annotations

from glob import has_magic
from typing import Any

from driveql.drive.handle import DriveHandle
from driveql.errors import NotFoundError
from driveql.filesystem.contents import ContentFileSystem
from driveql.filesystem.location import join
from driveql.filesystem.oserrors import same_file, translated
from driveql.graph import paths
from driveql.graph.models import DriveItem


class CopyFileSystem(ContentFileSystem):
    """See `OneDriveFileSystem`."""

    @translated
    async def _cp_file(self, path1: str, path2: str, **_: Any) -> None:
        """Copy a file over what is there; of a folder only the folder itself."""
        source, target = self._strip_protocol(path1), self._writable(path2)
        handle, item = await self._item(source)
        if item.is_folder:
            await self._makedirs(target, exist_ok=True)
        else:
            await self._copied(handle, item, target)

    async def _copy(self, path1: Any, path2: Any, recursive: bool = False, **kwargs: Any) -> Any:
        literal = await self._is_literal(path1)
        single = isinstance(path1, str) and isinstance(path2, str) and (literal or not has_magic(path1))
        if single and (recursive or literal) and kwargs.get("maxdepth") is None:
            source = self._strip_protocol(path1)
            into = path2.endswith("/") or await self._isdir(path2)
            folder = self._strip_protocol(path2)
            name = source.rpartition("/")[2]
            target = join(folder, name) if into and not path1.endswith("/") else folder
            if await self._isdir(source):
                if recursive and not await self._exists(target):
                    await self._copy_tree(source, target)
                    return None
            elif literal:
                return await super()._copy([source], [target], **kwargs)
        return await super()._copy(path1, path2, recursive=recursive, **kwargs)

    @translated
    async def _copy_tree(self, source: str, target: str) -> None:
        handle, item = await self._item(source)
        if item.is_root:
            await super()._copy(source, target, recursive=True)
        else:
            await self._copied(handle, item, target)

    async def _copied(self, handle: DriveHandle, item: DriveItem, target: str) -> None:
        name = self._writable(target)
        goal, inside = await self._drive(name)
        other = goal if goal.id != handle.id else None
        if other is None and (item.path or "").casefold() == inside.casefold():
            raise same_file(name)
        try:
            try:
                await handle.copy(item, inside, conflict="replace", target=other)
            except NotFoundError:
                above = paths.split(inside)[0]
                if above == paths.ROOT:
                    raise
                await goal.create_folder(above)
                await handle.copy(item, inside, conflict="replace", target=other)
        finally:
            self.invalidate_cache(name)

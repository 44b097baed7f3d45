"""What is there: listings, records and trees; complete, or an error, never silently less.

fsspec's own walk leaves out a folder whose listing fails for whatever reason; here only a folder that is gone is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from typing import Any

from driveql.drive.handle import DriveHandle
from driveql.errors import InvalidPathError
from driveql.filesystem.connected import ConnectedFileSystem
from driveql.filesystem.info import PROPERTIES, Info, info_of, info_of_library, info_of_site
from driveql.filesystem.location import join, locate
from driveql.filesystem.oserrors import translated, translated_generator
from driveql.graph import paths
from driveql.graph.models import Drive, DriveItem

GONE = (FileNotFoundError, NotADirectoryError)
OnError = str | Callable[[OSError], object]


class ListingFileSystem(ConnectedFileSystem):
    """See `OneDriveFileSystem`."""

    @translated
    async def _ls(self, path: str, detail: bool = True, refresh: bool = False, **_: Any) -> list[Any]:
        name: str = self._strip_protocol(path)
        listed = None if refresh else self._remembered(name)
        if listed is None:
            listed = await self._list(name)
        return list(listed) if detail else [each["name"] for each in listed]

    @translated
    async def _info(self, path: str, refresh: bool = False, **_: Any) -> Info:
        name: str = self._strip_protocol(path)
        location = locate(name)
        if location.is_site:
            assert location.place.owner is not None
            return info_of_site(await self.onedrive.directory.one(location.place.owner), name)
        known = None if refresh else self._entry(name)
        return known or info_of((await self._item(name))[1], name)

    async def _exists(self, path: str, **kwargs: Any) -> bool:
        try:
            await self._info(path, **kwargs)
        except GONE:
            return False
        except OSError as error:
            if isinstance(error.__cause__, InvalidPathError):
                return False
            raise
        return True

    async def _isdir(self, path: str) -> bool:
        return await self._type(path) == "directory"

    async def _isfile(self, path: str) -> bool:
        return await self._type(path) == "file"

    async def _type(self, path: str) -> str | None:
        try:
            kind: str = (await self._info(path))["type"]
        except GONE:
            return None
        except OSError as error:
            if isinstance(error.__cause__, InvalidPathError):
                return None
            raise
        return kind

    @translated
    async def _find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        **kwargs: Any,
    ) -> Any:
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        name: str = self._strip_protocol(path)
        prefix = join(name, kwargs["prefix"]) if kwargs.get("prefix") else ""
        found: dict[str, Info] = {}
        top: Info | None = None
        with contextlib.suppress(*GONE):
            top = await self._info(name, refresh=True)
        if top is not None and (withdirs or top["type"] != "directory"):
            found[name] = top
        if top is not None and top["type"] == "directory":
            for each in await self._below(name, maxdepth, bool(kwargs.get("refresh"))):
                if (withdirs or each["type"] != "directory") and each["name"].startswith(prefix):
                    found[each["name"]] = each
        return dict(sorted(found.items())) if detail else sorted(found)

    async def _du(self, path: str, total: bool = True, maxdepth: int | None = None, **kwargs: Any) -> Any:
        kwargs["detail"] = True
        sizes = {name: info["size"] for name, info in (await self._find(path, maxdepth, **kwargs)).items()}
        return sum(sizes.values()) if total else sizes

    @translated_generator
    async def _walk(
        self,
        path: str,
        maxdepth: int | None = None,
        topdown: bool = True,
        on_error: OnError = "omit",
        detail: bool = False,
        **kwargs: Any,
    ) -> AsyncGenerator[tuple[str, Any, Any], None]:
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        name: str = self._strip_protocol(path)
        listing = asyncio.ensure_future(self._ls(name, detail=True, **kwargs))
        async with contextlib.aclosing(
            self._walk_on(name, listing, maxdepth, topdown, on_error, detail)
        ) as folders:
            async for folder in folders:
                yield folder

    async def _list(self, name: str) -> list[Info]:
        generation = self._generation
        location = await self._located(name)
        entries: list[Info] = []
        if location.is_site:
            assert location.place.owner is not None
            async for page in self.onedrive.directory.drives(location.place.owner):
                drives = map(Drive.from_json, page.items)
                entries.extend(info_of_library(drive, join(name, drive.name)) for drive in drives)
            return entries
        handle, path = await self._drive(location.name)
        async with contextlib.aclosing(handle.children(path, select=PROPERTIES)) as pages:
            async for page in pages:
                items = map(DriveItem.from_json, page.items)
                entries.extend(info_of(item, join(location.name, item.name)) for item in items)
        if not entries:
            # A file's children are an empty page too.
            top = await handle.item(path)
            if not top.is_folder:
                return [info_of(top, name)]
        entries.sort(key=lambda each: str(each["name"]))
        self._remember(name, entries, generation)
        return entries

    async def _below(self, name: str, maxdepth: int | None, refresh: bool) -> list[Info]:
        """Return all records below a folder; the whole tree at once where nothing bounds it."""
        location = await self._located(name)
        if maxdepth is None and not location.is_site:
            return await self._tree(location.name, refresh)
        entries = await self._ls(name, refresh=refresh)
        folders = [each["name"] for each in entries if each["type"] == "directory"]
        if folders and (maxdepth is None or maxdepth > 1):
            deeper = None if maxdepth is None else maxdepth - 1
            below = await asyncio.gather(*(self._below(folder, deeper, refresh) for folder in folders))
            entries += [each for tree in below for each in tree]
        return entries

    async def _tree(self, name: str, refresh: bool) -> list[Info]:
        generation = self._generation
        root = locate(name).root
        handle, path = await self._drive(name)
        by_folder: dict[str, list[Info]] = defaultdict(list, {name: []})
        async with contextlib.aclosing(await self._walking(handle, path, refresh)) as pages:
            async for page in pages:
                for item in page:
                    assert item.path is not None
                    each = info_of(item, f"{root}{item.path}")
                    by_folder[each["name"].rpartition("/")[0] or "/"].append(each)
                    if item.is_folder:
                        by_folder.setdefault(each["name"], [])
        for folder, entries in by_folder.items():
            entries.sort(key=lambda each: str(each["name"]))
            self._remember(folder, entries, generation)
        return [each for entries in by_folder.values() for each in entries]

    async def _walking(
        self, handle: DriveHandle, path: str, refresh: bool
    ) -> AsyncGenerator[list[DriveItem], None]:
        """Return the cheaper complete listing: of a whole drive the service's own, unless what was written just now must show."""
        if path == paths.ROOT:
            return handle.walk(path, select=PROPERTIES, method="children" if refresh else "auto")
        # Begun from the path as it was asked for: the names found carry it.
        return handle.walk_from(await handle.item(path), path, select=PROPERTIES)

    async def _walk_on(
        self,
        name: str,
        listing: asyncio.Task[list[Info]],
        maxdepth: int | None,
        topdown: bool,
        on_error: OnError,
        detail: bool,
    ) -> AsyncGenerator[tuple[str, Any, Any], None]:
        entries = await _listed(listing, on_error)
        dirs = {
            last_name(each): each for each in entries if each["type"] == "directory" and each["name"] != name
        }
        files = {
            "" if each["name"] == name else last_name(each): each
            for each in entries
            if each["type"] != "directory"
        }
        shown: Any = dirs if detail else list(dirs)
        folder = name, shown, files if detail else list(files)
        if topdown:
            yield folder
        if maxdepth is None or maxdepth > 1:
            deeper = None if maxdepth is None else maxdepth - 1
            # What the caller took out of the folders is not visited; the others are listed side by side.
            tasks = {
                dirs[each]["name"]: asyncio.ensure_future(self._ls(dirs[each]["name"]))
                for each in shown
                if each in dirs
            }
            try:
                for below, task in tasks.items():
                    async for each in self._walk_on(below, task, deeper, topdown, on_error, detail):
                        yield each
            finally:
                for task in tasks.values():
                    task.cancel()
                await asyncio.gather(*tasks.values(), return_exceptions=True)
        if not topdown:
            yield folder


async def _listed(listing: asyncio.Task[list[Info]], on_error: OnError) -> list[Info]:
    try:
        return await listing
    except OSError as error:
        if callable(on_error):
            on_error(error)
        elif on_error == "raise" or not isinstance(error, GONE):
            raise
    return []


def last_name(each: Info) -> str:
    """Return a record's name without its folder."""
    return str(each["name"]).rpartition("/")[2]

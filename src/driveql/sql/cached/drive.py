"""A drive by way of the cache. What is asked of it is what SQL asks; everything else goes to the drive itself.

A lookup for reading a file is served from the cache only where some of the contents are there too: to fetch them, the service
has to be asked for the item anyway, and its answer is newer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

from driveql.cache.answers import DRIVES
from driveql.cache.blocks import FileVersion
from driveql.cache.store import Store
from driveql.drive.handle import DriveHandle
from driveql.drive.listing import WALK_PROPERTIES
from driveql.drive.sharing import Sharing
from driveql.drive.versions import Versions
from driveql.graph import paths
from driveql.graph.models import DriveItem
from driveql.graph.paging import Page
from driveql.sql.cached.file import CachedFile
from driveql.sql.cached.merging import Placed
from driveql.sql.cached.view import Objects, View, columns_of, question
from driveql.sql.cached.whole_drive import WholeDrive, placed, tree_question
from driveql.sql.source import OpenedSource

_PAGE = 500


class CachedDrive:
    """One drive for one session.

    Parameters:
        handle: the drive. views: gives the statement's view of the cache.
    """

    def __init__(self, handle: DriveHandle, views: CacheViews) -> None:
        self.handle = handle
        self._views = views

    @property
    def id(self) -> str:
        """Its id."""
        return self.handle.id

    @property
    def sharing(self) -> Sharing:
        """Who has access to its items; never cached."""
        return self.handle.sharing

    @property
    def versions(self) -> Versions:
        """The versions of its files; never cached."""
        return self.handle.versions

    async def item(self, reference: str | DriveItem, /, *, select: Sequence[str] | None = None) -> DriveItem:
        """Look up an item; without `select` for reading it."""
        view = self._views.view
        store = view.metadata if select else view.contents
        if store is None or isinstance(reference, DriveItem):
            return await self.handle.item(reference, select=select)

        async def ask() -> AsyncIterator[Objects]:
            item = await self.handle.item(reference, select=select)
            fetched.append(item)
            yield [placed(item)]

        fetched: list[DriveItem] = []
        asked = item_question(self.id, reference) if select else question("item to read", self.id, reference)
        usable = None if select else self._readable(store)
        pages = view.pages(store, asked, DRIVES, columns_of(select), ask, usable)
        async with contextlib.aclosing(pages):
            found = [each async for page in pages for each in page]
        return fetched[0] if fetched else _item(found[0])

    async def children(
        self,
        folder: str = paths.ROOT,
        /,
        *,
        item_id: str | None = None,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """List one folder."""
        view = self._views.view

        async def ask() -> AsyncIterator[Objects]:
            listing = self.handle.children(folder, item_id=item_id, select=select, top=top, ahead=ahead)
            async with contextlib.aclosing(listing):
                async for page in listing:
                    yield page.items

        pages = view.pages(
            view.metadata, folder_question(self.id, folder, item_id), DRIVES, columns_of(select), ask
        )
        async with contextlib.aclosing(pages):
            async for items in pages:
                yield Page(items)

    async def walk(
        self,
        folder: str = paths.ROOT,
        /,
        *,
        select: Sequence[str] | None = None,
        concurrency: int | None = None,
    ) -> AsyncGenerator[list[DriveItem], None]:
        """List everything below a folder."""
        view = self._views.view
        store = view.metadata
        if store is None:
            walking = self.handle.walk(folder, select=select, concurrency=concurrency)
            async with contextlib.aclosing(walking):
                async for items in walking:
                    yield items
            return
        if folder == paths.ROOT:
            pages: AsyncGenerator[Objects, None] = WholeDrive(view, store, self.handle, select).pages()
        else:

            async def ask() -> AsyncIterator[Objects]:
                walking = self.handle.walk(folder, select=select, concurrency=concurrency)
                async with contextlib.aclosing(walking):
                    async for items in walking:
                        yield [placed(item) for item in items]

            columns = columns_of({*select, *WALK_PROPERTIES}) if select else None
            pages = view.pages(store, tree_question(self.id, folder), DRIVES, columns, ask)
        async with contextlib.aclosing(pages):
            async for page in pages:
                yield [_item(each) for each in page]

    async def knows_tree(self, folder: str, select: Sequence[str] | None) -> bool:
        """Return whether everything below a folder is in the cache."""
        view = self._views.view
        if view.metadata is None:
            return False
        known = await asyncio.to_thread(view.metadata.age, tree_question(self.id, folder), columns_of(select))
        return known is not None and view.is_fresh(known[0])

    async def glob(self, pattern: str, /) -> AsyncGenerator[DriveItem, None]:
        """Find the items whose path matches a pattern, for reading them."""
        view = self._views.view
        store = view.contents
        if store is None:
            async for item in self.handle.glob(pattern):
                yield item
            return

        async def ask() -> AsyncIterator[Objects]:
            batch: list[DriveItem] = []
            async for item in self.handle.glob(pattern):
                urls[item.id] = item
                batch.append(item)
                if len(batch) == _PAGE:
                    yield [placed(each) for each in batch]
                    batch = []
            yield [placed(each) for each in batch]

        urls: dict[str, DriveItem] = {}
        pages = view.pages(
            store, question("glob", self.id, pattern), DRIVES, None, ask, self._readable(store)
        )
        async with contextlib.aclosing(pages):
            async for page in pages:
                for each in page:
                    item = _item(each)
                    yield urls.pop(item.id, item)

    async def read(self, reference: Any, /, start: int = 0, end: int | None = None) -> bytes:
        """Read a range of a file."""
        item = reference if isinstance(reference, DriveItem) else await self.item(reference)
        return await self.opened(item).read(start, end)

    def opened(self, item: DriveItem, /) -> OpenedSource:
        """Open a file on the version that `item` is."""
        view = self._views.view
        opened, version = self.handle.opened(item), self._version(item)
        if view.contents is None or version is None:
            return opened
        return CachedFile(view, view.contents, opened, version, item.size)

    def _readable(self, store: Store) -> Any:
        """Return a test that some contents of every file that was found are in the cache."""

        def test(pages: Sequence[Objects]) -> bool:
            found = [_item(each) for page in pages for each in page]
            files = [item for item in found if not item.is_folder and item.size]
            versions = [version for item in files if (version := self._version(item)) is not None]
            return len(versions) == len(files) and store.knows(versions)

        return test

    def _version(self, item: DriveItem) -> FileVersion | None:
        tag = item.ctag or item.etag
        return FileVersion(self.id, item.id, f"{tag} {item.size}") if tag else None


class CacheViews:
    """Gives the view that the running statement has of the cache."""

    def __init__(self) -> None:
        self.view = View()


def item_question(drive_id: str, reference: str) -> str:
    """Return the question for one item, for what tables show of it."""
    return question("item", drive_id, reference)


def folder_question(drive_id: str, folder: str, item_id: str | None) -> str:
    """Return the question for the children of a folder."""
    return question("folder", drive_id, None if item_id is not None else folder, item_id)


def _item(each: Placed) -> DriveItem:
    folder, raw = each
    return DriveItem.from_json(raw, folder)

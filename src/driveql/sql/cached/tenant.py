"""A connection by way of its cache, as SQL reads it: off unless the connection or the statement says otherwise."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from driveql.cache.answers import DIRECTORY, DRIVES
from driveql.cache.store import Store
from driveql.connection.settings import CacheMode, CacheStorage
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.drive.subscriptions import Subscriptions
from driveql.graph import places
from driveql.graph.models import Drive
from driveql.graph.paging import Page
from driveql.sql.cached.drive import CachedDrive, CacheViews
from driveql.sql.cached.view import Json, Objects, View, columns_of, question
from driveql.transport.session import GraphSession


class CachedTenant:
    """What a connection can see.

    Parameters:
        onedrive: the connection; its settings say mode, time to live, storage and size.
        in_memory: the cache may not lie in a file, whatever the settings say.
    """

    def __init__(self, onedrive: OneDrive, *, in_memory: bool = False) -> None:
        settings = onedrive.settings
        self.onedrive = onedrive
        self.views = CacheViews()
        self.directory = CachedDirectory(onedrive, self.views)
        self._storage: CacheStorage = "memory" if in_memory else settings.cache_storage
        onedrive.cache.check(self._storage)
        # Held, so that what is in memory lasts as long as the session.
        self._store: Store | None = None

    @property
    def session(self) -> GraphSession:
        """Requests by address; never cached."""
        return self.onedrive.session

    @property
    def subscriptions(self) -> Subscriptions:
        """The application's subscriptions; never cached."""
        return self.onedrive.subscriptions

    def begin(self, mode: CacheMode | None = None, ttl: float | None = None) -> None:
        """Begin a statement.

        Parameters:
            mode, ttl: in place of the connection's own; the time to live in seconds.
        """
        settings = self.onedrive.settings
        chosen = settings.cache_mode if mode is None else mode
        if chosen == "none":
            self.views.view = View()
            return
        if self._store is None:
            self._store = self.onedrive.cache.store(self._storage)
        seconds = settings.cache_ttl if ttl is None else ttl
        self.views.view = View(self._store, chosen, seconds, settings.cache_size)

    def close(self) -> None:
        """Let go of the cache."""
        self._store, self.views.view = None, View()

    async def drive(self, owner: str | None = None, *, drive_id: str | None = None) -> CachedDrive:
        """One drive: the connection's own by default."""
        return CachedDrive(await self._handle(owner, drive_id, None), self.views)

    async def at(self, place: str, *, wildcards: bool = False) -> tuple[CachedDrive, str]:
        """The drive and the path that a written place names."""
        where = places.parse(place, wildcards=wildcards)
        if where.sharing_url is not None:
            handle, path = await self.onedrive.at(where)
            return CachedDrive(handle, self.views), path
        return CachedDrive(await self._handle(where.owner, None, where.library), self.views), where.path

    async def _handle(self, owner: str | None, drive_id: str | None, library: str | None) -> DriveHandle:
        settings, view = self.onedrive.settings, self.views.view
        if owner is None and library is None:
            drive_id = drive_id or settings.drive_id
        if drive_id is not None or view.metadata is None:
            return await self.onedrive.drive(owner, drive_id=drive_id, library=library)

        async def ask() -> AsyncIterator[Objects]:
            handle = await self.onedrive.drive(owner, library=library)
            yield [(await handle.info()).raw]

        who = settings.group_or_user_id if owner is None else owner
        pages = view.pages(view.metadata, drive_question(who, library), DIRECTORY, None, ask)
        async with contextlib.aclosing(pages):
            found = [raw async for page in pages for raw in page]
        return await self.onedrive.drive(drive_id=str(found[0]["id"]))


class CachedDirectory:
    """Users, groups, sites and drives by way of the cache; members of groups say who has access, and are not cached."""

    def __init__(self, onedrive: OneDrive, views: CacheViews) -> None:
        self._inner = onedrive.directory
        self._views = views

    def users(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """List the users."""
        asked = self._inner.users(select=select, filter=filter, top=top, ahead=ahead)
        return self._pages(listing_question("users", filter), select, asked)

    def groups(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """List the groups."""
        asked = self._inner.groups(select=select, filter=filter, top=top, ahead=ahead)
        return self._pages(listing_question("groups", filter), select, asked)

    def group_members(
        self,
        group_id: str,
        *,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """List the direct members of a group, as they are now."""
        return self._inner.group_members(group_id, select=select, top=top, ahead=ahead)

    def sites(self, search: str = "*", *, select: Sequence[str] | None = None) -> AsyncGenerator[Page, None]:
        """List the sites."""
        asked = self._inner.sites(search, select=select)
        return self._pages(listing_question("sites", search), select, asked)

    def drives(self, owner: str, *, select: Sequence[str] | None = None) -> AsyncGenerator[Page, None]:
        """List the drives of an owner."""
        asked = self._inner.drives(owner, select=select)
        return self._pages(listing_question("drives", owner), select, asked, DRIVES)

    async def one(self, owner: str, *, select: Sequence[str] | None = None) -> Json:
        """Look up one user, group or site."""

        async def ask() -> AsyncIterator[Objects]:
            yield [await self._inner.one(owner, select=select)]

        view = self._views.view
        pages = view.pages(view.metadata, lookup_question(owner), DIRECTORY, columns_of(select), ask)
        async with contextlib.aclosing(pages):
            found: list[Json] = [raw async for page in pages for raw in page]
        return found[0]

    async def drive(self, drive_id: str) -> Drive:
        """Look up one drive."""

        async def ask() -> AsyncIterator[Objects]:
            yield [(await self._inner.drive(drive_id)).raw]

        view = self._views.view
        pages = view.pages(view.metadata, lookup_question(f"/drives/{drive_id}"), DRIVES, None, ask)
        async with contextlib.aclosing(pages):
            found = [raw async for page in pages for raw in page]
        return Drive.from_json(found[0])

    async def _pages(
        self,
        asked: str,
        select: Sequence[str] | None,
        listing: AsyncGenerator[Page, None],
        scope: str = DIRECTORY,
    ) -> AsyncGenerator[Page, None]:
        async def ask() -> AsyncIterator[Objects]:
            async for page in listing:
                yield page.items

        view = self._views.view
        async with contextlib.aclosing(listing):
            pages = view.pages(view.metadata, asked, scope, columns_of(select), ask)
            async with contextlib.aclosing(pages):
                async for objects in pages:
                    yield Page(objects)


def drive_question(owner: str, library: str | None = None) -> str:
    """Return the question which drive an owner's place means."""
    return question("drive", owner, library)


def lookup_question(reference: str) -> str:
    """Return the question for one user, group, site or drive."""
    return question("one", reference)


def listing_question(kind: str, narrowed: str | None) -> str:
    """Return the question for all of a kind, narrowed by a filter, a search or an owner."""
    return question("all", kind, narrowed)

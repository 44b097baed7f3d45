"""A drive's items by path or id, and its listings.

An item is named by its path from the drive's root (`/Reports/a.csv`), by `id:` and its id, or by a `DriveItem`.
"""

from __future__ import annotations

import builtins
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from driveql.drive import listing
from driveql.errors import InvalidPathError, NotFoundError
from driveql.graph import addresses, paths, shapes
from driveql.graph.addresses import Address
from driveql.graph.models import Drive, DriveItem
from driveql.graph.paging import Page
from driveql.transport.session import GraphSession
from graph_contract import load

ItemReference = str | DriveItem
WalkMethod = Literal["auto", "children", "delta"]

logger = logging.getLogger("driveql.drive")


class DriveLookups:
    """What can be found in a drive.

    Parameters:
        drive_id: Graph's id of the drive.
        info: the drive's own record, where it was already fetched.
    """

    def __init__(self, session: GraphSession, drive_id: str, info: Drive | None = None) -> None:
        self.session = session
        self.id = drive_id
        self._info = info

    async def info(self) -> Drive:
        """The drive's record: name, type, owner, quota in bytes."""
        if self._info is None:
            self._info = Drive.from_json(
                (await self.session.request("GET", addresses.drive(self.id))).object()
            )
        return self._info

    async def item(self, reference: ItemReference, *, select: Sequence[str] | None = None) -> DriveItem:
        """One item.

        Parameters:
            select: Graph property names to fetch; None fetches the default set, with a pre-authenticated URL for files.

        Raises:
            NotFoundError: there is none.
        """
        address = (await self.address(reference)).option("$select", select)
        raw = (await self.session.request("GET", address)).object()
        item = DriveItem.from_json(raw)
        if item.path is None and isinstance(reference, str) and _is_path(reference):
            return DriveItem.from_json(raw, paths.split(paths.normalise(reference))[0])
        return item

    async def find(self, reference: ItemReference) -> DriveItem | None:
        """One item, or None where there is none."""
        try:
            return await self.item(reference)
        except NotFoundError:
            return None

    async def address(self, reference: ItemReference) -> Address:
        """Return the request address of an item; paths beyond the depth that Graph addresses go by ids in between."""
        if isinstance(reference, DriveItem):
            return addresses.item(self.id, reference.id)
        if reference.startswith("id:"):
            return addresses.item(self.id, reference.removeprefix("id:"))
        path = paths.normalise(reference)
        levels: int = load("limits")["path"]["deep_levels"]
        if paths.depth(path) <= levels:
            return addresses.item_at(self.id, path)
        names = path[1:].split("/")
        parent = (await self.item("/".join(names[:levels]), select=("id",))).id
        for start in range(levels, len(names), levels):
            below = addresses.child_of(self.id, parent, "/".join(names[start : start + levels]))
            if start + levels >= len(names):
                return below
            answer = await self.session.request("GET", below.option("$select", "id"))
            parent = shapes.identifier(answer.object(), "folder")
        raise AssertionError("unreachable: the last hop returns")

    async def children(
        self,
        folder: ItemReference = paths.ROOT,
        *,
        item_id: str | None = None,
        select: Sequence[str] | None = None,
        top: int | None = None,
        orderby: str | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """Yield the pages of a folder's children as Graph's JSON; complete, however many there are.

        An item that is on two pages, because it was renamed while they were asked for, is given once.

        Parameters:
            item_id: the folder's id, instead of `folder`.
            select: property names. top: items a page, at most 1,000 (the default here).
            orderby: `name` or `url`, with ` desc`. filter: an OData filter expression.
            ahead: whether a page is asked for while the one before is used.
        """
        address = addresses.item(self.id, item_id) if item_id is not None else await self.address(folder)
        limits = load("limits")["paging"]
        address = address.below("children").option("$select", select).option("$filter", filter)
        address = address.option("$orderby", orderby).option(
            "$top", min(top or limits["items_max"], limits["items_max"])
        )
        given: set[str] = set()
        async with contextlib.aclosing(self.session.pages(address, ahead=ahead)) as pages:
            async for page in pages:
                yield page.without(given)

    async def list(
        self, folder: ItemReference = paths.ROOT, *, select: Sequence[str] | None = None
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        """Yield a folder's children a page at a time, each with its path; complete, however many there are.

        Raises:
            NotFoundError: there is no such folder. InvalidPathError: it is a file.
        """
        top = await self.item(folder, select=("id", "name", "folder", "root", "parentReference"))
        path = top.path
        if not top.is_folder:
            raise InvalidPathError(f"{path or top.name} is a file, not a folder.")
        async with contextlib.aclosing(self.children(item_id=top.id, select=select)) as pages:
            async for page in pages:
                yield [DriveItem.from_json(raw, path) for raw in page.items]

    async def walk(
        self,
        folder: ItemReference = paths.ROOT,
        *,
        select: Sequence[str] | None = None,
        concurrency: int | None = None,
        method: WalkMethod = "auto",
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        """Yield every item below a folder, a page at a time, in no particular order, each with its path.

        Parameters:
            select: property names besides those that the walk needs.
            concurrency: folders listed at once; MaxConcurrency by default.
            method: `children` asks each folder, which shows the latest writes; `delta` has the service list the whole drive
                in a fraction of the requests, some seconds behind them. `auto` takes delta for a whole drive to which this
                connection has not just written.
        """
        top = None if _is_root(folder) else await self.item(folder)
        path = paths.ROOT if top is None else top.path or paths.ROOT
        if top is not None and not top.is_folder:
            raise InvalidPathError(f"{path} is a file, not a folder.")
        whole = top is None or top.is_root
        by_delta = method == "delta" or (method == "auto" and whole and not self.session.wrote_lately)
        if by_delta and not whole:
            raise InvalidPathError(
                f"{path} is not the drive's root; the service lists changes of whole drives only."
            )
        logger.info(
            "walk of %s by %s", path, "delta: the whole drive is asked for" if by_delta else "children"
        )
        walking = (
            listing.whole_drive(self, select=select)
            if by_delta
            else self._walk("root" if top is None else top.id, path, select, concurrency)
        )
        async with contextlib.aclosing(walking) as pages:
            async for page in pages:
                yield page

    def walk_from(
        self,
        top: DriveItem,
        path: str,
        *,
        select: Sequence[str] | None = None,
        concurrency: int | None = None,
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        """Like `walk`, from a folder whose item and path the caller has."""
        return self._walk(top.id, path, select, concurrency)

    def _walk(
        self, top_id: str, path: str, select: Sequence[str] | None, concurrency: int | None
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        wanted = sorted({*select, *listing.WALK_PROPERTIES}) if select is not None else None
        return listing.walk(
            self,
            top_id,
            path,
            select=wanted,
            concurrency=concurrency or self.session.settings.max_concurrency,
        )

    def glob(self, pattern: str) -> AsyncGenerator[DriveItem, None]:
        """Yield the items whose path fits a pattern: `*`, `?`, `[...]` within names, `**` across folders."""
        return listing.glob(self, pattern)

    async def search(self, text: str, *, top: int | None = None) -> AsyncGenerator[Page, None]:
        """Yield pages of what the service's search index finds. The index lags behind; `walk` does not."""
        async with contextlib.aclosing(
            self.session.pages(addresses.search(self.id, text).option("$top", top))
        ) as pages:
            async for page in pages:
                yield page


def _is_root(reference: ItemReference) -> bool:
    return isinstance(reference, str) and reference.strip("/") == ""


def _is_path(reference: ItemReference) -> bool:
    return isinstance(reference, str) and not reference.startswith("id:")

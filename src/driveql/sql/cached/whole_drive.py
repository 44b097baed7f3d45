"""A whole drive's listing in the cache: made by the service's change listing, and brought up to date by the same.

After its time to live, what changed since is asked for, which is one request where little did. Whatever does not fit has the
drive listed anew. While the service may not show this user's own writes there yet, folders are asked one by one instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from driveql.cache.answers import DRIVES, Answer
from driveql.cache.store import Store
from driveql.drive import listing
from driveql.drive.handle import DriveHandle
from driveql.errors import ProtocolError, ResyncRequiredError
from driveql.graph import paths
from driveql.graph.models import DriveItem
from driveql.graph.paging import Pager
from driveql.sql.cached.merging import DoesNotFitError, Placed, merged
from driveql.sql.cached.view import Keeping, View, columns_of, decoded, question
from driveql.transport.session import LAG_SECONDS

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WholeDrive:
    """The listing of one drive for one statement.

    Parameters:
        select: the properties that are wanted besides those that the listing needs.
    """

    view: View
    store: Store
    handle: DriveHandle
    select: Sequence[str] | None

    @property
    def question(self) -> str:
        """The question that it answers."""
        return tree_question(self.handle.id, paths.ROOT)

    @property
    def _columns(self) -> tuple[str, ...] | None:
        return columns_of({*self.select, *listing.DELTA_PROPERTIES}) if self.select else None

    async def pages(self) -> AsyncGenerator[list[Placed], None]:
        """Yield every item of the drive with its folder, a page at a time."""
        found = await asyncio.to_thread(self.store.find, self.question, columns_of(self.select))
        if found is not None and self.view.is_fresh(self.store.clock() - found.as_of):
            for body in found.pages:
                yield decoded(body)
            return
        renewed = await self._renewed(found) if found is not None and found.state is not None else None
        pages = self._listed() if renewed is None else renewed
        async with contextlib.aclosing(pages):
            async for page in pages:
                yield page

    async def _listed(self) -> AsyncGenerator[list[Placed], None]:
        keeping = Keeping(self.view, self.store, self.question, DRIVES, self._columns)
        await keeping.begin()
        rounds: list[listing.Round] = []
        if await self._shows_writes():
            walking = listing.whole_drive(self.handle, select=self.select, ended=rounds.append)
        else:
            walking = self.handle.walk(paths.ROOT, select=self.select, method="children")
        async with contextlib.aclosing(walking):
            async for items in walking:
                page = [placed(item) for item in items]
                keeping.add(page)
                yield page
        await keeping.end(_state_of(rounds[0], keeping) if rounds else None)

    async def _renewed(self, found: Answer) -> AsyncGenerator[list[Placed], None] | None:
        """Return the listing brought up to date; None where it has to be made anew."""
        if not await self._shows_writes():
            return None
        state = json.loads(found.state or "{}")
        keeping = Keeping(self.view, self.store, self.question, DRIVES, found.columns)
        await keeping.begin()
        try:
            changed, link = await self._changes(state["link"])
            bodies = found.pages
            pages = merged(lambda: map(decoded, bodies), state["root"], changed)
        except (ResyncRequiredError, DoesNotFitError):
            return None

        return _kept(pages, keeping, json.dumps({"root": state["root"], "link": link}))

    async def _changes(self, link: str) -> tuple[list[Json], str]:
        doing = f"GET /drives/{self.handle.id}/root/delta"
        pager = Pager(self.handle.session.settings.graph_url, doing, link)
        changed: list[Json] = []
        where: str | None = link
        following: str | None = None
        while where is not None:
            body = (await self.handle.session.request("GET", where)).json()
            page, where = pager.read(body)
            changed += page.items
            following = page.delta_link
        if following is None:
            raise ProtocolError(
                f"The changes of drive {self.handle.id} came without a link that says where they end."
            )
        return changed, following

    async def _shows_writes(self) -> bool:
        """Return whether the change listing shows all that this user's processes wrote."""
        if self.handle.session.wrote_lately:
            return False
        since = self.store.clock() - await asyncio.to_thread(self.store.written, DRIVES)
        return since >= LAG_SECONDS


def tree_question(drive_id: str, path: str) -> str:
    """Return the question for everything below a folder."""
    return question("tree", drive_id, path)


def placed(item: DriveItem) -> Placed:
    """Return an item with its folder, as it is kept."""
    folder = paths.split(item.path)[0] if item.path is not None and not item.is_root else None
    return folder, item.raw


def _state_of(round_: listing.Round, keeping: Keeping) -> str | None:
    """Return what brings the listing up to date; what came again in another state is put right before."""
    root, later = round_.root, round_.later
    if root is None or round_.link is None:
        return None
    if later:
        # The next round will not tell it again.
        try:
            keeping.replace(lambda pages: merged(pages, root, later))
        except DoesNotFitError:
            return None
    return json.dumps({"root": root, "link": round_.link})


async def _kept(
    pages: Iterator[list[Placed]], keeping: Keeping, state: str
) -> AsyncGenerator[list[Placed], None]:
    for page in pages:
        keeping.add(page)
        yield page
        # A large listing leaves the loop to others between its pages.
        await asyncio.sleep(0)
    await keeping.end(state)

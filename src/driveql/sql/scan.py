"""Carries out a plan: the steps' pages, as they come, each with the origin of its objects.

Several drives, or lists of entities, are read at once, unless the plan has a limit: then one after another, nothing ahead.

An item, folder or entity that a predicate names and that does not exist is no row, not an error; an owner or a drive that does
not exist is an error, because a typing mistake there would look like an empty drive. Where a join found the owners, nobody typed
them, and one without a drive is left out with a warning.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import groupby

from driveql.errors import DriveqlError, InvalidPathError, ItemChangedError, NotFoundError
from driveql.graph import paths
from driveql.sql import entity_scan, part_scan
from driveql.sql.cached.drive import CachedDrive
from driveql.sql.drives_in_use import Drives
from driveql.sql.interleaved import interleaved
from driveql.sql.part_plans import DriveListing, EachItem, SiteListing, SubscriptionListing
from driveql.sql.plans import (
    EntityListing,
    EntityLookup,
    FolderListing,
    ItemLookup,
    MemberListing,
    Plan,
    Scope,
    Step,
    TreeWalk,
)
from driveql.sql.source import DriveSource, FileItem, Json, TenantSource
from driveql.sql.tables import Kind, Origin
from driveql.sql.tables.items import KNOWN_FOLDER

Objects = list[Json]
Found = tuple[Origin, Objects]
# Steps of which two may find the same object.
_FINDING = (ItemLookup, FolderListing, TreeWalk, EntityLookup)
# Lookups under way at once; the session's own limit on requests still holds.
LOOKUPS_AT_ONCE = 8
# Drives and lists of entities under way at once; as above.
LISTINGS_AT_ONCE = 8


@dataclass(slots=True)
class Scan:
    """One scan.

    Parameters:
        default: the scope that is the connection's own drive.
        fresh: nothing is taken from the cache.
        warn: is told of an owner or a drive that was left out.
    """

    source: TenantSource
    drives: Drives
    plan: Plan
    default: Scope
    fresh: bool = False
    warn: Callable[[str], None] | None = None

    async def pages(self) -> AsyncGenerator[Found, None]:
        """Yield the objects of all steps; those of overlapping steps once."""
        parts = list(self._apart())
        at_once = self.at_once(len(parts))
        async with aclosing(interleaved(map(self._rows, parts), at_once)) as found:
            async for each in found:
                yield each

    def at_once(self, most: int = LISTINGS_AT_ONCE) -> int:
        """Return how many of so many listings are under way at once."""
        return 1 if self.plan.limit is not None else max(1, min(most, LISTINGS_AT_ONCE))

    def _apart(self) -> Iterator[list[Step]]:
        """Yield the steps in parts of which no two find the same object."""
        for _, steps in groupby(self.plan.steps, key=_scope_of):
            several = list(steps)
            if isinstance(several[0], _FINDING):
                yield several
            else:
                yield from ([step] for step in several)

    async def _rows(self, steps: Sequence[Step]) -> AsyncGenerator[Found, None]:
        overlapping = len(steps) > 1 and isinstance(steps[0], _FINDING)
        seen: set[str] | None = set() if overlapping else None
        async with aclosing(self._steps(steps)) as pages:
            async for origin, objects in pages:
                kept = [raw for raw in objects if self._is_row(raw) and _first_time(raw, seen)]
                if kept:
                    yield origin, kept

    def _is_row(self, raw: Json) -> bool:
        if self.plan.table.kind is Kind.ITEMS and "root" in raw:
            return False
        return self.plan.table.keep is None or self.plan.table.keep(raw)

    async def _steps(self, steps: Sequence[Step]) -> AsyncGenerator[Found, None]:
        lookups = [step for step in steps if isinstance(step, ItemLookup | EntityLookup)]
        for start in range(0, len(lookups), LOOKUPS_AT_ONCE):
            try:
                several = await asyncio.gather(
                    *(self._lookup(step) for step in lookups[start : start + LOOKUPS_AT_ONCE])
                )
            except _AbsentError as absent:
                # The lookups of one call are of one drive.
                self._left_out(absent)
                break
            for one in several:
                if one is not None:
                    yield one
        for step in steps:
            if isinstance(step, ItemLookup | EntityLookup):
                continue
            try:
                async with aclosing(self._listing(step)) as pages:
                    async for found in pages:
                        yield found
            except _AbsentError as absent:
                self._left_out(absent)

    def _left_out(self, absent: _AbsentError) -> None:
        if self.warn is not None:
            self.warn(f"Left out: {absent.who}. {absent.error.message}")

    async def _lookup(self, step: ItemLookup | EntityLookup) -> Found | None:
        select = self.plan.select
        if isinstance(step, ItemLookup):
            drive = await self.drive(step.scope)
            try:
                item = await drive.item(
                    step.path if step.path is not None else f"id:{step.item_id}", select=select
                )
            except NotFoundError:
                await self._check_there_is(step.scope)
                return None
            return Origin(owner=step.scope.owner), [item.raw]
        try:
            if step.kind is Kind.DRIVES:
                return Origin(owner=step.owner), [(await self.source.directory.drive(step.identifier)).raw]
            return Origin(), [
                await self.source.directory.one(f"/{step.kind}/{step.identifier}", select=select)
            ]
        except NotFoundError:
            return None

    async def _listing(self, step: Step) -> AsyncGenerator[Found, None]:
        match step:
            case FolderListing() | TreeWalk():
                async for objects in self._items(step):
                    yield Origin(owner=step.scope.owner), objects
            case EntityListing() | MemberListing():
                async for found in entity_scan.found(self, step):
                    yield found
            case EachItem() | DriveListing() | SiteListing() | SubscriptionListing():
                async for found in part_scan.found(self, step):
                    yield found

    async def _items(self, step: FolderListing | TreeWalk) -> AsyncIterator[Objects]:
        drive = await self.drive(step.scope)
        select, top, ahead = self.plan.select, self.plan.top, self.plan.limit is None
        try:
            if (
                isinstance(step, TreeWalk)
                and self.plan.limit is not None
                and not await _known(drive, step, select)
            ):
                async for objects in self._few(drive, step.path):
                    yield objects
            elif isinstance(step, TreeWalk):
                async for items in drive.walk(step.path, select=select):
                    yield [_placed(item) for item in items]
            else:
                path = step.path if step.path is not None else "/"
                async for page in drive.children(
                    path, item_id=step.item_id, select=select, top=top, ahead=ahead
                ):
                    yield page.items
        except (NotFoundError, InvalidPathError) as error:
            # There is no such folder, or it is a file: nothing is below it. A drive has its root for ever, though.
            if step.path == "/":
                raise self.absence(error, f"the {step.scope}") from error
            await self._check_there_is(step.scope)

    async def _few(self, drive: DriveSource, path: str) -> AsyncIterator[Objects]:
        """Walk one folder after another and none ahead: enough for a query that wants a few rows."""
        folders: list[str | None] = [None]
        while folders:
            folder = folders.pop()
            pages = drive.children(
                path, item_id=folder, select=self.plan.select, top=self.plan.top, ahead=False
            )
            try:
                async for page in pages:
                    folders += [str(raw["id"]) for raw in page.items if "folder" in raw]
                    yield page.items
            except NotFoundError as gone:
                if folder is None:
                    raise
                raise ItemChangedError(
                    f"The listing of {path} is incomplete: a folder in it vanished meanwhile.",
                    status=gone.status, request_id=gone.request_id, hint="Run the statement again.", retryable=True,
                ) from gone  # fmt: skip

    def other(self, plan: Plan, *, fresh: bool = False) -> Scan:
        """Return a scan by another plan, of the same tenant."""
        return Scan(self.source, self.drives, plan, self.default, fresh, self.warn)

    async def drive(self, scope: Scope) -> DriveSource:
        """Return the drive of a scope."""
        try:
            found = await self.drives.get(scope, default=scope == self.default)
        except NotFoundError as error:
            raise self.absence(error, f"the {scope}") from error
        return found.handle if self.fresh and isinstance(found, CachedDrive) else found

    async def _check_there_is(self, scope: Scope) -> None:
        """Raise where there is no such drive; an item that is not found in a drive does not tell."""
        try:
            await self.drives.check(scope)
        except NotFoundError as error:
            raise self.absence(error, f"the {scope}") from error

    def absence(self, error: DriveqlError, who: str) -> Exception:
        """Return what to raise where somebody has no drive, or a drive is not there."""
        return _AbsentError(error, who) if self.plan.skips and isinstance(error, NotFoundError) else error


async def _known(drive: DriveSource, step: TreeWalk, select: Sequence[str]) -> bool:
    return isinstance(drive, CachedDrive) and await drive.knows_tree(step.path, select)


class _AbsentError(Exception):
    """An owner without a drive, or a drive that is gone, among those that a join found."""

    def __init__(self, error: DriveqlError, who: str) -> None:
        super().__init__(str(error))
        self.error, self.who = error, who


def _scope_of(step: Step) -> Scope | None:
    return step.scope if isinstance(step, ItemLookup | FolderListing | TreeWalk) else None


def _placed(item: FileItem) -> Json:
    """Return the item's JSON; where the service did not say in which folder it is, with what the walk knows."""
    if item.path is None or (item.raw.get("parentReference") or {}).get("path"):
        return item.raw
    return {**item.raw, KNOWN_FOLDER: paths.split(item.path)[0]}


def _first_time(raw: Json, seen: set[str] | None) -> bool:
    if seen is None:
        return True
    identifier = str(raw.get("id"))
    if identifier in seen:
        return False
    seen.add(identifier)
    return True

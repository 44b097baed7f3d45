"""Carries out the steps of tables that hang on items, drives and sites: each page with the origin of its objects.

An item that vanished since it was found has no rows; a list that does not exist is an error, as a drive is.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING
from urllib.parse import unquote

from driveql.connection import owner as owners
from driveql.drive.site_lists import site_of_drive
from driveql.errors import DriveqlError, InvalidPathError, NotFoundError, ProtocolError
from driveql.graph import addresses, item_parts
from driveql.graph.addresses import Address
from driveql.graph.delta import Tree
from driveql.sql.part_plans import DriveListing, EachItem, PartStep, SiteListing, SubscriptionListing
from driveql.sql.part_steps import delta_token
from driveql.sql.plans import Plan, Scope
from driveql.sql.predicates import Always
from driveql.sql.source import DriveSource, Json
from driveql.sql.tables import TABLES, Kind, Origin
from driveql.sql.tables.changes import CURSOR, PATH, SINCE, START
from driveql.sql.tables.item_part import DRIVE, ITEM
from driveql.sql.tables.items import ALWAYS
from driveql.sql.tables.list_items import LIST
from driveql.sql.tables.lists import SITE

if TYPE_CHECKING:
    from driveql.sql.scan import Found, Scan

_ITEM_PROPERTIES = (*ALWAYS, "name", "file", "parentReference")
_TOKEN = re.compile(r"\btoken='?([^'&)]+)")
# Items of one drive whose parts are asked for at once; the session's own limit on requests still holds.
AT_ONCE = 8


async def found(scan: Scan, step: PartStep) -> AsyncIterator[Found]:
    """Yield the objects of a step."""
    match step:
        case EachItem():
            pages = _each_item(scan, step)
        case DriveListing(kind=Kind.CHANGES):
            pages = _changes(scan, step)
        case DriveListing():
            pages = _shared_with_me(scan, step)
        case SiteListing():
            pages = _site(scan, step)
        case SubscriptionListing():
            pages = _subscriptions(scan, step)
    async for page in pages:
        yield page


async def _each_item(scan: Scan, step: EachItem) -> AsyncIterator[Found]:
    files = step.kind is Kind.VERSIONS
    table = TABLES["files" if files else "items"]
    # With a limit, one item after another: the rows of the first may be enough.
    plan = Plan(
        table, step.steps, (), _ITEM_PROPERTIES, Always(), limit=scan.plan.limit, skips=scan.plan.skips
    )
    scope = step.steps[0].scope
    drive = await scan.drive(scope)
    at_once = 1 if scan.plan.limit is not None else AT_ONCE
    under_way: deque[asyncio.Task[list[Json]]] = deque()
    origin = Origin(owner=scope.owner)
    try:
        async with aclosing(scan.other(plan, fresh=True).pages()) as pages:
            async for _, items in pages:
                for item in items:
                    under_way.append(asyncio.create_task(_parts(drive, step.kind, item)))
                    if len(under_way) == at_once:
                        yield origin, await _first(under_way)
        while under_way:
            yield origin, await _first(under_way)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _first(under_way: deque[asyncio.Task[list[Json]]]) -> list[Json]:
    """Return what the first task brings, and the next ones where they are done too."""
    found = await under_way[0]
    under_way.popleft()
    while under_way and under_way[0].done():
        found += under_way.popleft().result()
    return found


async def _parts(drive: DriveSource, kind: Kind, item: Json) -> list[Json]:
    reference = f"id:{item['id']}"
    pages = drive.versions.list(reference) if kind is Kind.VERSIONS else drive.sharing.permissions(reference)
    try:
        return [{**part.raw, ITEM: item, DRIVE: drive.id} async for page in pages for part in page]
    except NotFoundError:
        return []


async def _changes(scan: Scan, step: DriveListing) -> AsyncIterator[Found]:
    drive = await scan.drive(step.scope)
    origin = Origin(owner=step.scope.owner)
    named = {DRIVE: drive.id, START: step.start, SINCE: step.since}
    begin = delta_token(step.since) if step.since is not None else step.start
    address = addresses.drive(drive.id).below("root/delta")
    address = address.option("token", None if begin == "all" else begin).option("$top", scan.plan.top)
    tree, link = Tree(), None
    async for page in scan.source.session.pages(address):
        for raw in page.items:
            if "root" in raw or "folder" in raw:
                tree.put(raw)
        link = page.delta_link or link
        yield origin, [{**raw, PATH: _path(tree, raw), **named} for raw in page.items if "root" not in raw]
    token_found = _TOKEN.search(link or "")
    if token_found is None:
        raise ProtocolError(f"The changes of drive {drive.id} came without a link that says where they end.")
    yield origin, [{CURSOR: unquote(token_found[1]), **named}]


def _path(tree: Tree, raw: Json) -> str | None:
    parent = (raw.get("parentReference") or {}).get("id")
    if not raw.get("name") or not isinstance(parent, str) or "deleted" in raw:
        return None
    folder = tree.path(parent)
    return None if folder is None else f"{folder.rstrip('/')}/{raw['name']}"


async def _shared_with_me(scan: Scan, step: DriveListing) -> AsyncIterator[Found]:
    drive = await scan.drive(step.scope)
    try:
        async for page in scan.source.session.pages(addresses.drive(drive.id).below("sharedWithMe")):
            yield Origin(owner=step.scope.owner), [{**raw, DRIVE: drive.id} for raw in page.items]
    except DriveqlError as error:
        error.hint = (
            "Microsoft retires this listing (November 2026). The table permissions of the drives that hold the items"
            " tells who has access."
        )
        raise


async def _site(scan: Scan, step: SiteListing) -> AsyncIterator[Found]:
    origin = Origin(owner=step.owner)
    known = {SITE: step.site_id, LIST: step.list_name}
    known = {key: value for key, value in known.items() if value is not None}
    if step.kind is Kind.LIST_ITEMS and step.list_name is None:
        drive = await scan.drive(_own(scan, step))
        listed = addresses.drive(drive.id).below("list")
    else:
        listed = (await _site_of(scan, step)).below("lists")
    if step.list_name is not None:
        listed = item_parts.part(listed, step.list_name)
    address = listed
    if step.kind is Kind.LIST_ITEMS:
        address = await _entries(scan, step, listed)
    address = address.option("$select", scan.plan.select).option("$top", scan.plan.top)
    async for page in scan.source.session.pages(address):
        yield origin, [{**raw, **known} for raw in page.items]


async def _entries(scan: Scan, step: SiteListing, listed: Address) -> Address:
    """Return the address of a list's entries, with the part of the filter that the service accepts."""
    filters = step.filters
    if filters and not step.unindexed:
        indexed = await _indexed(scan, listed)
        filters = tuple(part for part in filters if part.field.casefold() in indexed)
    address = listed.below("items").option("$expand", scan.plan.expand)
    return address.option("$filter", " and ".join(part.text for part in filters) or None)


async def _indexed(scan: Scan, listed: Address) -> set[str]:
    columns = listed.below("columns").option("$select", ("name", "indexed"))
    names: set[str] = set()
    try:
        async for page in scan.source.session.pages(columns):
            names.update(str(raw.get("name")).casefold() for raw in page.items if raw.get("indexed") is True)
    except (NotFoundError, InvalidPathError):
        # The list itself says what is wrong, or has no columns to ask for.
        return set()
    return names


async def _site_of(scan: Scan, step: SiteListing) -> Address:
    """Return the address of a site: by its id, its path, or that of the drive that an owner has."""
    if step.site_id is not None:
        return item_parts.part(addresses.sites(), step.site_id)
    owner = owners.normalise(step.owner) if step.owner else ""
    if owner.startswith("/sites/"):
        return addresses.owner(owner)
    drive = await scan.drive(_own(scan, step))
    site = await site_of_drive(scan.source.session, drive.id)
    if site is None:
        raise NotFoundError(
            f"The service does not say in which site the drive of {step.owner or 'the connection'} lies.",
            status=404,
            hint="Name the site: owner = '/sites/{host}:/{path}'.",
        )
    return item_parts.part(addresses.sites(), site)


def _own(scan: Scan, step: SiteListing) -> Scope:
    return scan.default if step.owner == scan.default.owner else Scope(step.owner)


async def _subscriptions(scan: Scan, step: SubscriptionListing) -> AsyncIterator[Found]:
    if step.identifier is None:
        async for page in scan.source.subscriptions.list():
            yield Origin(), [known.raw for known in page]
        return
    try:
        yield Origin(), [(await scan.source.subscriptions.get(step.identifier)).raw]
    except NotFoundError:
        return

"""Carries out the listings of people, groups, sites and drives: each page with the origin of its objects."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from driveql.connection import owner as owners
from driveql.errors import NotFoundError
from driveql.sql.interleaved import interleaved
from driveql.sql.plans import PAGE_ENTITIES, EntityListing, MemberListing
from driveql.sql.tables import Kind, Origin

if TYPE_CHECKING:
    from driveql.sql.scan import Found, Scan


def found(scan: Scan, step: EntityListing | MemberListing) -> AsyncIterator[Found]:
    """Yield the objects of a step."""
    return _entities(scan, step) if isinstance(step, EntityListing) else _members(scan, step)


async def _entities(scan: Scan, step: EntityListing) -> AsyncIterator[Found]:
    directory, select, ahead = scan.source.directory, scan.plan.select, scan.plan.limit is None
    if step.kind is Kind.USERS:
        pages = directory.users(select=select, filter=step.filter, top=scan.plan.top, ahead=ahead)
    elif step.kind is Kind.GROUPS:
        pages = directory.groups(select=select, filter=step.filter, top=scan.plan.top, ahead=ahead)
    elif step.kind is Kind.SITES:
        pages = directory.sites(select=select)
    else:
        pages = directory.drives(owners.normalise(step.owner or ""), select=select)
    try:
        async for page in pages:
            yield Origin(owner=step.owner), page.items
    except NotFoundError as error:
        raise scan.absence(error, f"the drives of {step.owner}") from error


async def _members(scan: Scan, step: MemberListing) -> AsyncIterator[Found]:
    if step.group_id is not None:
        async for page in _members_of(scan, step.group_id):
            yield page
        return
    ahead = scan.plan.limit is None
    async for groups in scan.source.directory.groups(select=("id",), top=PAGE_ENTITIES, ahead=ahead):
        each = (_members_of(scan, str(group["id"])) for group in groups.items)
        async with aclosing(interleaved(each, scan.at_once())) as members:
            async for page in members:
                yield page


async def _members_of(scan: Scan, group_id: str) -> AsyncGenerator[Found, None]:
    origin = Origin(group_id=group_id)
    try:
        async for page in scan.source.directory.group_members(
            group_id, select=scan.plan.select, top=scan.plan.top, ahead=scan.plan.limit is None
        ):
            yield origin, page.items
    except NotFoundError:
        return

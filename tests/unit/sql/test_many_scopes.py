"""A scan of several drives: at once without a limit, one after another with one. The drives are in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from driveql.errors import NotFoundError, PermissionDeniedError
from driveql.sql.drives_in_use import Drives
from driveql.sql.plans import Defaults, Hint, Scope
from driveql.sql.predicates import OneOf
from driveql.sql.pushdown import plan
from driveql.sql.scan import LISTINGS_AT_ONCE, Scan
from driveql.sql.source import TenantSource
from driveql.sql.tables import TABLES

OWNERS = tuple(f"/users/{number:02}@contoso.com" for number in range(20))


@dataclass
class Page:
    """A page of a folder's children."""

    items: list[dict[str, Any]]


@dataclass
class MemoryDrive:
    """A drive whose root holds one file, named as its owner; its listing waits for `together`, but for the first ones."""

    tenant: MemoryTenant
    owner: str

    @property
    def id(self) -> str:
        return f"drive of {self.owner}"

    async def children(self, *_: Any, **__: Any) -> AsyncIterator[Page]:
        tenant = self.tenant
        tenant.listing.append(self.owner)
        if self.owner in tenant.refused:
            raise PermissionDeniedError("no", status=403)
        if tenant.together is not None and len(tenant.listing) >= LISTINGS_AT_ONCE:
            await asyncio.wait_for(tenant.together.wait(), 30)
        yield Page([{"id": self.owner, "name": self.owner, "file": {}}])


@dataclass
class MemoryTenant:
    """Drives of owners; those of `absent` have none, those of `refused` are not to be listed."""

    together: asyncio.Barrier | None = None
    absent: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    listing: list[str] = field(default_factory=list)

    async def drive(self, owner: str | None = None, *, drive_id: str | None = None) -> MemoryDrive:
        assert owner is not None
        assert drive_id is None
        if owner in self.absent:
            raise NotFoundError("none", status=404)
        return MemoryDrive(self, owner)


def scan_of(
    tenant: MemoryTenant, owners: tuple[str, ...], warnings: list[str] | None = None, **hint: Any
) -> Scan:
    source = cast(TenantSource, tenant)
    wanted = OneOf("owner", frozenset(owners))
    children = OneOf("parent_path", frozenset({"/"}))
    both = Hint(children, **hint)
    made = plan(TABLES["items"], wanted, ["owner", "name"], Defaults("/users/me@contoso.com"), both)
    return Scan(
        source,
        Drives(source),
        made,
        Scope("/users/me@contoso.com"),
        warn=([] if warnings is None else warnings).append,
    )


async def test_several_drives_are_listed_at_once_and_rows_keep_their_owner() -> None:
    tenant = MemoryTenant(asyncio.Barrier(LISTINGS_AT_ONCE))
    owners = OWNERS[: 2 * LISTINGS_AT_ONCE - 1]
    found = [
        (origin.owner, raw["name"])
        async for origin, objects in scan_of(tenant, owners).pages()
        for raw in objects
    ]
    assert sorted(found, key=str) == [(owner, owner) for owner in owners]


async def test_with_a_limit_no_drive_is_listed_before_it_is_needed() -> None:
    tenant = MemoryTenant()
    pages = scan_of(tenant, OWNERS, limit=3).pages()
    for taken in range(1, 4):
        await anext(pages)
        await asyncio.sleep(0.01)
        assert tenant.listing == list(OWNERS[:taken])
    await pages.aclose()


async def test_one_drive_that_cannot_be_listed_fails_the_scan() -> None:
    with pytest.raises(PermissionDeniedError):
        [page async for page in scan_of(MemoryTenant(refused=frozenset(OWNERS[11:12])), OWNERS).pages()]


async def test_owners_without_a_drive_are_left_out_each_with_its_warning() -> None:
    absent = frozenset(OWNERS[3:13])
    with pytest.raises(NotFoundError):
        [page async for page in scan_of(MemoryTenant(absent=absent), OWNERS).pages()]
    warnings: list[str] = []
    scan = scan_of(MemoryTenant(absent=absent), OWNERS, warnings, skips=True)
    found = [origin.owner async for origin, _ in scan.pages()]
    assert sorted(found, key=str) == sorted(set(OWNERS) - absent)
    assert sorted(warnings) == [f"Left out: the drive of {owner}. none" for owner in sorted(absent)]

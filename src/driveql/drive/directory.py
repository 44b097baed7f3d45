"""Users, groups, members, sites and drives, as raw pages; each listing ends only when the server says so.

Source: https://learn.microsoft.com/graph/api/user-list, group-list, group-list-members, site-search, drive-list
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from driveql.errors import NotFoundError
from driveql.graph import addresses
from driveql.graph.addresses import Address
from driveql.graph.models import Drive
from driveql.graph.paging import Page
from driveql.transport.session import GraphSession

# `$search`, `$count` and some filters are answered only to those who accept a slightly stale index.
_EVENTUAL = {"ConsistencyLevel": "eventual"}


class Directory:
    """Lookups around drives. Every listing yields `Page`s of Graph's own JSON objects.

    Common parameters:
        select: Graph property names to fetch; None fetches Graph's default set.
        filter: an OData filter expression. search: an OData search expression (`"displayName:anna"`).
        top: objects a page; Graph's own default where None. ahead: whether a page is asked for while the one before is used.
    """

    def __init__(self, session: GraphSession) -> None:
        self._session = session
        self._groups: dict[str, str] = {}

    def users(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        search: str | None = None,
        orderby: str | None = None,
        top: int | None = None,
        advanced: bool = False,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """All users of the tenant. Needs User.ReadBasic.All; `advanced` asks for the index-backed query engine."""
        return self._list(addresses.users(), select, filter, search, orderby, top, advanced, ahead)

    def groups(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        search: str | None = None,
        orderby: str | None = None,
        top: int | None = None,
        advanced: bool = False,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """All groups of the tenant. Needs Group.ReadBasic.All or GroupMember.Read.All."""
        return self._list(addresses.groups(), select, filter, search, orderby, top, advanced, ahead)

    def group_members(
        self,
        group_id: str,
        *,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        """The direct members of a group. Needs GroupMember.Read.All."""
        return self._list(addresses.group_members(group_id), select, None, None, None, top, ahead=ahead)

    def sites(
        self, search: str = "*", *, select: Sequence[str] | None = None, top: int | None = None
    ) -> AsyncGenerator[Page, None]:
        """The sites that match a search; `*` finds all that the application may see. Needs Sites.Read.All."""
        address = addresses.sites().option("search", search).option("$select", select).option("$top", top)
        return self._session.pages(address)

    async def drives(self, owner: str, *, select: Sequence[str] | None = None) -> AsyncGenerator[Page, None]:
        """The drives and document libraries of `/users/..`, `/groups/..` or `/sites/..`. Needs Files.Read.All."""
        address = (await self.address(owner)).below("drives").option("$select", select)
        async with contextlib.aclosing(self._session.pages(address)) as pages:
            async for page in pages:
                yield page

    async def address(self, owner: str) -> Address:
        """The request address of an owner. Graph knows users by their e-mail address, groups by their id alone: a group's
        e-mail address is looked up first. Needs Group.Read.All or GroupMember.Read.All then.

        Raises:
            NotFoundError: no group has that address.
        """
        kind, _, name = owner.removeprefix("/").partition("/")
        if kind != "groups" or "@" not in name:
            return addresses.owner(owner)
        if name.casefold() not in self._groups:
            wanted = name.replace("'", "''")
            found = [
                raw
                async for page in self.groups(select=("id",), filter=f"mail eq '{wanted}'", top=2)
                for raw in page.items
            ]
            if len(found) != 1:
                raise NotFoundError(
                    f"{len(found) or 'No'} groups have the e-mail address {name}.",
                    status=404,
                    hint="Write the group's id: /groups/{id}.",
                )
            self._groups[name.casefold()] = str(found[0]["id"])
        return addresses.owner(f"/groups/{self._groups[name.casefold()]}")

    async def one(self, owner: str, *, select: Sequence[str] | None = None) -> dict[str, Any]:
        """One user, group or site by its reference (`/users/alice@contoso.com`).

        Raises:
            NotFoundError: there is none.
        """
        address = addresses.site_id_of(await self.address(owner)).option("$select", select)
        return (await self._session.request("GET", address)).object()

    async def default_drive(self, owner: str) -> Drive:
        """The owner's default drive.

        Raises:
            NotFoundError: the owner does not exist or has no drive (no licence, or never signed in).
        """
        answer = await self._session.request("GET", (await self.address(owner)).below("drive"))
        return Drive.from_json(answer.object())

    async def drive(self, drive_id: str) -> Drive:
        """One drive by id.

        Raises:
            NotFoundError: there is none.
        """
        return Drive.from_json((await self._session.request("GET", addresses.drive(drive_id))).object())

    def _list(
        self,
        address: Address,
        select: Sequence[str] | None,
        filter_: str | None,
        search: str | None,
        orderby: str | None,
        top: int | None,
        advanced: bool = False,
        ahead: bool = True,
    ) -> AsyncGenerator[Page, None]:
        address = address.option("$select", select).option("$filter", filter_).option("$search", search)
        address = address.option("$orderby", orderby).option("$top", top)
        if search or advanced:
            return self._session.pages(address.option("$count", "true"), headers=_EVENTUAL, ahead=ahead)
        return self._session.pages(address, ahead=ahead)

"""The lists of SharePoint sites: which site a drive lies in, and where a list's entries are.

A list is named by its id or its title. A document library's entries are its items, which are made and removed as such.
Source: https://learn.microsoft.com/graph/api/list-get, listitem-create, listitem-update, listitem-delete
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from driveql.connection import owner as owners
from driveql.errors import NotFoundError
from driveql.graph import addresses, item_parts, shapes
from driveql.graph.addresses import Address

if TYPE_CHECKING:
    from driveql.drive.onedrive import OneDrive

_LIBRARIES = frozenset({"documentLibrary", "mySiteDocumentLibrary"})


class Answer(Protocol):
    """The answer to a request."""

    def json(self) -> Any:
        """Decode its body."""


class Asking(Protocol):
    """Whatever sends requests: a session, or what stands for one."""

    async def request(self, method: str, address: Address, /) -> Answer:
        """Send one request."""


@dataclass(frozen=True, slots=True)
class SiteList:
    """A list. `site_id` may be unknown; `entries` is the address of what is in it."""

    id: str
    title: str
    site_id: str | None
    is_library: bool
    entries: Address

    def entry(self, number: str) -> Address:
        """Return the address of one entry, by its number in the list."""
        return item_parts.part(self.entries, number)


async def site_of_drive(session: Asking, drive_id: str) -> str | None:
    """Return the id of the site that a drive lies in; None where the service does not say.

    The drive says it in `sharePointIds` where it was asked for them, its list in `parentReference`.
    """
    raw = shapes.json_object((await session.request("GET", item_parts.site_ids(drive_id))).json(), "a drive")
    site = shapes.text(shapes.facet(raw, "sharePointIds"), "siteId")
    if site:
        return site
    raw = shapes.json_object(
        (await session.request("GET", item_parts.list_of_drive(drive_id))).json(), "a list"
    )
    return shapes.text(shapes.facet(raw, "parentReference"), "siteId") or None


async def find(
    onedrive: OneDrive, name: str | None, *, owner: str | None = None, site_id: str | None = None
) -> SiteList:
    """Return a list.

    Parameters:
        name: its id or title; None for the library that the owner's default drive is.
        owner: whose it is, /sites/.. or anybody whose drive lies in the site; None for the connection's own drive.
        site_id: the site, instead of what the owner says.

    Raises:
        NotFoundError: there is no such list, or the service does not say in which site the drive lies.
    """
    site: Address | None = None
    if name is None:
        drive = await onedrive.drive(owners.normalise(owner) if owner else None)
        listed = item_parts.list_of_drive(drive.id)
    else:
        site = await _site(onedrive, owner, site_id)
        listed = item_parts.part(site, "lists", name)
    raw = (await onedrive.session.request("GET", listed)).object()
    identifier = shapes.identifier(raw, "list")
    found_site = shapes.text(shapes.facet(raw, "parentReference"), "siteId") or site_id
    if found_site:
        site = item_parts.part(addresses.sites(), found_site)
    return SiteList(
        identifier,
        shapes.text(raw, "displayName") or name or identifier,
        found_site,
        shapes.text(shapes.facet(raw, "list"), "template") in _LIBRARIES,
        (listed if site is None else item_parts.part(site, "lists", identifier)).below("items"),
    )


async def _site(onedrive: OneDrive, owner: str | None, site_id: str | None) -> Address:
    if site_id is not None:
        return item_parts.part(addresses.sites(), site_id)
    whose = owners.normalise(owner) if owner else None
    if whose is not None and whose.startswith("/sites/"):
        return addresses.owner(whose)
    drive = await onedrive.drive(whose)
    found = await site_of_drive(onedrive.session, drive.id)
    if found is None:
        raise NotFoundError(
            f"The service does not say in which site the drive of {owner or 'the connection'} lies.",
            status=404,
            hint="Name the site: owner = '/sites/{host}:/{path}'.",
        )
    return item_parts.part(addresses.sites(), found)

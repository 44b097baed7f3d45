"""Steps of tables that hang on items, drives and sites: permissions, versions, changes, lists and their entries. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driveql.sql.tables import Kind

if TYPE_CHECKING:
    from driveql.sql.plans import ItemStep, Scope


@dataclass(frozen=True, slots=True)
class EachItem:
    """What hangs on every item that the steps find; they are all of one drive."""

    kind: Kind
    steps: tuple[ItemStep, ...]

    def __str__(self) -> str:
        one, what = ("a", "file") if self.kind is Kind.VERSIONS else ("an", "item")
        found = "; ".join(map(str, self.steps))
        return f"{found}; then list the {self.kind} of each {what}: 1 request {one} {what}"


@dataclass(frozen=True, slots=True)
class DriveListing:
    """The changes of a drive, from a place or a time on, or what is shared with its owner."""

    kind: Kind
    scope: Scope
    start: str | None = None
    since: str | None = None

    def __str__(self) -> str:
        if self.kind is Kind.SHARED_WITH_ME:
            return f"list what is shared with the owner of {self.scope}: 1 request a page"
        begin = {None: f"since {self.since}", "all": "from the beginning", "latest": "from now on"}
        where = begin.get(self.start, "from a cursor on")
        return f"list the changes of {self.scope} {where}: 1 request a page"


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """A part of `$filter` on one column of a list, by the column's internal name."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class SiteListing:
    """The lists of a site, or the entries of one list (`list_name`) or of the library that the drive is.

    Parameters:
        owner: whose site it is, where `site_id` does not say it.
        filters: parts of `$filter`; those on columns that are not indexed are left out, unless `unindexed` is set.
    """

    kind: Kind
    owner: str | None = None
    site_id: str | None = None
    list_name: str | None = None
    filters: tuple[FieldFilter, ...] = ()
    unindexed: bool = False

    def __str__(self) -> str:
        site = f"site {self.site_id}" if self.site_id else f"the site of {self.owner or 'the connection'}"
        if self.kind is Kind.LISTS:
            return f"list the lists of {site}: 1 request a page"
        which = f"the list {self.list_name} of {site}" if self.list_name else "the library of the drive"
        where = " and ".join(part.text for part in self.filters)
        if where:
            where = f" with $filter={where}" + ("" if self.unindexed else ", where those columns are indexed")
        more = "" if self.unindexed or not self.filters else ", and 1 for its columns"
        return f"list the entries of {which}{where}: 1 request a page{more}"


@dataclass(frozen=True, slots=True)
class SubscriptionListing:
    """The application's subscriptions, or the one with an id."""

    identifier: str | None = None

    def __str__(self) -> str:
        if self.identifier is None:
            return "list the subscriptions of the application: 1 request a page"
        return f"get the subscription {self.identifier}: 1 request"


PartStep = EachItem | DriveListing | SiteListing | SubscriptionListing

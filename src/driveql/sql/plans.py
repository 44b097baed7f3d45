"""What a scan will ask of Graph: a few steps, each one listing or one lookup, and how they read in EXPLAIN. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field

from driveql.sql.part_plans import DriveListing, PartStep, SiteListing
from driveql.sql.predicates import Always, Predicate
from driveql.sql.tables import GraphTable, Kind

# Source: https://learn.microsoft.com/graph/api/driveitem-list-children and user-list
PAGE_ITEMS = 1000
PAGE_ENTITIES = 999


@dataclass(frozen=True, slots=True)
class Defaults:
    """The connection's own place: what a query means that names no owner and no drive.

    Parameters:
        unindexed: the connection asks for filters on columns of lists that are not indexed.
    """

    owner: str | None = None
    drive_id: str | None = None
    unindexed: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """What the statement says about a table that the engine does not hand to its scan.

    Parameters:
        predicate: holds for every row that the statement can use; the engine applies it itself, so it may only narrow.
        limit: the statement reads this many rows and no more, and nothing else removes rows.
        keys: what gives columns their values before the scan begins, as people read it.
        skips: an owner who has no drive, and a drive that is gone, are left out with a warning: no person wrote them.
        scan: the name that the table has in this statement alone.
    """

    predicate: Predicate = field(default_factory=Always)
    limit: int | None = None
    keys: tuple[str, ...] = ()
    skips: bool = False
    scan: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """One drive: the connection's, an owner's default drive, or the one with an id. `owner` is also the column's value."""

    owner: str | None = None
    drive_id: str | None = None

    def __str__(self) -> str:
        if self.drive_id:
            return f"drive {self.drive_id}"
        return f"drive of {self.owner}" if self.owner else "the connection's drive"


@dataclass(frozen=True, slots=True)
class ItemLookup:
    """One item, by id or by path."""

    scope: Scope
    path: str | None = None
    item_id: str | None = None

    def __str__(self) -> str:
        named = f"path {self.path}" if self.path is not None else f"id {self.item_id}"
        return f"get one item by {named} in {self.scope}: 1 request"


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The children of one folder, by id or by path."""

    scope: Scope
    path: str | None = None
    item_id: str | None = None

    def __str__(self) -> str:
        named = self.path if self.path is not None else f"with id {self.item_id}"
        return f"list the folder {named} in {self.scope}: 1 request a page"


@dataclass(frozen=True, slots=True)
class TreeWalk:
    """Everything below one folder."""

    scope: Scope
    path: str = "/"

    def __str__(self) -> str:
        if self.path == "/":
            return (
                f"list everything in {self.scope}: 1 request a page, a page of each folder if just written to"
            )
        return f"walk {self.path} and all folders below it in {self.scope}: 1 request a page of each folder"


@dataclass(frozen=True, slots=True)
class EntityLookup:
    """One user, group, site or drive by its id. `owner` is the value of the column of that name."""

    kind: Kind
    identifier: str
    owner: str | None = None

    def __str__(self) -> str:
        return f"get one of {self.kind} by id {self.identifier}: 1 request"


@dataclass(frozen=True, slots=True)
class EntityListing:
    """Users, groups or sites, filtered by Graph where `filter` is given; the drives of `owner`."""

    kind: Kind
    filter: str | None = None
    owner: str | None = None

    def __str__(self) -> str:
        whose = (
            f" of {self.owner or 'the connection' + chr(39) + 's owner'}" if self.kind is Kind.DRIVES else ""
        )
        where = f" with $filter={self.filter}" if self.filter else ""
        return f"list {self.kind}{whose}{where}: 1 request a page"


@dataclass(frozen=True, slots=True)
class MemberListing:
    """The members of one group, or of every group where `group_id` is None."""

    group_id: str | None = None

    def __str__(self) -> str:
        if self.group_id is None:
            return "list groups, then the members of each: 1 request a page of groups and 1 a group"
        return f"list the members of the group {self.group_id}: 1 request a page"


ItemStep = ItemLookup | FolderListing | TreeWalk
Step = ItemStep | EntityLookup | EntityListing | MemberListing | PartStep


# A walk chooses its own page size.
_PAGED = (FolderListing, EntityListing, MemberListing, DriveListing, SiteListing)


@dataclass(frozen=True, slots=True)
class Plan:
    """A scan.

    Parameters:
        columns: the columns that rows are built with: those asked for and those the filter looks at.
        select: the properties to ask Graph for. top: objects a page. limit: stop after this many rows.
        predicate: what the rows must satisfy; applied here, exactly, whatever Graph was asked.
        expand: what Graph is asked to put into each object.
        keys, skips: as in the hint. scan: the name by which the statement reads the table.
        chosen: the columns with values that decide which drives are asked.
        told: what is to be told of conditions that no row can satisfy.
    """

    table: GraphTable
    steps: tuple[Step, ...]
    columns: tuple[str, ...]
    select: tuple[str, ...]
    predicate: Predicate
    top: int | None = None
    limit: int | None = None
    expand: str | None = None
    keys: tuple[str, ...] = ()
    skips: bool = False
    scan: str = ""
    chosen: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()

    def describe(self) -> list[str]:
        """Return the lines in which EXPLAIN shows the plan."""
        if not self.steps:
            return ["nothing is asked of Graph: no row can satisfy the predicate"]
        lines = [f"values from the rest of the statement: {key}" for key in self.keys]
        lines += [f"asked of Graph: {step}" for step in self.steps]
        options = [f"$select={','.join(self.select)}"] if self.table.selects else []
        if self.expand is not None:
            options.append(f"$expand={self.expand}")
        if self.top is not None and any(isinstance(step, _PAGED) for step in self.steps):
            options.append(f"$top={self.top}")
        if options:
            lines.append(f"options: {' '.join(options)}")
        if self.limit is not None:
            lines.append(f"stops after {self.limit} rows")
        return lines

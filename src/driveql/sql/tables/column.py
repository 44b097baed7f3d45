"""What a table of Graph objects is: its columns, where each value comes from, and what Graph can be asked about it.

A column says everything that push-down needs to know; no other module knows a property's abilities.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cached_property
from typing import Any

import pyarrow as pa

Json = Mapping[str, Any]


class Takes(Enum):
    """A kind of predicate that Graph can honour for a column."""

    EQUAL = "="
    IN = "IN"
    RANGE = "range"
    PREFIX = "prefix"


class Match(Enum):
    """How Graph's answer to a predicate relates to SQL's: the same rows, or those and perhaps more."""

    EXACT = "exact"
    LOOSE = "loose"


class Role(Enum):
    """What a column is for the requests: a value that comes back, or a part of the address itself."""

    VALUE = "value"
    FILTER = "filter"
    ADDRESS = "address"


class Kind(StrEnum):
    """Which listing a table is made of; push-down and scan know one way of asking for each."""

    USERS = "users"
    GROUPS = "groups"
    GROUP_MEMBERS = "group_members"
    SITES = "sites"
    DRIVES = "drives"
    ITEMS = "items"
    PERMISSIONS = "permissions"
    VERSIONS = "versions"
    CHANGES = "changes"
    SHARED_WITH_ME = "shared_with_me"
    LISTS = "lists"
    LIST_ITEMS = "list_items"
    SUBSCRIPTIONS = "subscriptions"


TEXT = pa.string()
INTEGER = pa.int64()
BOOLEAN = pa.bool_()
TIMESTAMP = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object was asked for; the values of a table's address columns that the object itself does not carry."""

    owner: str | None = None
    group_id: str | None = None


Derive = Callable[[Json, Origin], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters:
        name: the SQL name, snake_case of the Graph property path.
        type: the Arrow type. description: one line for the catalogue.
        graph: the Graph property path (`createdBy.user.email`), or "" for a value that Graph does not have.
        select: the top-level properties the value needs.
        takes: the predicates that Graph honours. match: whether it does so exactly.
        order: whether Graph can order by it as SQL would.
        derive: computes the value where it is not simply the property.
    """

    name: str
    type: pa.DataType
    description: str
    graph: str = ""
    select: tuple[str, ...] = ()
    takes: frozenset[Takes] = frozenset()
    match: Match = Match.LOOSE
    order: bool = False
    role: Role = Role.VALUE
    derive: Derive | None = None

    def values(self, objects: Sequence[Json], origin: Origin) -> list[Any]:
        """Return the column's values in Graph objects; None where an object has no such property."""
        if self.derive is not None:
            derive = self.derive
            return [derive(raw, origin) for raw in objects]
        values: list[Any] = list(objects)
        for part in self.graph.split("."):
            values = [value.get(part) if isinstance(value, dict) else None for value in values]
        return values


@dataclass(frozen=True)
class GraphTable:
    """A table: its name, one line about it, its columns in order, and the listing it is made of.

    Parameters:
        keep: which of the listing's objects are rows of this table; None keeps all.
        always: top-level properties that are fetched whatever the query needs.
        selects: whether the listing is asked for with `$select`.
        scopes: the columns whose values say which part of the tenant is meant; without them it is the connection's own.
    """

    name: str
    description: str
    kind: Kind
    columns: tuple[Column, ...]
    keep: Callable[[Json], bool] | None = None
    always: tuple[str, ...] = ("id",)
    selects: bool = True
    scopes: tuple[str, ...] = ()
    by_name: Mapping[str, Column] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of all columns."""
        return pa.schema(
            [
                pa.field(column.name, column.type, metadata={"comment": column.description})
                for column in self.columns
            ]
        )


FILTERABLE = frozenset({Takes.EQUAL, Takes.IN, Takes.PREFIX})
EQUALITY = frozenset({Takes.EQUAL, Takes.IN})


def snake_case(path: str) -> str:
    """Return the SQL name of a Graph property path: `createdBy.user.displayName` becomes `created_by_user_display_name`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.replace(".", "_")).lower()


def prop(
    graph: str,
    type_: pa.DataType,
    description: str,
    *,
    takes: frozenset[Takes] = frozenset(),
    name: str | None = None,
) -> Column:
    """Return the column of a Graph property; `takes` says what `$filter` accepts for it."""
    return Column(
        name or snake_case(graph),
        type_,
        description,
        graph=graph,
        select=(graph.partition(".")[0],),
        takes=takes,
        role=Role.FILTER if takes else Role.VALUE,
    )


def identity(graph: str, what: str, kinds: tuple[str, ...] = ("user", "application")) -> tuple[Column, ...]:
    """Return the columns of an identitySet facet such as `createdBy`."""
    columns: list[Column] = []
    for kind in kinds:
        names = ("id", "email", "displayName") if kind != "application" else ("id", "displayName")
        columns += [
            prop(f"{graph}.{kind}.{name}", TEXT, f"{what}: {kind}'s {_WORDS[name]}") for name in names
        ]
    return tuple(columns)


_WORDS = {"id": "id", "email": "e-mail address", "displayName": "display name"}

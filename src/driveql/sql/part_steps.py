"""Which requests find the rows of tables that hang on items, drives and sites. Pure.

The column `id` of these tables is not an item's: what the predicate says about items is said anew with the names of `items`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from driveql.errors import ParameterError
from driveql.sql.identifiers import possible
from driveql.sql.implications import constants_of, values_of
from driveql.sql.item_steps import item_steps
from driveql.sql.odata import filter_of
from driveql.sql.part_plans import (
    DriveListing,
    EachItem,
    FieldFilter,
    PartStep,
    SiteListing,
    SubscriptionListing,
)
from driveql.sql.plans import Defaults, Scope
from driveql.sql.predicates import (
    And,
    Compare,
    IsNull,
    Not,
    OneOf,
    Or,
    Predicate,
    StartsWith,
    Unknown,
    columns_of,
    positive,
)
from driveql.sql.tables import GraphTable, Kind
from driveql.sql.tables.item_part import AS_ITEM

_FIELD = "fields."


def item_part_steps(table: GraphTable, predicate: Predicate, scopes: Iterable[Scope]) -> list[PartStep]:
    """Return the steps of a table of what hangs on items."""
    about_items = _about_items(positive(predicate))
    found = [item_steps(about_items, scope) for scope in scopes]
    return [EachItem(table.kind, tuple(steps)) for steps in found if steps]


def drive_part_steps(table: GraphTable, predicate: Predicate, scopes: Iterable[Scope]) -> list[PartStep]:
    """Return the steps of a table of what hangs on drives.

    Raises:
        ParameterError: a predicate on `since` names no time.
    """
    if table.kind is Kind.SHARED_WITH_ME:
        return [DriveListing(table.kind, scope) for scope in scopes]
    starts, times = values_of(predicate, "start"), values_of(predicate, "since")
    if starts is not None and times is not None:
        return []
    if starts is None and times is None:
        starts = constants_of(predicate, "start") | {"all"}
        times = constants_of(predicate, "since")
    return [
        DriveListing(table.kind, scope, start=start, since=since)
        for scope in scopes
        for start, since in (
            *((str(start), None) for start in sorted(map(str, starts or ())) if start),
            *((None, checked_time(str(time))) for time in sorted(map(str, times or ()))),
        )
    ]


def checked_time(text: str) -> str:
    """Return a written time if it is one. Raises ParameterError."""
    try:
        delta_token(text)
    except ValueError:
        raise ParameterError(
            f"The predicate on since names {text!r}, which is no time.",
            parameter="since",
            hint="Write since = '2026-07-01T00:00:00Z'; without a zone it is UTC.",
        ) from None
    return text


def delta_token(text: str) -> str:
    """Return a time as the delta token that means it. Raises ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def site_steps(
    table: GraphTable, predicate: Predicate, owners: Sequence[str | None], defaults: Defaults
) -> list[PartStep]:
    """Return the steps of `lists` and `list_items`."""
    sites = values_of(predicate, "site_id")
    others = constants_of(predicate, "site_id") if sites is None else sites
    places: list[tuple[str | None, str | None]] = [
        (owner, str(site)) for owner in owners for site in sorted(map(str, others)) if site
    ]
    if sites is None:
        places += [(owner, None) for owner in owners]
    names: list[str | None] = [None]
    filters: tuple[FieldFilter, ...] = ()
    if table.kind is Kind.LIST_ITEMS:
        known = values_of(predicate, "list")
        names = [name for name in sorted(map(str, known)) if name] if known is not None else [None]
        if known is None:
            names += sorted(str(name) for name in constants_of(predicate, "list") if name)
        filters = field_filters(predicate, table)
    return [
        SiteListing(table.kind, owner, site, name, filters, defaults.unindexed)
        for owner, site in places
        for name in names
        # Only a drive says which library it is; a site has several.
        if table.kind is Kind.LISTS or name is not None or site is None
    ]


def field_filters(predicate: Predicate, table: GraphTable) -> tuple[FieldFilter, ...]:
    """Return the parts of the predicate that are about one column of the list and that `$filter` can say."""
    whole = positive(predicate)
    filters: list[FieldFilter] = []
    for part in _conjuncts(whole):
        mentioned = columns_of(part)
        text = filter_of(part, table)
        if text is not None and mentioned is not None and len(mentioned) == 1:
            graph = table.by_name[next(iter(mentioned))].graph
            filters.append(FieldFilter(graph.removeprefix(_FIELD), text))
    return tuple(filters)


def subscription_steps(predicate: Predicate, most: int) -> list[PartStep]:
    """Return the steps of `subscriptions`: at most `most` lookups."""
    known = values_of(predicate, "id")
    if known is None or len(known) > most:
        return [SubscriptionListing()]
    return [SubscriptionListing(identifier) for identifier in possible(sorted(map(str, known)))]


def _conjuncts(predicate: Predicate) -> list[Predicate]:
    if isinstance(predicate, And):
        return [inner for part in predicate.parts for inner in _conjuncts(part)]
    return [predicate]


def _about_items(predicate: Predicate) -> Predicate:
    """Return what a predicate says about items, in the names of `items`; anything else becomes unknown."""
    match predicate:
        case And(parts):
            return And(tuple(map(_about_items, parts)))
        case Or(parts):
            return Or(tuple(map(_about_items, parts)))
        case Not(part):
            return Not(_about_items(part))
        case Compare(column, op, value):
            return Compare(AS_ITEM[column], op, value) if column in AS_ITEM else Unknown()
        case OneOf(column, values):
            return OneOf(AS_ITEM[column], values) if column in AS_ITEM else Unknown()
        case StartsWith(column, prefix):
            return StartsWith(AS_ITEM[column], prefix) if column in AS_ITEM else Unknown()
        case IsNull(column, negated):
            return IsNull(AS_ITEM[column], negated) if column in AS_ITEM else Unknown()
        case _:
            return predicate

"""Turns a predicate and a list of columns into a plan: the cheapest requests whose answers hold every row wanted. Pure.

A plan may ask for too much, never for too little; the scan applies the predicate exactly to what arrives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from driveql.connection import owner as owners
from driveql.connection.validation import ValueFaultError
from driveql.errors import ParameterError, SqlNotSupportedError
from driveql.sql.identifiers import possible
from driveql.sql.implications import constants_of, narrowed, pairs_of, values_of
from driveql.sql.item_steps import item_steps
from driveql.sql.odata import filter_of
from driveql.sql.part_steps import drive_part_steps, item_part_steps, site_steps, subscription_steps
from driveql.sql.plans import (
    PAGE_ENTITIES,
    PAGE_ITEMS,
    Defaults,
    EntityListing,
    EntityLookup,
    Hint,
    MemberListing,
    Plan,
    Scope,
    Step,
)
from driveql.sql.predicates import Predicate, columns_of, conjunction
from driveql.sql.tables import GraphTable, Kind
from driveql.sql.unmatchable import told_of

# More lookups than this cost more than a listing that finds the same rows.
MOST_LOOKUPS = 50
# Beyond this many drives, what a predicate says is not taken apart for each of them.
MOST_APART = 300
# Listings whose pages the service cuts by itself, and those it gives a thousand objects a page.
_OWN_PAGES = frozenset(
    {
        Kind.SITES, Kind.DRIVES, Kind.PERMISSIONS, Kind.VERSIONS, Kind.SHARED_WITH_ME, Kind.LISTS, Kind.SUBSCRIPTIONS,
    }
)  # fmt: skip
_LARGE_PAGES = frozenset({Kind.ITEMS, Kind.CHANGES, Kind.LIST_ITEMS})


def plan(
    table: GraphTable,
    predicate: Predicate,
    columns: Sequence[str] | None,
    defaults: Defaults,
    hint: Hint | None = None,
) -> Plan:
    """Return how to read the rows of a table.

    Parameters:
        predicate: what the engine pushed, to be applied exactly.
        columns: the columns wanted, None for all. hint: what else the statement says.

    Raises:
        ParameterError: a predicate on `owner` names something that cannot be an owner.
        SqlNotSupportedError: predicates name several owners for one drive.
    """
    hint = hint or Hint()
    needed = _needed(table, predicate, columns)
    known = conjunction(predicate, hint.predicate)
    return Plan(
        table=table,
        steps=tuple(_steps(table, known, defaults)),
        columns=needed,
        select=_select(table, needed),
        predicate=predicate,
        top=_page_size(table, hint.limit),
        limit=hint.limit,
        expand=_expand(table, needed) if table.kind is Kind.LIST_ITEMS else None,
        keys=hint.keys,
        skips=hint.skips,
        scan=hint.scan or table.name,
        chosen=frozenset(c for c in table.scopes if values_of(known, c) is not None),
        # Of values that the statement has from elsewhere nobody can write others.
        told=() if hint.keys else told_of(table, known),
    )


def _needed(table: GraphTable, predicate: Predicate, columns: Sequence[str] | None) -> tuple[str, ...]:
    mentioned = columns_of(predicate)
    if columns is None or mentioned is None:
        return tuple(table.by_name)
    wanted = set(columns) | mentioned
    # A batch needs a column to have a length.
    return tuple(name for name in table.by_name if name in wanted) or (table.columns[0].name,)


def _select(table: GraphTable, columns: Iterable[str]) -> tuple[str, ...]:
    if not table.selects:
        return ()
    properties = dict.fromkeys(table.always)
    for name in columns:
        properties.update(dict.fromkeys(table.by_name[name].select))
    # What is expanded is no property.
    return tuple(name for name in properties if name != "fields")


def _expand(table: GraphTable, columns: Iterable[str]) -> str | None:
    """Return the `$expand` that brings the values of a list's columns: all of them, or those that are wanted."""
    fields = [table.by_name[name].graph for name in columns if "fields" in table.by_name[name].select]
    if "fields" in fields:
        return "fields"
    return f"fields($select={','.join(f.partition('.')[2] for f in fields)})" if fields else None


def _page_size(table: GraphTable, limit: int | None) -> int | None:
    if table.kind in _OWN_PAGES:
        return None
    largest = PAGE_ITEMS if table.kind in _LARGE_PAGES else PAGE_ENTITIES
    # Where not every object is a row, a page of as many objects as rows are wanted could hold none of them.
    return largest if limit is None or table.keep is not None else max(1, min(limit, largest))


def _steps(table: GraphTable, predicate: Predicate, defaults: Defaults) -> Iterable[Step]:
    match table.kind:
        case Kind.ITEMS:
            scopes = _scopes(predicate, defaults)
            return [step for scope in scopes for step in item_steps(_of(predicate, scope, scopes), scope)]
        case Kind.DRIVES:
            return _drive_steps(predicate, defaults)
        case Kind.GROUP_MEMBERS:
            groups = _texts(values_of(predicate, "group_id"))
            return (
                [MemberListing()] if groups is None else [MemberListing(group) for group in possible(groups)]
            )
        case Kind.USERS | Kind.GROUPS | Kind.SITES:
            return _entity_steps(table, predicate)
        case Kind.PERMISSIONS | Kind.VERSIONS:
            return item_part_steps(table, predicate, _scopes(predicate, defaults))
        case Kind.CHANGES | Kind.SHARED_WITH_ME:
            return drive_part_steps(table, predicate, _scopes(predicate, defaults))
        case Kind.LISTS | Kind.LIST_ITEMS:
            return site_steps(table, predicate, _owners(predicate, defaults), defaults)
        case Kind.SUBSCRIPTIONS:
            return subscription_steps(predicate, MOST_LOOKUPS)


def _entity_steps(table: GraphTable, predicate: Predicate) -> list[Step]:
    identifiers = _texts(values_of(predicate, "id"))
    if identifiers is not None and len(identifiers) <= MOST_LOOKUPS:
        return [EntityLookup(table.kind, identifier) for identifier in possible(identifiers)]
    filter_ = filter_of(predicate, table) if table.kind is not Kind.SITES else None
    return [EntityListing(table.kind, filter_)]


def _drive_steps(predicate: Predicate, defaults: Defaults) -> list[Step]:
    named = _texts(values_of(predicate, "owner"))
    identifiers = _texts(values_of(predicate, "id"))
    if named is not None or identifiers is None:
        return [EntityListing(Kind.DRIVES, owner=owner) for owner in _owners(predicate, defaults)]
    return [
        EntityLookup(Kind.DRIVES, identifier, defaults.owner if identifier == defaults.drive_id else None)
        for identifier in possible(identifiers)
    ]


def _scopes(predicate: Predicate, defaults: Defaults) -> list[Scope]:
    """Return the drives that a query on items is about.

    A drive that no predicate names is not part of the table; without any, it is the connection's own.
    """
    named = _texts(values_of(predicate, "owner"))
    drives = _texts(values_of(predicate, "drive_id"))
    if drives is not None:
        pairs = pairs_of(predicate, "owner", "drive_id")
        if pairs is not None:
            _check_pairs(pairs)
            return [Scope(_check(str(owner)), str(drive)) for owner, drive in sorted(pairs, key=str)]
        return [Scope(defaults.owner if drive == defaults.drive_id else None, drive) for drive in drives]
    if named is not None:
        return [_own_scope(owner, defaults) for owner in named]
    scopes = [_own_scope(owner, defaults) for owner in _owners(predicate, defaults)]
    others = _texts(constants_of(predicate, "drive_id")) or []
    return scopes + [Scope(None, drive) for drive in others if drive != defaults.drive_id]


def _check_pairs(pairs: Collection[tuple[object, object]]) -> None:
    """Refuse drives that could be of several owners: whose each is would have to be guessed."""
    if len({drive for _, drive in pairs}) < len(pairs):
        raise SqlNotSupportedError(
            "Conditions on owner and on drive_id name several owners for one drive.",
            hint="Leave out the condition on owner or the one on drive_id: each alone says which drives are wanted.",
        )


def _of(predicate: Predicate, scope: Scope, scopes: Sequence[Scope]) -> Predicate:
    """Return what a predicate says about one drive, where there are several, but not so many that it takes long."""
    if not 1 < len(scopes) <= MOST_APART:
        return predicate
    known = {"owner": scope.owner, "drive_id": scope.drive_id}
    return narrowed(predicate, {column: value for column, value in known.items() if value is not None})


def _own_scope(owner: str | None, defaults: Defaults) -> Scope:
    if owner == defaults.owner:
        return Scope(owner, defaults.drive_id)
    return Scope(_check(owner or ""))


def _owners(predicate: Predicate, defaults: Defaults) -> list[str | None]:
    named = _texts(values_of(predicate, "owner"))
    if named is not None:
        return [_check(owner) if owner != defaults.owner else owner for owner in named]
    others = [
        _check(owner) for owner in _texts(constants_of(predicate, "owner")) or [] if owner != defaults.owner
    ]
    return [defaults.owner, *others]


def _check(owner: str) -> str:
    try:
        if not owners.normalise(owner):
            raise ValueFaultError("it is blank")
    except ValueFaultError as fault:
        raise ParameterError(
            f"The predicate on owner names {owner!r}, which is no owner: {fault}.",
            parameter="owner",
            hint="Write owner = '/users/alice@contoso.com', '/groups/{id}' or '/sites/{host}:/{path}'.",
        ) from None
    return owner


def _texts(values: Iterable[object] | None) -> list[str] | None:
    return None if values is None else sorted(str(value) for value in values)

"""Conditions on paths and names that no row can satisfy, as no path is written so: what to write in their place. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from driveql.errors import InvalidPathError
from driveql.graph import paths, places
from driveql.sql.implications import constants_of
from driveql.sql.plans import FolderListing, ItemLookup, Plan
from driveql.sql.predicates import Compare, OneOf, Predicate, StartsWith, leaves, positive
from driveql.sql.tables import GraphTable

_PATHS = frozenset({"path", "parent_path", "inherited_from_path"})
_NAMES = frozenset({"name", "item_name"})
# Told of a few of them; the others are alike.
_MOST = 3


def told_of(table: GraphTable, predicate: Predicate) -> tuple[str, ...]:
    """Return what is to be told of conditions of a predicate, each of which no row of the table can satisfy."""
    if not _PATHS & table.by_name.keys():
        return ()
    texts = dict.fromkeys(text for leaf in leaves(positive(predicate)) for text in _of(leaf))
    return tuple(f"{table.name}: {text}" for text in list(texts)[:_MOST])


def told_of_case(plan: Plan, batch: pa.RecordBatch) -> tuple[str, ...]:
    """Return what is to be told of rows that Graph found, as it regards no case, by a path that is written otherwise."""
    if plan.keys or not any(
        isinstance(step, ItemLookup | FolderListing) and step.path for step in plan.steps
    ):
        return ()
    texts: dict[str, None] = {}
    for column in sorted(_PATHS & set(batch.schema.names)):
        written = {str(value).casefold(): str(value) for value in constants_of(plan.predicate, column)}
        for found in dict.fromkeys(batch.column(column).to_pylist()) if written else ():
            value = written.get(str(found).casefold())
            if value is not None and value != found:
                said = f"{plan.table.name}: {column} = {_quoted(value)} matches nothing"
                texts[f"{said}: it is written {_quoted(found)}, and = regards case."] = None
    return tuple(texts)[:_MOST]


def _of(leaf: Predicate) -> Iterator[str]:
    match leaf:
        case Compare(column, "=", str() as value):
            yield from _of_value(column, value)
        case OneOf(column, values):
            for one in values:
                yield from _of_value(column, str(one))
        case StartsWith(column, prefix) if column in _PATHS:
            yield from _of_prefix(column, prefix)
        case _:
            pass


def _of_value(column: str, value: str) -> Iterator[str]:
    said = f"{column} = {_quoted(value)} matches nothing"
    if column in _NAMES and "/" in value:
        yield f"{said}: a name has no slash. Write {_named(value)}."
    elif column in _PATHS and (wrong := _wrong(value)):
        meant = _meant(value)
        better = f" Write {column} = {_quoted(meant[0])}{meant[1]}." if meant is not None else ""
        yield f"{said}: {wrong}.{better}"


def _of_prefix(column: str, prefix: str) -> Iterator[str]:
    # A prefix may end within a name, or with the slash before one.
    whole, slash = (prefix[:-1], "/") if prefix.endswith("/") and prefix != paths.ROOT else (prefix, "")
    if wrong := _wrong(whole):
        meant = _meant(whole)
        better = ""
        if meant is not None:
            folder = meant[0] if meant[0] == paths.ROOT else meant[0] + slash
            better = f" Write {column} LIKE {_quoted(folder + '%')}{meant[1]}."
        yield f"{column} LIKE {_quoted(prefix + '%')} matches nothing: {wrong}.{better}"


def _wrong(value: str) -> str | None:
    """Return why no path is written so, None where one may be."""
    if places.is_place(value):
        return "a path is written without scheme and owner"
    if not value.startswith(paths.ROOT):
        return "a path begins with a slash"
    try:
        normal = paths.normalise(value)
    except InvalidPathError:
        if any(mark in value for mark in "*?"):
            return "no name has * or ?, and = takes no pattern; GLOB and LIKE do"
        return "no item can have this path"
    if normal != value:
        return "a path has no slash at its end, and one between two names"
    return None


def _meant(value: str) -> tuple[str, str] | None:
    """Return the path that was meant, and what else is to be said; None where it cannot be told."""
    try:
        if not places.is_place(value):
            return paths.normalise(value.replace("\\", "/")), ""
        place = places.parse(value)
    except InvalidPathError:
        return None
    if place.sharing_url is not None or place.library is not None or not place.path.startswith(paths.ROOT):
        return None
    if place.drive_id is not None:
        return place.path, f" AND drive_id = {_quoted(place.drive_id)}"
    return place.path, f" AND owner = {_quoted(place.owner)}" if place.owner is not None else ""


def _named(value: str) -> str:
    """Return the condition on a path that was meant by a name with slashes."""
    meant = None if places.is_place(value) else _meant(value)
    return f"path = {_quoted(meant[0])}" if meant is not None else "path = '/Folder/name'"


def _quoted(value: str) -> str:
    if value[:4].casefold() == "http":
        # A sharing link is a key to what it leads to.
        return "'https://...'"
    return "'" + value.replace("'", "''") + "'"

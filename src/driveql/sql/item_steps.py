"""Which requests find the items of one drive that a predicate leaves: lookups, folder listings, or a walk. Pure.

Graph finds a path without regard to case, so each request finds at least what SQL's exact comparison keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driveql.errors import InvalidPathError
from driveql.graph import paths
from driveql.sql import identifiers
from driveql.sql.implications import prefixes_of, values_of
from driveql.sql.plans import FolderListing, ItemLookup, ItemStep, Scope, TreeWalk
from driveql.sql.predicates import And, Compare, OneOf, Or, Predicate, StartsWith, positive

# Beyond this many single requests, walking the folders above them is cheaper.
MOST_REQUESTS = 200


def item_steps(predicate: Predicate, scope: Scope) -> list[ItemStep]:
    """Return the steps that find every item in `scope` which can satisfy the predicate; none where no item can."""
    names = _values(predicate, "name")
    ids = _ids(_values(predicate, "id"))
    items = _possible(_values(predicate, "path"))
    folders = _possible(_values(predicate, "parent_path"))
    parents = _ids(_values(predicate, "parent_reference_id"))
    if any(found is not None and not found for found in (names, ids, items, folders, parents)):
        return []
    if items is not None and len(items) <= MOST_REQUESTS:
        return [ItemLookup(scope, path=path) for path in items if path != paths.ROOT]
    if ids is not None and len(ids) <= MOST_REQUESTS:
        return [ItemLookup(scope, item_id=identifier) for identifier in ids]
    if folders is not None and len(folders) <= MOST_REQUESTS:
        return _in_folders(scope, folders, names)
    if parents is not None and len(parents) <= MOST_REQUESTS:
        return [FolderListing(scope, item_id=parent) for parent in parents]
    return [TreeWalk(scope, folder) for folder in _trees(predicate)]


def _in_folders(scope: Scope, folders: list[str], names: list[str] | None) -> list[ItemStep]:
    # One item by path is cheaper than one listing, as long as there are not several in a folder.
    if names is not None and len(names) == 1:
        wanted = _possible([paths.join(folder, names[0]) for folder in folders]) or []
        return [ItemLookup(scope, path=path) for path in wanted]
    return [FolderListing(scope, path=folder) for folder in folders]


def _trees(predicate: Predicate) -> list[str]:
    """Return the topmost folders below which every wanted item lies."""
    by_path = _folders_above(prefixes_of(_as_paths(positive(predicate)), "path"))
    by_parent = _folders_above(prefixes_of(predicate, "parent_path"))
    return max(
        (by_path, by_parent),
        key=lambda folders: min((paths.depth(folder) for folder in folders), default=1 << 30),
    )


def _as_paths(predicate: Predicate) -> Predicate:
    """Return the predicate with what it says about `parent_path` said about `path`: below /a means /a/..."""
    match predicate:
        case And(parts):
            return And(tuple(_as_paths(part) for part in parts))
        case Or(parts):
            return Or(tuple(_as_paths(part) for part in parts))
        case Compare("parent_path", "=", str() as folder):
            return StartsWith("path", paths.join(folder, ""))
        case OneOf("parent_path", folders):
            return Or(tuple(StartsWith("path", paths.join(str(folder), "")) for folder in folders))
        case StartsWith("parent_path", prefix):
            return StartsWith("path", prefix)
        case _:
            return predicate


def _folders_above(prefixes: Iterable[str]) -> list[str]:
    found: list[str] = []
    for prefix in sorted(prefixes):
        folder = prefix.rpartition("/")[0] or paths.ROOT
        if prefix and not prefix.startswith(paths.ROOT):
            continue
        if folder != paths.ROOT and not _possible([folder]):
            continue
        found.append(folder)
    distinct = dict.fromkeys(found)
    return [folder for folder in distinct if not any(above in distinct for above in _above(folder))]


def _above(folder: str) -> Iterator[str]:
    """Yield the folders that a folder lies in."""
    while folder != paths.ROOT:
        folder = folder.rpartition("/")[0] or paths.ROOT
        yield folder


def _values(predicate: Predicate, column: str) -> list[str] | None:
    found = values_of(predicate, column)
    return None if found is None else sorted(str(value) for value in found)


def _ids(texts: list[str] | None) -> list[str] | None:
    return None if texts is None else identifiers.possible(texts)


def _possible(candidates: list[str] | None) -> list[str] | None:
    """Return the paths that an item could have, as the service writes them; others can match nothing."""
    if candidates is None:
        return None
    kept: list[str] = []
    for candidate in candidates:
        try:
            normal = paths.normalise(candidate)
        except InvalidPathError:
            continue
        if normal == candidate:
            kept.append(candidate)
    return kept

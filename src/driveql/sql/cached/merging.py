"""A whole drive's listing brought up to date by what changed since: pure.

Items are kept with the folder they lie in. A changed folder moves all below it, a deleted one takes all below it along, whether
or not the service says so of each. Changes that do not fit what is known are refused: then the drive is listed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any

from driveql.errors import ProtocolError
from driveql.graph import delta
from driveql.graph.delta import Tree

Json = dict[str, Any]
# The plain path of an item's folder, and the item as the service wrote it.
Placed = tuple[str | None, Json]
_PAGE = 1000


class DoesNotFitError(Exception):
    """The changes cannot be applied to the listing."""


def merged(
    pages: Callable[[], Iterable[list[Placed]]], root: str, changed: list[Json]
) -> Iterator[list[Placed]]:
    """Return the pages of a listing with changes applied.

    Parameters:
        pages: gives the pages of the listing as it was, from the beginning. root: the id of the drive's root.
        changed: what the service says has changed, in its order.

    Raises:
        DoesNotFitError: before the first page: something changed in a folder that is not known.
    """
    try:
        latest = {change.id: change for change in delta.changes(changed)}
        tree = _tree(pages(), root, latest)
        fresh = [change.raw for change in latest.values() if not change.deleted and "root" not in change.raw]
        deleted = {change.id for change in latest.values() if change.deleted}
        placed: list[Placed] = [
            (_folder(tree, raw), raw) for raw in fresh if not _is_below(tree, raw, deleted)
        ]
    except ProtocolError as error:
        raise DoesNotFitError(error.message) from error
    if any(folder is None for folder, _ in placed):
        raise DoesNotFitError("an item changed in a folder that is not known")
    return _applied(pages, tree, latest.keys(), placed)


def _tree(pages: Iterable[list[Placed]], root: str, latest: dict[str, delta.Change]) -> Tree:
    tree = Tree()
    tree.put({"id": root, "root": {}})
    for page in pages:
        for _, raw in page:
            if "folder" in raw and raw["id"] not in latest:
                tree.put(raw)
    for change in latest.values():
        if "root" in change.raw and change.id != root:
            raise DoesNotFitError("the drive has another root")
        if not change.deleted and "folder" in change.raw and "root" not in change.raw:
            tree.put(change.raw)
    return tree


def _applied(
    pages: Callable[[], Iterable[list[Placed]]], tree: Tree, gone: Iterable[str], placed: list[Placed]
) -> Iterator[list[Placed]]:
    replaced = set(gone)
    for page in pages():
        kept: list[Placed] = []
        for _, raw in page:
            folder = None if raw["id"] in replaced else _folder(tree, raw)
            if folder is not None:
                kept.append((folder, raw))
        if kept:
            yield kept
    for start in range(0, len(placed), _PAGE):
        yield placed[start : start + _PAGE]


def _is_below(tree: Tree, raw: Json, deleted: Set[str]) -> bool:
    """Return whether an item went along with a deleted folder."""
    at = (raw.get("parentReference") or {}).get("id")
    seen: set[str] = set()
    while at in tree.nodes and at not in seen:
        seen.add(at)
        at = tree.nodes[at][0]
    return at in deleted


def _folder(tree: Tree, raw: Json) -> str | None:
    parent = (raw.get("parentReference") or {}).get("id")
    return tree.path(parent) if isinstance(parent, str) else None

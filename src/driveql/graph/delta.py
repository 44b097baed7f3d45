"""Rounds of changes: what a page of delta says, in order, and the tree that it adds up to.

Within a round the last occurrence of an id wins, a deletion may come without a name, parents may come after their
children, and a path is nowhere stated: it follows from the tree of ids.
Source: https://learn.microsoft.com/graph/api/driveitem-delta
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from driveql.errors import ProtocolError
from driveql.graph import paths

Resync = Literal["apply", "upload"]


@dataclass(frozen=True, slots=True)
class Change:
    """One item as it is now, or that it is gone. `raw` is Graph's object; a deleted one may have an id alone."""

    id: str
    deleted: bool
    raw: dict[str, Any] = field(repr=False, compare=False)


def changes(items: Iterable[dict[str, Any]]) -> list[Change]:
    """Return what a page says, each id once, at the place of its last occurrence.

    Raises:
        ProtocolError: an object has no id.
    """
    last: dict[str, Change] = {}
    for raw in items:
        identifier = raw.get("id")
        if not isinstance(identifier, str):
            raise ProtocolError("A page of changes holds an object without an id.")
        last.pop(identifier, None)
        last[identifier] = Change(identifier, "deleted" in raw, raw)
    return list(last.values())


def resync_kind(codes: Iterable[str]) -> Resync:
    """Return what a 410 asks for: `apply` takes the server's state as it is, `upload` keeps what only the client has."""
    return "upload" if any(code.casefold() == "resyncchangesuploaddifferences" for code in codes) else "apply"


@dataclass(slots=True)
class Tree:
    """Ids, names and parents: enough to say every item's path."""

    root: str | None = None
    nodes: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def put(self, raw: dict[str, Any]) -> None:
        """Take in an item as it is now."""
        identifier = str(raw["id"])
        if "root" in raw:
            self.root = identifier
            self.nodes[identifier] = (None, "")
            return
        self.nodes[identifier] = ((raw.get("parentReference") or {}).get("id"), str(raw.get("name") or ""))

    def drop(self, identifier: str) -> None:
        """Forget an item."""
        self.nodes.pop(identifier, None)

    def path(self, identifier: str) -> str | None:
        """Return an item's path, or None where an item above it is not known (yet).

        Raises:
            ProtocolError: the items above it form a circle.
        """
        names: list[str] = []
        at: str | None = identifier
        while at is not None:
            node = self.nodes.get(at)
            if node is None or len(names) > 1000:
                if node is not None:
                    raise ProtocolError("The service's folders form a circle.")
                return None
            at, name = node
            if at is not None:
                names.append(name)
        return paths.ROOT + "/".join(reversed(names))


@dataclass(slots=True)
class Placing:
    """Gives items of a first round their paths as soon as all above them is known; the rest wait. Only folders are kept.

    A moved folder changes the paths of what was given before it, so an item is final only at the round's end; a listing
    that must be exact under moves asks again for what changed meanwhile, as every delta does.
    """

    tree: Tree = field(default_factory=Tree)
    _waiting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def place(self, items: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield `(folder path, item)` for what can be placed now, also of earlier pages. The root is not yielded."""
        for raw in items:
            if "root" in raw:
                self.tree.put(raw)
                yield from self._released(str(raw["id"]))
                continue
            yield from self._placed(raw)

    def left(self) -> int:
        """Return how many items wait for a folder that never came."""
        return sum(map(len, self._waiting.values()))

    def _placed(self, raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        parent = (raw.get("parentReference") or {}).get("id")
        if not isinstance(parent, str):
            raise ProtocolError(f"The item {raw.get('name')!r} came without its folder.")
        is_folder = "folder" in raw
        if is_folder:
            self.tree.put(raw)
        folder = self.tree.path(parent)
        if folder is None:
            self._waiting.setdefault(self._missing(parent), []).append(raw)
            return
        yield folder, raw
        if is_folder:
            yield from self._released(str(raw["id"]))

    def _missing(self, identifier: str) -> str:
        while identifier in self.tree.nodes:
            above = self.tree.nodes[identifier][0]
            if above is None:
                break
            identifier = above
        return identifier

    def _released(self, identifier: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for raw in self._waiting.pop(identifier, []):
            yield from self._placed(raw)

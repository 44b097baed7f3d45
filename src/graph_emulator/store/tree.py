"""A tree of items with unique names: found by path and by id, folder sizes always the sum of what is below."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable

from graph_emulator.errors import bad_request
from graph_emulator.store.item import Children, Item

_SAME_MOMENT_SECONDS = 0.05  # changes so close together are remembered with one time


class ItemTree:
    """The items of a drive. `key` names the drive: the ids of its items follow from it.

    `sequence` is the number of the last change, `epoch` that of the last change to paths; `deleted` are the tombstones.
    """

    root: Item

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.id_prefix = hashlib.blake2b(key, digest_size=4).digest()
        self.sequence = 0
        self.epoch = 0
        self.dirty = True
        self.created_items = 0
        self.items: dict[str, Item] = {}
        self.deleted: dict[str, Item] = {}
        self._ordered: tuple[int, list[Item]] = (-1, [])
        self._moments: tuple[list[float], list[int]] = ([float("-inf")], [0])

    def resolve(self, names: Iterable[str], start: Item | None = None) -> Item | None:
        """Return the item that `names` lead to from `start` (the root when None), in any letter case, or None."""
        item = start or self.root
        for name in names:
            child = item.children.get(name) if item.children is not None else None
            if child is None:
                return None
            item = child
        return item

    def item(self, path: str) -> Item:
        """Return the item at `path`. Raises KeyError when there is none."""
        found = self.resolve(names_of(path))
        if found is None:
            raise KeyError(path)
        return found

    def tree(self) -> dict[str, tuple[int, str]]:
        """Return path -> (size in bytes, SHA-256) of every file, for comparisons."""
        return {
            item.path: (item.size, item.content.sha256)
            for item in self.root.walk()
            if item.content is not None
        }

    def changes_after(self, after: int, until: int) -> list[Item]:
        """Return the items and tombstones whose last change is numbered above `after` up to `until`, in that order."""
        known, ordered = self._ordered
        if known != self.sequence:
            everything = (*self.items.values(), *self.deleted.values())
            ordered = sorted(everything, key=lambda item: item.sequence)
            self._ordered = self.sequence, ordered
        start = bisect_right(ordered, after, key=lambda item: item.sequence)
        return ordered[start : bisect_right(ordered, until, key=lambda item: item.sequence)]

    def next_change(self, now: float) -> int:
        """Return the number of the change that happens `now` (seconds since 1970)."""
        self.sequence += 1
        moments, numbers = self._moments
        if now < moments[-1] + _SAME_MOMENT_SECONDS:
            numbers[-1] = self.sequence
        else:
            moments.append(now)
            numbers.append(self.sequence)
        return self.sequence

    def last_change_by(self, moment: float) -> int:
        """Return the number of the last change up to `moment`; changes from before the emulator's start count."""
        moments, numbers = self._moments
        return numbers[bisect_right(moments, moment) - 1]

    def remembers(self, moment: float) -> bool:
        """Return whether the times of all changes since `moment` are known."""
        times = self._moments[0]
        return len(times) > 1 and times[1] <= moment

    def continue_from(self, sequence: int) -> None:
        """Let the changes go on after `sequence`, as loading a state does."""
        self.sequence = sequence
        self._moments = ([float("-inf")], [sequence])

    def attach(self, item: Item) -> None:
        """Put `item` into the tree below its parent, as adding and loading a state do."""
        if item.parent is None or item.parent.children is None:
            raise ValueError(f"item {item.id} has no folder to be in")
        item.parent.children.add(item)
        self.items[item.id] = item
        self.grow(item, item.size)
        self.dirty = True

    def grow(self, item: Item, difference: int) -> None:
        """Add to the sizes of the folders above `item`; their JSON and the parent's child count change."""
        for folder in item.ancestors():
            folder.size += difference
            folder.rendered = None

    def touch(self, item: Item) -> None:
        """Forget how `item` was written as JSON, after a change that is none of the person's."""
        item.rendered = None
        self.dirty = True

    def children_of(self, folder: Item) -> Children:
        """Return what is in `folder`. Raises GraphError 400 when it is none."""
        if folder.children is None:
            raise bad_request("The item is not a folder.")
        return folder.children

    def taken(self, parent: Item, name: str) -> bool:
        """Return whether `parent` has an item of this name, in any letter case."""
        return self.children_of(parent).get(name) is not None

    def new_guid(self) -> bytes:
        """Return the GUID of the next item: it follows from the drive and the number of items made before."""
        self.created_items += 1
        return self.guid_of(self.created_items)

    def guid_of(self, number: int) -> bytes:
        """Return the GUID of the item that was made as number `number`, from 1."""
        return hashlib.blake2b(self.key + number.to_bytes(8, "big"), digest_size=16).digest()


def names_of(path: str) -> list[str]:
    """Return the names that a path such as "/Reports/a.csv" goes through."""
    return [name for name in path.split("/") if name]

"""The recycle bin: deleting keeps an item with all below it, restoring brings them back, purging keeps a tombstone only.

An item that was deleted on its own is a head of the bin; what was in a deleted folder stays in that folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graph_emulator.errors import bad_request, item_not_found, name_exists
from graph_emulator.rules import ConflictBehavior, check_name, check_path_length, free_name
from graph_emulator.store.checking_out import check_writable
from graph_emulator.store.content import Content
from graph_emulator.store.item import Actor, Item
from graph_emulator.store.tree import ItemTree, names_of

if TYPE_CHECKING:
    from graph_emulator.clock import Clock


class RecycleBin(ItemTree):
    """A tree of items with its recycle bin. `deleted_bytes` is what the bin holds."""

    _clock: Clock
    deleted_bytes = 0

    def delete(self, item: Item, actor: Actor | None = None) -> None:
        """Move `item`, with all below it, into the recycle bin.

        Raises GraphError 400 for the root, and 423 when someone other than `actor` has a file of it checked out.
        """
        parent = item.parent
        if parent is None or parent.children is None:
            raise bad_request("The root of a drive cannot be deleted.")
        everything = [item, *item.walk()]
        if actor is not None:
            for each in everything:
                check_writable(each, actor)
        now = self._clock.now()
        parent.children.remove(item)
        self.grow(item, -item.size)
        origin = parent.path or "/"
        for gone in everything:
            gone.sequence, gone.deleted, gone.deleted_from = self.next_change(now), now, origin
            gone.rendered = gone.check_out = None
            del self.items[gone.id]
            self.deleted[gone.id] = gone
        self.deleted_bytes += item.size
        self.dirty = True

    def purge(self, item: Item) -> None:
        """Let a deleted `item`, with all below it, go for ever: no restoring, and no bytes in the bin."""
        self.deleted_bytes -= item.size
        for gone in (item, *item.walk()):
            gone.purged = True
            gone.history.clear()
            gone.rendered = None
            gone.size = 0
            if gone.content is not None:
                gone.content = Content(data=b"")
        self.dirty = True

    def in_bin(self) -> Iterator[Item]:
        """Yield the heads of the recycle bin, the last deleted first."""
        return (item for item in reversed(self.deleted.values()) if not item.purged and is_head(item))

    def restore(
        self,
        item: Item,
        parent: Item | None,
        name: str | None,
        conflict: ConflictBehavior = ConflictBehavior.FAIL,
    ) -> None:
        """Bring a head of the bin back into `parent` (None: where it was), under `name` (None: its own).

        Raises GraphError 404 when it is not in the bin or its folder is gone, 409 when the name is taken.
        """
        if item.deleted is None or item.purged or not is_head(item):
            raise item_not_found("The item is not in the recycle bin.")
        folder = parent or self._origin(item)
        wanted = check_name(name or item.name, at_library_root=folder is self.root)
        existing = self.children_of(folder).get(wanted)
        if existing is not None and conflict is ConflictBehavior.RENAME:
            wanted = free_name(wanted, lambda each: self.taken(folder, each), is_folder=item.is_folder)
        elif existing is not None:
            raise name_exists()
        check_path_length(f"{folder.path}/{wanted}")
        self.deleted_bytes -= item.size
        item.name, item.key, item.parent = wanted, wanted.casefold(), folder
        item.version += 1
        for back in (item, *item.walk()):
            del self.deleted[back.id]
            back.deleted = back.deleted_from = back.rendered = None
            back.sequence = self.next_change(self._clock.now())
            self.items[back.id] = back
        self.attach(item)
        self.epoch += 1

    def _origin(self, item: Item) -> Item:
        """Return the folder an item was in: itself, or the one that now has its path."""
        if item.parent is not None and item.parent.deleted is None:
            return item.parent
        folder = self.resolve(names_of(item.deleted_from or ""))
        if folder is None or folder.children is None:
            raise item_not_found(f"The folder that {item.name} was deleted from no longer exists.")
        return folder


def is_head(item: Item) -> bool:
    """Return whether a deleted item was deleted on its own, rather than with the folder it is in."""
    parent = item.parent
    return parent is None or parent.children is None or parent.children.get(item.name) is not item

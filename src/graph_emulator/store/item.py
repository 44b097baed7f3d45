"""One file or folder of a drive, with what SharePoint keeps about it."""

from __future__ import annotations

import base64
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from graph_emulator.store.content import Content

if TYPE_CHECKING:
    from graph_emulator.store.drive import Drive


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: an application, a user, or an application for a user."""

    application_id: str | None = None
    application_name: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    user_email: str | None = None

    def identity_set(self) -> dict[str, dict[str, str]]:
        """Return the identitySet that Graph shows."""
        result: dict[str, dict[str, str]] = {}
        if self.application_id is not None:
            result["application"] = {"id": self.application_id, "displayName": self.application_name or ""}
        user = {"email": self.user_email, "id": self.user_id, "displayName": self.user_name}
        if self.user_id is not None or self.user_name is not None:
            result["user"] = {key: value for key, value in user.items() if value is not None}
        return result


@dataclass(slots=True)
class Version:
    """A former state of a file. `number` counts from 1, shown as "1.0"; `modified` is seconds since 1970."""

    number: int
    content: Content
    modified: float
    modified_by: Actor

    @property
    def label(self) -> str:
        """Return the version's id as SharePoint writes it."""
        return f"{self.number}.0"


@dataclass(slots=True)
class CheckOut:
    """A file that one actor works on, and what all others see of it meanwhile."""

    by: Actor
    committed: Version
    tag_version: int
    content_version: int
    fs_modified: float


class Children:
    """The items in a folder: found by name in any letter case, and always in the order of their names."""

    __slots__ = ("_by_key", "_order")

    def __init__(self) -> None:
        self._by_key: dict[str, Item] = {}
        self._order: list[str] | None = []

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Item]:
        """Yield the items in the order of their names."""
        return (self._by_key[key] for key in self._keys())

    def get(self, name: str) -> Item | None:
        """Return the item of this name, in any letter case, or None."""
        return self._by_key.get(name.casefold())

    def add(self, item: Item) -> None:
        """Take `item` in; its name is free."""
        if self._order is not None and len(self._order) < 1000:
            insort(self._order, item.key)
        else:
            self._order = None
        self._by_key[item.key] = item

    def remove(self, item: Item) -> None:
        """Let `item` go."""
        del self._by_key[item.key]
        if self._order is not None:
            del self._order[bisect_left(self._order, item.key)]

    def after(self, key: str | None, limit: int, *, descending: bool = False) -> list[Item]:
        """Return up to `limit` items that come after `key` (None for the first) in the order of names."""
        keys = self._keys()
        if descending:
            stop = len(keys) if key is None else bisect_left(keys, key)
            chosen = keys[max(0, stop - limit) : stop][::-1]
        else:
            start = 0 if key is None else bisect_right(keys, key)
            chosen = keys[start : start + limit]
        return [self._by_key[each] for each in chosen]

    def _keys(self) -> list[str]:
        if self._order is None:
            self._order = sorted(self._by_key)
        return self._order


@dataclass(slots=True, eq=False)
class Item:
    """A driveItem. A folder has `children`, a file has `content`; times are seconds since 1970.

    `version` counts every change (eTag), `content_version` changes of content (cTag), `sequence` is the drive's
    change number at the last change: what delta answers stand on. `current_version` is the number of the version that
    `content` is, `history` holds the former ones. A `purged` item is deleted and in no recycle bin.
    """

    drive: Drive
    guid: bytes
    name: str
    parent: Item | None
    created: float
    modified: float
    created_by: Actor
    modified_by: Actor
    children: Children | None = None
    content: Content | None = None
    mime_type: str = "application/octet-stream"
    size: int = 0
    version: int = 1
    content_version: int = 1
    sequence: int = 0
    fs_created: float = 0.0
    fs_modified: float = 0.0
    description: str | None = None
    deleted: float | None = None
    deleted_from: str | None = None
    history: list[Version] = field(default_factory=list)
    current_version: int = 1
    check_out: CheckOut | None = None
    purged: bool = False
    key: str = ""
    id: str = ""
    rendered: bytes | None = None
    rendered_epoch: int = -1
    reference: dict[str, str] | None = None
    reference_epoch: int = -1

    def __post_init__(self) -> None:
        self.key = self.name.casefold()
        self.id = self.id or item_id(self.drive.id_prefix, self.guid)
        self.fs_created = self.fs_created or self.created
        self.fs_modified = self.fs_modified or self.modified

    @property
    def is_folder(self) -> bool:
        """Return whether this is a folder."""
        return self.children is not None

    @property
    def etag(self) -> str:
        """Return the eTag, quotes included: it changes with every change."""
        return f'"{{{str(UUID(bytes=self.guid)).upper()}}},{self.version}"'

    @property
    def ctag(self) -> str:
        """Return the cTag, quotes included: it changes with the content."""
        return f'"c:{{{str(UUID(bytes=self.guid)).upper()}}},{self.content_version}"'

    @property
    def path(self) -> str:
        """Return the decoded path below the drive's root: "" for the root, "/Reports/a.csv" for others."""
        names: list[str] = []
        item: Item = self
        while item.parent is not None:
            names.append(item.name)
            item = item.parent
        return "".join(f"/{name}" for name in reversed(names))

    def current(self) -> Version:
        """Return the file's present version; while it is checked out, the one that was there before."""
        if self.check_out is not None:
            return self.check_out.committed
        if self.content is None:
            raise ValueError(f"item {self.id} is a folder")
        return Version(self.current_version, self.content, self.modified, self.modified_by)

    def seen_by(self, actor: Actor) -> Item:
        """Return the item as `actor` sees it: what another works on is seen as it was before."""
        if self.check_out is None or self.check_out.by == actor:
            return self
        before = self.check_out
        return replace(
            self,
            content=before.committed.content,
            size=before.committed.content.size,
            version=before.tag_version,
            content_version=before.content_version,
            modified=before.committed.modified,
            modified_by=before.committed.modified_by,
            fs_modified=before.fs_modified,
            rendered=None,
        )

    def ancestors(self) -> Iterator[Item]:
        """Yield the folders above, the nearest first."""
        item = self.parent
        while item is not None:
            yield item
            item = item.parent

    def walk(self) -> Iterator[Item]:
        """Yield all items below, parents before their children."""
        for child in self.children or ():
            yield child
            yield from child.walk()


def item_id(prefix: bytes, guid: bytes) -> str:
    """Return SharePoint's written form of an item's id: "01", then base32 of the list's prefix and the item's GUID."""
    return "01" + base64.b32encode(prefix + guid).decode("ascii")

"""SharePoint lists: columns, and entries with a value for each. A document library is one too: its entries are its items."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graph_emulator.errors import bad_request
from graph_emulator.store.item import Actor

if TYPE_CHECKING:
    from graph_emulator.store.drive import Drive
    from graph_emulator.store.item import Item

KINDS = (
    "text",
    "number",
    "boolean",
    "dateTime",
    "choice",
    "currency",
    "personOrGroup",
    "lookup",
    "calculated",
    "hyperlinkOrPicture",
    "geolocation",
    "term",
    "thumbnail",
)


@dataclass(slots=True)
class Column:
    """One column. `kind` names the facet that describes it, `settings` are what is in it."""

    name: str
    kind: str = "text"
    display_name: str = ""
    description: str = ""
    indexed: bool = False
    required: bool = False
    hidden: bool = False
    read_only: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    def id_in(self, list_guid: str) -> str:
        """Return the column's GUID in a list."""
        text = f"{list_guid}|{self.name}".encode()
        return str(UUID(bytes=hashlib.blake2b(text, digest_size=16).digest(), version=4))

    def check(self, value: object) -> None:
        """Raise GraphError 400 when the column cannot have this value."""
        if self.read_only:
            raise bad_request(f"Field '{self.name}' is read-only.")
        if value is not None and not self._takes(value):
            raise bad_request(f"The value of field '{self.name}' is not of the type {self.kind}.")

    def _takes(self, value: object) -> bool:
        if self.kind in ("number", "currency"):
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind == "boolean":
            return isinstance(value, bool)
        if self.kind == "dateTime":
            return isinstance(value, str) and _is_time(value)
        if self.kind == "choice":
            choices = self.settings.get("choices") or []
            free = not choices or self.settings.get("allowTextEntry", False)
            chosen = value if isinstance(value, list) else [value]
            return all(isinstance(each, str) and (free or each in choices) for each in chosen)
        return self.kind != "text" or isinstance(value, str)


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_COMMON = (
    Column("ID", "number", "ID", indexed=True, read_only=True),
    Column("Title", "text", "Title"),
    Column("ContentType", "choice", "Content Type"),
    Column("Created", "dateTime", "Created", read_only=True),
    Column("Modified", "dateTime", "Modified", read_only=True),
    Column("Author", "personOrGroup", "Created By", read_only=True),
    Column("Editor", "personOrGroup", "Modified By", read_only=True),
    Column("_UIVersionString", "text", "Version", read_only=True),
)
LIST_COLUMNS = (*_COMMON, Column("Attachments", "boolean", "Attachments", read_only=True))
LIBRARY_COLUMNS = (
    *_COMMON,
    Column("FileLeafRef", "text", "Name", required=True),
    Column("DocIcon", "text", "Type", read_only=True),
    Column("FileSizeDisplay", "text", "File Size", read_only=True),
)


@dataclass(slots=True)
class Entry:
    """One entry of a list. Times are seconds since 1970; `version` counts every change."""

    number: int
    fields: dict[str, Any]
    created: float
    modified: float
    created_by: Actor
    modified_by: Actor
    version: int = 1


@dataclass(slots=True, eq=False)
class SiteList:
    """A list of a site that is no document library."""

    guid: str
    name: str
    created: float
    created_by: Actor
    description: str = ""
    template: str = "genericList"
    modified: float = 0.0
    columns: list[Column] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    made: int = 0
    changes: int = 0

    def add(self, fields: dict[str, Any], now: float, actor: Actor | None = None) -> Entry:
        """Add an entry. The values have been checked."""
        self.made += 1
        who = actor or self.created_by
        entry = Entry(self.made, dict(fields), now, now, who, who)
        self.entries[entry.number] = entry
        self._changed(now)
        return entry

    def change(self, entry: Entry, fields: dict[str, Any], now: float, actor: Actor) -> None:
        """Give an entry other values; None takes one away."""
        entry.fields = {
            name: value for name, value in {**entry.fields, **fields}.items() if value is not None
        }
        entry.version += 1
        entry.modified = now
        entry.modified_by = actor
        self._changed(now)

    def remove(self, entry: Entry, now: float) -> None:
        """Take an entry out."""
        del self.entries[entry.number]
        self._changed(now)

    def _changed(self, now: float) -> None:
        self.modified = now
        self.changes += 1


class Library:
    """What a document library keeps as a list: columns of its own, and its items' values in them."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self.fields: dict[str, dict[str, Any]] = {}
        self._numbers: dict[bytes, int] = {}

    def number(self, item: Item) -> int:
        """Return the number of an item in the list: they count in the order in which items were made."""
        drive = item.drive
        for made in range(len(self._numbers) + 1, drive.created_items + 1):
            self._numbers[drive.guid_of(made)] = made
        return self._numbers[item.guid] - 1

    def item(self, drive: Drive, number: int) -> Item | None:
        """Return the item of a number, or None."""
        return next((each for each in self.items(drive) if self.number(each) == number), None)

    def items(self, drive: Drive) -> Iterable[Item]:
        """Return the items below the root, in the order of their numbers."""
        found = (item for item in drive.items.values() if item is not drive.root)
        return sorted(found, key=self.number)

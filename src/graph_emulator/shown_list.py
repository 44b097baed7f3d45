"""A list as it is shown: its columns and its entries, whether it is a plain list or the one that a library is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from graph_emulator.representation import timestamp
from graph_emulator.store import Actor, Drive, Item, Site
from graph_emulator.store.lists import LIBRARY_COLUMNS, LIST_COLUMNS, Column, Entry, SiteList
from graph_emulator.store.sharing import site_user_id


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list, as it is shown. `item` is the library's file or folder."""

    number: int
    guid: str
    version: int
    created: float
    modified: float
    created_by: Actor
    modified_by: Actor
    content_type: str
    web_url: str
    fields: dict[str, Any]
    item: Item | None = None
    entry: Entry | None = None

    @property
    def etag(self) -> str:
        """Return the eTag, quotes included."""
        return f'"{self.guid},{self.version}"'


@dataclass(frozen=True, slots=True)
class ShownList:
    """A list of a site: a plain one, or the one that a library is."""

    site: Site
    plain: SiteList | None = None
    drive: Drive | None = None

    @property
    def guid(self) -> str:
        """Return the list's id."""
        return self.plain.guid if self.plain is not None else self.library.list_guid

    @property
    def display_name(self) -> str:
        """Return the list's title."""
        return self.plain.name if self.plain is not None else self.library.name

    @property
    def web_url(self) -> str:
        """Return the address a browser opens."""
        if self.plain is None:
            return self.library.web_url
        return f"{self.site.web_url}/Lists/{quote(self.plain.name)}"

    def named(self, identifier: str) -> bool:
        """Return whether this is the list of an id or a title."""
        names = [self.guid, self.display_name]
        if self.drive is not None:
            names.append(self.drive.url_name.replace("%20", " "))
        return identifier.strip("{}").casefold() in (name.casefold() for name in names)

    def columns(self) -> list[Column]:
        """Return all columns: those that every list of the kind has, then its own."""
        if self.plain is not None:
            return [*_overridden(LIST_COLUMNS, self.plain.columns), *self.plain.columns]
        own = self.library.library.columns
        return [*_overridden(LIBRARY_COLUMNS, own), *own]

    def column(self, name: str) -> Column | None:
        """Return the column of a name or id, or None."""
        wanted = name.casefold()
        return next(
            (each for each in self.columns() if wanted in (each.name.casefold(), each.id_in(self.guid))), None
        )

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Yield the entries numbered above `after`, in the order of their numbers."""
        if self.plain is not None:
            entries = (entry for number, entry in self.plain.entries.items() if number > after)
            yield from (self.row_of_entry(entry) for entry in entries)
            return
        library = self.library.library
        for item in library.items(self.library):
            if library.number(item) > after:
                yield self.row_of_item(item)

    def row(self, number: str) -> Row | None:
        """Return the entry of a number, or of the GUID of a library's item; None when there is none."""
        if self.plain is not None:
            entry = self.plain.entries.get(int(number)) if number.isdecimal() and len(number) < 10 else None
            return self.row_of_entry(entry) if entry is not None else None
        drive = self.library
        if number.isdecimal() and len(number) < 10:
            item = drive.library.item(drive, int(number))
        else:
            found = (
                each for each in drive.items.values() if item_guid(each) == number.strip("{}").casefold()
            )
            item = next(found, None)
        return self.row_of_item(item) if item is not None else None

    def row_of_entry(self, entry: Entry) -> Row:
        """Return an entry of a plain list as it is shown."""
        guid = Column(f"entry {entry.number}").id_in(self.guid)
        own = {"Title": None, **entry.fields}
        own = {name: value for name, value in own.items() if value is not None}
        row = Row(
            entry.number,
            guid,
            entry.version,
            entry.created,
            entry.modified,
            entry.created_by,
            entry.modified_by,
            "Item",
            f"{self.web_url}/{entry.number}_.000",
            own,
            entry=entry,
        )
        return replace(row, fields={**_standard(row), "Attachments": False, **own})

    def row_of_item(self, item: Item) -> Row:
        """Return an item of a library as its list entry."""
        drive = item.drive
        row = Row(
            drive.library.number(item),
            item_guid(item),
            item.version,
            item.created,
            item.modified,
            item.created_by,
            item.modified_by,
            "Folder" if item.is_folder else "Document",
            f"{drive.web_url}{quote(item.path)}",
            {},
            item=item,
        )
        stem, dot, extension = item.name.rpartition(".")
        shown = {"FileLeafRef": item.name, "LinkFilename": item.name}
        if not item.is_folder:
            shown |= {"FileSizeDisplay": str(item.size), **({"DocIcon": extension} if dot and stem else {})}
        own = drive.library.fields.get(item.id, {})
        return replace(row, fields={**_standard(row), **shown, **own})

    @property
    def library(self) -> Drive:
        """Return the library that the list is. Raises ValueError for a plain list."""
        if self.drive is None:
            raise ValueError("a plain list is no library")
        return self.drive


def lists_of(site: Site) -> list[ShownList]:
    """Return the lists of a site: its libraries, then its plain lists."""
    return [
        *(ShownList(site, drive=drive) for drive in site.drives),
        *(ShownList(site, plain=each) for each in site.lists),
    ]


def _standard(row: Row) -> dict[str, Any]:
    return {
        "@odata.etag": row.etag,
        "id": str(row.number),
        "ContentType": row.content_type,
        "Created": timestamp(row.created),
        "Modified": timestamp(row.modified),
        "AuthorLookupId": site_user_id(row.created_by.user_name or ""),
        "EditorLookupId": site_user_id(row.modified_by.user_name or ""),
        "_UIVersionString": f"{row.version}.0",
    }


def _overridden(standard: tuple[Column, ...], own: list[Column]) -> list[Column]:
    names = {column.name for column in own}
    return [column for column in standard if column.name not in names]


def item_guid(item: Item) -> str:
    """Return the GUID under which SharePoint knows an item."""
    return str(UUID(bytes=item.guid))

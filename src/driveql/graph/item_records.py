"""What hangs on an item, as frozen values: versions, thumbnails, previews, list-item fields, entries of the recycle bin.

Source: https://learn.microsoft.com/graph/api/resources/driveitemversion, thumbnailset, itempreviewinfo, listitem
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driveql.errors import ProtocolError
from driveql.graph.models import Json, instant


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file. `size` is in bytes, None where the service does not say; `level` as of publication."""

    id: str
    modified: datetime | None
    modified_by: str | None
    size: int | None
    level: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Version:
        """Read Graph's driveItemVersion. Raises ProtocolError where it has no id."""
        size = raw.get("size")
        return cls(
            id=_text(raw, "id", "version"),
            modified=instant(raw.get("lastModifiedDateTime")),
            modified_by=_person(raw.get("lastModifiedBy")),
            size=int(size) if isinstance(size, int | float) else None,
            level=(raw.get("publication") or {}).get("level"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One picture of an item. `url` needs no token, so it is a secret for as long as it works; sizes in pixels."""

    set_id: str
    size: str
    width: int | None
    height: int | None
    url: str | None = field(repr=False, compare=False)


def thumbnails(raw: Json) -> list[Thumbnail]:
    """Read Graph's thumbnailSet: its pictures by size (`small`, `medium`, `large`, `source`, or `c300x400_crop`)."""
    set_id = str(raw.get("id") or "0")
    return [
        Thumbnail(set_id, size, value.get("width"), value.get("height"), value.get("url"))
        for size, value in raw.items()
        if isinstance(value, dict) and not size.startswith("@")
    ]


@dataclass(frozen=True, slots=True)
class Preview:
    """How to show an item in a page for a short time: a URL to open, or one to post `post_parameters` to.

    All three let in whoever has them, so they stay out of `repr`.
    """

    get_url: str | None = field(repr=False)
    post_url: str | None = field(repr=False)
    post_parameters: str | None = field(repr=False)

    @classmethod
    def from_json(cls, raw: Json) -> Preview:
        """Read Graph's itemPreviewInfo. Raises ProtocolError where there is no URL in it."""
        if not raw.get("getUrl") and not raw.get("postUrl"):
            raise ProtocolError("The server answered a preview without a URL.")
        return cls(raw.get("getUrl"), raw.get("postUrl"), raw.get("postParameters"))


@dataclass(frozen=True, slots=True)
class RecycledItem:
    """An entry of a site's recycle bin. Its `id` is the entry's own, not the drive item's; `size` in bytes."""

    id: str
    name: str
    size: int
    deleted: datetime | None
    deleted_from: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> RecycledItem:
        """Read Graph's recycleBinItem. Raises ProtocolError where it has no id."""
        return cls(
            id=_text(raw, "id", "recycle bin entry"),
            name=str(raw.get("name") or raw.get("title") or ""),
            size=int(raw.get("size") or 0),
            deleted=instant(raw.get("deletedDateTime")),
            deleted_from=raw.get("deletedFromLocation"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item's entry in its SharePoint list: `fields` by internal column name, and the eTag that guards a change."""

    id: str
    fields: dict[str, Any]
    etag: str | None
    content_type: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> ListItem:
        """Read Graph's listItem. Raises ProtocolError where it has no id."""
        values = raw.get("fields") or {}
        return cls(
            id=_text(raw, "id", "list item"),
            fields={name: value for name, value in values.items() if "@odata." not in name},
            etag=raw.get("eTag") or raw.get("@odata.etag") or values.get("@odata.etag"),
            content_type=(raw.get("contentType") or {}).get("name"),
            raw=raw,
        )


def _text(raw: Json, name: str, what: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str | int) or value == "":
        raise ProtocolError(f"The server sent a {what} without {name!r}.")
    return str(value)


def _person(identities: Any) -> str | None:
    for kind in ("user", "application", "device"):
        value = ((identities or {}).get(kind) or {}).get("displayName")
        if value:
            return str(value)
    return None

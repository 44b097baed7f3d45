"""What hangs on an item, as frozen values: versions, thumbnails, previews, list-item fields, entries of the recycle bin.

Source: https://learn.microsoft.com/graph/api/resources/driveitemversion, thumbnailset, itempreviewinfo, listitem
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driveql.errors import ProtocolError
from driveql.graph import shapes
from driveql.graph.models import Json


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
        return cls(
            id=shapes.identifier(raw, "version"),
            modified=shapes.time(raw, "lastModifiedDateTime"),
            modified_by=_person(shapes.facet(raw, "lastModifiedBy")),
            size=shapes.count(raw, "size"),
            level=shapes.text(shapes.facet(raw, "publication"), "level"),
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
    set_id = shapes.text(raw, "id") or "0"
    return [
        Thumbnail(
            set_id,
            size,
            shapes.count(value, "width"),
            shapes.count(value, "height"),
            shapes.text(value, "url"),
        )
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
        preview = cls(*(shapes.text(raw, name) for name in ("getUrl", "postUrl", "postParameters")))
        if not preview.get_url and not preview.post_url:
            raise ProtocolError("The server answered a preview without a URL.")
        return preview


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
            id=shapes.identifier(raw, "recycle bin entry"),
            name=shapes.text(raw, "name") or shapes.text(raw, "title") or "",
            size=shapes.count(raw, "size") or 0,
            deleted=shapes.time(raw, "deletedDateTime"),
            deleted_from=shapes.text(raw, "deletedFromLocation"),
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
        values = shapes.facet(raw, "fields")
        return cls(
            id=shapes.identifier(raw, "list item"),
            fields={name: value for name, value in values.items() if "@odata." not in name},
            etag=shapes.text(raw, "eTag")
            or shapes.text(raw, "@odata.etag")
            or shapes.text(values, "@odata.etag"),
            content_type=shapes.text(shapes.facet(raw, "contentType"), "name"),
            raw=raw,
        )


def _person(identities: Json) -> str | None:
    names = (
        shapes.text(shapes.facet(identities, kind), "displayName")
        for kind in ("user", "application", "device")
    )
    return next(filter(None, names), None)

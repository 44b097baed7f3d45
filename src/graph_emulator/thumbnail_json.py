"""How an item's thumbnails look as JSON: one set, with the sizes that are asked for. What has no picture has no set."""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call
from graph_emulator.errors import bad_request
from graph_emulator.renditions import PICTURED, address, extension, size_of
from graph_emulator.store import Item

STANDARD = ("large", "medium", "small")
SET_ID = "0"


def thumbnail(call: Call, item: Item, size: str) -> dict[str, Any]:
    """Return one thumbnail. Raises GraphError 400 for a size that is none."""
    pixels = size_of(size)
    if pixels is None:
        raise bad_request(f"'{size[:100]}' is not the size of a thumbnail.")
    width, height = pixels
    url = address(call, item, f"picture-{width}x{height}", "thumbnail.png")
    return {"height": height, "url": url, "width": width}


def has_picture(item: Item) -> bool:
    """Return whether the service makes pictures of such items."""
    return item.content is not None and extension(item) in PICTURED


def thumbnails_of(call: Call, item: Item, select: tuple[str, ...] | None) -> list[dict[str, Any]]:
    """Return the item's sets of thumbnails: one or none."""
    if not has_picture(item):
        return []
    sizes = [size for size in select or STANDARD if size != "id"]
    return [{"id": SET_ID, **{size: thumbnail(call, item, size) for size in sizes}}]

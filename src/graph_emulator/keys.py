"""Keys inside a path: `permissions/7/revokeGrants` is the template `permissions/{permission-id}/revokeGrants`.

A key follows the name of its collection, as a segment or in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What follows a segment is a key of this name. The size of a thumbnail follows the key of its set.
ITEM_KEYS = {
    "permissions": "permission-id",
    "versions": "version-id",
    "thumbnails": "set-id",
    "{set-id}": "size",
}
LIST_KEYS = {
    "items": "item-id",
    "columns": "column-id",
    "contentTypes": "content-type-id",
    "versions": "version-id",
}
DRIVE_KEYS = {"following": "item-id"}

_IN_PARENTHESES = re.compile(r"(\w+)\('((?:[^']|'')*)'\)$")


def keyed(tail: str, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the template of `tail` (no slash at its ends) and the keys in it, by name without "-id"."""
    segments: list[str] = []
    keys: dict[str, str] = {}
    for written in tail.split("/"):
        collection = _IN_PARENTHESES.match(written)
        if collection is not None and collection[1] in names:
            _take(segments, keys, collection[1], names)
            written = collection[2].replace("''", "'")
        _take(segments, keys, written, names)
    return "/".join(segments), keys


def _take(segments: list[str], keys: dict[str, str], segment: str, names: Mapping[str, str]) -> None:
    name = names.get(segments[-1]) if segments else None
    if name is None or segment.startswith("$") or segment in ("", "delta"):
        segments.append(segment)
        return
    keys[name.removesuffix("-id")] = segment
    segments.append(f"{{{name}}}")

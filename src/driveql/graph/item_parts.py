"""Addresses of what hangs on an item: permissions, versions, thumbnails, its list item. Ids are percent-encoded once.

Source: https://learn.microsoft.com/graph/api/resources/driveitem
"""

from __future__ import annotations

from urllib.parse import quote

from driveql.errors import InvalidPathError
from driveql.graph.addresses import Address, drive
from driveql.graph.places import sharing_token


def part(item: Address, *segments: str) -> Address:
    """Return the address of `segments` below an item: `part(item, "versions", "2.0", "content")`.

    Raises:
        InvalidPathError: a segment is empty or would lead elsewhere.
    """
    for segment in segments:
        if not segment or segment in {".", ".."}:
            raise InvalidPathError(f"{segment!r} is not an id.", hint="Take ids from a listing.")
        item = item.below(quote(segment, safe="!@,.$"))
    return item


def permission(item: Address, permission_id: str) -> Address:
    """One permission of an item."""
    return part(item, "permissions", permission_id)


def version(item: Address, version_id: str) -> Address:
    """One version of a file; `current` is the newest."""
    return part(item, "versions", version_id)


def thumbnail(item: Address, set_id: str, size: str) -> Address:
    """One thumbnail of a set in one size."""
    return part(item, "thumbnails", set_id, size)


def fields(item: Address) -> Address:
    """The columns of the item's entry in its SharePoint list."""
    return part(item, "listItem", "fields")


def site_ids(drive_id: str) -> Address:
    """The drive's own record with the ids of its SharePoint site and list, which come only when asked for."""
    return drive(drive_id).option("$select", ("id", "sharePointIds"))


def list_of_drive(drive_id: str) -> Address:
    """The SharePoint list behind a drive."""
    return part(drive(drive_id), "list")


def recycle_bin(site_id: str) -> Address:
    """What lies in a site's recycle bin."""
    return part(Address("/sites"), site_id, "recycleBin", "items")


def shared_permission(url: str) -> Address:
    """The permission that a sharing link stands for."""
    return Address(f"/shares/{sharing_token(url)}/permission")


def subscriptions() -> Address:
    """All subscriptions of the application."""
    return Address("/subscriptions")


def subscription(subscription_id: str) -> Address:
    """One subscription."""
    return part(subscriptions(), subscription_id)

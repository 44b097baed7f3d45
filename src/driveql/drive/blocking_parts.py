"""The synchronous face of sharing, versions, recycle bin, check-out, renditions, metadata and subscriptions.

Each method is that of its asynchronous namesake, carried through the portal; a test holds them together parameter by
parameter. Listings yield single records instead of pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driveql.drive.blocking_sharing import Sharing
from driveql.transport.portal import portal

if TYPE_CHECKING:
    from driveql.drive import checkout, metadata, recycle, renditions, subscriptions, versions
    from driveql.drive.download import Progress
    from driveql.drive.handle import ItemReference
    from driveql.drive.renditions import Format
    from driveql.graph.item_records import ListItem, Preview, RecycledItem, Thumbnail, Version
    from driveql.graph.models import DriveItem
    from driveql.graph.notifications import Subscription


class Versions:
    """As `driveql.drive.versions.Versions`."""

    def __init__(self, asynchronous: versions.Versions) -> None:
        self._parts = asynchronous

    def list(self, item: ItemReference) -> Iterator[Version]:
        """Yield a file's versions, the current one first."""
        for page in portal().iterate(self._parts.list(item)):
            yield from page

    def get(self, item: ItemReference, version: str = "current") -> Version:
        """One version's record."""
        return portal().call(self._parts.get(item, version))

    def download(
        self,
        item: ItemReference,
        version: str | Version,
        target: Path,
        *,
        progress: Progress | None = None,
    ) -> Version:
        """Write a version's bytes to `target`, which appears once they are complete; the size is verified."""
        return portal().call(self._parts.download(item, version, target, progress=progress))

    def read(self, item: ItemReference, version: str | Version) -> bytes:
        """Return a version's bytes."""
        return portal().call(self._parts.read(item, version))

    def restore(self, item: ItemReference, version: str | Version) -> DriveItem:
        """Make an earlier version the current one, as a new version."""
        return portal().call(self._parts.restore(item, version))

    def delete(self, item: ItemReference, version: str | Version) -> None:
        """Remove a version for good."""
        portal().call(self._parts.delete(item, version))


class RecycleBin:
    """As `driveql.drive.recycle.RecycleBin`."""

    def __init__(self, asynchronous: recycle.RecycleBin) -> None:
        self._parts = asynchronous

    def list(self) -> Iterator[RecycledItem]:
        """Yield what lies in the recycle bin of the drive's site."""
        for page in portal().iterate(self._parts.list()):
            yield from page

    def restore(
        self, item: str | DriveItem, *, folder: ItemReference | None = None, name: str | None = None
    ) -> DriveItem:
        """Bring a deleted item back."""
        return portal().call(self._parts.restore(item, folder=folder, name=name))

    def delete_permanently(self, item: ItemReference, *, if_match: str | None = None) -> None:
        """Delete an item for good; it does not go into the recycle bin."""
        portal().call(self._parts.delete_permanently(item, if_match=if_match))


class CheckOut:
    """As `driveql.drive.checkout.CheckOut`."""

    def __init__(self, asynchronous: checkout.CheckOut) -> None:
        self._parts = asynchronous

    def is_checked_out(self, item: ItemReference) -> bool:
        """True where somebody has the file checked out."""
        return portal().call(self._parts.is_checked_out(item))

    def check_out(self, item: ItemReference) -> None:
        """Take a file for oneself."""
        portal().call(self._parts.check_out(item))

    def check_in(self, item: ItemReference, comment: str = "", *, publish: bool = False) -> None:
        """Give a file back with its new content."""
        portal().call(self._parts.check_in(item, comment, publish=publish))

    def discard(self, item: ItemReference) -> None:
        """Give a file back as it was."""
        portal().call(self._parts.discard(item))


class Renditions:
    """As `driveql.drive.renditions.Renditions`."""

    def __init__(self, asynchronous: renditions.Renditions) -> None:
        self._parts = asynchronous

    def thumbnails(self, item: ItemReference, *, size: str | None = None) -> list[Thumbnail]:
        """Return the pictures the service has of an item."""
        return portal().call(self._parts.thumbnails(item, size=size))

    def download_thumbnail(self, item: ItemReference, target: Path, *, size: str = "large") -> Thumbnail:
        """Write the picture of an item to `target`, which appears once it is complete."""
        return portal().call(self._parts.download_thumbnail(item, target, size=size))

    def preview(
        self, item: ItemReference, *, page: str | int | None = None, zoom: float | None = None
    ) -> Preview:
        """Return short-lived URLs that show an item in a page."""
        return portal().call(self._parts.preview(item, page=page, zoom=zoom))

    def convert(
        self,
        item: ItemReference,
        target: Path,
        *,
        format: Format = "pdf",  # noqa: A002 - Graph's own word
        width: int | None = None,
        height: int | None = None,
    ) -> DriveItem:
        """Write a file, converted by the service, to `target`, which appears once it is complete."""
        return portal().call(self._parts.convert(item, target, format=format, width=width, height=height))


class Metadata:
    """As `driveql.drive.metadata.Metadata`."""

    def __init__(self, asynchronous: metadata.Metadata) -> None:
        self._parts = asynchronous

    def read(self, item: ItemReference, *, columns: Sequence[str] | None = None) -> ListItem:
        """Return an item's fields, and the eTag that guards a change."""
        return portal().call(self._parts.read(item, columns=columns))

    def write(
        self, item: ItemReference, values: Mapping[str, Any], *, if_match: str | None = None
    ) -> dict[str, Any]:
        """Change an item's fields, and return them as the service keeps them."""
        return portal().call(self._parts.write(item, values, if_match=if_match))


class Subscriptions:
    """As `driveql.drive.subscriptions.Subscriptions`."""

    def __init__(self, asynchronous: subscriptions.Subscriptions) -> None:
        self._parts = asynchronous

    def list(self) -> Iterator[Subscription]:
        """Yield the application's subscriptions."""
        for page in portal().iterate(self._parts.list()):
            yield from page

    def get(self, subscription_id: str) -> Subscription:
        """One subscription."""
        return portal().call(self._parts.get(subscription_id))

    def create(
        self,
        drive_id: str,
        notification_url: str,
        *,
        lifetime: timedelta | None = None,
        client_state: str | None = None,
        lifecycle_url: str | None = None,
    ) -> Subscription:
        """Have the service call a URL whenever something in a drive changes."""
        return portal().call(
            self._parts.create(
                drive_id,
                notification_url,
                lifetime=lifetime,
                client_state=client_state,
                lifecycle_url=lifecycle_url,
            )
        )

    def renew(self, subscription_id: str, *, lifetime: timedelta | None = None) -> Subscription:
        """Let a subscription last longer, counted from now."""
        return portal().call(self._parts.renew(subscription_id, lifetime=lifetime))

    def delete(self, subscription_id: str) -> None:
        """End a subscription."""
        portal().call(self._parts.delete(subscription_id))


__all__ = [
    "CheckOut",
    "Metadata",
    "RecycleBin",
    "Renditions",
    "Sharing",
    "Subscriptions",
    "Versions",
]

"""A drive's files as the feed of changes last left them, kept in the feed's own file: a look costs what has changed since.

What a page says and the cursor are stored in one transaction, so the snapshot is never ahead of the feed nor behind it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driveql.drive.changes import ChangeFeed, ItemChange
from driveql.graph.models import DriveItem, instant

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle

_TABLE = """
CREATE TABLE IF NOT EXISTS snapshot_items (
  id TEXT PRIMARY KEY, folder INTEGER NOT NULL, package INTEGER NOT NULL, size INTEGER NOT NULL, modified REAL,
  written REAL, hash TEXT)
"""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What is known of an item without asking. `path` is plain, from the drive's root; `modified` is seconds since 1970.

    `written` is when it was last written, by the service's clock; `modified` is the time that the file keeps.
    """

    id: str
    path: str
    is_folder: bool
    is_package: bool
    size: int
    modified: float | None
    written: float | None
    hash: str | None


async def items(drive: DriveHandle, state: Path) -> list[KnownItem]:
    """Bring the snapshot in `state` up to now and return all it holds.

    Raises:
        ConfigurationError: the file is the state of another drive.
    """
    feed = ChangeFeed(drive, state)
    try:
        async for page in feed.pages():
            changes = page.changes

            def write(database: sqlite3.Connection, changes: Sequence[ItemChange] = changes) -> None:
                _store(database, changes)

            page.confirm(write)
        return _all(feed, state)
    finally:
        feed.close()


def written(item: DriveItem) -> float | None:
    """Return when the service had an item written last, in seconds since 1970."""
    moment = instant(item.raw.get("lastModifiedDateTime"))
    return moment.timestamp() if moment else None


def _store(database: sqlite3.Connection, changes: Sequence[ItemChange]) -> None:
    database.execute(_TABLE)
    for change in changes:
        if change.item is None:
            database.execute("DELETE FROM snapshot_items WHERE id = ?", (change.id,))
            continue
        item = change.item
        modified = item.modified.timestamp() if item.modified else None
        database.execute(
            "INSERT OR REPLACE INTO snapshot_items VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                item.id,
                item.is_folder,
                "package" in item.raw,
                item.size,
                modified,
                written(item),
                item.quick_xor_hash,
            ),
        )


def _all(feed: ChangeFeed, state: Path) -> list[KnownItem]:
    database = sqlite3.connect(state)
    try:
        database.execute(_TABLE)
        rows = database.execute(
            "SELECT id, folder, package, size, modified, written, hash FROM snapshot_items"
        ).fetchall()
    finally:
        database.close()
    found = []
    for identifier, folder, package, size, modified, since, digest in rows:
        path = feed.path(identifier)
        if path is not None:
            found.append(
                KnownItem(identifier, path, bool(folder), bool(package), size, modified, since, digest)
            )
    return found

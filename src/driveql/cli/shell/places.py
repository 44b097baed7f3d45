"""Names in OneDrive folders for completion: one request a folder, remembered, and nothing said where it fails."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from driveql.cli.text import escaped
from driveql.errors import DriveqlError

if TYPE_CHECKING:
    from driveql.sql.dbapi import Connection

# A name and whether it is a folder.
Names = Sequence[tuple[str, bool]]
_MOST = 1000


class FolderNames:
    """What is in folders, as `ask` told it the first time.

    Parameters:
        ask: returns the names in a folder that is written as in SQL (`/Reports/`, `onedrive:/Reports/`); it may block.
    """

    def __init__(self, ask: Callable[[str], Names]) -> None:
        self._ask = ask
        self._known: dict[str, Names] = {}
        self._lock = threading.Lock()

    def of(self, folder: str) -> Names:
        """Return the names in a folder, none where it cannot be listed. Call it from a thread that may wait."""
        with self._lock:
            if folder not in self._known:
                self._known[folder] = ()
                with contextlib.suppress(DriveqlError, OSError, RuntimeError):
                    # A name that a terminal cannot show as it is cannot be offered to be typed.
                    self._known[folder] = [one for one in self._ask(folder) if escaped(one[0]) == one[0]]
            return self._known[folder]

    def forget(self) -> None:
        """Ask anew next time."""
        with self._lock:
            self._known.clear()


def names_in(connection: Connection, folder: str) -> Names:
    """Return the names on the first page of a folder's listing: one request, and one for a drive that was not asked for before.

    Raises:
        DriveqlError: it cannot be listed.
    """
    tenant = connection.session().tenant
    return tenant.portal.call(_first_page(tenant.source, folder))


async def _first_page(source: Any, folder: str) -> Names:
    drive, path = await source.at(folder)
    pages = drive.children(path, select=("name", "folder"), top=_MOST, ahead=False)
    async with contextlib.aclosing(pages):
        async for page in pages:
            return [(str(item.get("name")), "folder" in item) for item in page.items]
    return []

"""Check-out: a file that others cannot change until it is checked in.

Source: https://learn.microsoft.com/graph/api/driveitem-checkout, driveitem-checkin, driveitem-discardcheckout
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driveql.connection.settings import RetryMode
from driveql.drive.settled import found, settled
from driveql.errors import InvalidPathError, LockedError
from driveql.graph import shapes
from driveql.graph.addresses import Address
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference

_LOCKED = 423


class CheckOut:
    """Check-out and check-in of a drive's files. `item` is a path, `id:` and an id, or a `DriveItem`."""

    def __init__(self, handle: DriveHandle) -> None:
        self._handle = handle
        self._session = handle.session

    async def is_checked_out(self, item: ItemReference) -> bool:
        """True where somebody has the file checked out; whom, the service does not say here."""
        return await self._level(item) == "checkout"

    async def check_out(self, item: ItemReference) -> None:
        """Take a file for oneself: others read its last checked-in content and cannot change it.

        Raises:
            LockedError: it is checked out already, which is not waited for, or somebody has had it open for all of the tries.
        """
        await self._act(item, "checkout", None, checked_out=True)

    async def check_in(self, item: ItemReference, comment: str = "", *, publish: bool = False) -> None:
        """Give a file back: its new content becomes a version that others see.

        Parameters:
            comment: kept with the version. publish: make it a major version where the library keeps minor ones.

        Raises:
            ApiError: it is not checked out.
        """
        body: dict[str, Any] = {"comment": comment}
        if publish:
            body["checkInAs"] = "published"
        await self._act(item, "checkin", body, checked_out=False)

    async def discard(self, item: ItemReference) -> None:
        """Give a file back as it was; what was written since the check-out is lost.

        Raises:
            ApiError: it is not checked out.
        """
        await self._act(item, "discardCheckout", None, checked_out=False)

    async def _act(
        self, item: ItemReference, action: str, body: dict[str, Any] | None, *, checked_out: bool
    ) -> None:
        if isinstance(item, DriveItem) and item.is_folder:
            raise InvalidPathError(f"{item.path or item.name} is a folder; only files are checked out.")
        address: Address = (await self._handle.address(item)).below(action)

        async def send() -> bool:
            final = (_LOCKED,) if checked_out else ()
            try:
                await self._session.request("POST", address, json=body, safe_to_repeat=False, final=final)
            except LockedError:
                # A check-out lasts until somebody ends it. Other locks, as of a file just written, pass by themselves.
                once = self._session.settings.retry_mode is RetryMode.NONE
                if not checked_out or once or await self.is_checked_out(item):
                    raise
                await self._session.request("POST", address, json=body, safe_to_repeat=False)
            return True

        async def holds() -> bool | None:
            return True if await self.is_checked_out(item) is checked_out else None

        await found(self._session, item, lambda: settled(self._session, send, holds, look_first=True))

    async def _level(self, item: ItemReference) -> str | None:
        reference = f"id:{item.id}" if isinstance(item, DriveItem) else item
        raw = (await self._handle.item(reference, select=("id", "name", "publication"))).raw
        return shapes.text(shapes.facet(raw, "publication"), "level")

"""The recycle bin: bringing items back, deleting for good, and what lies in it.

A deleted item has no path any more: it is named by the id it had.
Source: https://learn.microsoft.com/graph/api/driveitem-restore, driveitem-permanentdelete, recyclebin-list-items
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from driveql.drive.settled import gone, settled
from driveql.drive.site_lists import site_of_drive
from driveql.errors import InvalidPathError, NotSupportedByServerError
from driveql.graph import addresses, item_parts, paths
from driveql.graph.item_records import RecycledItem
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference


class RecycleBin:
    """The recycle bin of a drive."""

    def __init__(self, handle: DriveHandle) -> None:
        self._handle = handle
        self._session = handle.session

    async def list(self) -> AsyncGenerator[list[RecycledItem], None]:
        """Yield what lies in the recycle bin of the drive's site, a page at a time. Needs Sites.Read.All.

        The entries have ids of their own, which `restore` does not take; the service lists no others.

        Raises:
            NotSupportedByServerError: the drive has no site (personal OneDrive).
        """
        site = await self._site()
        async with aclosing(self._session.pages(item_parts.recycle_bin(site))) as pages:
            async for page in pages:
                yield [RecycledItem.from_json(entry) for entry in page.items]

    async def restore(
        self, item: str | DriveItem, *, folder: ItemReference | None = None, name: str | None = None
    ) -> DriveItem:
        """Bring a deleted item back, with all that was in it, and return it.

        Parameters:
            item: `id:` and the id it had, or the `DriveItem` from before.
            folder: where to, instead of the folder it was in. name: a new name.

        Raises:
            NotFoundError: it is not in the recycle bin. AlreadyExistsError: its name is taken there now.
        """
        identifier = _id(item)
        body: dict[str, Any] = {}
        if folder is not None:
            body["parentReference"] = {"id": (await self._handle.item(folder, select=("id",))).id}
        if name is not None:
            body["name"] = paths.check_new_name(name)
        address = addresses.item(self._handle.id, identifier)

        async def send() -> DriveItem:
            answer = await self._session.request(
                "POST", address.below("restore"), json=body, safe_to_repeat=False
            )
            if not answer.body.strip():
                return await self._handle.item(f"id:{identifier}")
            return DriveItem.from_json(answer.object())

        async def holds() -> DriveItem | None:
            return await self._handle.find(f"id:{identifier}")

        return await settled(self._session, send, holds)

    async def delete_permanently(self, item: ItemReference, *, if_match: str | None = None) -> None:
        """Delete an item for good; it does not go into the recycle bin.

        Parameters:
            item: a path, `id:` and an id, or a `DriveItem`. if_match: the eTag it must still have.

        Raises:
            NotFoundError: there is none. ItemChangedError: its eTag is no longer `if_match`.
        """
        found = item if isinstance(item, DriveItem) else await self._handle.item(item)
        if found.is_root:
            raise InvalidPathError("The drive's root cannot be deleted.")
        headers = {"If-Match": if_match} if if_match else None
        address = addresses.item(self._handle.id, found.id).below("permanentDelete")
        await gone(
            self._session,
            lambda: self._session.request("POST", address, headers=headers, safe_to_repeat=False),
        )

    async def _site(self) -> str:
        site = await site_of_drive(self._session, self._handle.id)
        if not site:
            raise NotSupportedByServerError(
                "The service does not say in which site this drive lies, so its recycle bin cannot be listed.",
                status=501,
            )
        return site


def _id(item: str | DriveItem) -> str:
    if isinstance(item, DriveItem):
        return item.id
    if not item.startswith("id:") or item == "id:":
        raise InvalidPathError(
            f"{item!r} is no id: a deleted item has no path.",
            hint="Give id: and the item's id, as listings and the change feed show it.",
        )
    return item.removeprefix("id:")

"""One drive: all that can be looked up, read and written in it, and the changes a person makes to its items."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driveql.drive import batching
from driveql.drive.batching import Outcome
from driveql.drive.changes import ChangeFeed, Start
from driveql.drive.copying import Copy, target_name
from driveql.drive.files import DriveFiles
from driveql.drive.lookups import ItemReference, WalkMethod
from driveql.drive.mirror import Mirror, StepOutcome
from driveql.drive.upload import ConflictBehavior, Progress
from driveql.errors import AlreadyExistsError, ConflictError, InvalidPathError, NotFoundError
from driveql.graph import addresses, paths
from driveql.graph.batch import BatchRequest
from driveql.graph.mirror_plan import MirrorRules
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.checkout import CheckOut
    from driveql.drive.metadata import Metadata
    from driveql.drive.recycle import RecycleBin
    from driveql.drive.renditions import Renditions
    from driveql.drive.sharing import Sharing
    from driveql.drive.versions import Versions

__all__ = ["ConflictBehavior", "DriveHandle", "ItemReference", "Progress", "WalkMethod"]


class DriveHandle(DriveFiles):
    """A drive or document library on one connection.

    Parameters:
        drive_id: Graph's id of the drive.
        info: the drive's own record, where it was already fetched.
    """

    async def create_folder(self, path: str, *, parents: bool = True) -> DriveItem:
        """Create a folder, and with `parents` those above it; one that is already there is returned.

        Raises:
            AlreadyExistsError: a file has that name. NotFoundError: the folder above is missing and `parents` is False.
        """
        path = paths.check_new_path(path)
        parent, name = paths.split(path)
        try:
            return await self._create_in(parent, name, path)
        except NotFoundError:
            if not parents or parent == paths.ROOT:
                raise
        await self.create_folder(parent)
        return await self._create_in(parent, name, path)

    async def move(self, reference: ItemReference, path: str, *, if_match: str | None = None) -> DriveItem:
        """Move or rename an item within its drive; `path` is its whole new path, whose folder must exist.

        Parameters:
            if_match: the eTag the item must still have.
        """
        path = paths.check_new_path(path)
        folder, name = paths.split(path)
        item = await self._known(reference)
        change: dict[str, Any] = {"name": name}
        parent = await self.item(folder)
        if parent.id != item.parent_id:
            change["parentReference"] = {"id": parent.id}
        return await self._patch(item, change, if_match, folder)

    async def copy(
        self,
        reference: ItemReference,
        path: str,
        *,
        conflict: ConflictBehavior = "fail",
        target: DriveHandle | None = None,
        timeout: float = 600.0,
        progress: Callable[[float], None] | None = None,
    ) -> DriveItem:
        """Have the service copy a file, or a folder with all in it, and wait until it is done.

        Parameters:
            path: the copy's whole path, whose folder must exist. target: another drive that receives it.
            conflict: what happens where the name is taken: `fail`, `replace`, `rename`.
            timeout: seconds to wait. progress: called with the percentage that the service states.

        Raises:
            AlreadyExistsError, NotFoundError, QuotaExceededError, RequestTimeoutError.
        """
        folder, name = target_name(path)
        receiver = target or self
        item = await self._known(reference)
        parent = await receiver.item(folder)
        copying = Copy(self.session, item, self.id, parent, receiver.id, name, conflict, timeout, progress)
        copied = await copying.run()
        return await receiver.item(f"id:{copied}" if copied else path)

    async def delete(self, reference: ItemReference, *, if_match: str | None = None) -> None:
        """Put an item into the recycle bin; a folder goes with all that is in it.

        Raises:
            NotFoundError: there is none. ItemChangedError: its eTag is no longer `if_match`.
        """
        item = await self._known(reference)
        if item.is_root:
            raise InvalidPathError("The drive's root cannot be deleted.")
        headers = {"If-Match": if_match} if if_match else None
        before = self.session.statistics.retries
        try:
            await self.session.request("DELETE", addresses.item(self.id, item.id), headers=headers)
        except NotFoundError:
            # A try whose answer was lost may have deleted it: then this is the outcome that was asked for.
            if self.session.statistics.retries == before:
                raise

    async def delete_many(self, items: Sequence[DriveItem]) -> builtins.list[Outcome]:
        """Put many items into the recycle bin, twenty a call; return an outcome for each, in order.

        An item that is already gone is reported as not found.
        """
        requests = [BatchRequest("DELETE", addresses.item(self.id, item.id)) for item in items]
        return await batching.run(self.session, requests)

    def mirror(
        self,
        folder: str,
        directory: Path,
        *,
        upward: bool,
        rules: MirrorRules | None = None,
        told: Callable[[StepOutcome], None] | None = None,
        state: Path | None = None,
    ) -> Mirror:
        """Return a mirroring of a local directory and a folder of this drive: `plan()` looks, `run()` does.

        Parameters:
            upward: from the directory to OneDrive; otherwise the other way.
            rules: filters, comparison and deletion. told: called with each step's outcome.
            state: a file in which the drive's changes are followed from one mirroring to the next; None lists each time.
        """
        return Mirror(self, folder, directory, upward, rules or MirrorRules(), told, state)

    def changes(self, state: Path, *, start: Start = "all", page_size: int | None = None) -> ChangeFeed:
        """Return the drive's changes as a durable feed, whose cursor lies in the SQLite file `state`.

        Parameters:
            start: for a new feed `all` (begin with everything there is), `latest`, or a time.
            page_size: items a page.
        """
        return ChangeFeed(self, state, start=start, page_size=page_size)

    @property
    def sharing(self) -> Sharing:
        """Who has access to items: permissions, links, invitations."""
        from driveql.drive.sharing import Sharing

        return Sharing(self)

    @property
    def versions(self) -> Versions:
        """The versions of files."""
        from driveql.drive.versions import Versions

        return Versions(self)

    @property
    def recycle_bin(self) -> RecycleBin:
        """Bringing deleted items back, and deleting for good."""
        from driveql.drive.recycle import RecycleBin

        return RecycleBin(self)

    @property
    def checkout(self) -> CheckOut:
        """Check-out and check-in of files."""
        from driveql.drive.checkout import CheckOut

        return CheckOut(self)

    @property
    def renditions(self) -> Renditions:
        """Thumbnails, previews and converted files."""
        from driveql.drive.renditions import Renditions

        return Renditions(self)

    @property
    def metadata(self) -> Metadata:
        """The columns of items in their SharePoint library."""
        from driveql.drive.metadata import Metadata

        return Metadata(self)

    async def _known(self, reference: ItemReference) -> DriveItem:
        """Return the item; one that the caller has, with its folder, is not asked for again."""
        if isinstance(reference, DriveItem) and reference.parent_id is not None:
            return reference
        return await self.item(reference)

    async def _create_in(self, parent: str, name: str, path: str) -> DriveItem:
        body = {"name": name, "folder": {}, "@microsoft.graph.conflictBehavior": "fail"}
        address = (await self.address(parent)).below("children")
        try:
            answer = await self.session.request("POST", address, json=body, safe_to_repeat=True)
        except (AlreadyExistsError, ConflictError):
            found = await self.item(path)
            if not found.is_folder:
                raise
            return found
        return DriveItem.from_json(answer.object(), parent) if answer.body.strip() else await self.item(path)

    async def _patch(
        self, item: DriveItem, change: dict[str, Any], if_match: str | None, folder: str
    ) -> DriveItem:
        headers = {"If-Match": if_match} if if_match else None
        address = addresses.item(self.id, item.id)
        answer = await self.session.request(
            "PATCH", address, json=change, headers=headers, safe_to_repeat=if_match is None
        )
        return DriveItem.from_json(answer.object(), folder)

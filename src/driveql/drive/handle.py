"""One drive: its items by path or id, listings, contents, and the changes a person makes to them.

An item is named by its path from the drive's root (`/Reports/a.csv`), by `id:` and its id, or by a `DriveItem`.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import logging
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from driveql import errors
from driveql.drive import batching, listing
from driveql.drive.batching import Outcome
from driveql.drive.changes import ChangeFeed, Start
from driveql.drive.content import Reading, check
from driveql.drive.copying import Copy, target_name
from driveql.drive.download import Download, local
from driveql.drive.journal import entry
from driveql.drive.mirror import Mirror, StepOutcome
from driveql.drive.upload import JOURNALED_BYTES, ConflictBehavior, Progress, Upload
from driveql.errors import AlreadyExistsError, ConflictError, InvalidPathError, NotFoundError
from driveql.graph import addresses, paths
from driveql.graph.addresses import Address
from driveql.graph.batch import BatchRequest
from driveql.graph.mirror_plan import MirrorRules
from driveql.graph.models import Drive, DriveItem
from driveql.graph.paging import Page
from driveql.graph.quickxor import QuickXor
from driveql.transport.session import GraphSession
from graph_contract import load

if TYPE_CHECKING:
    from driveql.drive.checkout import CheckOut
    from driveql.drive.metadata import Metadata
    from driveql.drive.recycle import RecycleBin
    from driveql.drive.renditions import Renditions
    from driveql.drive.sharing import Sharing
    from driveql.drive.versions import Versions

ItemReference = str | DriveItem
WalkMethod = Literal["auto", "children", "delta"]

logger = logging.getLogger("driveql.drive")


class DriveHandle:
    """A drive or document library on one connection.

    Parameters:
        drive_id: Graph's id of the drive.
        info: the drive's own record, where it was already fetched.
    """

    def __init__(self, session: GraphSession, drive_id: str, info: Drive | None = None) -> None:
        self.session = session
        self.id = drive_id
        self._info = info

    async def info(self) -> Drive:
        """The drive's record: name, type, owner, quota in bytes."""
        if self._info is None:
            self._info = Drive.from_json((await self.session.request("GET", addresses.drive(self.id))).json())
        return self._info

    async def item(self, reference: ItemReference, *, select: Sequence[str] | None = None) -> DriveItem:
        """One item.

        Parameters:
            select: Graph property names to fetch; None fetches the default set, with a pre-authenticated URL for files.

        Raises:
            NotFoundError: there is none.
        """
        address = (await self.address(reference)).option("$select", select)
        raw = (await self.session.request("GET", address)).json()
        item = DriveItem.from_json(raw)
        if item.path is None and isinstance(reference, str) and _is_path(reference):
            return DriveItem.from_json(raw, paths.split(paths.normalise(reference))[0])
        return item

    async def find(self, reference: ItemReference) -> DriveItem | None:
        """One item, or None where there is none."""
        try:
            return await self.item(reference)
        except NotFoundError:
            return None

    async def children(
        self,
        folder: ItemReference = paths.ROOT,
        *,
        item_id: str | None = None,
        select: Sequence[str] | None = None,
        top: int | None = None,
        orderby: str | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
    ) -> AsyncGenerator[Page, None]:
        """Yield the pages of a folder's children as Graph's JSON; complete, however many there are.

        Parameters:
            item_id: the folder's id, instead of `folder`.
            select: property names. top: items a page, at most 1,000 (the default here).
            orderby: `name` or `url`, with ` desc`. filter: an OData filter expression.
        """
        address = addresses.item(self.id, item_id) if item_id is not None else await self.address(folder)
        limits = load("limits")["paging"]
        address = address.below("children").option("$select", select).option("$filter", filter)
        address = address.option("$orderby", orderby).option(
            "$top", min(top or limits["items_max"], limits["items_max"])
        )
        async with contextlib.aclosing(self.session.pages(address)) as pages:
            async for page in pages:
                yield page

    async def list(
        self, folder: ItemReference = paths.ROOT, *, select: Sequence[str] | None = None
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        """Yield a folder's children a page at a time, each with its path; complete, however many there are.

        Raises:
            NotFoundError: there is no such folder. InvalidPathError: it is a file.
        """
        top = await self.item(folder, select=("id", "name", "folder", "root", "parentReference"))
        path = top.path
        if not top.is_folder:
            raise InvalidPathError(f"{path or top.name} is a file, not a folder.")
        async with contextlib.aclosing(self.children(item_id=top.id, select=select)) as pages:
            async for page in pages:
                yield [DriveItem.from_json(raw, path) for raw in page.items]

    async def walk(
        self,
        folder: ItemReference = paths.ROOT,
        *,
        select: Sequence[str] | None = None,
        concurrency: int | None = None,
        method: WalkMethod = "auto",
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        """Yield every item below a folder, a page at a time, in no particular order, each with its path.

        Parameters:
            select: property names besides those that the walk needs.
            concurrency: folders listed at once; MaxConcurrency by default.
            method: `children` asks each folder, which shows the latest writes; `delta` has the service list the whole drive
                in a fraction of the requests, some seconds behind them. `auto` takes delta for a whole drive to which this
                connection has not just written.
        """
        top = await self.item(folder)
        path = top.path or paths.ROOT
        if not top.is_folder:
            raise InvalidPathError(f"{path} is a file, not a folder.")
        by_delta = method == "delta" or (method == "auto" and top.is_root and not self.session.wrote_lately)
        if by_delta and not top.is_root:
            raise InvalidPathError(
                f"{path} is not the drive's root; the service lists changes of whole drives only."
            )
        logger.info(
            "walk of %s by %s", path, "delta: the whole drive is asked for" if by_delta else "children"
        )
        walking = (
            listing.whole_drive(self, select=select)
            if by_delta
            else self.walk_from(top, path, select=select, concurrency=concurrency)
        )
        async with contextlib.aclosing(walking) as pages:
            async for page in pages:
                yield page

    def walk_from(
        self,
        top: DriveItem,
        path: str,
        *,
        select: Sequence[str] | None = None,
        concurrency: int | None = None,
    ) -> AsyncGenerator[builtins.list[DriveItem], None]:
        """Like `walk`, from a folder whose item and path the caller has."""
        wanted = sorted({*select, *listing.WALK_PROPERTIES}) if select is not None else None
        return listing.walk(
            self, top, path, select=wanted, concurrency=concurrency or self.session.settings.max_concurrency
        )

    def changes(self, state: Path, *, start: Start = "all", page_size: int | None = None) -> ChangeFeed:
        """Return the drive's changes as a durable feed, whose cursor lies in the SQLite file `state`.

        Parameters:
            start: for a new feed `all` (begin with everything there is), `latest`, or a time.
            page_size: items a page.
        """
        return ChangeFeed(self, state, start=start, page_size=page_size)

    def glob(self, pattern: str) -> AsyncGenerator[DriveItem, None]:
        """Yield the items whose path fits a pattern: `*`, `?`, `[...]` within names, `**` across folders."""
        return listing.glob(self, pattern)

    async def search(self, text: str, *, top: int | None = None) -> AsyncGenerator[Page, None]:
        """Yield pages of what the service's search index finds. The index lags behind; `walk` does not."""
        async with contextlib.aclosing(
            self.session.pages(addresses.search(self.id, text).option("$top", top))
        ) as pages:
            async for page in pages:
                yield page

    def reading(self, item: DriveItem, start: int = 0, end: int | None = None) -> Reading:
        """Return the reader of a file's bytes `start` to `end` (exclusive)."""
        if item.is_folder:
            raise InvalidPathError(f"{item.path or item.name} is a folder and has no content.")
        return Reading(self.session, item, lambda: self.item(f"id:{item.id}"), start, end)

    async def read(self, reference: ItemReference, start: int = 0, end: int | None = None) -> bytes:
        """Return a file's bytes, or those from `start` to `end` (exclusive). A whole file is verified by its hash."""
        item = await self._fresh(reference)
        content = b"".join([chunk async for chunk in self.reading(item, start, end).chunks()])
        if start == 0 and end is None:
            running = QuickXor()
            running.update(content)
            check(item, len(content), running.base64digest())
        return content

    async def stream(self, reference: ItemReference) -> AsyncGenerator[bytes, None]:
        """Yield a file's bytes in order; after the last one they are verified by the service's hash.

        Raises:
            IntegrityError: at the end, if the bytes are not the file's.
        """
        item = await self._fresh(reference)
        running, length = QuickXor(), 0
        async for chunk in self.reading(item).chunks():
            running.update(chunk)
            length += len(chunk)
            yield chunk
        check(item, length, running.base64digest())

    async def download(
        self, reference: ItemReference, target: Path, *, progress: Progress | None = None
    ) -> DriveItem:
        """Write a file to `target`, which appears by rename only after its size and hash were verified.

        Large files come in parallel ranges; one that was interrupted is continued, by any process, when asked again.

        Parameters:
            progress: called with bytes received and bytes in all.

        Raises:
            IntegrityError: the bytes are not the file's. LocalFileError: the target cannot be written.
        """
        item = await self._fresh(reference)
        await Download(item, target, self.reading, progress).run()
        return item

    async def upload(
        self,
        path: str,
        source: Path | bytes | BinaryIO,
        *,
        conflict: ConflictBehavior = "replace",
        keep_times: bool = True,
        progress: Progress | None = None,
    ) -> DriveItem:
        """Write a file at `path`; its folders must exist. The service's copy is verified by size and hash.

        The upload of a large local file that was interrupted is continued, by any process of this user, when asked again.

        Parameters:
            source: a local file, bytes, or an open seekable binary file.
            conflict: what happens where the name is taken: `fail`, `replace` (a new version), `rename`.
            keep_times: a local file's modification time goes with it.
            progress: called with bytes sent and bytes in all.

        Raises:
            AlreadyExistsError, LockedError, QuotaExceededError, IntegrityError, LocalFileError, InvalidPathError.
        """
        path = paths.check_new_path(path)
        target = await self.address(path)
        with local(source if isinstance(source, Path) else None), contextlib.ExitStack() as stack:
            file, modified = _opened(source, stack)
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            journal = None
            if isinstance(source, Path) and size >= JOURNALED_BYTES:
                journal = stack.enter_context(entry(source, str(target), conflict))
            upload = Upload(
                self.session, target, path, file, size, conflict, progress=progress, journal=journal
            )
            if keep_times:
                upload.created = upload.modified = modified
            return await upload.run()

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
        item = await self.item(reference)
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
        item = await self.item(reference)
        parent = await receiver.item(folder)
        copying = Copy(self.session, item, self.id, parent, receiver.id, name, conflict, timeout, progress)
        copied = await copying.run()
        return await receiver.item(f"id:{copied}" if copied else path)

    async def delete(self, reference: ItemReference, *, if_match: str | None = None) -> None:
        """Put an item into the recycle bin; a folder goes with all that is in it.

        Raises:
            NotFoundError: there is none. ItemChangedError: its eTag is no longer `if_match`.
        """
        item = await self.item(reference)
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

    def mirror(
        self,
        folder: str,
        directory: Path,
        *,
        upward: bool,
        rules: MirrorRules | None = None,
        told: Callable[[StepOutcome], None] | None = None,
    ) -> Mirror:
        """Return a mirroring of a local directory and a folder of this drive: `plan()` looks, `run()` does.

        Parameters:
            upward: from the directory to OneDrive; otherwise the other way.
            rules: filters, comparison and deletion. told: called with each step's outcome.
        """
        return Mirror(self, folder, directory, upward, rules or MirrorRules(), told)

    async def delete_many(self, items: Sequence[DriveItem]) -> builtins.list[Outcome]:
        """Put many items into the recycle bin, twenty a call; return an outcome for each, in order.

        An item that is already gone is reported as not found.
        """
        requests = [BatchRequest("DELETE", addresses.item(self.id, item.id)) for item in items]
        return await batching.run(self.session, requests)

    async def address(self, reference: ItemReference) -> Address:
        """Return the request address of an item; paths beyond the depth that Graph addresses go by ids in between."""
        if isinstance(reference, DriveItem):
            return addresses.item(self.id, reference.id)
        if reference.startswith("id:"):
            return addresses.item(self.id, reference.removeprefix("id:"))
        path = paths.normalise(reference)
        levels: int = load("limits")["path"]["deep_levels"]
        if paths.depth(path) <= levels:
            return addresses.item_at(self.id, path)
        names = path[1:].split("/")
        parent = (await self.item("/".join(names[:levels]), select=("id",))).id
        for start in range(levels, len(names), levels):
            below = addresses.child_of(self.id, parent, "/".join(names[start : start + levels]))
            if start + levels >= len(names):
                return below
            parent = (await self.session.request("GET", below.option("$select", "id"))).json()["id"]
        raise AssertionError("unreachable: the last hop returns")

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

    async def _fresh(self, reference: ItemReference) -> DriveItem:
        if isinstance(reference, DriveItem) and reference.download_url:
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
        return DriveItem.from_json(answer.json(), parent) if answer.body.strip() else await self.item(path)

    async def _patch(
        self, item: DriveItem, change: dict[str, Any], if_match: str | None, folder: str
    ) -> DriveItem:
        headers = {"If-Match": if_match} if if_match else None
        address = addresses.item(self.id, item.id)
        answer = await self.session.request(
            "PATCH", address, json=change, headers=headers, safe_to_repeat=if_match is None
        )
        return DriveItem.from_json(answer.json(), folder)


def _is_path(reference: ItemReference) -> bool:
    return isinstance(reference, str) and not reference.startswith("id:")


def _opened(source: Path | bytes | BinaryIO, stack: contextlib.ExitStack) -> tuple[BinaryIO, datetime | None]:
    if isinstance(source, bytes):
        return io.BytesIO(source), None
    if isinstance(source, Path):
        file = stack.enter_context(source.open("rb"))
        return file, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    if not source.seekable():
        raise errors.LocalFileError(
            "The source is not seekable.", hint="Read it into a file or into bytes first."
        )
    return source, None


__all__ = ["ConflictBehavior", "DriveHandle", "ItemReference", "Progress", "WalkMethod"]

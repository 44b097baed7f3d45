"""The synchronous API: the same names as `driveql.aio`, each call carried through the portal to the one implementation.

A test holds every method here against its asynchronous counterpart, parameter by parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from driveql.connection.settings import ConnectionSettings
from driveql.drive import blocking_parts, onedrive
from driveql.drive.batching import Outcome
from driveql.drive.changes import ChangePage, Start
from driveql.drive.generic import Part
from driveql.drive.handle import ConflictBehavior, DriveHandle, ItemReference, Progress, WalkMethod
from driveql.drive.mirror import Mirror, StepOutcome
from driveql.graph.batch import BatchRequest
from driveql.graph.mirror_plan import MirrorRules, Step
from driveql.graph.models import Drive, DriveItem
from driveql.graph.places import Place
from driveql.graph.retry import RetryPolicy
from driveql.transport.portal import portal
from driveql.transport.trace import TraceHook
from driveql.transport.wire import GraphResponse


class OneDrive:
    """A connection, synchronous. Use it as a context manager; any thread may call it, also after a fork.

    Parameters: as for `driveql.aio.OneDrive`.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        credential: object | None = None,
        trace: TraceHook | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.asynchronous = onedrive.OneDrive(settings, credential=credential, trace=trace, retry=retry)
        self.settings = settings
        self.subscriptions = blocking_parts.Subscriptions(self.asynchronous.subscriptions)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the network connections."""
        portal().call(self.asynchronous.close())

    def drive(
        self, owner: str | None = None, *, drive_id: str | None = None, library: str | None = None
    ) -> BlockingDrive:
        """Return a drive: by id; the default one of an owner; a site's library by name; or the connection's own."""
        return BlockingDrive(
            portal().call(self.asynchronous.drive(owner, drive_id=drive_id, library=library))
        )

    def at(self, place: str | Place, *, wildcards: bool = False) -> tuple[BlockingDrive, str]:
        """Return the drive and the path in it that a written place names."""
        handle, path = portal().call(self.asynchronous.at(place, wildcards=wildcards))
        return BlockingDrive(handle), path

    def resolve(self, address: str, *, redeem: bool = False) -> DriveItem:
        """Return the item at any written place: a sharing link, a web address, `onedrive:` and a path."""
        return portal().call(self.asynchronous.resolve(address, redeem=redeem))

    def users(self, *, select: Sequence[str] | None = None) -> Iterator[dict[str, object]]:
        """Yield all users of the tenant as Graph's JSON objects."""
        for page in portal().iterate(self.asynchronous.directory.users(select=select)):
            yield from page.items

    def groups(self, *, select: Sequence[str] | None = None) -> Iterator[dict[str, object]]:
        """Yield all groups of the tenant as Graph's JSON objects."""
        for page in portal().iterate(self.asynchronous.directory.groups(select=select)):
            yield from page.items

    def sites(self, search: str = "*") -> Iterator[dict[str, object]]:
        """Yield the sites that match a search as Graph's JSON objects."""
        for page in portal().iterate(self.asynchronous.directory.sites(search)):
            yield from page.items

    def drives(self, owner: str) -> Iterator[Drive]:
        """Yield the drives and libraries of an owner."""
        for page in portal().iterate(self.asynchronous.directory.drives(owner)):
            yield from map(Drive.from_json, page.items)

    def request(
        self,
        method: str,
        target: str,
        *,
        json: object = None,
        body: bytes | None = None,
        parts: Sequence[Part] = (),
        headers: Mapping[str, str] | None = None,
        safe_to_repeat: bool | None = None,
    ) -> GraphResponse:
        """Send any request to Graph, with the connection's token, retries and redaction."""
        return portal().call(
            self.asynchronous.request(
                method,
                target,
                json=json,
                body=body,
                parts=parts,
                headers=headers,
                safe_to_repeat=safe_to_repeat,
            )
        )

    def objects(self, target: str) -> Iterator[dict[str, object]]:
        """GET a collection by path or own URL and yield its objects over all pages."""
        return portal().iterate(self.asynchronous.objects(target))

    def batch(self, requests: Sequence[BatchRequest]) -> list[Outcome]:
        """Send many small requests, twenty a call; return an outcome for each, in order."""
        return portal().call(self.asynchronous.batch(requests))

    def download(self, place: str, target: Path | str, *, progress: Progress | None = None) -> DriveItem:
        """Write the file at a written place to a local path; it appears there only once it is verified."""
        drive, path = self.at(place)
        return drive.download(path, Path(target), progress=progress)

    def upload(self, source: Path | str, place: str, *, conflict: ConflictBehavior = "replace") -> DriveItem:
        """Write a local file to a written place."""
        drive, path = self.at(place)
        return drive.upload(path, Path(source), conflict=conflict)


class BlockingMirror:
    """A mirroring, synchronous. Every method is that of `driveql.aio.Mirror`."""

    def __init__(self, mirror: Mirror) -> None:
        self.asynchronous = mirror

    def plan(self) -> list[Step]:
        """Look at both sides and return what would be done. Nothing is changed."""
        return portal().call(self.asynchronous.plan())

    def run(self, steps: list[Step] | None = None) -> list[StepOutcome]:
        """Do the steps of a plan (made now by default); return what became of each."""
        return portal().call(self.asynchronous.run(steps))


class BlockingDrive:
    """A drive or document library, synchronous. Every method is that of `driveql.aio.DriveHandle`."""

    def __init__(self, handle: DriveHandle) -> None:
        self.asynchronous = handle
        self.id = handle.id
        self.sharing = blocking_parts.Sharing(handle.sharing)
        self.versions = blocking_parts.Versions(handle.versions)
        self.recycle_bin = blocking_parts.RecycleBin(handle.recycle_bin)
        self.checkout = blocking_parts.CheckOut(handle.checkout)
        self.renditions = blocking_parts.Renditions(handle.renditions)
        self.metadata = blocking_parts.Metadata(handle.metadata)

    def info(self) -> Drive:
        """The drive's record: name, type, owner, quota in bytes."""
        return portal().call(self.asynchronous.info())

    def item(self, reference: ItemReference, *, select: Sequence[str] | None = None) -> DriveItem:
        """One item. Raises NotFoundError where there is none."""
        return portal().call(self.asynchronous.item(reference, select=select))

    def find(self, reference: ItemReference) -> DriveItem | None:
        """One item, or None where there is none."""
        return portal().call(self.asynchronous.find(reference))

    def list(
        self, folder: ItemReference = "/", *, select: Sequence[str] | None = None
    ) -> Iterator[DriveItem]:
        """Yield a folder's children, complete, with their paths."""
        for page in portal().iterate(self.asynchronous.list(folder, select=select)):
            yield from page

    def walk(
        self,
        folder: ItemReference = "/",
        *,
        select: Sequence[str] | None = None,
        concurrency: int | None = None,
        method: WalkMethod = "auto",
    ) -> Iterator[DriveItem]:
        """Yield every item below a folder, in no particular order, each with its path."""
        walking = self.asynchronous.walk(folder, select=select, concurrency=concurrency, method=method)
        for page in portal().iterate(walking):
            yield from page

    def changes(
        self, state: Path, *, start: Start = "all", page_size: int | None = None
    ) -> Iterator[ChangePage]:
        """Yield the pages of the drive's durable feed of changes; each must be confirmed before the next."""
        feed = self.asynchronous.changes(state, start=start, page_size=page_size)
        try:
            yield from portal().iterate(feed.pages())
        finally:
            feed.close()

    def glob(self, pattern: str) -> Iterator[DriveItem]:
        """Yield the items whose path fits a pattern."""
        return portal().iterate(self.asynchronous.glob(pattern))

    def read(self, reference: ItemReference, start: int = 0, end: int | None = None) -> bytes:
        """Return a file's bytes, or those from `start` to `end` (exclusive)."""
        return portal().call(self.asynchronous.read(reference, start, end))

    def stream(self, reference: ItemReference) -> Iterator[bytes]:
        """Yield a file's bytes in order; after the last one they are verified."""
        return portal().iterate(self.asynchronous.stream(reference))

    def download(
        self, reference: ItemReference, target: Path, *, progress: Progress | None = None
    ) -> DriveItem:
        """Write a file to `target`, which appears only once size and hash were verified."""
        return portal().call(self.asynchronous.download(reference, target, progress=progress))

    def upload(
        self,
        path: str,
        source: Path | bytes | BinaryIO,
        *,
        conflict: ConflictBehavior = "replace",
        keep_times: bool = True,
        if_match: str | None = None,
        progress: Progress | None = None,
    ) -> DriveItem:
        """Write a file at `path`; the service's copy is verified."""
        return portal().call(
            self.asynchronous.upload(
                path, source, conflict=conflict, keep_times=keep_times, if_match=if_match, progress=progress
            )
        )

    def create_folder(self, path: str, *, parents: bool = True) -> DriveItem:
        """Create a folder; one that is already there is returned."""
        return portal().call(self.asynchronous.create_folder(path, parents=parents))

    def move(self, reference: ItemReference, path: str, *, if_match: str | None = None) -> DriveItem:
        """Move or rename an item within its drive; `path` is its whole new path."""
        return portal().call(self.asynchronous.move(reference, path, if_match=if_match))

    def copy(
        self,
        reference: ItemReference,
        path: str,
        *,
        conflict: ConflictBehavior = "fail",
        target: BlockingDrive | None = None,
        timeout: float = 600.0,
        progress: Callable[[float], None] | None = None,
    ) -> DriveItem:
        """Have the service copy a file or a folder, and wait until it is done."""
        receiver = target.asynchronous if target is not None else None
        return portal().call(
            self.asynchronous.copy(
                reference, path, conflict=conflict, target=receiver, timeout=timeout, progress=progress
            )
        )

    def mirror(
        self,
        folder: str,
        directory: Path,
        *,
        upward: bool,
        rules: MirrorRules | None = None,
        told: Callable[[StepOutcome], None] | None = None,
        state: Path | None = None,
    ) -> BlockingMirror:
        """Return a mirroring of a local directory and a folder: `plan()` looks, `run()` does."""
        return BlockingMirror(
            self.asynchronous.mirror(folder, directory, upward=upward, rules=rules, told=told, state=state)
        )

    def delete_many(self, items: Sequence[DriveItem]) -> Sequence[Outcome]:
        """Put many items into the recycle bin, twenty a call; return an outcome for each, in order."""
        return portal().call(self.asynchronous.delete_many(items))

    def delete(self, reference: ItemReference, *, if_match: str | None = None) -> None:
        """Put an item into the recycle bin."""
        portal().call(self.asynchronous.delete(reference, if_match=if_match))

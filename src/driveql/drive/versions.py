"""A file's versions: what there is, their bytes, bringing one back, and removing one.

Source: https://learn.microsoft.com/graph/api/driveitem-list-versions, driveitemversion-get-contents, driveitemversion-restore
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from driveql.drive.content import Reading
from driveql.drive.download import Download, Progress
from driveql.drive.located import location
from driveql.drive.settled import found, found_pages, gone, settled
from driveql.errors import (
    BadRequestError,
    InvalidPathError,
    NotFoundError,
    ProtocolError,
)
from driveql.graph import addresses, item_parts
from driveql.graph.item_records import Version
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference


class Versions:
    """The versions of a drive's files, the newest first. A version's id is its number: `3.0`.

    Common parameters:
        item: a file, as a path, `id:` and an id, or a `DriveItem`.
        version: a version's id, or a `Version` from a listing.
    """

    def __init__(self, handle: DriveHandle) -> None:
        self._handle = handle
        self._session = handle.session

    async def list(self, item: ItemReference) -> AsyncGenerator[list[Version], None]:
        """Yield a file's versions a page at a time, the current one first.

        Raises:
            NotFoundError: there is no such file.
        """
        address = (await self._handle.address(item)).below("versions")
        async with aclosing(found_pages(self._session, item, address)) as pages:
            async for page in pages:
                yield [Version.from_json(raw) for raw in page.items]

    async def get(self, item: ItemReference, version: str = "current") -> Version:
        """One version's record.

        Raises:
            NotFoundError: the file has no such version.
        """
        address = item_parts.version(await self._handle.address(item), version)
        return Version.from_json((await self._session.request("GET", address)).object())

    async def download(
        self,
        item: ItemReference,
        version: str | Version,
        target: Path,
        *,
        progress: Progress | None = None,
    ) -> Version:
        """Write a version's bytes to `target`, which appears by rename once they are complete.

        Verified is the size: the service keeps hashes of the current version only, and that one is verified by its hash too.
        An interrupted download of a large version is continued when asked again.

        Parameters:
            progress: called with bytes received and bytes in all.

        Raises:
            NotFoundError: there is no such version. IntegrityError: other than `size` bytes came.
            ProtocolError: the service does not say how large the version is.
        """
        file, record, whole = await self._opened(item, version)
        await Download(whole, target, self._reader(file, record), progress).run()
        return record

    async def read(self, item: ItemReference, version: str | Version) -> bytes:
        """Return a version's bytes; their number is verified."""
        file, record, whole = await self._opened(item, version)
        reading = self._reader(file, record)(whole, 0, None)
        return b"".join([chunk async for chunk in reading.chunks()])

    async def restore(self, item: ItemReference, version: str | Version) -> DriveItem:
        """Make an earlier version the current one, as a new version, and return the file as it is then.

        After a lost answer the file is looked at, so that its version is brought back once.

        Raises:
            NotFoundError: there is no such version. LockedError: somebody has the file open or checked out.
        """
        file = await self._file(item)
        before = await found(self._session, item, lambda: self._handle.item(_by_id(file)))
        own = item_parts.version(addresses.item(self._handle.id, file.id), _id(version))

        async def send() -> DriveItem:
            await self._session.request("POST", own.below("restoreVersion"), safe_to_repeat=False)
            return await self._handle.item(_by_id(file))

        async def holds() -> DriveItem | None:
            now = await self._handle.item(_by_id(file))
            # Somebody else may have written meanwhile; a needless entry in the history is the smaller harm.
            brought_back = (
                now.etag != before.etag and now.size == (await self.get(_by_id(file), _id(version))).size
            )
            return now if brought_back else None

        return await settled(self._session, send, holds, look_first=True)

    async def delete(self, item: ItemReference, version: str | Version) -> None:
        """Remove a version for good; the current one cannot be removed.

        Raises:
            NotFoundError: there is no such version.
        """
        address = item_parts.version(await self._handle.address(item), _id(version))
        await gone(self._session, lambda: self._session.request("DELETE", address, safe_to_repeat=False))

    async def _file(self, item: ItemReference) -> DriveItem:
        file = item if isinstance(item, DriveItem) and item.etag else await self._handle.item(item)
        if file.is_folder:
            raise InvalidPathError(f"{file.path or file.name} is a folder and has no versions.")
        return file

    async def _opened(
        self, item: ItemReference, version: str | Version
    ) -> tuple[DriveItem, Version, DriveItem]:
        """Return the file, the version's record, and the version as an item whose URL and size are the version's."""
        file = await self._file(item)
        record = version if isinstance(version, Version) else await self._record(item, file, version)
        if record.size is None:
            raise ProtocolError(f"The service does not say how large version {record.id} of {file.name} is.")
        return file, record, await self._as_item(file, record)

    async def _record(self, item: ItemReference, file: DriveItem, version: str) -> Version:
        """Return a version's record. Only a file that is itself not found yet is waited for."""

        async def send() -> Version | NotFoundError:
            try:
                return await self.get(_by_id(file), version)
            except NotFoundError as missing:
                await self._handle.item(_by_id(file))
                return missing

        answer = await found(self._session, item, send)
        if isinstance(answer, NotFoundError):
            raise answer
        return answer

    async def _as_item(self, file: DriveItem, record: Version) -> DriveItem:
        own = addresses.item(self._handle.id, file.id)
        try:
            url = await location(self._session, item_parts.version(own, record.id).below("content"))
        except (BadRequestError, NotFoundError):
            # The newest version's bytes are the file's own content; the service may refuse them here.
            now = await self._handle.item(_by_id(file))
            newest = [known async for page in self.list(now) for known in page][:1]
            if not newest or newest[0].id != record.id or now.size != record.size:
                raise
            return now
        raw = {
            "id": file.id,
            "name": file.name,
            "size": record.size,
            "eTag": f"{file.id} version {record.id}",
            "file": {},
            "parentReference": {"driveId": self._handle.id},
            "lastModifiedDateTime": record.raw.get("lastModifiedDateTime"),
            "@microsoft.graph.downloadUrl": url,
        }
        return DriveItem.from_json(raw)

    def _reader(self, file: DriveItem, record: Version) -> _Reader:
        return _Reader(self, file, record)


class _Reader:
    """Makes the reader of a byte range of one version; every renewal of the URL asks for that version again."""

    def __init__(self, versions: Versions, file: DriveItem, record: Version) -> None:
        self._versions, self._file, self._record = versions, file, record

    def __call__(self, whole: DriveItem, start: int, end: int | None) -> Reading:
        versions, file, record = self._versions, self._file, self._record
        return Reading(versions._session, whole, lambda: versions._as_item(file, record), start, end)


def _id(version: str | Version) -> str:
    return version.id if isinstance(version, Version) else version


def _by_id(file: DriveItem) -> str:
    return f"id:{file.id}"

"""The contents of a drive's files: read in ranges or whole, downloaded, uploaded; verified by hash either way."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from driveql import errors
from driveql.drive.content import Reading
from driveql.drive.download import Download, local
from driveql.drive.journal import entry
from driveql.drive.lookups import DriveLookups, ItemReference
from driveql.drive.opened import OpenedFile
from driveql.drive.upload import JOURNALED_BYTES, ConflictBehavior, Progress, Upload
from driveql.drive.verification import Verification, check_whole
from driveql.errors import InvalidPathError, NotFoundError
from driveql.graph import paths
from driveql.graph.models import DriveItem


class DriveFiles(DriveLookups):
    """A drive whose files can be read and written."""

    def reading(self, item: DriveItem, start: int = 0, end: int | None = None) -> Reading:
        """Return the reader of a file's bytes `start` to `end` (exclusive)."""
        if item.is_folder:
            raise InvalidPathError(f"{item.path or item.name} is a folder and has no content.")
        return Reading(self.session, item, lambda: self._again(item), start, end)

    def opened(self, item: DriveItem) -> OpenedFile:
        """Return the file as the version that `item` is, for reading ranges of that version and no other."""
        if item.is_folder:
            raise InvalidPathError(f"{item.path or item.name} is a folder and has no content.")
        return OpenedFile(self.session, item, lambda: self._again(item))

    async def read(self, reference: ItemReference, start: int = 0, end: int | None = None) -> bytes:
        """Return a file's bytes, or those from `start` to `end` (exclusive). A whole file is verified by its hash."""
        item = await self._fresh(reference)
        content = b"".join([chunk async for chunk in self.reading(item, start, end).chunks()])
        if start == 0 and end is None:
            check_whole(item, content)
        return content

    async def stream(self, reference: ItemReference) -> AsyncGenerator[bytes, None]:
        """Yield a file's bytes in order; after the last one they are verified by the service's hash.

        Raises:
            IntegrityError: at the end, if the bytes are not the file's.
        """
        item = await self._fresh(reference)
        verification = Verification(item)
        async for chunk in self.reading(item).chunks():
            verification.update(chunk)
            yield chunk
        verification.check()

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
        if_match: str | None = None,
        progress: Progress | None = None,
    ) -> DriveItem:
        """Write a file at `path`; its folders must exist. The service's copy is verified by size and hash.

        The upload of a large local file that was interrupted is continued, by any process of this user, when asked again.

        Parameters:
            source: a local file, bytes, or an open seekable binary file.
            conflict: what happens where the name is taken: `fail`, `replace` (a new version), `rename`.
            keep_times: a local file's modification time goes with it.
            if_match: the eTag that the item which is replaced must still have.
            progress: called with bytes sent and bytes in all.

        Raises:
            AlreadyExistsError, ItemChangedError, LockedError, QuotaExceededError, IntegrityError, LocalFileError,
            InvalidPathError.
        """
        path = paths.check_new_path(path)
        target = await self.address(path)
        with local(source if isinstance(source, Path) else None), contextlib.ExitStack() as stack:
            file, modified = _opened(source, stack)
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            journal = None
            if isinstance(source, Path) and size >= JOURNALED_BYTES:
                journal = stack.enter_context(entry(source, str(target), f"{conflict} {if_match}"))
            upload = Upload(
                self.session, target, path, file, size, conflict, progress=progress, journal=journal
            )
            upload.if_match = if_match
            if keep_times:
                upload.created = upload.modified = modified
            return await upload.run()

    async def _again(self, item: DriveItem) -> DriveItem:
        """Return the item as it is now. Raises NotFoundError with its path where it was deleted meanwhile."""
        try:
            return await self.item(f"id:{item.id}")
        except NotFoundError as gone:
            raise NotFoundError(
                f"{item.path or item.name} is no longer there: it was deleted since it was looked up.",
                status=gone.status,
                code=gone.code,
                request_id=gone.request_id,
                hint="Look it up again, or leave it out.",
            ) from gone

    async def _fresh(self, reference: ItemReference) -> DriveItem:
        if isinstance(reference, DriveItem) and reference.download_url:
            return reference
        return await self.item(reference)


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

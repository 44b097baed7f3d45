"""An open file. What is read is one version of it, or an error; what is written appears whole when it is closed, or not at all.

A reader is bound to the version it was opened on, as `OpenedFile` says. What is written is collected in a temporary file and
sent on close, verified: a small one by PUT, a large one by an upload session, whose fragments need to know the whole size.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
import warnings
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any

from fsspec.asyn import sync
from fsspec.spec import AbstractBufferedFile

from driveql.drive.handle import DriveHandle
from driveql.errors import DriveqlError
from driveql.filesystem.info import info_of
from driveql.filesystem.oserrors import os_error
from driveql.filesystem.position import Position
from driveql.filesystem.readahead import ScanCache
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.filesystem.filesystem import OneDriveFileSystem

BLOCK_BYTES = 8 * 1024 * 1024
SPOOL_BYTES = 8 * 1024 * 1024


class OneDriveFile(AbstractBufferedFile):  # type: ignore[misc]  # fsspec has no types
    """A binary file, opened by `OneDriveFileSystem.open`.

    Modes: `rb`, `wb` (replaces what is there), `xb` (must be new) and `ab` (adds to the version that was opened, or makes the
    file; where it is another version when the file is closed, that stays as it is, and closing is an error). Leaving a `with`
    block by an exception, `discard()`, and forgetting the file unclosed throw away what was written.
    """

    DEFAULT_BLOCK_SIZE = BLOCK_BYTES
    closed: bool

    def __init__(
        self,
        fs: OneDriveFileSystem,
        path: str,
        mode: str = "rb",
        block_size: int | str | None = None,
        autocommit: bool = True,
        cache_type: str = ScanCache.name,
        cache_options: dict[str, Any] | None = None,
        size: int | None = None,  # noqa: ARG002 - of an earlier opening; the version opened now has its own
        item: tuple[DriveHandle, DriveItem] | None = None,
        base: tuple[DriveHandle, DriveItem] | None = None,
        **kwargs: Any,
    ) -> None:
        self._spool: Any = None
        self._position = Position()
        self.loc: int = 0
        self._item: DriveItem | None = None
        length = None
        if item is not None:
            handle, self._item = item
            self._opened = handle.opened(self._item)
            length = self._item.size
            if cache_type == ScanCache.name:
                cache_options = {"begin": self._begin_range, **(cache_options or {})}
        super().__init__(
            fs, path, mode, block_size or "default", autocommit, cache_type, cache_options, length, **kwargs
        )
        if self._item is not None:
            self.details = info_of(self._item, path)
        self._base = base
        if base is not None:
            self.loc = base[1].size

    def _fetch_range(self, start: int, end: int) -> bytes:
        content: bytes = sync(self.fs.loop, self._range, start, end)
        return content

    def _begin_range(self, start: int, end: int) -> Future[bytes]:
        return asyncio.run_coroutine_threadsafe(self._range(start, end), self.fs.loop)

    async def _range(self, start: int, end: int) -> bytes:
        try:
            return await self._opened.read(start, end)
        except DriveqlError as error:
            raise os_error(error, self.path) from error

    def _initiate_upload(self) -> None:
        self._spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by commit or discard

    def _upload_chunk(self, final: bool = False) -> bool:
        self._spool.write(self.buffer.getbuffer())
        if final and self.autocommit:
            self.commit()
        return True

    def commit(self) -> None:
        """Send what was written. Nothing appears under the name before all of it is there and verified.

        Raises:
            FileExistsError: mode `xb`, and the name is taken by now. OSError: it could not be sent, or is no longer what was
                opened to append to (ESTALE); what was written is thrown away.
        """
        spool, self._spool = self._spool, None
        if spool is None:
            return
        with contextlib.closing(spool):
            sync(self.fs.loop, self.fs._commit, self.path, spool, self.mode, self._base)

    def discard(self) -> None:
        """Throw away what was written; what was there before stays."""
        spool, self._spool = self._spool, None
        self.forced = True
        if spool is not None:
            spool.close()

    def close(self) -> None:
        """Finish: send what was written, unless a transaction will, or forget what was read."""
        try:
            super().close()
        except BaseException:
            self.discard()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self.mode != "rb" and not self.closed:
            self.discard()
            self.closed = True
            return
        self.close()

    def __del__(self) -> None:
        if self.closed:
            return
        if self.mode == "rb":
            self.close()
            return
        self.discard()
        self.closed = True
        text = f"{self.path} was written to and never closed; what was written is thrown away."
        warnings.warn(text, ResourceWarning, stacklevel=2)

    def seek(self, loc: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position in bytes and return it; only where the file is read."""
        if self.mode == "rb" and whence == io.SEEK_CUR:
            loc, whence = self.tell() + loc, io.SEEK_SET
        position: int = super().seek(loc, whence)
        return self._position.seek(position)

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position.tell() if self.mode == "rb" else self.loc

    def read(self, length: int | None = -1) -> bytes:
        """Return `length` bytes from the position on, all by default; fewer only at the end. Threads may share the file."""
        if self.mode != "rb" or self.closed:
            content: bytes = super().read(length)
            return content
        start, stop = self._position.advance(-1 if length is None else length, self.size)
        content = self.cache._fetch(start, stop) if stop > start else b""
        self.loc = stop
        return content

"""A file in OneDrive as a seekable binary file over ranged requests.

A small file is fetched whole. In a larger one, reads that go on where the last one ended are taken for a scan: each fetches a
larger block than the one before, and soon the next block is on its way while this one is used. A read elsewhere fetches little
more than was asked for, so that one column of a Parquet file costs its own chunks.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Coroutine
from typing import Any

from driveql.errors import ConnectionLostError, DriveqlError
from driveql.sql.block_cache import BlockCache
from driveql.sql.dataset import Tenant
from driveql.sql.pump import interruptible
from driveql.sql.source import DriveSource, FileItem

WHOLE_BYTES = 2 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
SMALLEST_BYTES = 64 * 1024


class RangedFile(io.RawIOBase):
    """One open file. Reads from several threads are put one after another.

    Parameters:
        blocks: where fetched pieces are kept, for this and other openings of the file.
    """

    def __init__(self, tenant: Tenant, drive: DriveSource, item: FileItem, blocks: BlockCache) -> None:
        super().__init__()
        self._tenant = tenant
        self._statement = tenant.statement
        self._drive = drive
        self._item = item
        self._position = 0
        self._blocks = blocks
        self._ahead: tuple[int, asyncio.Task[bytes]] | None = None
        self._last_end = -1
        self._stride = SMALLEST_BYTES
        self._lock = threading.RLock()

    @property
    def size(self) -> int:
        """The file's length in bytes."""
        return self._item.size

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position in bytes and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: object) -> int:
        """Fill a writable buffer from the position on; fewer bytes only at the file's end."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        content = self.read(len(view))
        view[: len(content)] = content
        return len(content)

    def readall(self) -> bytes:
        """Return everything from the position on."""
        return self.read(-1)

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes from the position on; fewer only at the file's end."""
        with self._lock:
            try:
                self._statement.check()
                end = self.size if size < 0 else min(self.size, self._position + size)
                content = self._range(self._position, end) if end > self._position else b""
            except DriveqlError as error:
                self._statement.failed(error)
                raise
            self._position += len(content)
            return content

    def close(self) -> None:
        """Forget what was fetched; a block still on its way is given up."""
        with self._lock:
            ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].get_loop().call_soon_threadsafe(ahead[1].cancel)
        super().close()

    def _range(self, start: int, end: int) -> bytes:
        parts: list[bytes] = []
        while start < end:
            block_start, block = self._block_at(start, end)
            part = block[start - block_start : end - block_start]
            if not part:
                raise ConnectionLostError(
                    f"The content of {self._item.path or self._item.name} ended at byte {start}."
                )
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _block_at(self, position: int, wanted_end: int) -> tuple[int, bytes]:
        known = self._blocks.find(self._item.id, position)
        if known is None:
            known = self._fetched(position, wanted_end)
            self._blocks.keep(self._item.id, *known)
        self._last_end = known[0] + len(known[1])
        return known

    def _fetched(self, position: int, wanted_end: int) -> tuple[int, bytes]:
        if self.size <= WHOLE_BYTES:
            return 0, self._call(self._drive.read(self._item))
        sequential = position == self._last_end
        self._stride = min(BLOCK_BYTES, self._stride * 4) if sequential else SMALLEST_BYTES
        content = self._taken_ahead(position)
        if content is None:
            content = self._get(position, min(self.size, max(wanted_end, position + self._stride)))
        following = position + len(content)
        if sequential and self._stride == BLOCK_BYTES and following < self.size:
            self._ahead = (following, self._tenant.portal.call(self._begin(following)))
        return position, content

    def _taken_ahead(self, position: int) -> bytes | None:
        """Return the block that was fetched ahead, if it is the one that is wanted now."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return None
        if ahead[0] == position:
            return self._call(_finish(ahead[1]))
        ahead[1].get_loop().call_soon_threadsafe(ahead[1].cancel)
        return None

    def _get(self, start: int, end: int) -> bytes:
        return self._call(self._drive.read(self._item, start, end))

    def _call(self, work: Coroutine[Any, Any, bytes]) -> bytes:
        return self._tenant.portal.call(interruptible(work, self._statement))

    async def _begin(self, start: int) -> asyncio.Task[bytes]:
        end = min(self.size, start + BLOCK_BYTES)
        return asyncio.ensure_future(_read(self._drive, self._item, start, end))


async def _read(drive: DriveSource, item: FileItem, start: int, end: int) -> bytes:
    return await drive.read(item, start, end)


async def _finish(task: asyncio.Task[bytes]) -> bytes:
    return await task

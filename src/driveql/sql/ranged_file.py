"""A file in OneDrive as a seekable binary file over ranged requests.

A small file is fetched whole. In a larger one, a read that goes on where the last one ended is taken for a scan: it fetches a
large block, and the next block is on its way while this one is used. A read elsewhere fetches little more than was asked for,
so that one column of a Parquet file costs its own chunks.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any

from driveql.errors import ConnectionLostError, DriveqlError
from driveql.sql.dataset import Tenant
from driveql.sql.pump import interruptible
from driveql.sql.source import DriveSource, FileItem

WHOLE_BYTES = 2 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
SMALLEST_BYTES = 64 * 1024
BLOCKS_KEPT = 4


class RangedFile(io.RawIOBase):
    """One open file. Reads from several threads are put one after another."""

    def __init__(self, tenant: Tenant, drive: DriveSource, item: FileItem) -> None:
        super().__init__()
        self._tenant = tenant
        self._statement = tenant.statement
        self._drive = drive
        self._item = item
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead: tuple[int, asyncio.Task[bytes]] | None = None
        self._last_end = -1
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
            self._blocks.clear()
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
        for start, block in self._blocks.items():
            if start <= position < start + len(block):
                self._blocks.move_to_end(start)
                return start, block
        block = self._fetched(position, wanted_end)
        self._blocks[position] = block
        self._last_end = position + len(block)
        while len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return position, block

    def _fetched(self, position: int, wanted_end: int) -> bytes:
        if self.size <= WHOLE_BYTES:
            if position == 0:
                return self._call(self._drive.read(self._item))
            return self._get(position, self.size)
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == position:
            content = self._call(_finish(ahead[1]))
        else:
            if ahead is not None:
                ahead[1].get_loop().call_soon_threadsafe(ahead[1].cancel)
            scanning = position in (self._last_end, 0)
            most = BLOCK_BYTES if position == self._last_end else SMALLEST_BYTES
            content = self._get(position, min(self.size, max(wanted_end, position + most)))
            if not scanning:
                return content
        following = position + len(content)
        if following < self.size and position > 0:
            self._ahead = (following, self._tenant.portal.call(self._begin(following)))
        return content

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

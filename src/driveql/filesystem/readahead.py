"""What an open file keeps in memory: small files whole, scans in large blocks with the next one on its way, the rest as asked.

A read that goes on where the last one ended is a scan. A read elsewhere fetches little more than was asked for, so that one
column of a Parquet file costs its own chunks.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import ClassVar

from fsspec.caching import BaseCache, register_cache  # type: ignore[import-untyped]

WHOLE_BYTES = 4 * 1024 * 1024
SMALLEST_BYTES = 64 * 1024
BLOCKS_KEPT = 4

Fetch = Callable[[int, int], bytes]
Begin = Callable[[int, int], Future[bytes]]


class ScanCache(BaseCache):  # type: ignore[misc]  # fsspec has no types
    """A cache for `OneDriveFile`, chosen by `cache_type="onedrive"`, which is the default.

    Parameters:
        blocksize: bytes of a scan's block. fetcher: returns a range. size: the file's length in bytes.
        begin: starts to fetch a range and returns its future; without it nothing is fetched ahead.
    """

    name: ClassVar[str] = "onedrive"

    def __init__(self, blocksize: int, fetcher: Fetch, size: int, begin: Begin | None = None) -> None:
        super().__init__(blocksize, fetcher, size)
        self._begin = begin
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead: tuple[int, Future[bytes]] | None = None
        self._last_end = 0
        self._lock = threading.RLock()

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        start = start or 0
        stop = self.size if stop is None else min(stop, self.size)
        parts: list[bytes] = []
        with self._lock:
            scanning = start == self._last_end
            while start < stop:
                begin, block = self._block(start, stop, scanning)
                part = block[start - begin : stop - begin]
                parts.append(part)
                start += len(part)
            self._last_end = max(start, 0)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Forget what was fetched; a block still on its way is given up."""
        with self._lock:
            self._give_up()
            self._blocks.clear()

    def _block(self, position: int, wanted_end: int, scanning: bool) -> tuple[int, bytes]:
        for start, block in self._blocks.items():
            if start <= position < start + len(block):
                self._blocks.move_to_end(start)
                self.hit_count += 1
                return start, block
        self.miss_count += 1
        start, block = self._fetched(position, wanted_end, scanning)
        if not block:
            raise EOFError(f"The file ended at byte {position} of {self.size}.")
        self._blocks[start] = block
        while len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return start, block

    def _fetched(self, position: int, wanted_end: int, scanning: bool) -> tuple[int, bytes]:
        if self.size <= WHOLE_BYTES:
            return 0, self._get(0, self.size)
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == position:
            content = ahead[1].result()
        else:
            self._ahead = ahead
            self._give_up()
            most = self.blocksize if scanning and position else SMALLEST_BYTES
            content = self._get(position, min(self.size, max(wanted_end, position + most)))
        following = position + len(content)
        if scanning and position and following < self.size and self._begin is not None:
            end = min(self.size, following + self.blocksize)
            self.total_requested_bytes += end - following
            self._ahead = following, self._begin(following, end)
        return position, content

    def _get(self, start: int, end: int) -> bytes:
        self.total_requested_bytes += end - start
        content: bytes = self.fetcher(start, end)
        return content

    def _give_up(self) -> None:
        if self._ahead is not None:
            self._ahead[1].cancel()
            self._ahead = None


register_cache(ScanCache, clobber=True)

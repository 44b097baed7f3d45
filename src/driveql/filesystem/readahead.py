"""Which bytes of an open file are fetched when: small files whole, scans in large blocks several at a time, the rest as asked.

Reads that began at the file's beginning and go on are a scan, also where several threads share it out and are not quite in
order; and so are small ones elsewhere, each where the last one ended. Its blocks grow, and soon some are on their way while
one is used. Any other read fetches little more than was asked for, so that one column of a Parquet file costs its own chunks;
one near the end fetches the end, where Parquet files and zip archives have their directories.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import CancelledError, Future
from typing import ClassVar

from fsspec.caching import BaseCache, register_cache

from driveql.filesystem.blocks import Begin, Block, Blocks

WHOLE_BYTES = 2 << 20
BLOCK_BYTES = 4 << 20
SMALLEST_BYTES = 64 << 10
TAIL_BYTES = 128 << 10
AHEAD = 2
_GROWTH = 16
_TRIES = 3
_KEPT = 4
# How far from where a scan has come its threads may read, in blocks.
_DISORDER = 4


class Readahead:
    """The reads of one opening of a file. Any number of threads may read at once.

    Parameters:
        size: the file's length in bytes. begin: starts to fetch a range and returns its future.
        blocks: where pieces are kept, for this and other openings of the same `version`.
        block_bytes: the largest block. ahead: how many are on their way before they are asked for.
    """

    def __init__(
        self,
        size: int,
        begin: Begin,
        blocks: Blocks,
        version: Hashable = None,
        *,
        block_bytes: int = BLOCK_BYTES,
        ahead: int = AHEAD,
    ) -> None:
        self._size = size
        self._begin = begin
        self._blocks = blocks
        self._version = version
        self._block_bytes = block_bytes
        self._ahead = ahead
        self._stride = min(SMALLEST_BYTES, block_bytes)
        self._last_end = -1
        self._from_beginning = False
        self._frontier = 0
        self._coming: dict[int, Block] = {}
        # The block read last stays until another takes its place, however much is on its way.
        self._current: Block | None = None
        self._lock = threading.Lock()

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes `start` to `stop` (exclusive); fewer only at the file's end."""
        stop = min(stop, self._size)
        if start >= stop:
            return b""
        scanning = self._is_scan(start, stop)
        if scanning and stop - start >= self._block_bytes:
            # Whoever reads on by whole blocks needs no trial of his perseverance.
            self._stride = self._block_bytes
        parts = list(self._parts(start, stop, scanning))
        if len(parts) == 1 and isinstance(parts[0], bytes):
            return parts[0]
        return b"".join(parts)

    def _is_scan(self, start: int, stop: int) -> bool:
        """Return whether a read belongs to a scan, and let go of what the scan has passed or left."""
        window = _DISORDER * self._block_bytes
        with self._lock:
            onward = start == self._last_end
            self._from_beginning = start == 0 or (self._from_beginning and start <= self._frontier + window)
            self._frontier = max(self._frontier, stop) if start else stop
            self._last_end = stop
            near = self._from_beginning and start > max(0, self._frontier - window)
            scanning = near or (onward and start > 0 and stop - start < SMALLEST_BYTES)
            left = not (scanning or self._from_beginning)
            passed = [each for each, block in self._coming.items() if left or block.end <= start]
            given_up = [self._coming.pop(each) for each in passed]
        for block in given_up:
            self._blocks.give_up(self._version, block)
        return scanning

    def close(self) -> None:
        """Give up what is on its way and was not asked for."""
        with self._lock:
            coming, self._coming = self._coming, {}
        for block in coming.values():
            self._blocks.give_up(self._version, block)
        self._hold(None)

    def _parts(self, start: int, stop: int, scanning: bool) -> Iterator[bytes | memoryview]:
        held: dict[int, Block] = {}
        tries = 0
        try:
            while start < stop:
                self._ask(start, stop, scanning, held)
                block = held.pop(start, None) or self._block(start, stop, scanning)
                content = self._content(block)
                if content is None and (tries := tries + 1) < _TRIES:
                    continue
                if not content:
                    raise EOFError(f"The file ended at byte {block.start} of {self._size}.")
                whole = start == block.start and stop >= block.end
                yield content if whole else memoryview(content)[start - block.start : stop - block.start]
                start = block.end
        finally:
            for block in held.values():
                self._blocks.done(self._version, block)

    def _ask(self, start: int, stop: int, scanning: bool, held: dict[int, Block]) -> None:
        """Have the blocks of a large read, and in a scan those behind it, on their way."""
        full = self._stride == self._block_bytes
        if stop - start <= self._block_bytes and not (scanning and full):
            return
        position, last = start, stop if not (scanning and full) else self._size
        while position < last and len(held) <= self._ahead:
            block = held.get(position)
            if block is None:
                # Up to the same places for all, so that the blocks of threads that share a scan meet.
                end = min(self._size, (position // self._block_bytes + 1) * self._block_bytes)
                block = self._taken(position) or self._begun(position, end)
                if position < stop:
                    held[position] = block
                else:
                    with self._lock:
                        before, self._coming[position] = self._coming.get(position), block
                    if before is not None:
                        # Another thread of the scan was as far.
                        self._blocks.done(self._version, before)
            position = block.end
            if position - start >= (self._ahead + 1) * self._block_bytes:
                return

    def _block(self, start: int, stop: int, scanning: bool) -> Block:
        """Return the block that holds a position; a new one is as long as the way of reading says."""
        known = self._taken(start) or self._blocks.find(self._version, start)
        if known is not None:
            return known
        if self._size <= WHOLE_BYTES:
            return self._reaching(start, 0)
        tail = self._size - TAIL_BYTES
        if start >= tail and not scanning:
            return self._reaching(start, tail)
        smallest = min(SMALLEST_BYTES, self._block_bytes)
        self._stride = min(self._block_bytes, self._stride * _GROWTH) if scanning else smallest
        return self._begun(start, min(self._size, max(stop, start + self._stride)))

    def _reaching(self, position: int, begin: int) -> Block:
        """Return the block that holds a position: the file from `begin` to its end, or what is not there of that yet."""
        while (block := self._begun(begin, self._size)).end <= position:
            self._blocks.done(self._version, block)
            begin = block.end
        return block

    def _taken(self, position: int) -> Block | None:
        with self._lock:
            return self._coming.pop(position, None)

    def _begun(self, start: int, end: int) -> Block:
        return self._blocks.begin(self._version, start, end, self._begin)

    def _content(self, block: Block) -> bytes | None:
        """Wait for a block's bytes; None where another reader of the file gave it up meanwhile."""
        try:
            content = block.future.result()
        except BaseException as error:
            if not block.future.done():
                block.future.cancel()
            self._blocks.done(self._version, block)
            if isinstance(error, CancelledError):
                return None
            raise
        self._hold(block)
        return content

    def _hold(self, block: Block | None) -> None:
        with self._lock:
            before, self._current = self._current, block
        if before is not None:
            self._blocks.done(self._version, before)


class ScanCache(BaseCache):  # type: ignore[misc]  # fsspec has no types
    """A cache for `OneDriveFile`, chosen by `cache_type="onedrive"`, which is the default.

    Parameters:
        blocksize: bytes of a scan's block. fetcher: returns a range. size: the file's length in bytes.
        begin: starts to fetch a range and returns its future; without it nothing is fetched ahead.
    """

    name: ClassVar[str] = "onedrive"

    def __init__(
        self, blocksize: int, fetcher: Callable[[int, int], bytes], size: int, begin: Begin | None = None
    ) -> None:
        super().__init__(blocksize, fetcher, size)
        self._begin = begin
        blocks = Blocks(_KEPT * blocksize)
        ahead = AHEAD if begin is not None else 0
        self._reads = Readahead(size, self._asked, blocks, block_bytes=blocksize, ahead=ahead)

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        return self._reads.read(start or 0, self.size if stop is None else stop)

    def close(self) -> None:
        """Give up what is on its way."""
        self._reads.close()

    def _asked(self, start: int, end: int) -> Future[bytes]:
        self.miss_count += 1
        self.total_requested_bytes += end - start
        if self._begin is not None:
            return self._begin(start, end)
        fetched: Future[bytes] = Future()
        fetched.set_result(self.fetcher(start, end))
        return fetched


register_cache(ScanCache, clobber=True)

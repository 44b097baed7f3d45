"""Pieces of files on their way or in memory, shared by all who read the same version, and bounded in bytes.

Whoever wants a piece that another has asked for waits for that one: it is fetched once. An open file that nobody holds any more
is closed by the garbage collector, in the midst of whatever a thread is doing, also here: so saying that a piece is done never
waits for the lock. It is noted, and carried out by whoever has the lock, or has it next.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

MOST_BYTES = 8 << 20

Begin = Callable[[int, int], "Future[bytes]"]


@dataclass(slots=True, eq=False)
class Block:
    """Bytes `start` to `end` (exclusive) of a file, there or on their way."""

    start: int
    end: int
    future: Future[bytes]
    waiting: int = 0


class Blocks:
    """Blocks by file version and position. Every method may be called from any thread.

    Parameters:
        most_bytes: how much is kept; blocks that are on their way or waited for stay beyond that.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._blocks: OrderedDict[tuple[Hashable, int], Block] = OrderedDict()
        self._starts: dict[Hashable, set[int]] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        # What was said and is not carried out yet: version, block, and whether it was given up.
        self._said: deque[tuple[Hashable, Block, bool]] = deque()

    def find(self, version: Hashable, position: int) -> Block | None:
        """Return the block that holds a position, None where there is none; it is kept until `done` is called with it."""
        with self._locked():
            return self._found(version, position)

    def begin(self, version: Hashable, start: int, end: int, fetch: Begin) -> Block:
        """Return the block that holds `start`, as `find` does; where there is none its fetching is begun."""
        with self._locked():
            known = self._found(version, start)
            if known is not None:
                return known
            block = Block(start, end, fetch(start, end), waiting=1)
            self._blocks[version, start] = block
            self._starts.setdefault(version, set()).add(start)
            self._bytes += end - start
            self._make_room()
            return block

    def done(self, version: Hashable, block: Block) -> None:
        """Say that a block is no longer waited for; one that failed is forgotten."""
        self._said.append((version, block, False))
        self._settle()

    def give_up(self, version: Hashable, block: Block) -> None:
        """Say the same of a block that will not be used: if it is on its way and nobody else waits for it, it is cancelled."""
        self._said.append((version, block, True))
        self._settle()

    def clear(self) -> None:
        """Forget everything; what is on its way is cancelled."""
        with self._locked():
            dropped = list(self._blocks.values())
            self._blocks.clear()
            self._starts.clear()
            self._bytes = 0
        for block in dropped:
            block.future.cancel()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        unwanted: list[Block] = []
        try:
            with self._lock:
                unwanted = self._carried_out()
                yield
        finally:
            for block in unwanted:
                block.future.cancel()
            self._settle()

    def _settle(self) -> None:
        """Carry out what was said, unless somebody has the lock: whoever has it looks once more after giving it back."""
        while self._said and self._lock.acquire(blocking=False):
            try:
                unwanted = self._carried_out()
            finally:
                self._lock.release()
            for block in unwanted:
                block.future.cancel()

    def _carried_out(self) -> list[Block]:
        """Carry out what was said and return the blocks that are to be cancelled; the lock is held."""
        unwanted: list[Block] = []
        while self._said:
            version, block, given_up = self._said.popleft()
            block.waiting -= 1
            if _failed(block):
                self._drop(version, block)
            elif given_up and not block.future.done() and block.waiting <= 0:
                self._drop(version, block)
                unwanted.append(block)
        self._make_room()
        return unwanted

    def _found(self, version: Hashable, position: int) -> Block | None:
        for start in tuple(self._starts.get(version, ())):
            block = self._blocks[version, start]
            if not start <= position < block.end:
                continue
            if _failed(block):
                # While nobody waited for it; whoever asks now asks the server anew.
                self._drop(version, block)
            else:
                self._blocks.move_to_end((version, start))
                block.waiting += 1
                return block
        return None

    def _make_room(self) -> None:
        if self._bytes <= self._most:
            return
        for (version, _), block in list(self._blocks.items()):
            if block.waiting <= 0 and block.future.done():
                self._drop(version, block)
                if self._bytes <= self._most:
                    return

    def _drop(self, version: Hashable, block: Block) -> None:
        if self._blocks.get((version, block.start)) is not block:
            return
        del self._blocks[version, block.start]
        self._bytes -= block.end - block.start
        starts = self._starts[version]
        starts.discard(block.start)
        if not starts:
            del self._starts[version]


def _failed(block: Block) -> bool:
    future = block.future
    return future.done() and (future.cancelled() or future.exception() is not None)

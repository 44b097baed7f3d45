"""Pieces of files that a statement has fetched, shared by all who read the same file, and bounded in bytes.

DuckDB opens a file several times for one query: to guess its format, to bind, to scan.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

MOST_BYTES = 64 * 1024 * 1024


class BlockCache:
    """Blocks by file and position. Every method may be called from any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._blocks: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._starts: dict[str, set[int]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, file: str, position: int) -> tuple[int, bytes] | None:
        """Return the block that holds a position of a file, and where it begins; None where there is none."""
        with self._lock:
            for start in self._starts.get(file, ()):
                block = self._blocks[file, start]
                if start <= position < start + len(block):
                    self._blocks.move_to_end((file, start))
                    return start, block
            return None

    def keep(self, file: str, start: int, block: bytes) -> None:
        """Keep a block; the blocks used longest ago make room."""
        with self._lock:
            if (file, start) in self._blocks:
                self._drop((file, start))
            self._blocks[file, start] = block
            self._starts.setdefault(file, set()).add(start)
            self._bytes += len(block)
            while self._bytes > self._most and len(self._blocks) > 1:
                self._drop(next(iter(self._blocks)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._blocks.clear()
            self._starts.clear()
            self._bytes = 0

    def _drop(self, key: tuple[str, int]) -> None:
        self._bytes -= len(self._blocks.pop(key))
        starts = self._starts[key[0]]
        starts.discard(key[1])
        if not starts:
            del self._starts[key[0]]

"""Where an open file is read next, for readers that seek and read in two steps from several threads, as DuckDB does.

A thread's read begins where that thread last sought, whatever others sought between the two steps. A read without a seek of
its own goes on where the last read or seek of any thread ended.
"""

from __future__ import annotations

import threading


class Position:
    """A position in bytes."""

    def __init__(self) -> None:
        self._shared = 0
        # The place each thread sought, until it reads there; forgotten when somebody reads on without seeking.
        self._sought: dict[int, int] = {}
        self._lock = threading.Lock()

    def seek(self, position: int) -> int:
        """Move to a position and return it."""
        with self._lock:
            self._sought[threading.get_ident()] = self._shared = position
        return position

    def tell(self) -> int:
        """Return where this thread would read."""
        with self._lock:
            return self._sought.get(threading.get_ident(), self._shared)

    def advance(self, size: int, length: int) -> tuple[int, int]:
        """Move on by a read and return the range to read.

        Parameters:
            size: bytes to read; negative for all. length: of the file in bytes.
        """
        with self._lock:
            start = self._sought.pop(threading.get_ident(), None)
            if start is None:
                self._sought.clear()
                start = self._shared
            end = length if size < 0 else min(length, start + size)
            self._shared = max(start, end)
            return start, self._shared

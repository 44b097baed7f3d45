"""Threads that wait for work: to begin one costs more than what most do, and the event loop stands still meanwhile."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_IDLE_SECONDS = 15.0

Work = Callable[[], None]


class Workers:
    """As many threads as there is work at once. Methods may be called from any thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: list[queue.SimpleQueue[Work | None]] = []
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many threads have nothing to do."""
        return len(self._waiting)

    def begin(self, work: Work) -> None:
        """Have work done, which deals with its own errors; return at once."""
        with self._lock:
            found = self._waiting.pop() if self._waiting else None
        if found is not None:
            found.put(work)
        else:
            threading.Thread(target=self._run, args=(work,), name=self._name, daemon=True).start()

    def close(self) -> None:
        """Have the threads end that wait; those at work wait for more as ever."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.put(None)

    def _run(self, first: Work) -> None:
        own: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        work: Work | None = first
        del first
        while work is not None:
            work()
            work = None  # nor what it holds
            with self._lock:
                self._waiting.append(own)
            try:
                work = own.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if own in self._waiting:
                        self._waiting.remove(own)
                        return
                # Work was given in the last moment.
                work = own.get()

"""The one way from synchronous code into the event loop: a daemon thread per process that owns a loop.

Safe under threads (any number may call at once), inside Jupyter (the caller's own running loop is not used), and after
fork (a child makes its own loop; the parent's is left alone). A call from the loop's own thread would wait for itself for
ever, so it is refused.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from driveql.errors import DriveqlError

T = TypeVar("T")

_lock = threading.Lock()
_current: Portal | None = None


class Portal:
    """A running event loop in a thread of its own."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="driveql-portal", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the portal's loop and return its result; an interrupt cancels it there.

        Raises:
            DriveqlError: called from the portal's own thread.
        """
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise DriveqlError(
                "A blocking call was made from driveql's own event loop, where it would wait for itself.",
                hint="Use driveql.aio inside coroutines and callbacks.",
            )
        return _result(self.begin(coroutine))

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the portal's loop and return its future; cancelling that cancels it there.

        Raises:
            DriveqlError: the loop is in the process that this one was forked from: nothing would ever answer.
        """
        if self.process != os.getpid():
            coroutine.close()
            raise DriveqlError(
                "What is asked here was opened before this process was forked.",
                hint="Open it in each process.",
            )
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def iterate(self, source: AsyncIterator[T]) -> Iterator[T]:
        """Iterate over an asynchronous iterator from synchronous code; leaving early closes it."""
        iterator = source.__aiter__()
        try:
            while True:
                item = self.call(_next(iterator))
                if isinstance(item, _End):
                    return
                yield item
        finally:
            if isinstance(iterator, AsyncGenerator) and self.process == os.getpid():
                self.call(iterator.aclose())


def portal() -> Portal:
    """Return this process's portal, made on first use and made anew after fork."""
    global _current
    with _lock:
        if _current is None or _current.process != os.getpid():
            _current = Portal()
        return _current


def _after_fork() -> None:
    # A fork while another thread held the lock would leave it held in the child for ever.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _End:
    """What `_next` returns at the end: StopAsyncIteration does not travel through a future."""


async def _next(iterator: AsyncIterator[T]) -> T | _End:
    try:
        return await iterator.__anext__()
    except StopAsyncIteration:
        return _End()


def _result(future: Future[T]) -> T:
    try:
        return future.result()
    except BaseException:
        if not future.done():
            future.cancel()
            _settle(future)
        raise


def _settle(future: Future[Any]) -> None:
    try:
        future.result(timeout=5)
    except (CancelledError, TimeoutError, DriveqlError):
        return

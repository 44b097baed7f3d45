"""Pages of a scan, fetched by one task on the event loop and taken one at a time by a blocking caller.

One task owns the asynchronous iterator for its whole life, so that time-outs and task groups inside it work; it stays one page
ahead of the caller, and ends when the caller leaves or the statement is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, Generic, TypeVar

from driveql.sql.source import Portal
from driveql.sql.statement import Statement, cancelled
from driveql.sql.tally import Tally, counted

T = TypeVar("T")


class _End:
    """Stands at the end of the queue."""


class Pump(Generic[T]):
    """Reads an asynchronous iterator ahead.

    Parameters:
        ahead: how many items are fetched before they are asked for.
    """

    def __init__(self, source: AsyncIterator[T], ahead: int) -> None:
        self._source = source
        self._ahead = ahead
        self._task: asyncio.Task[None] | None = None
        self._queue: asyncio.Queue[T | _End | BaseException]
        self._wanted: asyncio.Semaphore

    async def start(self) -> asyncio.AbstractEventLoop:
        """Begin to read; to be called on the loop. Returns the loop."""
        self._queue = asyncio.Queue()
        self._wanted = asyncio.Semaphore(self._ahead)
        self._task = asyncio.create_task(self._run())
        return asyncio.get_running_loop()

    async def _run(self) -> None:
        try:
            await self._wanted.acquire()
            async for item in self._source:
                self._queue.put_nowait(item)
                await self._wanted.acquire()
        except asyncio.CancelledError:
            self._queue.put_nowait(cancelled())
        except BaseException as error:
            self._queue.put_nowait(error)
        else:
            self._queue.put_nowait(_End())

    async def next(self) -> T | _End:
        """Return the next item; raise what the iterator raised."""
        self._wanted.release()
        item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def stop(self) -> None:
        """Cancel the task; to be called on the loop."""
        if self._task is not None and not self._task.done():
            self._task.cancel()

    async def close(self) -> None:
        """Stop, and wait until the iterator has cleaned up after itself."""
        self.stop()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


def pull(
    portal: Portal,
    source: AsyncIterator[T],
    statement: Statement,
    *,
    ahead: int = 1,
    tally: Tally | None = None,
) -> Iterator[T]:
    """Iterate over an asynchronous iterator from a blocking caller.

    Parameters:
        ahead: how many items are fetched before they are asked for. tally: counts the requests that this takes.

    Raises:
        SqlError: the statement was cancelled (code `cancelled`).
        DriveqlError: what the iterator raised.
    """
    pump = Pump(source, ahead)
    with counted(tally or Tally()):
        loop = portal.call(pump.start())

    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(pump.stop)

    try:
        with statement.waking(wake):
            while True:
                item = portal.call(pump.next())
                if isinstance(item, _End):
                    return
                statement.check()
                yield item
    finally:
        _close(portal, loop, pump)


async def interruptible(work: Coroutine[Any, Any, T], statement: Statement) -> T:
    """Await a coroutine on the loop; cancelling the statement ends it at once.

    Raises:
        SqlError: the statement was cancelled (code `cancelled`).
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def wake() -> None:
        loop.call_soon_threadsafe(task.cancel)

    with statement.waking(wake):
        try:
            return await task
        except asyncio.CancelledError:
            if statement.cancelled:
                raise cancelled() from None
            raise


def _close(portal: Portal, loop: asyncio.AbstractEventLoop, pump: Pump[T]) -> None:
    try:
        on_loop = asyncio.get_running_loop() is loop
    except RuntimeError:
        on_loop = False
    if on_loop:
        # The garbage collector may end an abandoned scan in any thread, the loop's own among them, which cannot wait.
        pump.stop()
    else:
        portal.call(pump.close())

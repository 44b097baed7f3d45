"""Several streams of pages at once: each page as it comes, and a small number of them waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from typing import TypeVar

T = TypeVar("T")
# Pages that wait for the reader; each stream under way holds one more.
WAITING = 8


async def interleaved(
    streams: Iterable[AsyncGenerator[T, None]], at_once: int, waiting: int = WAITING
) -> AsyncGenerator[T, None]:
    """Yield what several streams yield, in no particular order between them; the first that fails ends all.

    The first is read alone; each page that the reader comes back from, and each end of a stream, has one more read beside it, so
    that who wants a few rows only asks for little in vain.

    Parameters:
        streams: taken one by one, as others end. at_once: how many are read; of one, nothing is read before it is asked for.
        waiting: how many pages are fetched and not yet taken, besides one of each stream.
    """
    if at_once == 1:
        for stream in streams:
            async with contextlib.aclosing(stream) as pages:
                async for page in pages:
                    yield page
        return
    left = iter(streams)
    arrived: asyncio.Queue[tuple[T] | BaseException | None] = asyncio.Queue()
    room = asyncio.Semaphore(waiting)

    readers: list[asyncio.Task[None]] = []
    ended = 0

    async def read() -> None:
        try:
            for stream in left:
                async with contextlib.aclosing(stream) as pages:
                    async for page in pages:
                        await room.acquire()
                        arrived.put_nowait((page,))
                one_more()
        except BaseException as error:
            arrived.put_nowait(error)
        else:
            arrived.put_nowait(None)

    def one_more() -> None:
        if len(readers) < at_once:
            readers.append(asyncio.create_task(read()))

    one_more()
    try:
        while ended < len(readers):
            come = await arrived.get()
            if come is None:
                ended += 1
                continue
            if isinstance(come, BaseException):
                raise come
            room.release()
            yield come[0]
            one_more()
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

"""Streams read at once: nothing lost, nothing far ahead, and none left running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from driveql.sql.interleaved import interleaved


class Streams:
    """Streams of numbered pages that note which are open and how many pages they gave."""

    def __init__(self) -> None:
        self.open: set[int] = set()
        self.most_open = 0
        self.given = 0

    async def one(
        self, number: int, pages: int, failing: bool = False
    ) -> AsyncGenerator[tuple[int, int], None]:
        self.open.add(number)
        self.most_open = max(self.most_open, len(self.open))
        try:
            for page in range(pages):
                await asyncio.sleep(0)
                self.given += 1
                yield number, page
            if failing:
                raise LookupError(number)
        finally:
            self.open.discard(number)


async def settled() -> None:
    for _ in range(500):
        await asyncio.sleep(0)


@pytest.mark.parametrize("at_once", [1, 2, 8, 40])
@pytest.mark.parametrize("waiting", [1, 8])
async def test_every_page_comes_once_and_those_of_a_stream_in_order(at_once: int, waiting: int) -> None:
    streams = Streams()
    each = (streams.one(number, number % 4) for number in range(30))
    found = [page async for page in interleaved(each, at_once, waiting)]
    assert sorted(found) == [(number, page) for number in range(30) for page in range(number % 4)]
    for number in range(30):
        assert [page for of, page in found if of == number] == list(range(number % 4))
    assert streams.most_open <= at_once
    assert not streams.open


async def test_a_reader_who_does_not_come_back_is_waited_for() -> None:
    streams = Streams()
    pages = interleaved((streams.one(number, 1000) for number in range(30)), 5, 3)
    async with aclosing(pages):
        for taken in range(1, 9):
            await anext(pages)
            await settled()
            read = min(taken, 5)
            assert len(streams.open) == read
            assert streams.given == taken + 3 + read
    assert not streams.open


async def test_one_at_a_time_gives_nothing_before_it_is_asked_for() -> None:
    streams = Streams()
    pages = interleaved((streams.one(number, 2) for number in range(30)), 1)
    async with aclosing(pages):
        for taken in range(1, 6):
            await anext(pages)
            await settled()
            assert streams.given == taken
    assert not streams.open


@pytest.mark.parametrize("at_once", [1, 4])
async def test_the_first_failure_ends_all(at_once: int) -> None:
    streams = Streams()
    each = (streams.one(number, 1000 if number else 2, failing=not number) for number in range(30))
    with pytest.raises(LookupError):
        async for _ in interleaved(each, at_once):
            pass
    assert not streams.open


async def test_who_is_cancelled_cancels_the_streams() -> None:
    streams = Streams()

    async def read() -> None:
        async for _ in interleaved((streams.one(number, 1000) for number in range(9)), 4):
            if len(streams.open) == 4:
                await asyncio.sleep(3600)

    task = asyncio.create_task(read())
    await settled()
    assert len(streams.open) == 4
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled()
    assert not streams.open

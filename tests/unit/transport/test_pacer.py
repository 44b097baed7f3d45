"""One pause holds every worker, a longer one wins, and nobody starts before it is over."""

from __future__ import annotations

import asyncio
import time

from driveql.transport.pacer import Pacer


async def test_a_pause_holds_every_worker_until_the_longest_is_over() -> None:
    pacer = Pacer(time.monotonic)
    started: list[float] = []

    async def worker() -> None:
        await pacer.ready()
        started.append(time.monotonic())

    begun = time.monotonic()
    pacer.pause(0.2)
    pacer.pause(0.05)
    workers = [asyncio.create_task(worker()) for _ in range(10)]
    await asyncio.sleep(0.1)
    assert not started
    pacer.pause(0.25)
    await asyncio.gather(*workers)
    assert len(started) == 10
    assert min(started) - begun >= 0.34


async def test_without_a_pause_nobody_waits() -> None:
    pacer = Pacer(lambda: 100.0)
    await asyncio.wait_for(pacer.ready(), timeout=1)

"""The token cache: one flight, early renewal, and an old token that outlives a failing renewal. Time is a variable."""

from __future__ import annotations

import asyncio

import pytest

from driveql.auth.access_token import AccessToken, token_of
from driveql.auth.cache import TokenCache
from driveql.errors import AuthenticationError, DriveqlError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """A credential that hands out numbered tokens, can be held up, and fails on demand."""

    def __init__(self, clock: Clock, life: float = 3600.0) -> None:
        self.clock, self.life = clock, life
        self.asked: list[str | None] = []
        self.failing: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self, post, *, claims: str | None = None) -> AccessToken:
        self.asked.append(claims)
        number = len(self.asked)
        await self.gate.wait()
        if self.failing:
            raise self.failing
        return token_of(f"t{number}", self.clock(), self.life)


async def post(url, form):
    raise AssertionError("the cache itself sends nothing")


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_200_first_calls_are_one_flight() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    source.gate.clear()
    callers = [asyncio.create_task(cache.token(post)) for _ in range(200)]
    await settle()
    source.gate.set()
    assert {token.value for token in await asyncio.gather(*callers)} == {"t1"}
    assert len(source.asked) == 1


async def test_200_first_calls_share_one_failure_and_the_next_tries_again() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    source.failing = AuthenticationError("no")
    results = await asyncio.gather(*(cache.token(post) for _ in range(200)), return_exceptions=True)
    assert all(isinstance(result, AuthenticationError) for result in results)
    assert len(source.asked) == 1
    source.failing = None
    assert (await cache.token(post)).value == "t2"


async def test_a_cancelled_waiter_does_not_cancel_the_flight() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    source.gate.clear()
    first, second = (asyncio.create_task(cache.token(post)) for _ in range(2))
    await settle()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.gate.set()
    assert (await second).value == "t1"
    assert len(source.asked) == 1


async def test_the_flight_lands_even_if_every_waiter_left() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    source.gate.clear()
    only = asyncio.create_task(cache.token(post))
    await settle()
    only.cancel()
    source.gate.set()
    await settle()
    assert (await cache.token(post)).value == "t1"
    assert len(source.asked) == 1


async def test_closing_ends_the_flight_and_tells_who_waits_for_it() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    await cache.close()
    source.gate.clear()
    waiting, leaving = (asyncio.create_task(cache.token(post)) for _ in range(2))
    await settle()
    leaving.cancel()
    await cache.close()
    waited, left = await asyncio.gather(waiting, leaving, return_exceptions=True)
    assert isinstance(waited, DriveqlError)
    assert "closed" in str(waited)
    assert isinstance(left, asyncio.CancelledError)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "driveql token"]


async def test_early_renewal_runs_in_the_background() -> None:
    clock = Clock()
    source = Source(clock, life=7200)
    cache = TokenCache(source, clock)
    assert (await cache.token(post)).value == "t1"
    clock.now += 3599
    assert (await cache.token(post)).value == "t1"
    assert len(source.asked) == 1
    clock.now += 2
    assert [(await cache.token(post)).value for _ in range(3)] == ["t1"] * 3
    await settle()
    assert (await cache.token(post)).value == "t2"
    assert len(source.asked) == 2


async def test_near_its_end_a_token_is_renewed_first() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    await cache.token(post)
    clock.now += 3301
    assert (await cache.token(post)).value == "t2"


async def test_a_failing_renewal_keeps_the_old_token_and_is_put_off() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    await cache.token(post)
    source.failing = AuthenticationError("down")
    clock.now += 3301
    assert (await cache.token(post)).value == "t1"
    assert (await cache.token(post)).value == "t1"
    assert len(source.asked) == 2
    for pause, total in ((9.9, 2), (0.2, 3), (19.7, 3), (0.4, 4)):
        clock.now += pause
        assert (await cache.token(post)).value == "t1"
        assert len(source.asked) == total
    clock.now += 300
    with pytest.raises(AuthenticationError, match="down"):
        await cache.token(post)
    source.failing = None
    assert (await cache.token(post)).value == "t6"


async def test_a_failing_background_renewal_is_silent() -> None:
    clock = Clock()
    source = Source(clock, life=7200)
    cache = TokenCache(source, clock)
    await cache.token(post)
    source.failing = AuthenticationError("down")
    clock.now += 3601
    await cache.token(post)
    await settle()
    assert (await cache.token(post)).value == "t1"
    assert len(source.asked) == 2


async def test_a_refused_token_is_dropped_once_with_its_challenge() -> None:
    clock = Clock()
    source = Source(clock)
    cache = TokenCache(source, clock)
    first = await cache.token(post)
    for _ in range(50):
        cache.invalidate(first, "challenge")
    second, again = await cache.token(post), await cache.token(post)
    assert second is again
    assert source.asked == [None, "challenge"]
    cache.invalidate(first, "late")
    assert (await cache.token(post)) is second
    cache.invalidate(second)
    await cache.token(post)
    assert source.asked == [None, "challenge", None]


async def test_a_short_token_is_used_for_most_of_its_life() -> None:
    clock = Clock()
    source = Source(clock, life=60)
    cache = TokenCache(source, clock)
    await cache.token(post)
    clock.now += 29
    assert (await cache.token(post)).value == "t1"
    assert len(source.asked) == 1


def test_a_new_loop_starts_its_own_flight() -> None:
    clock = Clock()

    async def stuck() -> TokenCache:
        source = Source(clock)
        cache = TokenCache(source, clock)
        source.gate.clear()
        waiter = asyncio.create_task(cache.token(post))
        await settle()
        waiter.cancel()
        return cache

    cache = asyncio.run(stuck())

    async def again() -> str:
        cache._credential = Source(clock)
        return (await cache.token(post)).value

    assert asyncio.run(again()) == "t1"

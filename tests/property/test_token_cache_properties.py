"""However callers, clock, failures and refusals interleave, the cache keeps its promises."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from driveql.auth.access_token import AccessToken, token_of
from driveql.auth.cache import TokenCache
from driveql.errors import AuthenticationError

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.sampled_from([1, 29, 60, 301, 1799, 3299, 3600, 7200])),
        st.tuples(st.just("call"), st.integers(1, 8)),
        st.tuples(st.just("cancel"), st.integers(1, 3)),
        st.tuples(st.just("refuse"), st.just(0)),
        st.tuples(st.just("fail"), st.booleans()),
        st.tuples(st.just("settle"), st.just(0)),
    ),
    max_size=40,
)


class World:
    """One cache, its credential and its callers, with a clock that only the test moves."""

    def __init__(self, life: float) -> None:
        self.now, self.life, self.failing = 1000.0, life, False
        self.flying = self.most_flying = self.fetched = 0
        self.refused: set[str] = set()
        self.cache = TokenCache(self, lambda: self.now)
        self.calls: list[tuple[asyncio.Task[AccessToken], bool]] = []

    async def fetch(self, post, *, claims: str | None = None) -> AccessToken:
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        self.fetched += 1
        number = self.fetched
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.flying -= 1
        if self.failing:
            raise AuthenticationError("down")
        return token_of(str(number), self.now, self.life)

    async def one_call(self) -> AccessToken:
        refused_before = set(self.refused)
        token = await self.cache.token(None)
        assert token.value not in refused_before, "a refused token came back"
        return token

    async def step(self, name: str, value: int) -> None:
        if name == "advance":
            await self.settle()
            self.now += value
        elif name == "fail":
            await self.settle()
            self.failing = bool(value)
        elif name in {"call", "cancel"}:
            tasks = [asyncio.create_task(self.one_call()) for _ in range(value)]
            await asyncio.sleep(0)
            if name == "cancel":
                tasks[0].cancel()
            self.calls += [(task, name == "cancel" and task is tasks[0]) for task in tasks]
        elif name == "refuse":
            done = [
                task.result()
                for task, _ in self.calls
                if task.done() and not task.cancelled() and not task.exception()
            ]
            if done:
                self.refused.add(done[-1].value)
                self.cache.invalidate(done[-1])
        else:
            await self.settle()

    async def settle(self) -> None:
        for _ in range(12):
            await asyncio.sleep(0)
        for task, cancelled in self.calls:
            assert task.done(), "a caller hangs"
            if not task.cancelled() and not task.exception():
                assert task.result().value
            assert not task.cancelled() or cancelled, "a caller was cancelled by somebody else's cancellation"
            if not task.cancelled() and task.exception():
                assert isinstance(task.exception(), AuthenticationError)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from([30.0, 3599.0, 86_399.0]))
def test_any_interleaving(steps: list[tuple[str, int]], life: float) -> None:
    async def run() -> None:
        world = World(life)
        for name, value in steps:
            await world.step(name, value)
        await world.settle()
        assert world.most_flying <= 1
        world.failing = False
        world.now += 10 * life
        before = world.fetched
        tokens = await asyncio.gather(*(world.one_call() for _ in range(200)))
        assert world.fetched == before + 1
        assert {token.expires_on for token in tokens} == {world.now + life}

    asyncio.run(run())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 200))
def test_a_valid_token_is_always_handed_out_whatever_renewals_do(outcomes: list[bool], step: int) -> None:
    async def run() -> None:
        world = World(3600.0)
        await world.one_call()
        end = world.now + 3600
        for fails in outcomes:
            world.failing = fails
            world.now = min(world.now + 150 + step, end - 1)
            token = await world.one_call()
            assert token.expires_on > world.now
            await asyncio.sleep(0)

    asyncio.run(run())

"""The cache as one statement sees it: its mode, its time to live, and how answers are written down.

An answer is as old as the first request that it took, however long it took to come. Pre-authenticated URLs are left out of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from driveql.cache.answers import Answer, Ticket
from driveql.cache.store import Store
from driveql.connection.settings import CacheMode

Json = dict[str, Any]
Objects = list[Any]
_URL = "downloadurl"


@dataclass(frozen=True, slots=True)
class View:
    """What a statement may take from a cache.

    Parameters:
        store: the cache; None where nothing is remembered. ttl: seconds. most_bytes: what there is room for.
    """

    store: Store | None = None
    mode: CacheMode = "none"
    ttl: float = 0.0
    most_bytes: int = 0

    @property
    def metadata(self) -> Store | None:
        """The cache, where it remembers metadata."""
        return None if self.mode == "none" else self.store

    @property
    def contents(self) -> Store | None:
        """The cache, where it remembers contents."""
        return self.store if self.mode == "all" else None

    def is_fresh(self, age: float) -> bool:
        """Return whether an answer of that age, in seconds, is taken for what is so now."""
        return 0 <= age < self.ttl

    async def pages(
        self,
        store: Store | None,
        question: str,
        scope: str,
        columns: Sequence[str] | None,
        ask: Callable[[], AsyncIterator[Objects]],
        usable: Callable[[Sequence[Objects]], bool] | None = None,
    ) -> AsyncGenerator[Objects, None]:
        """Yield the pages of an answer: from the cache, or from `ask`, and then it is kept once it is whole.

        Parameters:
            store: the cache; None asks.
            columns: what is selected; None for the service's default. usable: looks at what is cached before it is used.
        """
        if store is None:
            async with contextlib.aclosing(_generator(ask())) as pages:
                async for page in pages:
                    yield page
            return
        found = await asyncio.to_thread(store.find, question, columns)
        if found is not None and self.is_fresh(store.clock() - found.as_of):
            if usable is None:
                for body in found.pages:
                    yield decoded(body)
                return
            known = [decoded(body) for body in found.pages]
            if await asyncio.to_thread(usable, known):
                for page in known:
                    yield page
                return
        keeping = Keeping(self, store, question, scope, columns)
        await keeping.begin()
        async with contextlib.aclosing(_generator(ask())) as pages:
            async for page in pages:
                keeping.add(page)
                yield page
        await keeping.end()


class Keeping:
    """An answer on its way into the cache: nothing of it is there before its end.

    Parameters: as of `Answer`; `columns` may be in any order.
    """

    def __init__(
        self, view: View, store: Store, question: str, scope: str, columns: Sequence[str] | None
    ) -> None:
        self._view = view
        self._store = store
        self._question = question
        self._scope = scope
        self._columns = columns_of(columns)
        self._as_of = 0.0
        self._ticket: Ticket | None = None
        self._pages: list[bytes] = []
        self._bytes = 0

    async def begin(self) -> None:
        """Note the moment; to be called before the first request."""
        self._ticket = await asyncio.to_thread(self._store.ticket, self._scope)
        self._as_of = self._store.clock()

    def add(self, page: Objects) -> None:
        """Take in a page; an answer for which there is no room is no longer collected."""
        if self._ticket is None or not page:
            return
        self._pages.append(encoded(page))
        self._bytes += len(self._pages[-1])
        if self._bytes > self._view.most_bytes // 2:
            self._ticket, self._pages = None, []

    def replace(self, change: Callable[[Callable[[], Iterable[Objects]]], Iterable[Objects]]) -> None:
        """Have pages made of those that were taken in: `change` is given what yields them."""
        known, self._pages, self._bytes = self._pages, [], 0
        try:
            for page in change(lambda: map(decoded, known)):
                self.add(page)
        except BaseException:
            self._pages = known
            raise

    async def end(self, state: str | None = None) -> None:
        """Keep the answer, unless something was written meanwhile."""
        if self._ticket is None:
            return
        answer = Answer(self._question, self._scope, self._columns, self._as_of, state, self._pages)
        await asyncio.to_thread(self._store.keep, answer, self._ticket, self._view.most_bytes)


def question(*parts: str | None) -> str:
    """Return a question's text."""
    return json.dumps(parts)


def columns_of(select: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return what is selected in one order; None for the service's default set."""
    return tuple(sorted(set(select))) or None if select is not None else None


def encoded(page: Objects) -> bytes:
    """Return a page as it is kept, without pre-authenticated URLs."""
    text = orjson.dumps(page)
    if _URL.encode() in text.lower():
        text = orjson.dumps(_without_urls(page))
    return zlib.compress(text, 1)


def decoded(body: bytes) -> Objects:
    """Return a page that was kept."""
    page: Objects = orjson.loads(zlib.decompress(body))
    return page


def _without_urls(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_urls(inner) for name, inner in value.items() if not name.lower().endswith(_URL)
        }
    return [_without_urls(inner) for inner in value] if isinstance(value, list | tuple) else value


async def _generator(pages: AsyncIterator[Objects]) -> AsyncGenerator[Objects, None]:
    try:
        async for page in pages:
            yield page
    finally:
        closing = getattr(pages, "aclose", None)
        if closing is not None:
            await closing()

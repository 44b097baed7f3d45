"""Fault plans by chance: what a service, a cache or a proxy in between does to any request, drawn from a seed.

Each effect says whether what it does passes by itself: where all of a plan do and a client tries again, nothing may be lost.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from graph_emulator import faults
from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.faults.pages import page_of
from graph_emulator.messages import Response

CONTENT = "/_content/"
HTML = b"<!DOCTYPE html><html><title>Sign in to the guest network</title>" + b"<p>Welcome.</p>" * 200


async def _collected(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([bytes(part) async for part in response.body])


def _range_of(response: Response) -> tuple[int, int, int] | None:
    """Return start, exclusive end and size of a 206 answer."""
    written = response.headers.get("Content-Range", "")
    if response.status != 206 or "/" not in written:
        return None
    span, _, size = written.removeprefix("bytes ").partition("/")
    start, _, last = span.partition("-")
    return int(start), int(last) + 1, int(size)


@dataclass(frozen=True, slots=True)
class _OfContent(Effect):
    acts_before: ClassVar[bool] = False

    def fits(self, exchange: Exchange, /) -> bool:
        return CONTENT in exchange.request.target

    async def after(self, exchange: Exchange, /) -> Response | None:
        if not self.fits(exchange) or exchange.response.status not in {200, 206}:
            return None
        return await self.changed(exchange)

    async def changed(self, exchange: Exchange, /) -> Response | None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class OtherRange(_OfContent):
    """Answer 206 with bytes from another place than was asked for, and say so."""

    kind: ClassVar[str] = "other_range"
    shift: int = 1

    async def changed(self, exchange: Exchange, /) -> Response | None:
        span = _range_of(exchange.response)
        if span is None:
            return None
        start, end, size = span
        body = await _collected(exchange.response)
        cut = min(self.shift, len(body) - 1)
        headers = exchange.response.headers.copy()
        headers["Content-Range"] = f"bytes {start + cut}-{end - 1}/{size}"
        return Response(206, headers, body[cut:])


@dataclass(frozen=True, slots=True)
class ShortRange(_OfContent):
    """Answer 206 with the first part of what was asked for, and say so: HTTP lets a server do that."""

    kind: ClassVar[str] = "short_range"
    bytes: int = 1

    async def changed(self, exchange: Exchange, /) -> Response | None:
        span = _range_of(exchange.response)
        if span is None:
            return None
        start, _, size = span
        body = (await _collected(exchange.response))[: max(1, self.bytes)]
        headers = exchange.response.headers.copy()
        headers["Content-Range"] = f"bytes {start}-{start + len(body) - 1}/{size}"
        return Response(206, headers, body)


@dataclass(frozen=True, slots=True)
class SilentRange(_OfContent):
    """Answer 206 without telling which range it is."""

    kind: ClassVar[str] = "silent_range"

    async def changed(self, exchange: Exchange, /) -> Response | None:
        if _range_of(exchange.response) is None:
            return None
        headers = exchange.response.headers.copy()
        headers.popall("Content-Range")
        return Response(206, headers, await _collected(exchange.response))


@dataclass(frozen=True, slots=True)
class OtherSize(_OfContent):
    """Answer 206 of a file that has another size: of another version."""

    kind: ClassVar[str] = "other_size"

    async def changed(self, exchange: Exchange, /) -> Response | None:
        span = _range_of(exchange.response)
        if span is None:
            return None
        start, end, size = span
        headers = exchange.response.headers.copy()
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size + 1}"
        headers["ETag"] = '"{11111111-2222-3333-4444-555555555555},7"'
        return Response(206, headers, bytes(len(await _collected(exchange.response))))


@dataclass(frozen=True, slots=True)
class TagOf(_OfContent):
    """Answer with another eTag, or with none: the bytes are the file's, and nobody says so."""

    kind: ClassVar[str] = "tag_of"
    tag: str | None = None

    async def changed(self, exchange: Exchange, /) -> Response | None:
        headers = exchange.response.headers.copy()
        headers.popall("ETag", None)
        if self.tag is not None:
            headers["ETag"] = self.tag
        response = exchange.response
        return Response(response.status, headers, response.body, response.content_length)


@dataclass(frozen=True, slots=True)
class CaptivePortal(_OfContent):
    """Answer content with 200 and a page of HTML, as the network of a hotel does."""

    kind: ClassVar[str] = "captive_portal"

    async def changed(self, exchange: Exchange, /) -> Response | None:
        response = Response(200, body=HTML)
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        return response


@dataclass(frozen=True, slots=True)
class Unannounced(_OfContent):
    """Answer content without saying how long it is, in chunks."""

    kind: ClassVar[str] = "unannounced"

    async def changed(self, exchange: Exchange, /) -> Response | None:
        body = await _collected(exchange.response)

        async def parts() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 100_001):
                yield body[start : start + 100_001]

        headers = exchange.response.headers.copy()
        headers.popall("Content-Length", None)
        return Response(exchange.response.status, headers, parts())


@dataclass(frozen=True, slots=True)
class RepeatedItems(Effect):
    """Answer a listing's page with the last items of the page before it once more, as when something is inserted meanwhile."""

    kind: ClassVar[str] = "repeated_items"
    acts_before: ClassVar[bool] = False
    before_this: dict[str, list[Any]] = field(default_factory=dict, compare=False, repr=False)

    async def after(self, exchange: Exchange, /) -> Response | None:
        page = page_of(exchange.response)
        path = exchange.request.target.partition("?")[0]
        if page is None or not path.endswith(("/children", "/delta")):
            return None
        earlier = self.before_this.setdefault(path, [])
        value = [*earlier[-2:], *page["value"]]
        earlier[:] = page["value"]
        return Response(200, exchange.response.headers, orjson.dumps({**page, "value": value}))


@dataclass(frozen=True, slots=True)
class MissingParts(Effect):
    """Carry a batch out and leave some of its answers out."""

    kind: ClassVar[str] = "missing_parts"
    acts_before: ClassVar[bool] = False

    async def after(self, exchange: Exchange, /) -> Response | None:
        if not exchange.request.target.startswith("/v1.0/$batch") or exchange.response.status != 200:
            return None
        assert isinstance(exchange.response.body, bytes)
        answers = orjson.loads(exchange.response.body)["responses"]
        return Response(200, exchange.response.headers, orjson.dumps({"responses": answers[1:]}))


PASSING: list[Callable[[random.Random], Effect]] = [
    lambda _: faults.Refuse(429, retry_after=0),
    lambda _: faults.Refuse(429),
    lambda draw: faults.Refuse(503, retry_after=draw.choice([0, 0.01, None])),
    lambda draw: faults.Refuse(draw.choice([500, 502, 504])),
    lambda _: faults.DropBefore(),
    lambda _: faults.Drop(),
    lambda draw: faults.Truncate(bytes=draw.choice([0, 1, draw.randrange(300), draw.randrange(3_000_000)])),
    lambda _: faults.Refuse(401, code="InvalidAuthenticationToken"),
    lambda _: faults.ClaimsChallenge(),
]
OF_CONTENT: list[Callable[[random.Random], Effect]] = [
    lambda draw: faults.ExpiredUrl(draw.choice([401, 403, 404])),
    lambda _: faults.IgnoreRange(),
    lambda draw: ShortRange(draw.choice([1, 1000, draw.randrange(1, 3_000_000)])),
    lambda _: TagOf(),
    lambda _: TagOf('"of another kind"'),
    lambda _: Unannounced(),
]
LASTING: list[Callable[[random.Random], Effect]] = [
    lambda _: faults.EmptyPage(),
    lambda _: faults.Refuse(403),
    lambda _: faults.NotJson(),
    lambda _: faults.NotJson(status=502),
    lambda _: faults.NotJson(text='{"value": 3}', content_type="application/json"),
    lambda _: faults.NotJson(text="null", content_type="application/json"),
    lambda _: faults.NotJson(text='{"value": [null, 3]}', content_type="application/json"),
    lambda _: faults.EmptyBody(),
    lambda _: faults.EmptyBody(204),
    lambda _: faults.RepeatedNextLink(),
    lambda _: faults.ForeignNextLink(),
    lambda draw: OtherRange(draw.choice([1, 100, 70_000])),
    lambda _: SilentRange(),
    lambda _: OtherSize(),
    lambda _: CaptivePortal(),
    lambda _: faults.Refuse(416),
    lambda _: faults.Refuse(410),
    lambda _: faults.Refuse(423),
    lambda _: RepeatedItems(),
    lambda _: MissingParts(),
    lambda _: faults.Refuse(429, retry_after=100_000),
]


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry: what happens from which request on, for how many of them, and to those whose target holds what."""

    effect: Effect
    nth: int
    count: int | None
    passing: bool
    target: str | None

    def __str__(self) -> str:
        which = f"request {self.nth} {self.target or ''}".rstrip()
        return f"{self.effect!r} at {which}, {self.count or 'any number of'} times"


def passes(plan: Sequence[Planned], tries: int) -> bool:
    """Return whether a client that sends a request `tries` times in all gets through a plan."""
    # A token that is refused twice in a row is not asked for a third time.
    refused = sum(each.count or 0 for each in plan if _refuses_token(each.effect))
    times = sum(each.count or 0 for each in plan)
    return all(each.passing for each in plan) and refused < 2 and times < tries


def _refuses_token(effect: Effect) -> bool:
    return isinstance(effect, faults.ClaimsChallenge) or (
        isinstance(effect, faults.Refuse) and effect.status == 401
    )


def draw_plan(draw: random.Random, requests: int, contents: int) -> list[Planned]:
    """Draw one to three faults for a run that has so many requests, and so many of content among them."""
    plan = []
    for _ in range(draw.choice([1, 1, 2, 3])):
        of_content = contents > 0 and draw.random() < 0.4
        passing = draw.random() < 0.65
        choices = ((PASSING + OF_CONTENT) if of_content else PASSING) if passing else LASTING
        effect = draw.choice(choices)(draw)
        nth = draw.randint(1, contents if of_content else requests)
        count = draw.choice([1, 1, 2]) if passing else draw.choice([1, 2, None])
        if isinstance(effect, faults.EmptyPage):
            # Without end, a thousand of them are followed.
            count = 2
        if _refuses_token(effect):
            target: str | None = "/v1.0/"
        else:
            target = CONTENT if of_content else None
        plan.append(Planned(effect, nth, count, passing, target))
    return plan

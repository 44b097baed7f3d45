"""Requests that wait or are misread, and answers that break on their way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.messages import Response


@dataclass(frozen=True, slots=True)
class Delay(Effect):
    """Let the request wait for `seconds` of real time, then carry it out."""

    kind: ClassVar[str] = "delay"
    seconds: float = 0.0

    async def before(self, _: Exchange, /) -> Response | None:
        await asyncio.sleep(self.seconds)
        return None


@dataclass(frozen=True, slots=True)
class IgnoreRange(Effect):
    """Answer 200 with the whole content where a range was asked for."""

    kind: ClassVar[str] = "ignore_range"

    def fits(self, exchange: Exchange, /) -> bool:
        return "Range" in exchange.request.headers

    async def before(self, exchange: Exchange, /) -> Response | None:
        exchange.request.headers.popall("Range", None)
        return None


@dataclass(frozen=True, slots=True)
class DropBefore(Effect):
    """Close the connection without an answer and without carrying the request out."""

    kind: ClassVar[str] = "drop_before"

    async def before(self, _: Exchange, /) -> Response | None:
        return Response(drop=True)


@dataclass(frozen=True, slots=True)
class Drop(Effect):
    """Close the connection without an answer, after the request was carried out."""

    kind: ClassVar[str] = "drop"
    acts_before: ClassVar[bool] = False

    async def after(self, _: Exchange, /) -> Response | None:
        return Response(drop=True)


@dataclass(frozen=True, slots=True)
class Truncate(Effect):
    """Announce the whole body, send `bytes` of it and close the connection."""

    kind: ClassVar[str] = "truncate"
    acts_before: ClassVar[bool] = False
    bytes: int = 0

    async def after(self, exchange: Exchange, /) -> Response | None:
        exchange.response.truncate_after = self.bytes
        return exchange.response


@dataclass(frozen=True, slots=True)
class EmptyBody(Effect):
    """Carry the request out and answer success with nothing in it."""

    kind: ClassVar[str] = "empty_body"
    acts_before: ClassVar[bool] = False
    status: int = 200

    async def after(self, exchange: Exchange, /) -> Response | None:
        if exchange.response.status >= 300:
            return None
        headers = exchange.response.headers.copy()
        headers.popall("Content-Type", None)
        return Response(self.status, headers)


@dataclass(frozen=True, slots=True)
class NotJson(Effect):
    """Answer with another body than the API's, as a proxy or a sign-in page in the way does."""

    kind: ClassVar[str] = "not_json"
    acts_before: ClassVar[bool] = False
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    text: str = "<!DOCTYPE html><html><title>Sign in</title></html>"

    async def after(self, exchange: Exchange, /) -> Response | None:
        headers = exchange.response.headers.copy()
        headers["Content-Type"] = self.content_type
        return Response(self.status, headers, self.text.encode("utf-8"))

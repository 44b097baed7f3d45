"""Listings whose links lead a careless client astray."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson

from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.messages import Response, json_response

_marks = itertools.count(1)
CONTINUATION = "_after_empty_page"  # marks the link of an empty page; the plan takes it off again


@dataclass(frozen=True, slots=True)
class EmptyPage(Effect):
    """Answer a listing with an empty page; its next link leads to the page that was asked for."""

    kind: ClassVar[str] = "empty_page"

    def fits(self, exchange: Exchange, /) -> bool:
        return exchange.request.method == "GET"

    async def before(self, exchange: Exchange, /) -> Response | None:
        asked = exchange.request.base_url + exchange.request.target
        mark = f"{'&' if '?' in asked else '?'}{CONTINUATION}={next(_marks)}"
        return json_response(200, {"value": [], "@odata.nextLink": asked + mark})


@dataclass(frozen=True, slots=True)
class RepeatedNextLink(Effect):
    """Answer a listing with a next link that leads to the very page it came with."""

    kind: ClassVar[str] = "repeated_next_link"
    acts_before: ClassVar[bool] = False

    async def after(self, exchange: Exchange, /) -> Response | None:
        return with_next_link(exchange.response, exchange.request.base_url + exchange.request.target)


@dataclass(frozen=True, slots=True)
class ForeignNextLink(Effect):
    """Answer a listing with a next link to another host."""

    kind: ClassVar[str] = "foreign_next_link"
    acts_before: ClassVar[bool] = False
    origin: str = "https://graph.example.net"

    async def after(self, exchange: Exchange, /) -> Response | None:
        page = page_of(exchange.response) or {}
        link = urlsplit(str(page.get("@odata.nextLink", exchange.request.target)))
        return with_next_link(exchange.response, self.origin + link._replace(scheme="", netloc="").geturl())


def page_of(response: Response) -> dict[str, Any] | None:
    """Return the JSON of an answer that is a page of a collection, else None."""
    if response.status != 200 or not isinstance(response.body, bytes):
        return None
    try:
        content = orjson.loads(response.body)
    except ValueError:
        return None
    return content if isinstance(content, dict) and isinstance(content.get("value"), list) else None


def with_next_link(response: Response, link: str) -> Response | None:
    """Return the page with `link` as its next link, or None when the answer is no page."""
    page = page_of(response)
    if page is None:
        return None
    return Response(200, response.headers, orjson.dumps({**page, "@odata.nextLink": link}))

"""Eventual consistency: what was just created is not found for a while, by its id or by its path."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import unquote

import orjson

from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.faults.refusals import Refuse
from graph_emulator.messages import Response


@dataclass(slots=True)
class Hidden:
    """An item that exists and is not found yet, until a moment or for a number of requests."""

    addresses: tuple[str, ...]
    until: float
    requests_left: int | None

    def covers(self, target: str) -> bool:
        """Tell whether a request's target addresses the item itself."""
        path = unquote(target.partition("?")[0]).casefold().rstrip("/") + ":"
        return any(address.casefold() in path for address in self.addresses)


@dataclass(frozen=True, slots=True)
class NotFoundAfterCreate(Effect):
    """After a creation that matches, answer 404 for the new item for `requests` requests or `seconds` seconds."""

    kind: ClassVar[str] = "not_found_after_create"
    acts_before: ClassVar[bool] = False
    requests: int | None = 1
    seconds: float | None = None
    hidden: list[Hidden] = field(default_factory=list, compare=False, repr=False)

    async def after(self, exchange: Exchange, /) -> Response | None:
        response = exchange.response
        if (
            response.status not in (200, 201)
            or not isinstance(response.body, bytes)
            or exchange.request.method == "GET"
        ):
            return None
        try:
            item = orjson.loads(response.body)
        except ValueError:
            return None
        if not isinstance(item, dict) or "id" not in item or "parentReference" not in item:
            return None
        reference = item["parentReference"]
        parent = unquote(reference.get("path", "")).partition(":")[2]
        addresses = (
            f"/items/{item['id']}",
            f":{parent}/{item['name']}:",
            f"/items/{reference.get('id')}:/{item['name']}:",
        )
        until = float("inf") if self.seconds is None else exchange.now + self.seconds
        left = self.requests if self.seconds is None else None
        self.hidden.append(Hidden(addresses, until, left))
        return response

    async def not_found(self, exchange: Exchange) -> Response | None:
        """Answer 404 when the request addresses an item that is still hidden."""
        if exchange.request.method == "PUT":
            return None
        for hidden in list(self.hidden):
            if hidden.until <= exchange.now or hidden.requests_left == 0:
                self.hidden.remove(hidden)
            elif hidden.covers(exchange.request.target):
                if hidden.requests_left is not None:
                    hidden.requests_left -= 1
                return await Refuse(404).before(exchange)
        return None

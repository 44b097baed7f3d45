"""A plan says beforehand what will go wrong, and afterwards what of it has happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from graph_emulator.clock import Clock
from graph_emulator.faults import pages
from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.faults.entry import Fault
from graph_emulator.faults.lag import NotFoundAfterCreate
from graph_emulator.messages import Request, Response

CONTINUATION_PARAMETER = re.compile(rf"[?&]{pages.CONTINUATION}=\d+")


class FaultPlan:
    """The entries, in order. Every matching entry before the request acts in turn until one of them answers."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._faults: list[Fault] = []
        self._answered: set[int] = set()

    def add(self, fault: Fault | Effect, **where: Any) -> Fault:
        """Plan a fault: a Fault, or an effect with Fault's other fields as keywords. Returns the entry."""
        entry = fault if isinstance(fault, Fault) else Fault(fault, **where)
        self._faults.append(entry)
        return entry

    def add_json(self, entries: Iterable[Mapping[str, Any]]) -> list[Fault]:
        """Plan entries in their JSON form, all or none; raises ValueError."""
        faults = [Fault.from_json(entry) for entry in entries]
        self._faults += faults
        return faults

    def clear(self) -> None:
        """Forget the plan."""
        self._faults.clear()
        self._answered.clear()

    async def before(self, request: Request, route_name: str | None) -> Response | None:
        """Let what is planned happen before `request` is carried out; may change the request, wait or answer."""
        request.target = CONTINUATION_PARAMETER.sub(_joint, request.target).rstrip("?")
        exchange = Exchange(request, self._clock.now())
        for fault in self._faults:
            if isinstance(fault.effect, NotFoundAfterCreate):
                response = await fault.effect.not_found(exchange)
            elif self._acts(fault, exchange, route_name) and fault.due():
                fault.fired += 1
                response = await fault.effect.before(exchange)
            else:
                continue
            if response is not None:
                self._answered.add(id(response))
                return response
        return None

    @staticmethod
    def _acts(fault: Fault, exchange: Exchange, route_name: str | None) -> bool:
        effect = fault.effect
        return effect.acts_before and effect.fits(exchange) and fault.matches(exchange.request, route_name)

    async def after(self, request: Request, route_name: str | None, response: Response) -> Response:
        """Return the answer as the plan leaves it; what the plan answered itself stays as it is."""
        if id(response) in self._answered:
            self._answered.discard(id(response))
            return response
        exchange = Exchange(request, self._clock.now(), response)
        for fault in self._faults:
            if fault.effect.acts_before or not fault.matches(request, route_name) or not fault.due():
                continue
            changed = await fault.effect.after(exchange)
            if changed is None:
                fault.seen -= 1
                continue
            fault.fired += 1
            exchange.response = changed
        return exchange.response

    def pending(self) -> list[dict[str, Any]]:
        """Return the entries of which something has not happened yet."""
        return [fault.as_json() for fault in self._faults if not fault.spent]

    def consumed(self) -> list[dict[str, Any]]:
        """Return the entries of which something has happened."""
        return [fault.as_json() for fault in self._faults if fault.fired]

    def assert_consumed(self) -> None:
        """Raise AssertionError naming the entries that were planned and did not happen."""
        left = self.pending()
        if left:
            listed = "; ".join(
                f"{entry['effect']['kind']} ({entry['fired']} of {entry['count']})" for entry in left
            )
            raise AssertionError(f"planned faults that did not happen: {listed}")


def _joint(match: re.Match[str]) -> str:
    """Keep the query's question mark where more follows the parameter that is taken off."""
    follows = match.string[match.end() : match.end() + 1] == "&"
    return "?" if match.group().startswith("?") and follows else ""

"""A plan says beforehand what will go wrong, and afterwards what of it has happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from graph_emulator.clock import Clock
from graph_emulator.faults import damage, pages, refusals
from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.faults.lag import NotFoundAfterCreate
from graph_emulator.messages import Request, Response

KINDS: dict[str, type[Effect]] = {
    kind.kind: kind
    for kind in (
        refusals.Refuse,
        refusals.Locked,
        refusals.ExpiredUrl,
        refusals.ClaimsChallenge,
        damage.Delay,
        damage.IgnoreRange,
        damage.Drop,
        damage.DropBefore,
        damage.Truncate,
        damage.EmptyBody,
        damage.NotJson,
        pages.EmptyPage,
        pages.RepeatedNextLink,
        pages.ForeignNextLink,
        NotFoundAfterCreate,
    )
}
CONTINUATION_PARAMETER = re.compile(rf"[?&]{pages.CONTINUATION}=\d+")


@dataclass(slots=True)
class Fault:
    """One entry: which requests, and what happens to them.

    `method` is exact; `route` is a regular expression searched in the route's template, `target` one searched in the
    request's target as it was sent. The effect begins with the `nth` matching request and lasts for `count` of them
    (None: for ever).
    """

    effect: Effect
    method: str | None = None
    route: str | None = None
    target: str | None = None
    nth: int = 1
    count: int | None = 1
    seen: int = field(default=0, compare=False)
    fired: int = field(default=0, compare=False)

    def matches(self, request: Request, route_name: str | None) -> bool:
        """Tell whether the entry is about this request."""
        if self.method is not None and self.method.upper() != request.method.upper():
            return False
        if self.route is not None and (route_name is None or not re.search(self.route, route_name)):
            return False
        return self.target is None or re.search(self.target, request.target) is not None

    def due(self) -> bool:
        """Count one matching request; tell whether the effect is due for it."""
        self.seen += 1
        return self.seen >= self.nth and (self.count is None or self.fired < self.count)

    @property
    def spent(self) -> bool:
        """Tell whether all that was planned has happened; an entry without end is spent once it happened."""
        return self.fired >= (1 if self.count is None else self.count)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the admin route shows it."""
        effect = {
            part.name: getattr(self.effect, part.name)
            for part in fields(self.effect)
            if part.name != "hidden"
        }
        return {
            "effect": {"kind": self.effect.kind, **effect},
            "method": self.method,
            "route": self.route,
            "target": self.target,
            "nth": self.nth,
            "count": self.count,
            "seen": self.seen,
            "fired": self.fired,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Fault:
        """Return the entry that `content` describes; raises ValueError naming what is wrong with it."""
        described = dict(content)
        effect = described.pop("effect", None)
        if not isinstance(effect, dict) or effect.get("kind") not in KINDS:
            raise ValueError(f"effect.kind must be one of {', '.join(sorted(KINDS))}")
        kind = KINDS[effect["kind"]]
        known = {part.name for part in fields(kind) if part.name != "hidden"} | {"kind"}
        allowed = {"method", "route", "target", "nth", "count"}
        unknown = sorted((set(effect) - known) | (set(described) - allowed))
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r}")
        for name in ("route", "target"):
            try:
                re.compile(described.get(name) or "")
            except re.error as error:
                raise ValueError(f"{name} is not a regular expression: {error}") from None
        values = {name: _tuple(value) for name, value in effect.items() if name != "kind"}
        return cls(kind(**values), **described)


def _tuple(value: object) -> object:
    return tuple(_tuple(part) for part in value) if isinstance(value, list) else value


class FaultPlan:
    """The entries, in order. Every matching entry before the request acts in turn until one of them answers."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._faults: list[Fault] = []

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
                return response
        return None

    @staticmethod
    def _acts(fault: Fault, exchange: Exchange, route_name: str | None) -> bool:
        effect = fault.effect
        return effect.acts_before and effect.fits(exchange) and fault.matches(exchange.request, route_name)

    async def after(self, request: Request, route_name: str | None, response: Response) -> Response:
        """Return the answer as the plan leaves it."""
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

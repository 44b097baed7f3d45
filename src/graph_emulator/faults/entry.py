"""One entry of a fault plan: which requests, what happens to them, and the same as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import UnionType
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from graph_emulator.faults import damage, pages, refusals
from graph_emulator.faults.effect import Effect
from graph_emulator.faults.lag import NotFoundAfterCreate
from graph_emulator.messages import Request

KINDS: dict[str, type[Effect]] = {
    kind.kind: kind
    for kind in (
        refusals.Refuse,
        refusals.Locked,
        refusals.ExpiredUrl,
        refusals.Resync,
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
        entry = cls(kind(**values), **described)
        _check_types(entry)
        _check_types(entry.effect)
        if entry.nth < 1:
            raise ValueError("nth must be 1 or more")
        return entry


def _check_types(described: Fault | Effect) -> None:
    """Refuse values of another type than the field's: they come from outside, as JSON."""
    for name, hint in get_type_hints(type(described)).items():
        if get_origin(hint) is not ClassVar and not _is(getattr(described, name), hint):
            raise ValueError(f"{name} must be {str(hint).removeprefix('typing.').removeprefix('<class ')}")


def _is(value: object, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return any(_is(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        expected = [parts[0]] * len(value) if parts[1:] == (Ellipsis,) else list(parts)
        return len(value) == len(expected) and all(map(_is, value, expected))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return not isinstance(hint, type) or (
        isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
    )


def _tuple(value: object) -> object:
    return tuple(_tuple(part) for part in value) if isinstance(value, list) else value

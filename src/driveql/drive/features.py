"""Which application permissions allow what a person wants to do: facts of `graph_contract`, read for the client's side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graph_contract import load

# A token with only this role opens what an administrator granted site by site; the token does not say which.
SELECTED = "Sites.Selected"


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing an application may do. `least` is the permission to ask an administrator for."""

    name: str
    allowed: bool
    least: str

    @property
    def words(self) -> str:
        """The name as a person reads it: `list users`."""
        return self.name.replace("_", " ")


def features(roles: Iterable[str]) -> Iterator[Feature]:
    """Yield every feature with whether an application holding these roles has it."""
    facts = load("permissions")
    held = _with_implied(set(roles), facts["implies"])
    sufficient = dict(_sufficient(facts))
    for name, feature in facts["features"].items():
        any_of = sufficient[feature["method"], feature["route"]] | {feature["least"]}
        yield Feature(name, not any_of.isdisjoint(held), feature["least"])


def _sufficient(facts: dict[str, Any]) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    for group in facts["routes"]:
        any_of = frozenset(facts["sets"][group["set"]]) | frozenset(group.get("added", ()))
        for row in group["rows"]:
            method, _, route = row.partition(" ")
            yield (method, route), any_of


def _with_implied(roles: set[str], implies: dict[str, list[str]]) -> set[str]:
    return roles.union(*(implies.get(role, ()) for role in roles))

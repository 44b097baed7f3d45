"""How many requests a plan will cost, as far as it can be known before asking: a number, and what it grows with. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from driveql.sql.part_plans import DriveListing, EachItem, SiteListing, SubscriptionListing
from driveql.sql.plans import (
    EntityListing,
    EntityLookup,
    FolderListing,
    ItemLookup,
    MemberListing,
    Plan,
    Step,
    TreeWalk,
)

_CHANGES = "1 a page of changes of the drive"
# Who wants a few rows is given them folder by folder.
_BY_FOLDERS = {_CHANGES: "1 a page of each folder"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """At least `least` requests; `grows` says with what it grows, empty where the number is exact."""

    least: int = 0
    grows: tuple[str, ...] = ()

    def __add__(self, other: Estimate) -> Estimate:
        grows = dict.fromkeys((*self.grows, *other.grows))
        return Estimate(self.least + other.least, tuple(grows))

    def __str__(self) -> str:
        if not self.grows:
            return f"{self.least:,}"
        return f"at least {self.least:,}: {'; '.join(self.grows)}"


def estimate_of(plan: Plan, unresolved: int = 0) -> Estimate:
    """Return the estimate of a plan.

    Parameters:
        unresolved: how many of its drives have to be asked for first, one request each.
    """
    found = sum_of(_step(step, plan) for step in plan.steps)
    if plan.limit is not None:
        found = Estimate(found.least, tuple(_BY_FOLDERS.get(grows, grows) for grows in found.grows))
    found = Estimate(found.least + unresolved, found.grows)
    if plan.limit is not None and found.grows:
        return Estimate(
            min(1, len(plan.steps)) + unresolved, (f"as many as {plan.limit:,} rows take", *found.grows)
        )
    return found


def sum_of(estimates: Iterable[Estimate]) -> Estimate:
    """Return the estimate of all together."""
    whole = Estimate()
    for estimate in estimates:
        whole += estimate
    return whole


def _step(step: Step, plan: Plan) -> Estimate:
    page = f"1 a page of {plan.top:,}" if plan.top is not None else "1 a page"
    match step:
        case ItemLookup() | EntityLookup():
            return Estimate(1)
        case TreeWalk(path="/"):
            return Estimate(1, (_CHANGES,))
        case TreeWalk():
            return Estimate(1, (f"{page} of each folder",))
        case FolderListing():
            return Estimate(1, (f"{page} items",))
        case MemberListing(group_id=None):
            return Estimate(1, ("1 a page of groups", "1 a group"))
        case EachItem(kind=kind, steps=steps):
            what = "1 a file" if kind == "versions" else "1 an item"
            return sum_of([*(_step(inner, plan) for inner in steps), Estimate(0, (what,))])
        case SiteListing(filters=filters, unindexed=unindexed):
            return Estimate(1 if unindexed or not filters else 2, (page,))
        case SubscriptionListing(identifier=identifier):
            return Estimate(1) if identifier is not None else Estimate(1, (page,))
        case EntityListing() | MemberListing() | DriveListing():
            return Estimate(1, (page,))

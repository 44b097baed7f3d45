"""What EXPLAIN says of the cache: which steps of a plan it answers now, and how old its answers are. Graph is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from driveql.connection import owner as owners
from driveql.graph import paths
from driveql.sql.cached.drive import folder_question, item_question
from driveql.sql.cached.tenant import drive_question, listing_question, lookup_question
from driveql.sql.cached.view import columns_of, decoded
from driveql.sql.cached.whole_drive import tree_question
from driveql.sql.plans import (
    EntityListing,
    EntityLookup,
    FolderListing,
    ItemLookup,
    ItemStep,
    Plan,
    Scope,
    Step,
    TreeWalk,
)
from driveql.sql.tables import Kind

if TYPE_CHECKING:
    from driveql.sql.tenant import Tenant


def lines(tenant: Tenant, plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield, for each step that the cache answers or brings up to date, its line in the plan and what is said instead."""
    view = tenant.cached.views.view if tenant.cached is not None else None
    if view is None or view.metadata is None:
        return
    for step in plan.steps:
        asked = _question(tenant, step)
        columns = None if isinstance(step, EntityLookup) and step.kind is Kind.DRIVES else plan.select
        known = view.metadata.age(asked, columns_of(columns)) if asked is not None else None
        if known is None or known[0] < 0:
            continue
        age, renewable = known
        line, what = f"asked of Graph: {step}", str(step).rpartition(": ")[0]
        if view.is_fresh(age):
            yield line, f"from the cache, {age:.0f} s old: {what}"
        elif renewable:
            yield (
                line,
                f"from the cache, {age:.0f} s old, and what changed since asked of Graph: {what}: 1 request a page",
            )


def _question(tenant: Tenant, step: Step) -> str | None:
    match step:
        case ItemLookup() | FolderListing() | TreeWalk():
            return _item_question(step, _drive_id(tenant, step.scope))
        case EntityLookup(kind=Kind.DRIVES):
            return lookup_question(f"/drives/{step.identifier}")
        case EntityLookup():
            return lookup_question(f"/{step.kind}/{step.identifier}")
        case EntityListing(kind=Kind.DRIVES):
            return listing_question("drives", owners.normalise(step.owner or ""))
        case EntityListing(kind=Kind.SITES):
            return listing_question("sites", "*")
        case EntityListing():
            return listing_question(str(step.kind), step.filter)
        case _:
            return None


def _item_question(step: ItemStep, drive_id: str | None) -> str | None:
    if drive_id is None:
        return None
    match step:
        case ItemLookup():
            reference = step.path if step.path is not None else f"id:{step.item_id}"
            return item_question(drive_id, reference)
        case FolderListing():
            return folder_question(drive_id, step.path or paths.ROOT, step.item_id)
        case TreeWalk():
            return tree_question(drive_id, step.path)


def _drive_id(tenant: Tenant, scope: Scope) -> str | None:
    """Return a drive's id, where it is known without asking."""
    known = tenant.drives.known(scope)
    if known is not None:
        return known.id
    cached, defaults = tenant.cached, tenant.defaults
    assert cached is not None
    own = scope == Scope(defaults.owner, defaults.drive_id)
    drive_id = cached.onedrive.settings.drive_id if own else scope.drive_id
    view = cached.views.view
    if drive_id is not None or view.metadata is None:
        return drive_id
    who = owners.normalise(scope.owner or "")
    found = view.metadata.find(drive_question(who), None)
    if found is None or not view.is_fresh(view.metadata.clock() - found.as_of):
        return None
    return str(decoded(found.pages[0])[0]["id"])

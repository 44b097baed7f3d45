"""Checking out: one actor works on a file, all others see it as it was and cannot write to it.

Follows driveItem checkout, checkin and discardCheckout: checking in makes one new version of all that was written.
"""

from __future__ import annotations

from graph_emulator.errors import GraphError, bad_request
from graph_emulator.store.item import Actor, CheckOut, Item


def check_writable(item: Item, actor: Actor) -> None:
    """Raise GraphError 423 when someone other than `actor` has `item` checked out."""
    if item.check_out is not None and item.check_out.by != actor:
        raise _locked(item, item.check_out)


def check_out(item: Item, actor: Actor) -> None:
    """Check `item` out to `actor`. Raises GraphError 400 for a folder, 423 when it is checked out already."""
    if item.content is None:
        raise bad_request("Only a file can be checked out.")
    if item.check_out is not None:
        raise _locked(item, item.check_out)
    item.check_out = CheckOut(actor, item.current(), item.version, item.content_version, item.fs_modified)


def check_in(item: Item, actor: Actor) -> None:
    """End the check-out: what was written becomes the present version, what was there before a former one."""
    before = _held(item, actor)
    item.check_out = None
    if item.content is not before.committed.content:
        item.history.append(before.committed)
        item.current_version += 1


def discard(item: Item, actor: Actor) -> int:
    """End the check-out with the file as it was before it; return by how many bytes the file grew."""
    before = _held(item, actor)
    grown = before.committed.content.size - item.size
    item.check_out = None
    item.content = before.committed.content
    item.size = item.content.size
    item.content_version += 1
    item.fs_modified = before.fs_modified
    return grown


def _held(item: Item, actor: Actor) -> CheckOut:
    if item.check_out is None:
        raise bad_request("The file is not checked out.", "notCheckedOut")
    check_writable(item, actor)
    return item.check_out


def _locked(item: Item, held: CheckOut) -> GraphError:
    who = held.by.user_name or held.by.application_name or "another application"
    return GraphError(423, "resourceLocked", f'The file "{item.name}" is checked out for editing by {who}.')

"""One item: read, rename, move, describe, set its file times, delete.

Follows driveItem get, update, move and delete. A move keeps to its drive, and its new parent is named by real id.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from graph_emulator.addresses import parse
from graph_emulator.call import Call, raw_json
from graph_emulator.errors import GraphError, bad_request, item_not_found, not_implemented
from graph_emulator.messages import Response
from graph_emulator.routes.item_json import Shown, shown_by
from graph_emulator.rules import ConflictBehavior, check_if_match, conflict_behavior, not_modified
from graph_emulator.store import Item
from graph_emulator.store.checking_out import check_writable

_UPDATABLE = frozenset(("name", "parentReference", "fileSystemInfo", "description"))
_IDENTICAL = frozenset(("id", "folder", "file"))  # tolerated, since clients send back what they were given


async def get_item(call: Call) -> Response:
    """Answer GET on an item; 304 when If-None-Match names its eTag or cTag."""
    item = call.item().seen_by(call.actor)
    if not_modified(call.request.headers.get("If-None-Match"), item.etag, item.ctag):
        return Response(304)
    return item_response(call, item, shown_by(call))


def item_response(call: Call, item: Item, shown: Shown | None = None, status: int = 200) -> Response:
    """Return `item` alone."""
    shown = shown or Shown()
    context = f"{call.context}drives('{item.drive.id}')/items/$entity"
    return raw_json(status, shown.document(call, item, context=context))


async def update_item(call: Call) -> Response:
    """Answer PATCH on an item."""
    item = call.item()
    check_if_match(call.request.headers.get("If-Match"), item.etag, item.ctag)
    body = await call.json_body()
    wanted = {name: value for name, value in body.items() if not name.startswith("@")}
    for name in wanted.keys() - _UPDATABLE - _IDENTICAL:
        raise not_implemented(f"the property {name} in PATCH of an item")
    check_writable(item, call.actor)
    times = file_times(wanted.get("fileSystemInfo"))
    _move(call, item, wanted, conflict_behavior(call.conflict_written(body), ConflictBehavior.FAIL))
    if "description" in wanted:
        item.description = None if wanted["description"] is None else str(wanted["description"])
    if times or "description" in wanted:
        if times and call.world.behaviour.patched_times_make_version:
            item.drive.keep_version(item)
        set_times(item, times)
        item.drive.changed(item, call.actor)
    return item_response(call, item)


async def delete_item(call: Call) -> Response:
    """Answer DELETE on an item: it goes to the recycle bin."""
    item = call.item()
    check_if_match(call.request.headers.get("If-Match"), item.etag, item.ctag)
    if item.parent is None:
        raise GraphError(403, "accessDenied", "The root of a drive cannot be deleted.")
    item.drive.delete(item, call.actor)
    return Response(204)


def file_times(written: object) -> dict[str, float]:
    """Return the times of a fileSystemInfo in seconds since 1970. Raises GraphError 400 for what is no time."""
    if written is None:
        return {}
    if not isinstance(written, dict):
        raise bad_request("fileSystemInfo must be an object.")
    times = {}
    for name in ("createdDateTime", "lastModifiedDateTime"):
        value = written.get(name)
        if value is None:
            continue
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise bad_request(f"fileSystemInfo.{name} is not a date and time.") from None
        times[name] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return times


def set_times(item: Item, times: dict[str, float]) -> None:
    """Give the item's file the times that `file_times` read."""
    item.fs_created = times.get("createdDateTime", item.fs_created)
    item.fs_modified = times.get("lastModifiedDateTime", item.fs_modified)


def _move(call: Call, item: Item, wanted: dict[str, Any], conflict: ConflictBehavior) -> None:
    reference = wanted.get("parentReference")
    parent = item.parent
    if reference is not None:
        if not isinstance(reference, dict):
            raise bad_request("parentReference must be an object.")
        parent = _new_parent(item, reference)
    name = wanted.get("name", item.name)
    if "name" not in wanted and parent is item.parent:
        return
    if parent is None:
        raise bad_request("The root of a drive cannot be renamed or moved.")
    if parent is not item.parent or name != item.name:
        item.drive.move(item, parent, name, conflict, call.actor)


def _new_parent(item: Item, reference: dict[str, Any]) -> Item | None:
    drive_id = reference.get("driveId")
    if drive_id is not None and str(drive_id) != item.drive.id:
        raise bad_request("An item cannot be moved to another drive; copy it and delete it.")
    identifier, path = reference.get("id"), reference.get("path")
    if identifier is not None:
        if str(identifier).casefold() == "root":
            raise bad_request("The parent of a move must be named by its id; 'root' is not one.")
        parent = item.drive.items.get(str(identifier))
    elif path is not None:
        written = str(path).lstrip("/")
        _, _, below = written.partition("root:")
        locator = parse(f"/drives/x/root:{below}").item
        parent = item.drive.resolve(locator.names) if locator is not None else None
    else:
        return item.parent
    if parent is None:
        raise item_not_found("The destination folder could not be found.")
    return parent

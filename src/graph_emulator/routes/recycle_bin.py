"""The recycle bin: restoring from it, deleting for good, and what a site's bin holds.

Follows driveItem restore and permanentDelete, and recycleBin items.
"""

from __future__ import annotations

from uuid import UUID

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request, item_not_found
from graph_emulator.messages import Response
from graph_emulator.representation import timestamp
from graph_emulator.routes.items import item_response
from graph_emulator.rules import ConflictBehavior, check_if_match, conflict_behavior
from graph_emulator.store import Drive, Item


async def restore_item(call: Call) -> Response:
    """Answer POST restore on a deleted item, named by its id: 200 with the item."""
    body = await call.json_body()
    drive = call.drive()
    item = _deleted(call, drive)
    parent = _parent(drive, body.get("parentReference"))
    name = body.get("name")
    if name is not None and not isinstance(name, str):
        raise bad_request("The name must be a string.")
    conflict = conflict_behavior(call.conflict_written(body), ConflictBehavior.FAIL)
    drive.restore(item, parent, name, conflict)
    return item_response(call, item)


async def permanently_delete(call: Call) -> Response:
    """Answer POST permanentDelete: the item is gone, and not in the recycle bin either."""
    item = call.item()
    check_if_match(call.request.headers.get("If-Match"), item.etag, item.ctag)
    if item.parent is None:
        raise GraphError(403, "accessDenied", "The root of a drive cannot be deleted.")
    item.drive.delete(item, call.actor)
    item.drive.purge(item)
    return Response(204)


async def list_bin(call: Call) -> Response:
    """Answer GET on the recycle bin of a site: what was deleted from all its libraries, the last first."""
    call.options.only("select", "top", "skiptoken")
    site = call.site(call.address.ids["site"])
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    start = call.options.skip_token or 0
    if not isinstance(start, int):
        raise bad_request("The $skiptoken is not one of this listing.")
    items = [item for drive in site.drives for item in drive.in_bin()]
    items.sort(key=lambda item: item.deleted or 0.0, reverse=True)
    select = call.options.select
    shown = [
        {name: value for name, value in _json(item).items() if select is None or name in select}
        for item in items[start : start + size]
    ]
    more = start + size < len(items)
    return call.page(f"sites('{site.id}')/recycleBin/items", shown, position=start + size if more else None)


def _json(item: Item) -> dict[str, object]:
    library = item.drive.url_name.replace("%20", " ")
    return {
        "id": str(UUID(bytes=item.guid)),
        "name": item.name,
        "size": item.size,
        "deletedDateTime": timestamp(item.deleted or 0.0),
        "deletedFromLocation": f"{library}{item.deleted_from or ''}".rstrip("/"),
    }


def _deleted(call: Call, drive: Drive) -> Item:
    locator = call.address.item
    if locator is None or locator.names or locator.start == "root":
        raise bad_request("An item to restore is named by its id.")
    if locator.start in drive.items:
        raise bad_request("The item is not deleted.")
    found = drive.deleted.get(locator.start) or drive.deleted.get(locator.start.upper())
    if found is None:
        raise item_not_found()
    return found


def _parent(drive: Drive, reference: object) -> Item | None:
    if reference is None:
        return None
    if not isinstance(reference, dict):
        raise bad_request("parentReference must be an object.")
    if reference.get("driveId") not in (None, drive.id):
        raise bad_request("An item is restored into its own drive.")
    identifier = reference.get("id")
    if identifier is None:
        return None
    parent = drive.root if identifier == "root" else drive.items.get(str(identifier))
    if parent is None:
        raise item_not_found("The destination folder could not be found.")
    return parent

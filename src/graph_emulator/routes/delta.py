"""delta on a drive's root: what there is, and afterwards what changed, each item in its present state.

Follows driveItem delta as OneDrive for work and SharePoint answer it: the root folder alone can be asked; a deleted item
has no name; parentReference has no path; a token may be `latest` or a time; a token that is too old is refused with 410.
With what changed come the folders it is in, unless the header deltaExcludeParent is there.
"""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import quote

import orjson

from graph_emulator.call import Call
from graph_emulator.errors import GraphError
from graph_emulator.messages import Response
from graph_emulator.representation import item_json, item_reference
from graph_emulator.routes.delta_place import Place, place_of, token_for
from graph_emulator.routes.item_json import Shown, shown_by
from graph_emulator.store import Drive, Item

_OF_DELETED = ("id", "eTag", "parentReference", "fileSystemInfo", "folder", "file")
_OUTSIDE_DELTA = ("path", "name")


async def list_changes(call: Call) -> Response:
    """Answer GET delta: a page of items with the link to the next, or with the link for next time."""
    shown = shown_by(call, "top")
    if call.item().parent is not None:
        raise GraphError(400, "notSupported", "Delta is supported for the root folder of a drive alone.")
    drive = call.drive()
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    known = drive.sequence
    if behaviour.delta_lag:
        known = drive.last_change_by(call.world.clock.now() - behaviour.delta_lag)
    asked = call.address.argument or call.options.custom.get("token")
    if asked == "latest":
        return _page(call, drive, [], Place(known, known, None))
    place = place_of(call, drive, asked, known)
    until = place.until or 0
    changes = drive.changes_after(place.at, until)
    found = list(islice((item for item in changes if _is_told(item, place)), size + 1))
    entries = _entries(call, drive, found[:size], place, shown)
    if behaviour.delta_repeats:
        entries = [_document(_earlier(item), shown) for item in found] + entries
    if len(found) <= size:
        return _page(call, drive, entries, Place(until, until, None))
    following = Place(place.since, found[size - 1].sequence, until, place.earliest)
    return _page(call, drive, entries, following)


def _page(call: Call, drive: Drive, entries: list[bytes], following: Place) -> Response:
    """Return a page; `following` is where the next begins, or the next round."""
    path = call.request.target.partition("?")[0].partition("(")[0]
    kept = "".join(f"${name}={quote(value)}&" for name, value in call.options.system.items())
    link = f"{call.request.base_url}{path}?{kept}token={token_for(call, drive, following)}"
    name = "@odata.nextLink" if following.until is not None else "@odata.deltaLink"
    head = orjson.dumps({"@odata.context": f"{call.context}Collection(driveItem)", name: link})
    response = call.page("", [])
    response.body = head[:-1] + b',"value":[' + b",".join(entries) + b"]}"
    return response


def _is_told(item: Item, place: Place) -> bool:
    if place.initial:
        return item.deleted is None
    return place.earliest is None or (item.deleted or item.modified) >= place.earliest


def _entries(call: Call, drive: Drive, page: list[Item], place: Place, shown: Shown) -> list[bytes]:
    """Return the page's items, each after the folders it is in that are told with it."""
    alone = call.request.headers.get("deltaExcludeParent", "false").casefold() != "false"
    listed: dict[str, Item] = {}
    if place.initial or not alone:
        begins = place.at == place.since and (page or place.initial)
        listed = {drive.root.id: drive.root} if begins else {}
    for item in page:
        for folder in reversed(list(item.ancestors())):
            # A folder that changed after the round began is not in it; what is in that folder is.
            newer = folder.sequence > (place.until or 0)
            if (
                folder is not drive.root
                and folder.deleted is None
                and (newer or not (place.initial or alone))
            ):
                listed[folder.id] = folder
        listed[item.id] = item
    return [_entry(call, item, shown) for item in listed.values()]


def _references(folder: Item) -> tuple[bytes, bytes]:
    """Return how the items in `folder` refer to it: as everywhere else, and as delta writes it."""
    reference = item_reference(folder)
    kept = {name: value for name, value in reference.items() if name not in _OUTSIDE_DELTA}
    return orjson.dumps(reference), orjson.dumps(kept)


def _entry(call: Call, item: Item, shown: Shown) -> bytes:
    """Return an item as delta shows it."""
    if item.deleted is None:
        rendered = shown.document(call, item)
        if item.parent is None:
            return rendered
        full, short = _references(item.parent)
        return rendered.replace(full, short, 1)
    behaviour = call.world.behaviour
    full = orjson.loads(item_json(item))
    kept = {*_OF_DELETED, *(("name",) if behaviour.delta_deleted_names else ())}
    kept |= {"cTag"} if behaviour.delta_deleted_ctags else set()
    document = {name: value for name, value in full.items() if name in kept}
    return _document({**document, "deleted": {"state": "deleted"}, "size": 0}, shown)


def _earlier(item: Item) -> dict[str, Any]:
    """Return a state that an item may have had before: a deleted one was there, any other had nothing in it yet."""
    document: dict[str, Any] = orjson.loads(item_json(item))
    if item.deleted is None:
        document |= {"size": 0, "eTag": item.etag.rpartition(",")[0] + ',0"'}
        if "file" in document:
            document["file"].pop("hashes", None)
        else:
            document["folder"] = {"childCount": 0}
    return document


def _document(document: dict[str, Any], shown: Shown) -> bytes:
    if shown.select is not None:
        kept = {"id", "deleted", *shown.select}
        document = {name: value for name, value in document.items() if name in kept}
    return _without_path(document)


def _without_path(document: dict[str, Any]) -> bytes:
    reference = document.get("parentReference")
    if reference is not None:
        for name in _OUTSIDE_DELTA:
            reference.pop(name, None)
    return orjson.dumps(document)

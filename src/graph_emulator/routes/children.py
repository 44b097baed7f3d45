"""The items in a folder: listed in pages, and new folders.

Follows driveItem list children and "Create a new folder". OneDrive for work orders by name or url alone.
"""

from __future__ import annotations

import orjson

from graph_emulator.call import Call
from graph_emulator.errors import bad_request, item_not_found, not_implemented
from graph_emulator.messages import Response
from graph_emulator.odata import Predicate, parse_filter
from graph_emulator.representation import item_json
from graph_emulator.routes.item_json import shown_by
from graph_emulator.routes.items import item_response
from graph_emulator.rules import ConflictBehavior, check_name, conflict_behavior
from graph_emulator.store import Item
from graph_emulator.store.item import Children

_FILTERABLE = frozenset(("name", "folder", "file"))


async def list_children(call: Call) -> Response:
    """Answer GET on children. A file has none: an empty page."""
    shown = shown_by(call, "top", "skiptoken", "orderby", "filter")
    item = call.item()
    descending = _descending(call)
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    after = _position(call)
    predicate = _predicate(call.options.filter)
    context = f"drives('{item.drive.id}')/items('{item.id}')/children"
    page = _page(item.children or Children(), after, size + 1, descending, predicate)
    more = len(page) > size
    values = [shown.document(call, child) for child in page[:size]]
    return call.page(context, values, position={"after": page[size - 1].key} if more else None)


async def create_child(call: Call) -> Response:
    """Answer POST on children: a new folder."""
    body = await call.json_body()
    parent = call.item()
    if parent.children is None:
        raise bad_request("The item is not a folder.")
    if "name" not in body:
        raise bad_request("The name must be given.")
    if not isinstance(body.get("folder"), dict):
        raise not_implemented("POST children of anything but a folder")
    name = check_name(body["name"], at_library_root=parent is parent.drive.root)
    conflict = conflict_behavior(call.conflict_written(body), ConflictBehavior.FAIL)
    folder = parent.drive.make_folder(parent, name, conflict, call.actor)
    if body.get("description") is not None:
        folder.description = str(body["description"])
        folder.drive.touch(folder)
    return item_response(call, folder, status=201)


def _page(
    children: Children, after: str | None, limit: int, descending: bool, predicate: Predicate | None
) -> list[Item]:
    if predicate is None:
        return children.after(after, limit, descending=descending)
    found: list[Item] = []
    while len(found) < limit:
        batch = children.after(after, 1000, descending=descending)
        found += [item for item in batch if predicate(orjson.loads(item_json(item)))]
        if len(batch) < 1000:
            break
        after = batch[-1].key
    return found[:limit]


def _descending(call: Call) -> bool:
    terms = call.options.order_by()
    for name, _ in terms:
        if name not in ("name", "url", "webUrl"):
            raise bad_request(f"The $orderby property '{name}' is not supported; use name or url.")
    return bool(terms) and terms[0][1]


def _position(call: Call) -> str | None:
    token = call.options.skip_token
    if token is None:
        return None
    if not isinstance(token, dict) or not isinstance(token.get("after"), str):
        raise item_not_found("The $skiptoken is not one of this listing.")
    return str(token["after"])


def _predicate(clause: str | None) -> Predicate | None:
    if clause is None:
        return None
    return parse_filter(clause, known=_FILTERABLE, functions=frozenset({"startswith"}))

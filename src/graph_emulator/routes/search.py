"""search(q='...') on a drive or a folder: names that hold every word; an empty text finds everything."""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request
from graph_emulator.messages import Response
from graph_emulator.routes.item_json import shown_by
from graph_emulator.store import Item


async def search_items(call: Call) -> Response:
    """Answer GET search: the items below the addressed folder, or in the whole drive."""
    shown = shown_by(call, "top", "skiptoken")
    if call.world.behaviour.search_refused:
        raise GraphError(403, "accessDenied", "Access denied")
    top = call.drive().root if call.address.item is None else call.item()
    words = (call.address.argument or "").casefold().split()
    found = [item for item in top.walk() if _matches(item, words)]
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    start = call.options.skip_token or 0
    if not isinstance(start, int):
        raise bad_request("The $skiptoken is not one of this search.")
    values = [shown.document(call, item) for item in found[start : start + size]]
    more = start + size < len(found)
    return call.page("Collection(driveItem)", values, position=start + size if more else None)


def _matches(item: Item, words: list[str]) -> bool:
    return all(word in item.key for word in words)

"""What $expand shows beside an item: its permissions, its thumbnails, its list item."""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call
from graph_emulator.list_json import fields_of, row_json
from graph_emulator.odata.expand import parse_expand
from graph_emulator.odata.options import Options
from graph_emulator.sharing_json import permissions_of
from graph_emulator.shown_list import ShownList
from graph_emulator.store import Item
from graph_emulator.thumbnail_json import thumbnails_of

BESIDE = ("permissions", "thumbnails", "listItem")


def expanded(call: Call, item: Item, asked: dict[str, Options]) -> dict[str, Any]:
    """Return what `asked` expands of an item."""
    shown: dict[str, Any] = {}
    for name, options in asked.items():
        if name == "permissions":
            shown[name] = permissions_of(item, call.world.clock.now())
        elif name == "thumbnails":
            shown[name] = thumbnails_of(call, item, options.select)
        elif name == "listItem" and item.parent is not None:
            shown[name] = _list_item(item, options)
    return shown


def _list_item(item: Item, options: Options) -> dict[str, Any]:
    of_drive = ShownList(item.drive.site, drive=item.drive)
    row = of_drive.row_of_item(item)
    select = options.select
    shown = row_json(of_drive, row)
    if select is not None:
        shown = {name: shown[name] for name in select if name in shown}
    for inner in parse_expand(options.system.get("expand", ""), "fields").values():
        shown["fields"] = fields_of(row, inner.select)
    return shown

"""delta on a drive's root: what there is, and afterwards what changed; each item once, in its present state.

Follows driveItem delta as OneDrive for work and SharePoint answer it: the root folder alone can be asked; a deleted item
has no name; parentReference has no path; a token may be `latest` or a time; a token that is too old is refused with 410.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from graph_emulator.call import Call, raw_json
from graph_emulator.errors import GraphError, bad_request
from graph_emulator.messages import Response
from graph_emulator.representation import item_json
from graph_emulator.routes.item_json import Shown, shown_by
from graph_emulator.store import Drive, Item

_GONE = "resyncRequired"


async def list_changes(call: Call) -> Response:
    """Answer GET delta: a page of items with the link to the next, or with the link for next time."""
    shown = shown_by(call, "top")
    if call.item().parent is not None:
        raise GraphError(400, "notSupported", "Delta is supported for the root folder of a drive alone.")
    drive = call.drive()
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    asked = call.address.argument or call.options.custom.get("token")
    if asked == "latest":
        return _page(call, drive, [], drive.sequence, None)
    place, earliest = _place(call, drive, asked)
    found = [item for item in drive.changes_after(place["at"], place["until"]) if _since(item, earliest)]
    if not place["since"] and earliest is None:
        found = [item for item in found if item.deleted is None]
    page = found[:size]
    items = [_entry(call, item, shown) for item in page if item is not drive.root]
    if place["at"] == place["since"] and (items or not place["since"]):
        items.insert(0, _entry(call, drive.root, shown))
    if len(found) <= size:
        return _page(call, drive, items, place["until"], None)
    return _page(call, drive, items, place["until"], {**place, "at": page[-1].sequence})


def _page(
    call: Call, drive: Drive, items: list[bytes], until: int, following: dict[str, int] | None
) -> Response:
    """Return a page; `following` is where the next begins, or None for the last of the round."""
    path = call.request.target.partition("?")[0].partition("(")[0]
    kept = "".join(f"${name}={quote(value)}&" for name, value in call.options.system.items())
    now = int(call.world.clock.now())
    place = following or {"since": until, "at": until, "until": 0}
    link = f"{call.request.base_url}{path}?{kept}token={_token({**place, 'drive': drive.id, 'made': now})}"
    name = "@odata.nextLink" if following is not None else "@odata.deltaLink"
    head = orjson.dumps({"@odata.context": f"{call.context}Collection(driveItem)", name: link})
    return raw_json(200, head[:-1] + b',"value":[' + b",".join(items) + b"]}")


def _place(call: Call, drive: Drive, token: str | None) -> tuple[dict[str, int], float | None]:
    """Return where a round stands: its begin, how far it came, its end; and the time of a token that is a time."""
    if not token:
        return {"since": 0, "at": 0, "until": drive.sequence}, None
    try:
        return {"since": 0, "at": 0, "until": drive.sequence}, datetime.fromisoformat(token).timestamp()
    except ValueError:
        pass
    try:
        held: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        place = {name: int(held[name]) for name in ("since", "at", "until")}
        made, drive_id = float(held["made"]), str(held["drive"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise bad_request("The delta token is not one that the service gave out.") from None
    too_old = call.world.clock.now() - made > call.world.behaviour.delta_life
    if drive_id != drive.id or place["at"] > drive.sequence or too_old:
        raise _resync(call)
    return {**place, "until": place["until"] or drive.sequence}, None


def _resync(call: Call) -> GraphError:
    path = call.request.target.partition("?")[0].partition("(")[0]
    headers = {"Location": f"{call.request.base_url}{path}?token="}
    message = "Resync required. Replace any local items with the server's version (including deletes)."
    return GraphError(410, _GONE, message, inner=("resyncChangesApplyDifferences",), headers=headers)


def _since(item: Item, earliest: float | None) -> bool:
    return earliest is None or (item.deleted or item.modified) >= earliest


def _entry(call: Call, item: Item, shown: Shown) -> bytes:
    """Return an item as delta shows it."""
    if item.deleted is None:
        document: dict[str, Any] = orjson.loads(shown.document(call, item))
    else:
        full = orjson.loads(item_json(item))
        kept = ("id", "eTag", "parentReference", "fileSystemInfo", "folder", "file")
        document = {name: full[name] for name in kept if name in full}
        document |= {"deleted": {"state": "deleted"}, "size": 0}
    reference = document.get("parentReference")
    if reference is not None:
        reference.pop("path", None)
        reference.pop("name", None)
    return orjson.dumps(document)


def _token(place: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode("ascii")

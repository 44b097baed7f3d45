"""checkout, checkin and discardCheckout: 204 each. An application is one actor."""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import bad_request
from graph_emulator.messages import Response
from graph_emulator.rules import check_if_match
from graph_emulator.store.checking_out import check_in, check_out, discard

_CHECK_IN_AS = ("published", "unspecified")


async def check_item_out(call: Call) -> Response:
    """Answer POST checkout: 423 when the file is checked out already."""
    item = call.item()
    check_out(item, call.actor)
    item.drive.touch(item)
    return Response(204)


async def check_item_in(call: Call) -> Response:
    """Answer POST checkin: what was written becomes a version that all see."""
    item = call.item()
    body = await call.json_body()
    check_if_match(call.request.headers.get("If-Match"), item.etag, item.ctag)
    if body.get("checkInAs", "published") not in _CHECK_IN_AS:
        raise bad_request(f"checkInAs must be one of {', '.join(_CHECK_IN_AS)}.")
    if not isinstance(body.get("comment", ""), str):
        raise bad_request("The comment must be a string.")
    check_in(item, call.actor)
    item.drive.changed(item, call.actor)
    return Response(204)


async def discard_check_out(call: Call) -> Response:
    """Answer POST discardCheckout: the file is again as it was."""
    item = call.item()
    before = item.current() if item.content is not None else None
    grown = discard(item, call.actor)
    item.drive.grow(item, grown)
    item.drive.changed(item, call.actor)
    if before is not None:
        item.modified, item.modified_by = before.modified, before.modified_by
    return Response(204)

"""What is shared with a drive's owner, and what applications follow.

sharedWithMe has been retired: the service answers with an empty page, or closes it to applications.
"""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, item_not_found
from graph_emulator.messages import Response
from graph_emulator.routes.item_json import shown_by
from graph_emulator.routes.items import item_response


async def list_shared_with_me(call: Call) -> Response:
    """Answer GET sharedWithMe: one empty page, or 403."""
    shown_by(call, "top")
    call.drive()
    if call.world.behaviour.shared_with_me == "refused":
        raise GraphError(403, "accessDenied", "Access denied")
    return call.page("Collection(driveItem)", [])


async def follow(call: Call) -> Response:
    """Answer POST follow: the item."""
    item = call.item()
    followed = item.drive.sharing.followed.setdefault(call.actor.application_id or "", [])
    if item.id not in followed:
        followed.append(item.id)
        item.drive.dirty = True
    return item_response(call, item)


async def unfollow(call: Call) -> Response:
    """Answer POST unfollow, or DELETE on what is followed."""
    drive = call.drive()
    wanted = call.address.ids["item"] if call.address.item is None else call.item().id
    followed = drive.sharing.followed.get(call.actor.application_id or "", [])
    if wanted in followed:
        followed.remove(wanted)
        drive.dirty = True
    elif call.address.item is None:
        raise item_not_found()
    return Response(204)


async def list_followed(call: Call) -> Response:
    """Answer GET on what the application follows in a drive."""
    shown = shown_by(call)
    drive = call.drive()
    followed = drive.sharing.followed.get(call.actor.application_id or "", [])
    items = [drive.items[identifier] for identifier in followed if identifier in drive.items]
    return call.page("Collection(driveItem)", [shown.document(call, item) for item in items])

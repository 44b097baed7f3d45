"""Pictures of an item, and a page to look at it.

Follows driveItem list thumbnails and driveItem preview.
"""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request, item_not_found
from graph_emulator.messages import Response, json_response
from graph_emulator.renditions import address
from graph_emulator.store import Item
from graph_emulator.thumbnail_json import SET_ID, has_picture, thumbnail, thumbnails_of


async def list_thumbnails(call: Call) -> Response:
    """Answer GET on thumbnails: one set, of the sizes in $select; none for what has no picture."""
    call.options.only("select", "top")
    item = call.item()
    context = f"drives('{item.drive.id}')/items('{item.id}')/thumbnails"
    return call.page(context, list(thumbnails_of(call, item, call.options.select)))


async def get_set(call: Call) -> Response:
    """Answer GET on one set of thumbnails."""
    call.options.only("select")
    item = _pictured(call)
    return json_response(200, thumbnails_of(call, item, call.options.select)[0])


async def get_thumbnail(call: Call) -> Response:
    """Answer GET on one size of a set."""
    call.options.only("select")
    item = _pictured(call)
    return json_response(200, thumbnail(call, item, call.address.ids["size"]))


async def get_thumbnail_content(call: Call) -> Response:
    """Answer GET on the picture: 302 to where it is."""
    call.options.only()
    item = _pictured(call)
    response = Response(302)
    response.headers["Location"] = str(thumbnail(call, item, call.address.ids["size"])["url"])
    return response


async def preview(call: Call) -> Response:
    """Answer POST preview: the address of a page that shows the file for a short time."""
    item = call.item()
    body = await call.json_body()
    if item.content is None:
        raise bad_request("A folder has no preview.")
    zoom = body.get("zoom")
    if zoom is not None and (not isinstance(zoom, int | float) or isinstance(zoom, bool)):
        raise GraphError(400, "invalidRequest", "zoom must be a number.")
    url = address(call, item, "preview", "preview.html")
    return json_response(
        200,
        {
            "@odata.context": f"{call.context}microsoft.graph.itemPreviewInfo",
            "getUrl": url,
            "postParameters": None,
            "postUrl": None,
        },
    )


def _pictured(call: Call) -> Item:
    """Return the addressed item if it has the addressed set. Raises GraphError 404."""
    item = call.item()
    if call.address.ids["set"] != SET_ID or not has_picture(item):
        raise item_not_found("The thumbnail was not found.")
    return item

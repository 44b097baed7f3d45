"""Items by sharing link or web address: /shares/{token}.

Follows "Access shared items". What is asked of the shared item is answered as for the item itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson

from graph_emulator.addresses import ITEM, Address, DriveLocator, ItemLocator
from graph_emulator.call import Call
from graph_emulator.errors import item_not_found, not_implemented
from graph_emulator.messages import Response, json_response
from graph_emulator.representation import site_json
from graph_emulator.routes.item_json import Shown
from graph_emulator.sharing_json import existing_access, grant_json
from graph_emulator.store import Item
from graph_emulator.store.sharing import Grant
from graph_emulator.web_addresses import item_of_token


async def get_share(call: Call) -> Response:
    """Answer GET on a share: what is shared and whose it is; with $expand=driveItem or root the item too."""
    call.options.only("expand")
    item, _ = shared(call)
    shown: dict[str, Any] = {
        "@odata.context": f"{call.context}shares/$entity",
        "id": call.address.ids["share"],
        "name": item.name,
        "owner": item.drive.owner,
    }
    for name in filter(None, call.options.system.get("expand", "").replace(" ", "").split(",")):
        if name not in ("driveItem", "root"):
            raise not_implemented(f"$expand={name[:100]} of a share")
        shown[name] = orjson.loads(Shown().document(call, item))
    return _answered(call, json_response(200, shown))


def of_shared_item(suffix: str, handler: Callable[[Call], Awaitable[Response]]) -> Any:
    """Return the handler of `driveItem` + `suffix`: that of the item, once it is known which."""

    async def answer(call: Call) -> Response:
        start, _ = shared(call)
        names = call.address.item.names if call.address.item is not None else ()
        locator = ItemLocator(start.id, names)
        address = Address(f"{ITEM}{suffix}", call.address.ids, DriveLocator(start.drive.id), locator)
        return _answered(call, await handler(replace(call, address=address)))

    return answer


async def get_share_permission(call: Call) -> Response:
    """Answer GET on a share's permission: the link's, or that of an address that lets in who may already."""
    call.options.only()
    item, grant = shared(call)
    shown = existing_access(item) if grant is None else grant_json(grant, item)
    context = f"{call.context}shares('{call.address.ids['share']}')/permission/$entity"
    return _answered(call, json_response(200, {"@odata.context": context, **shown}))


async def get_share_site(call: Call) -> Response:
    """Answer GET on a share's site."""
    call.options.only()
    item, _ = shared(call)
    return json_response(
        200, {"@odata.context": f"{call.context}sites/$entity", **site_json(item.drive.site)}
    )


def shared(call: Call) -> tuple[Item, Grant | None]:
    """Return what the call's token stands for, and the link's grant. Raises GraphError 400, 403 or 404."""
    item, grant = item_of_token(call.tenant, call.address.ids["share"], call.world.clock.now())
    if item.deleted is not None:
        raise item_not_found()
    return item, grant


def _answered(call: Call, response: Response) -> Response:
    """Say that the link was redeemed, when that was preferred: an application has no need of it."""
    preferred = call.request.headers.get("Prefer", "")
    for name in ("redeemSharingLinkIfNecessary", "redeemSharingLink"):
        if name.casefold() in preferred.casefold():
            response.headers.setdefault("Preference-Applied", name)
            break
    return response

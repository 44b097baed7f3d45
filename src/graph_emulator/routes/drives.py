"""Drives: by id, the default drive of an owner, and all drives of an owner."""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import directory_not_found
from graph_emulator.messages import Response, json_response
from graph_emulator.representation import drive_json
from graph_emulator.routes.directory_listing import checked, selected
from graph_emulator.store import Drive


async def get_drive(call: Call) -> Response:
    """Answer GET on one drive, however it is addressed."""
    shown = selected(call, drive_json(call.drive()), None, "drive")
    return json_response(200, {"@odata.context": f"{call.context}drives/$entity", **shown})


async def list_user_drives(call: Call) -> Response:
    """Answer GET /users/{id}/drives."""
    identifier = call.address.ids["user"]
    user = call.tenant.find_user(identifier)
    if user is None:
        raise directory_not_found(identifier)
    return _page(call, user.drive.site.drives if user.drive is not None else [])


async def list_group_drives(call: Call) -> Response:
    """Answer GET /groups/{id}/drives."""
    identifier = call.address.ids["group"]
    group = call.tenant.groups.get(identifier.casefold())
    if group is None:
        raise directory_not_found(identifier)
    return _page(call, group.drive.site.drives if group.drive is not None else [])


async def list_site_drives(call: Call) -> Response:
    """Answer GET /sites/{id}/drives."""
    return _page(call, call.site(call.address.ids["site"]).drives)


def _page(call: Call, drives: list[Drive]) -> Response:
    call.options.only("select", "top", "skiptoken", "orderby")
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    start = call.options.skip_token or 0
    ordered = sorted(drives, key=lambda drive: drive.name.casefold()) if call.options.order_by() else drives
    select = checked(call.options.select, "drive")
    values = [
        {name: value for name, value in drive_json(drive).items() if select is None or name in select}
        for drive in ordered[start : start + size]
    ]
    more = start + size < len(drives)
    return call.page("drives", values, position=start + size if more else None)

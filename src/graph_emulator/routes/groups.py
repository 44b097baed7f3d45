"""Groups and their members."""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call
from graph_emulator.errors import directory_not_found
from graph_emulator.messages import Response, json_response
from graph_emulator.routes.directory_listing import count_objects, list_objects, selected
from graph_emulator.store import Group, User
from graph_emulator.store.people import DEFAULT_USER_PROPERTIES


async def list_groups(call: Call) -> Response:
    """Answer GET /groups."""
    rows = [group.json() for group in call.tenant.groups.values()]
    return list_objects(call, rows, context="groups", default=None, kind="group")


async def count_groups(call: Call) -> Response:
    """Answer GET /groups/$count."""
    return count_objects(call, [group.json() for group in call.tenant.groups.values()], "group")


async def get_group(call: Call) -> Response:
    """Answer GET /groups/{id}."""
    shown = selected(call, _group(call).json(), None, "group")
    return json_response(200, {"@odata.context": f"{call.context}groups/$entity", **shown})


async def list_members(call: Call) -> Response:
    """Answer GET /groups/{id}/members: users and groups together, each naming its type."""
    return list_objects(
        call, _members(call), context="directoryObjects", default=None, kind="directoryObject"
    )


async def list_user_members(call: Call) -> Response:
    """Answer GET /groups/{id}/members/microsoft.graph.user: the users alone, with a user's properties."""
    rows = [member.json() for member in _group(call).members if isinstance(member, User)]
    return list_objects(call, rows, context="users", default=DEFAULT_USER_PROPERTIES, kind="user")


async def count_members(call: Call) -> Response:
    """Answer GET /groups/{id}/members/$count."""
    return count_objects(call, _members(call), "directoryObject")


def _group(call: Call) -> Group:
    identifier = call.address.ids["group"]
    group = call.tenant.groups.get(identifier.casefold())
    if group is None:
        raise directory_not_found(identifier)
    return group


def _members(call: Call) -> list[dict[str, Any]]:
    rows = []
    for member in _group(call).members:
        kind = "user" if isinstance(member, User) else "group"
        full = member.json()
        names = DEFAULT_USER_PROPERTIES if isinstance(member, User) and call.options.select is None else full
        rows.append({"@odata.type": f"#microsoft.graph.{kind}", **{name: full[name] for name in names}})
    return rows

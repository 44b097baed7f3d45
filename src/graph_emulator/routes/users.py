"""Users: /users and /users/{id or user principal name}."""

from __future__ import annotations

from graph_emulator.call import Call
from graph_emulator.errors import directory_not_found
from graph_emulator.messages import Response, json_response
from graph_emulator.routes.directory_listing import count_objects, list_objects, selected
from graph_emulator.store.people import DEFAULT_USER_PROPERTIES


async def list_users(call: Call) -> Response:
    """Answer GET /users."""
    rows = [user.json() for user in call.tenant.users.values()]
    return list_objects(call, rows, context="users", default=DEFAULT_USER_PROPERTIES, kind="user")


async def count_users(call: Call) -> Response:
    """Answer GET /users/$count."""
    return count_objects(call, [user.json() for user in call.tenant.users.values()], "user")


async def get_user(call: Call) -> Response:
    """Answer GET /users/{id}."""
    identifier = call.address.ids["user"]
    user = call.tenant.find_user(identifier)
    if user is None:
        raise directory_not_found(identifier)
    shown = selected(call, user.json(), DEFAULT_USER_PROPERTIES, "user")
    return json_response(200, {"@odata.context": f"{call.context}users/$entity", **shown})

"""The permissions of an item: listed, changed, taken away; and links that share it.

Follows driveItem list permissions, permission get, update, delete and driveItem createLink. What comes from a folder
above, or from the library, is changed there and not here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request, item_not_found
from graph_emulator.messages import Response, json_response
from graph_emulator.routes.recipients import resolved
from graph_emulator.sharing_json import grant_json, permissions_of
from graph_emulator.store import Item
from graph_emulator.store.sharing import ROLES, Grant

_SCOPES = ("anonymous", "organization", "users")


async def list_permissions(call: Call) -> Response:
    """Answer GET on permissions: the item's own, those inherited, those of the library."""
    call.options.only("select", "top")
    item = call.item()
    rows = permissions_of(item, call.world.clock.now())
    select = call.options.select
    if select is not None:
        rows = [{name: row[name] for name in ("id", *select) if name in row} for row in rows]
    return call.page(f"{_context(item)}permissions", list(rows))


async def get_permission(call: Call) -> Response:
    """Answer GET on one permission."""
    call.options.only("select")
    item = call.item()
    grant, origin = _found(call, item)
    return answer(call, item, grant, origin=origin)


async def update_permission(call: Call) -> Response:
    """Answer PATCH on a permission: other roles, another end."""
    item = call.item()
    grant = own_grant(call, item)
    body = await call.json_body()
    unknown = body.keys() - {"roles", "expirationDateTime", "password"}
    for name in sorted(each for each in unknown if not each.startswith("@")):
        raise bad_request(f"The property '{name}' of a permission cannot be updated.")
    if "roles" in body:
        roles = read_roles(body["roles"])
        if grant.link is not None:
            raise bad_request("The role of a sharing link cannot be changed.")
        grant.roles = roles
    if "expirationDateTime" in body:
        grant.expires = read_expiration(call, body["expirationDateTime"])
    if "password" in body:
        grant.has_password = bool(body["password"])
    item.drive.dirty = True
    return answer(call, item, grant)


async def delete_permission(call: Call) -> Response:
    """Answer DELETE on a permission."""
    item = call.item()
    item.drive.sharing.remove(item, own_grant(call, item))
    return Response(204)


async def create_link(call: Call) -> Response:
    """Answer POST createLink: 201 with a new link, or 200 with the one that this application has made before."""
    item = call.item()
    body = await call.json_body()
    link_type, scope = _link_wanted(call, body)
    if item.parent is None:
        message = "The operation failed because the object does not support sharing."
        raise GraphError(400, "notSupported", message, inner=("objectNotSupported",))
    expires = read_expiration(call, body.get("expirationDateTime"))
    has_password = bool(body.get("password"))
    sharing = item.drive.sharing
    people = [identity for identity, _ in resolved(call, body.get("recipients") or [])]
    for grant, origin in sharing.on(item, call.world.clock.now()):
        same = (
            origin is None
            and grant.link is not None
            and (grant.link.type, grant.link.scope) == (link_type, scope)
            and (grant.application or {}).get("id") == call.actor.application_id
        )
        if same and grant.expires == expires and not (grant.has_password or has_password):
            grant.recipients += [each for each in people if each not in grant.recipients]
            return answer(call, item, grant)
    link = sharing.new_link(item, link_type, scope, call.world.clock.now())
    made = Grant(
        sharing.new_id(item),
        ["write" if link_type == "edit" else "read"],
        link=link,
        recipients=people,
        application={
            "id": call.actor.application_id or "",
            "displayName": call.actor.application_name or "",
        },
        expires=expires,
        has_password=has_password,
    )
    return answer(call, item, sharing.add(item, made), status=201)


def answer(
    call: Call, item: Item, grant: Grant, *, origin: Item | None = None, status: int = 200
) -> Response:
    """Return one permission alone."""
    context = f"{call.context}{_context(item)}permissions/$entity"
    return json_response(status, {"@odata.context": context, **grant_json(grant, item, origin)})


def own_grant(call: Call, item: Item) -> Grant:
    """Return the addressed permission, if it can be changed on this item. Raises GraphError 400, 403 or 404."""
    grant, origin = _found(call, item)
    if grant.fixed and origin is None:
        raise GraphError(403, "accessDenied", "What a library grants its own people cannot be changed here.")
    if origin is not None:
        raise bad_request("An inherited permission can be changed only where it was granted.")
    return grant


def read_roles(written: object) -> list[str]:
    """Return the roles of a request. Raises GraphError 400 for none, and for others than read, write, owner."""
    roles = written if isinstance(written, list) else []
    if not roles or not all(isinstance(role, str) and role in ROLES for role in roles):
        raise bad_request("The roles must be among read, write and owner.")
    return [str(role) for role in roles]


def read_expiration(call: Call, written: object) -> float | None:
    """Return an expirationDateTime in seconds since 1970. Raises GraphError 400 for the past and for what is no time."""
    if written in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        raise bad_request("expirationDateTime is not a date and time.") from None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if seconds <= call.world.clock.now():
        raise bad_request("expirationDateTime must lie in the future.")
    return seconds


def _link_wanted(call: Call, body: dict[str, Any]) -> tuple[str, str]:
    link_type, scope = body.get("type", "view"), body.get("scope")
    if link_type == "embed":
        raise bad_request("Links of type embed are made in OneDrive for home alone.")
    if link_type not in ("view", "edit"):
        raise bad_request("The type of a link must be view or edit.")
    if scope is None:
        scope = call.world.behaviour.default_link_scope
    if scope not in _SCOPES:
        raise bad_request("The scope of a link must be anonymous, organization or users.")
    if scope == "anonymous" and not call.world.behaviour.anonymous_links:
        message = "The tenant's administrator does not allow anonymous links."
        raise GraphError(403, "accessDenied", message, inner=("sharingDisabled",))
    return str(link_type), str(scope)


def _found(call: Call, item: Item) -> tuple[Grant, Item | None]:
    wanted = call.address.ids["permission"]
    for grant, origin in item.drive.sharing.on(item, call.world.clock.now()):
        if grant.id == wanted:
            return grant, origin
    raise item_not_found()


def _context(item: Item) -> str:
    return f"drives('{item.drive.id}')/items('{item.id}')/"

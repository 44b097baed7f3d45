"""Access for named people: invited to an item, added to a link, taken off it.

Follows driveItem invite, permission grant and permission revokeGrants. Each recipient succeeds or fails alone.
"""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call, raw_json
from graph_emulator.errors import bad_request
from graph_emulator.messages import Response
from graph_emulator.routes.permissions import answer, own_grant, read_expiration, read_roles
from graph_emulator.routes.recipients import nobody_resolved, resolved, sorted_out
from graph_emulator.routes.shares import shared
from graph_emulator.sharing_json import existing_access, grant_json
from graph_emulator.store import Item
from graph_emulator.store.sharing import Grant, Identity, login_name, member_id

_MESSAGE_MAX = 2000
_KNOWN = frozenset(
    (
        "recipients",
        "roles",
        "requireSignIn",
        "sendInvitation",
        "message",
        "password",
        "expirationDateTime",
        "retainInheritedPermissions",
    )
)


async def invite(call: Call) -> Response:
    """Answer POST invite: a permission for each recipient, or the reason why there is none."""
    item = call.item()
    body = await call.json_body()
    _check(body)
    roles = read_roles(body.get("roles"))
    expires = read_expiration(call, body.get("expirationDateTime"))
    found, refused = sorted_out(call, body.get("recipients"))
    if not found:
        raise nobody_resolved()
    rows: list[dict[str, Any]] = []
    for identity, keys in found:
        grant = _granted(item, identity, roles)
        grant.expires = expires
        grant.has_password = bool(body.get("password"))
        if "email" in keys:
            required = body.get("requireSignIn", True) is not False
            grant.invitation = {"email": keys["email"], "signInRequired": required}
        rows.append(grant_json(grant, item))
    return _collection(call, item, rows, refused)


async def grant_on_share(call: Call) -> Response:
    """Answer POST permission/grant on a share: its link, with the recipients added, or a permission for each."""
    item, link = shared(call)
    body = await call.json_body()
    roles = read_roles(body.get("roles"))
    found, refused = sorted_out(call, body.get("recipients"))
    if not found:
        raise nobody_resolved()
    if link is not None and link.link is not None and link.link.scope == "users":
        link.recipients += [identity for identity, _ in found if identity not in link.recipients]
        item.drive.dirty = True
        return _collection(call, item, [grant_json(link, item)], refused)
    rows = [existing_access(item) if link is None else grant_json(link, item)]
    rows += [grant_json(_granted(item, identity, roles), item) for identity, _ in found]
    return _collection(call, item, rows, refused)


async def revoke_grants(call: Call) -> Response:
    """Answer POST revokeGrants: 200 with the link that is left, 204 when it was for nobody else."""
    item = call.item()
    grant = own_grant(call, item)
    body = await call.json_body()
    if grant.link is None or grant.link.scope != "users":
        raise bad_request("Grants can be revoked on sharing links for specific users alone.")
    people = [identity for identity, _ in resolved(call, body.get("grantees"))]
    if not people:
        raise bad_request("The grantees must be given.")
    grant.recipients = [each for each in grant.recipients if each not in people]
    item.drive.dirty = True
    if not grant.recipients:
        item.drive.sharing.remove(item, grant)
        return Response(204)
    return answer(call, item, grant)


def _granted(item: Item, identity: Identity, roles: list[str]) -> Grant:
    """Return the item's own permission of someone, with these roles, made where there was none."""
    account = next(iter(identity.values()))
    identifier = member_id(login_name(account))
    sharing = item.drive.sharing
    for grant in sharing.grants.get(item.id, ()):
        if grant.id == identifier:
            grant.roles = list(roles)
            item.drive.dirty = True
            return grant
    return sharing.add(item, Grant(identifier, list(roles), identity))


def _check(body: dict[str, Any]) -> None:
    for name in sorted(body.keys() - _KNOWN):
        if not name.startswith("@"):
            raise bad_request(f"The property '{name}' of an invitation is not known.")
    for name in ("requireSignIn", "sendInvitation"):
        if not isinstance(body.get(name, True), bool):
            raise bad_request(f"{name} must be true or false.")
    if len(str(body.get("message") or "")) > _MESSAGE_MAX:
        raise bad_request(f"The message must not be longer than {_MESSAGE_MAX} characters.")


def _collection(
    call: Call, item: Item, rows: list[dict[str, Any]], refused: list[dict[str, Any]]
) -> Response:
    page = call.page(f"drives('{item.drive.id}')/items('{item.id}')/permissions", [*rows, *refused])
    status = call.world.behaviour.partial_invite_status if refused else 200
    return raw_json(status, page.body if isinstance(page.body, bytes) else b"")

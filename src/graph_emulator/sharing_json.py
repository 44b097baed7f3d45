"""How permissions look as JSON, with the deprecated forms beside the present ones, as the service still writes both."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from graph_emulator.representation import timestamp
from graph_emulator.store import Item
from graph_emulator.store.sharing import Grant, Identity, login_name, site_user_id


def grant_json(grant: Grant, item: Item, origin: Item | None = None) -> dict[str, Any]:
    """Return one permission of `item`; `origin` is the folder it is inherited from."""
    shown: dict[str, Any] = {"id": grant.id, "roles": list(grant.roles)}
    if grant.granted_to is not None:
        shown["@deprecated.GrantedTo"] = "GrantedTo has been deprecated. Refer to GrantedToV2"
        shown["grantedToV2"] = _with_site_user(grant.granted_to)
        plain = {kind: who for kind, who in grant.granted_to.items() if kind != "siteGroup"}
        shown["grantedTo"] = plain or {"user": {"displayName": _name(grant.granted_to)}}
    if grant.link is not None:
        shown |= {
            "shareId": share_id(grant.link.web_url),
            "@deprecated.GrantedToIdentities": (
                "GrantedToIdentities has been deprecated. Refer to GrantedToIdentitiesV2"
            ),
            "grantedToIdentitiesV2": [_with_site_user(each) for each in grant.recipients],
            "grantedToIdentities": list(grant.recipients),
            "link": {
                "scope": grant.link.scope,
                "type": grant.link.type,
                "webUrl": grant.link.web_url,
                "preventsDownload": False,
                **({"application": grant.application} if grant.application is not None else {}),
            },
        }
    if grant.link is not None or grant.invitation is not None:
        shown["hasPassword"] = grant.has_password
    if grant.invitation is not None:
        shown["invitation"] = grant.invitation
    if grant.expires is not None:
        shown["expirationDateTime"] = timestamp(grant.expires)
    if origin is not None:
        drive = item.drive
        path = f"/drives/{drive.id}/root:{quote(origin.path)}"
        shown["inheritedFrom"] = {"driveId": drive.id, "id": origin.id, "path": path}
    return shown


def existing_access(item: Item) -> dict[str, Any]:
    """Return the permission that an item's own address is: it lets in who may already."""
    link = {
        "scope": "existingAccess",
        "type": "view",
        "webUrl": f"{item.drive.web_url}{quote(item.path)}",
        "preventsDownload": False,
    }
    empty = "00000000-0000-0000-0000-000000000000"
    return {"id": empty, "roles": ["read"], "hasPassword": False, "link": link}


def permissions_of(item: Item, now: float) -> list[dict[str, Any]]:
    """Return all permissions that hold for `item`, its own before those from above."""
    return [grant_json(grant, item, origin) for grant, origin in item.drive.sharing.on(item, now)]


def share_id(url: str) -> str:
    """Return a web address as a sharing token."""
    return "u!" + base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode("ascii")


def _with_site_user(identity: Identity) -> dict[str, Any]:
    user = identity.get("user")
    if user is None:
        return dict(identity)
    site_user = {
        "id": site_user_id(str(user.get("displayName") or user.get("email") or "")),
        "displayName": user.get("displayName", ""),
        "loginName": login_name(user),
        **({"email": user["email"]} if "email" in user else {}),
    }
    return {**identity, "siteUser": site_user}


def _name(identity: Identity) -> str:
    return str(next(iter(identity.values())).get("displayName", ""))

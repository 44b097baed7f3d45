"""The people of a sharing request: found in the tenant by email, objectId or alias.

Follows driveRecipient. An application alone cannot invite a guest whom the tenant does not know.
"""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request
from graph_emulator.store import Group, User
from graph_emulator.store.sharing import Identity

_KEYS = ("email", "objectId", "alias")


def resolved(call: Call, written: object) -> list[tuple[Identity, dict[str, str]]]:
    """Return the recipients as identities with what was written. Raises GraphError 400 if one cannot be found."""
    found, refused = sorted_out(call, written)
    if refused:
        raise nobody_resolved()
    return found


def sorted_out(
    call: Call, written: object
) -> tuple[list[tuple[Identity, dict[str, str]]], list[dict[str, Any]]]:
    """Return the recipients that were found, and for each other one the entry that says why not.

    Raises GraphError 400 when the list itself makes no sense.
    """
    if not isinstance(written, list):
        raise bad_request("The recipients must be a list.")
    found, refused = [], []
    for recipient in written:
        if not isinstance(recipient, dict):
            raise bad_request("A recipient must be an object.")
        keys = {name: str(recipient[name]) for name in _KEYS if recipient.get(name)}
        if len(keys) != 1:
            raise bad_request("A recipient must have exactly one of email, objectId and alias.")
        identity = _identity(call, *next(iter(keys.items())))
        if identity is not None:
            found.append((identity, keys))
        else:
            refused.append(_refusal(call, keys))
    return found, refused


def nobody_resolved() -> GraphError:
    """Return the answer for recipients of whom none was found."""
    return bad_request("One or more users could not be resolved.", "noResolvedUsers")


def _identity(call: Call, kind: str, value: str) -> Identity | None:
    wanted = value.casefold()
    for user in call.tenant.users.values():
        if wanted in _names(user, kind):
            return user.actor().identity_set()
    for group in call.tenant.groups.values():
        if wanted in _names(group, kind):
            shown = {"id": group.id, "displayName": group.display_name}
            mail = group.properties.get("mail")
            return {"group": {**({"email": str(mail)} if mail else {}), **shown}}
    return None


def _names(who: User | Group, kind: str) -> set[str]:
    if kind == "objectId":
        return {who.id}
    if kind == "alias":
        return {str(who.json()["mailNickname"]).casefold()}
    names = [str(who.properties.get("mail") or "")]
    if isinstance(who, User):
        names.append(who.user_principal_name)
    return {name.casefold() for name in names if name}


def _refusal(call: Call, keys: dict[str, str]) -> dict[str, Any]:
    email = keys.get("email", "")
    guest = "@" in email.strip("@") and not email.casefold().endswith(f"@{call.tenant.domain}")
    if guest:
        message = "New guests can't be invited using app-only access."
        error: dict[str, Any] = {"code": "notAllowed", "message": message}
    else:
        error = {
            "code": "invalidRequest",
            "message": "The recipient could not be resolved.",
            "innererror": {"code": "noResolvedUsers"},
        }
    shown = {"email": email} if email else {"id": next(iter(keys.values()))}
    return {"grantedToV2": {"user": shown}, "grantedTo": {"user": shown}, "error": error}

"""What is sent to share an item. Bad input is refused here, before any request.

Source: https://learn.microsoft.com/graph/api/driveitem-createlink and driveitem-invite
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from driveql.errors import ConfigurationError, InvalidPathError
from driveql.graph import places

LinkType = Literal["view", "edit", "embed"]
LinkScope = Literal["anonymous", "organization", "users"]
LINK_TYPES = ("view", "edit", "embed")
LINK_SCOPES = ("anonymous", "organization", "users")
ROLES = ("read", "write", "owner")
MESSAGE_CHARACTERS = 2000

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def link(
    link_type: str,
    scope: str | None,
    named: Sequence[str] = (),
    message: str | None = None,
    send_notification: bool = False,
) -> dict[str, Any]:
    """Return the body of createLink, without its limits. Raises ConfigurationError."""
    if link_type not in LINK_TYPES:
        raise ConfigurationError(f"A link's type is {', '.join(LINK_TYPES)}, not {link_type!r}.")
    if scope is not None and scope not in LINK_SCOPES:
        raise ConfigurationError(f"A link's scope is {', '.join(LINK_SCOPES)}, not {scope!r}.")
    if named and scope != "users":
        raise ConfigurationError("Recipients belong to links of scope 'users' only.")
    if not named and (message is not None or send_notification):
        raise ConfigurationError("A message or notification needs recipients.")
    body: dict[str, Any] = {"type": link_type}
    if scope is not None:
        body["scope"] = scope
    if named:
        body |= {"recipients": recipients(named), "sendNotification": send_notification}
    if message is not None:
        body["message"] = _message(message)
    return body


def invitation(
    named: Sequence[str], role_names: Sequence[str], message: str | None, send: bool, require_sign_in: bool
) -> dict[str, Any]:
    """Return the body of invite, without its limits. Raises ConfigurationError."""
    body: dict[str, Any] = {
        "recipients": recipients(named),
        "roles": roles(role_names),
        "requireSignIn": require_sign_in,
        "sendInvitation": send,
    }
    if message is not None:
        if not send:
            raise ConfigurationError("A message is given, but no invitation is to be sent.")
        body["message"] = _message(message)
    return body


def limits(
    expires: datetime | None, password: str | None, retain_inherited: bool | None, now: datetime
) -> dict[str, Any]:
    """Return what bounds an access: its end, a password, the fate of what was inherited. Raises ConfigurationError."""
    bounds: dict[str, Any] = {}
    if expires is not None:
        if expires.tzinfo is None:
            raise ConfigurationError("The time of expiry has no time zone.")
        if expires <= now:
            raise ConfigurationError(f"The time of expiry, {expires.isoformat()}, is past.")
        bounds["expirationDateTime"] = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if password is not None:
        if not password:
            raise ConfigurationError("The password is blank.")
        bounds["password"] = password
    if retain_inherited is not None:
        bounds["retainInheritedPermissions"] = retain_inherited
    return bounds


def missing_protection(body: Mapping[str, Any], has_password: bool, expires: datetime | None) -> str | None:
    """Return what a link lacks of the protection that `body` asked for, None where nothing.

    The service returns a link of the same kind that exists already, whatever password or end was asked for. It may round
    an end to the day.
    """
    if "password" in body and not has_password:
        return "the password asked for"
    if "expirationDateTime" in body:
        asked = datetime.fromisoformat(body["expirationDateTime"])
        if expires is None or expires > asked + timedelta(days=1):
            return "the end asked for"
    return None


def recipients(named: Sequence[str]) -> list[dict[str, str]]:
    """Return people as Graph's driveRecipient: an e-mail address, an object id (GUID), or an alias.

    Raises:
        ConfigurationError: nobody is named, a name is blank, or one is named twice.
    """
    if isinstance(named, str) or not named:
        raise ConfigurationError("Nobody is named to share with.", hint="Give a list of e-mail addresses.")
    seen: set[str] = set()
    for name in named:
        if not name.strip() or name != name.strip() or any(ord(character) < 32 for character in name):
            raise ConfigurationError(f"{name!r} is not an e-mail address or id.")
        if name.casefold() in seen:
            raise ConfigurationError(f"{name} is named twice.")
        seen.add(name.casefold())
    return [{_recipient_key(name): name} for name in named]


def roles(names: Sequence[str]) -> list[str]:
    """Return `names` if every one is a role. Raises ConfigurationError."""
    if isinstance(names, str) or not names or any(name not in ROLES for name in names):
        raise ConfigurationError(f"Roles {names!r} are not a list of {', '.join(ROLES)}.")
    return list(names)


def web_address(url: str) -> str:
    """Return `url` if it is a web address. Raises InvalidPathError."""
    if not url.casefold().startswith(("https://", "http://")):
        raise InvalidPathError(
            f"{url!r} is not a web address.", hint="Give the link as it stands in the browser."
        )
    places.parse(url)
    return url


def _message(text: str) -> str:
    if len(text) > MESSAGE_CHARACTERS:
        raise ConfigurationError(f"The message has {len(text)} characters; {MESSAGE_CHARACTERS} are allowed.")
    return text


def _recipient_key(name: str) -> str:
    return "email" if "@" in name else "objectId" if _GUID.fullmatch(name) else "alias"

"""Subscriptions and the notifications they bring. Pure: what may be asked for, and which received ones are to be believed.

Source: https://learn.microsoft.com/graph/api/resources/subscription and change-notifications-delivery-webhooks
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson

from driveql.errors import ConfigurationError, ProtocolError
from driveql.graph import shapes
from driveql.graph.models import Json
from graph_contract import load

_LIMITS = load("limits")["subscription"]
# Under 30 days, for driveItem and list; the service refuses more.
LONGEST = timedelta(minutes=_LIMITS["life_max_minutes"])
# The service's clock may be ahead of ours: the default stays this much below what it would refuse.
CLOCK_MARGIN = timedelta(minutes=5)
CLIENT_STATE_CHARACTERS: int = _LIMITS["client_state_max_characters"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. `client_state` proves that a notification comes from the service, so it stays out of `repr`."""

    id: str
    resource: str
    change_type: str
    notification_url: str | None
    lifecycle_url: str | None
    expires: datetime | None
    client_state: str | None = field(repr=False)
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Subscription:
        """Read Graph's subscription. Raises ProtocolError where it has no id."""
        return cls(
            id=shapes.identifier(raw, "subscription"),
            resource=shapes.text(raw, "resource") or "",
            change_type=shapes.text(raw, "changeType") or "",
            notification_url=shapes.text(raw, "notificationUrl"),
            lifecycle_url=shapes.text(raw, "lifecycleNotificationUrl"),
            expires=shapes.time(raw, "expirationDateTime"),
            client_state=shapes.text(raw, "clientState"),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Notification:
    """Word that something changed; what changed is asked for with delta.

    `lifecycle_event` is `reauthorizationRequired`, `subscriptionRemoved` or `missed`, None for a change.
    """

    subscription_id: str
    resource: str
    change_type: str | None
    lifecycle_event: str | None
    expires: datetime | None
    tenant_id: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Notification:
        """Read Graph's changeNotification, without the client state. Raises ProtocolError where it names no subscription."""
        identifier = shapes.text(raw, "subscriptionId")
        if identifier is None:
            raise ProtocolError("A notification names no subscription.")
        end = "subscriptionExpirationDateTime"
        return cls(
            subscription_id=identifier,
            resource=shapes.text(raw, "resource") or "",
            change_type=shapes.text(raw, "changeType"),
            lifecycle_event=shapes.text(raw, "lifecycleEvent"),
            expires=shapes.time(raw, end if end in raw else "expirationDateTime"),
            tenant_id=shapes.text(raw, "tenantId"),
            raw={name: value for name, value in raw.items() if name != "clientState"},
        )


def expiration(lifetime: timedelta | None, now: datetime) -> str:
    """Return the time a subscription shall end, as Graph writes it.

    Parameters:
        lifetime: from now; None for the longest that the service grants.

    Raises:
        ConfigurationError: it is not positive, or longer than the service grants. No request was sent.
    """
    wanted = LONGEST - CLOCK_MARGIN if lifetime is None else lifetime
    if wanted <= timedelta():
        raise ConfigurationError("A subscription's lifetime must be more than nothing.")
    if wanted > LONGEST:
        minutes = int(wanted.total_seconds() // 60)
        raise ConfigurationError(
            f"A subscription to a drive may last {LONGEST.total_seconds() / 60:.0f} minutes; {minutes} were asked for.",
            hint="Leave the lifetime out for the longest one, and renew the subscription before it ends.",
        )
    return (now.astimezone(UTC) + wanted).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_url(url: str) -> str:
    """Return `url` if the service can be asked to call it: https, or plain http on this machine for the emulator.

    Raises:
        ConfigurationError: it is something else, or carries a user and password.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigurationError("The notification URL cannot be read.") from None
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ConfigurationError(
            "The notification URL has no host, or holds a user, a password or a fragment."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ConfigurationError(
            f"The notification URL on {parts.hostname} does not begin with https://.",
            hint="The service calls https addresses only.",
        )
    return url


def check_client_state(text: str) -> str:
    """Return `text` if it may be a subscription's client state. Raises ConfigurationError."""
    if not text or len(text) > CLIENT_STATE_CHARACTERS:
        raise ConfigurationError(f"A client state has 1 to {CLIENT_STATE_CHARACTERS} characters.")
    return text


def is_from_service(raw: Mapping[str, Any], client_state: str) -> bool:
    """True where a received notification carries the client state; compared in constant time."""
    given = raw.get("clientState")
    return isinstance(given, str) and hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), client_state.encode("utf-8", "surrogatepass")
    )


def received(body: bytes, client_state: str) -> tuple[list[Notification], int]:
    """Return the notifications in a request's body that carry the client state, and how many did not.

    Raises:
        ProtocolError: the body is no collection of notifications.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProtocolError("A notification's body is not JSON.") from None
    entries = content.get("value") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(raw, dict) for raw in entries):
        raise ProtocolError("A notification's body is not a collection of notifications.")
    believed = [Notification.from_json(raw) for raw in entries if is_from_service(raw, client_state)]
    return believed, len(entries) - len(believed)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

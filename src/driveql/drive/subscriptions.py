"""Subscriptions: the service calls a URL when something in a drive changes; what it would refuse is refused beforehand.

Source: https://learn.microsoft.com/graph/api/subscription-post-subscriptions, subscription-update, subscription-delete
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from driveql.drive.settled import gone, settled
from driveql.errors import ConfigurationError, ProtocolError
from driveql.graph import item_parts, notifications
from driveql.graph.notifications import Subscription
from driveql.transport.session import GraphSession


class Subscriptions:
    """The subscriptions of the connection's application. Lifetimes end by themselves and are renewed before."""

    def __init__(self, session: GraphSession) -> None:
        self._session = session

    async def list(self) -> AsyncGenerator[list[Subscription], None]:
        """Yield the application's subscriptions a page at a time; the service leaves their client states out."""
        async with aclosing(self._session.pages(item_parts.subscriptions())) as pages:
            async for page in pages:
                yield [Subscription.from_json(raw) for raw in page.items]

    async def get(self, subscription_id: str) -> Subscription:
        """One subscription.

        Raises:
            NotFoundError: there is none, or it ended.
        """
        answer = await self._session.request("GET", item_parts.subscription(subscription_id))
        return Subscription.from_json(answer.object())

    async def create(
        self,
        drive_id: str,
        notification_url: str,
        *,
        lifetime: timedelta | None = None,
        client_state: str | None = None,
        lifecycle_url: str | None = None,
    ) -> Subscription:
        """Have the service call `notification_url` whenever something in a drive changes.

        The URL must answer the service's validation while this call waits: have a `Receiver` listening.

        Parameters:
            notification_url: https. lifecycle_url: told when the subscription is in danger.
            lifetime: at most 42,300 minutes, which is also the default.
            client_state: comes back with every notification as proof; a random one by default. It is in the result.

        Raises:
            ConfigurationError: the lifetime is too long or the URL is not https; nothing was sent.
            BadRequestError: the URL did not answer the validation. PermissionDeniedError: too many subscriptions.
        """
        if not drive_id:
            raise ConfigurationError("No drive is named to subscribe to.")
        state = secrets.token_urlsafe(32) if client_state is None else client_state
        body = {
            "changeType": "updated",
            "notificationUrl": notifications.check_url(notification_url),
            "resource": f"/drives/{drive_id}/root",
            "expirationDateTime": notifications.expiration(lifetime, datetime.now(UTC)),
            "clientState": notifications.check_client_state(state),
        }
        if lifecycle_url is not None:
            body["lifecycleNotificationUrl"] = notifications.check_url(lifecycle_url)

        async def send() -> Subscription:
            answer = await self._session.request("POST", item_parts.subscriptions(), json=body)
            return Subscription.from_json(answer.object() | {"clientState": state})

        # A second subscription would double every notification: after a lost answer the first is looked for.
        return await settled(self._session, send, lambda: self._made(body), look_first=True)

    async def renew(self, subscription_id: str, *, lifetime: timedelta | None = None) -> Subscription:
        """Let a subscription last longer, counted from now.

        Parameters:
            lifetime: at most 42,300 minutes, which is also the default.

        Raises:
            ConfigurationError: the lifetime is too long; nothing was sent. NotFoundError: it ended already.
        """
        until = notifications.expiration(lifetime, datetime.now(UTC))
        address = item_parts.subscription(subscription_id)
        body = {"expirationDateTime": until}
        answer = await self._session.request("PATCH", address, json=body, safe_to_repeat=True)
        if answer.status < 300 and answer.body.strip():
            return Subscription.from_json(answer.object())
        # The service was seen to answer 308 without a location here, the subscription renewed or not.
        now = await self.get(subscription_id)
        if now.expires is None or abs(now.expires - datetime.fromisoformat(until)) > timedelta(seconds=1):
            raise ProtocolError(
                f"Subscription {subscription_id} was not renewed: the service answered {answer.status}.",
                hint="Delete it and create another.",
            )
        return now

    async def delete(self, subscription_id: str) -> None:
        """End a subscription.

        Raises:
            NotFoundError: there is none.
        """
        address = item_parts.subscription(subscription_id)
        await gone(self._session, lambda: self._session.request("DELETE", address, safe_to_repeat=False))

    async def _made(self, body: dict[str, str]) -> Subscription | None:
        until = datetime.fromisoformat(body["expirationDateTime"])
        async with aclosing(self.list()) as pages:
            async for page in pages:
                for known in page:
                    same = (known.notification_url, known.resource.strip("/")) == (
                        body["notificationUrl"],
                        body["resource"].strip("/"),
                    )
                    if (
                        same
                        and known.expires is not None
                        and abs(known.expires - until) < timedelta(seconds=1)
                    ):
                        return Subscription.from_json(known.raw | {"clientState": body["clientState"]})
        return None

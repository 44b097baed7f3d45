"""Change notifications: really sent, to receivers on this machine alone, and sent again until one is taken.

Follows "Receive change notifications through webhooks": a receiver proves itself by echoing a token within ten seconds;
a notification counts as taken with any 2xx; others are repeated for about four hours. The emulator never reaches out to
another machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from graph_emulator.errors import GraphError
from graph_emulator.representation import timestamp

if TYPE_CHECKING:
    import aiohttp

    from graph_emulator.behaviour import Behaviour
    from graph_emulator.clock import Clock
    from graph_emulator.store import Tenant
    from graph_emulator.store.subscription import Subscription

_LOOK_EVERY_SECONDS = 0.05
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to deliver. `status` is the receiver's answer, 0 for none; `kind` "change" or a lifecycle event."""

    subscription_id: str
    kind: str
    status: int


class Notifier:
    """Watches the subscriptions of all tenants. `deliveries` is the log of what was sent."""

    def __init__(self, clock: Clock, behaviour: Behaviour, tenants: Callable[[], list[Tenant]]) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._tenants = tenants
        self._one_at_a_time = asyncio.Lock()
        self.deliveries: deque[Delivery] = deque(maxlen=_KEPT)

    async def validate(self, url: str) -> None:
        """Ask the receiver at `url` to echo a token. Raises GraphError 400 when it does not."""
        import aiohttp

        _check_local(url)
        token = (
            f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
        )
        target = f"{url}{'&' if '?' in url else '?'}validationToken={quote(token, safe='')}"
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            async with (
                _session(self._behaviour.validation_seconds) as session,
                session.post(target, headers=headers, allow_redirects=False) as answer,
            ):
                echoed = (await answer.content.read(4096)).decode("utf-8", "replace")
                status, media_type = answer.status, answer.content_type
        except TimeoutError:
            raise _invalid("Subscription validation request timed out.") from None
        except (aiohttp.ClientError, OSError, ValueError):
            status, media_type, echoed = 0, "", ""
        if status != 200:
            raise _invalid(
                "Subscription validation request failed. Notification endpoint must respond with 200 OK to "
                "validation request."
            )
        if echoed != token or media_type != "text/plain":
            raise _invalid(
                "Subscription validation request failed. Response must exactly match validationToken query "
                "parameter."
            )

    async def deliver(self) -> None:
        """Send what is due now: one notification to each subscription whose drive or list has changed."""
        async with self._one_at_a_time:
            tries = []
            for tenant in self._tenants():
                for subscription in list(tenant.subscriptions.values()):
                    if subscription.expires <= self._clock.now():
                        del tenant.subscriptions[subscription.id]
                        tenant.dirty = True
                        continue
                    change = last_change(tenant, subscription)
                    if change > subscription.told and subscription.due <= self._clock.now():
                        tries.append(self._tell(tenant, subscription, change))
            if tries:
                await asyncio.gather(*tries)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver in the background while the block runs."""

        async def watch() -> None:
            while True:
                await self.deliver()
                await asyncio.sleep(_LOOK_EVERY_SECONDS)

        task = asyncio.create_task(watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _tell(self, tenant: Tenant, subscription: Subscription, change: int) -> None:
        status = await self._send(
            subscription, "change", subscription.notification_url, _change(tenant, subscription)
        )
        tenant.dirty = True
        if 200 <= status < 300:
            subscription.delivered(change)
            return
        subscription.failed(self._clock.now(), self._behaviour.notification_wait)
        if self._clock.now() - subscription.failing_since >= self._behaviour.notification_life:
            subscription.delivered(change)
            if subscription.lifecycle_url is not None:
                event = {**_common(tenant, subscription), "lifecycleEvent": "missed"}
                await self._send(subscription, "missed", subscription.lifecycle_url, event)

    async def _send(self, subscription: Subscription, kind: str, url: str, event: dict[str, Any]) -> int:
        import aiohttp

        try:
            async with (
                _session(self._behaviour.validation_seconds) as session,
                session.post(url, json={"value": [event]}, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, OSError, ValueError):
            status = 0
        self.deliveries.append(Delivery(subscription.id, kind, status))
        return status


def last_change(tenant: Tenant, subscription: Subscription) -> int:
    """Return the number of the last change of what is subscribed to."""
    if subscription.drive_id is not None:
        drive = tenant.drives.get(subscription.drive_id)
        return drive.sequence if drive is not None else 0
    lists = (each for site in tenant.sites.values() for each in site.lists)
    return next((each.changes for each in lists if each.guid == subscription.list_guid), 0)


def _common(tenant: Tenant, subscription: Subscription) -> dict[str, Any]:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": timestamp(subscription.expires),
        "clientState": subscription.client_state,
        "tenantId": tenant.tenant_id,
    }


def _change(tenant: Tenant, subscription: Subscription) -> dict[str, Any]:
    kind = "DriveItem" if subscription.drive_id is not None else "ListItem"
    return {
        **_common(tenant, subscription),
        "changeType": "updated",
        "resource": subscription.resource.lstrip("/"),
        "resourceData": {"@odata.type": f"#Microsoft.Graph.{kind}"},
    }


def _session(seconds: float) -> aiohttp.ClientSession:
    """Return a client that asks this machine directly, and takes any certificate a local receiver has."""
    import aiohttp

    connector = aiohttp.TCPConnector(ssl=False)
    timeout = aiohttp.ClientTimeout(total=seconds)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False)


def _check_local(url: str) -> None:
    """Raise GraphError 400 for an address that is not on this machine: the emulator sends nothing elsewhere."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        local = parts.scheme in ("http", "https") and (
            host == "localhost" or ipaddress.ip_address(host).is_loopback
        )
    except ValueError:
        local = False
    if not local:
        raise _invalid("The emulator sends notifications to receivers on the loopback interface alone.")


def _invalid(message: str) -> GraphError:
    return GraphError(400, "ValidationError", message)

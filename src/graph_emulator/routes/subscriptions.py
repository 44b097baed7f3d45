"""Subscriptions to the changes of a drive or a list.

Follows subscription create, list, get, update, reauthorize and delete. An application sees its own alone.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from graph_contract import load
from graph_emulator.addresses import ITEM, LIST, parse
from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request
from graph_emulator.messages import Response, json_response
from graph_emulator.notifications import last_change
from graph_emulator.representation import timestamp
from graph_emulator.routes.lists import addressed
from graph_emulator.store.subscription import Subscription

_LIMITS = load("limits")["subscription"]
_REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_KNOWN = frozenset(
    (
        *_REQUIRED,
        "clientState",
        "lifecycleNotificationUrl",
        "latestSupportedTlsVersion",
        "includeResourceData",
    )
)


async def list_subscriptions(call: Call) -> Response:
    """Answer GET on the application's subscriptions."""
    call.options.only("top", "skiptoken")
    return call.page("subscriptions", [_document(each) for each in _own(call)])


async def get_subscription(call: Call) -> Response:
    """Answer GET on one subscription."""
    call.options.only()
    return _answer(call, _found(call))


async def create_subscription(call: Call) -> Response:
    """Answer POST: the receiver is asked to prove itself, then the subscription begins."""
    body = await call.json_body()
    for name in _REQUIRED:
        if not isinstance(body.get(name), str) or not body[name]:
            raise bad_request(f"The property {name} is required.")
    for name in sorted(body.keys() - _KNOWN):
        if not name.startswith("@") and body[name] not in (None, ""):
            raise bad_request(f"The property '{name}' is not supported on a subscription to files.")
    if body.get("includeResourceData"):
        raise bad_request("Notifications of driveItem and list carry no resource data.")
    client_state = body.get("clientState")
    if client_state is not None and len(str(client_state)) > _LIMITS["client_state_max_characters"]:
        raise bad_request("The clientState is too long.")
    made = Subscription(
        str(uuid.uuid4()),
        body["resource"],
        body["changeType"],
        body["notificationUrl"],
        call.actor.application_id or "",
        call.actor.application_id or "",
        _expiration(call, body["expirationDateTime"]),
        told=0,
        client_state=None if client_state is None else str(client_state),
        lifecycle_url=body.get("lifecycleNotificationUrl"),
        tls_version=str(body.get("latestSupportedTlsVersion") or "v1_2"),
    )
    if made.change_type.casefold() != "updated":
        raise bad_request(
            f"Invalid 'changeType' attribute: '{made.change_type[:50]}'. A drive knows updated alone."
        )
    _aim(call, made)
    if len(_own(call)) >= call.world.behaviour.subscriptions_max:
        raise GraphError(
            403, "accessDenied", "The number of subscriptions of the application is at its limit."
        )
    for url in filter(None, (made.notification_url, made.lifecycle_url)):
        await call.world.notifier.validate(str(url))
    made.told = last_change(call.tenant, made)
    call.tenant.subscriptions[made.id] = made
    call.tenant.dirty = True
    return _answer(call, made, status=201)


async def update_subscription(call: Call) -> Response:
    """Answer PATCH: another end, or another receiver, which must prove itself."""
    found = _found(call)
    body = await call.json_body()
    for name in sorted(body.keys() - {"expirationDateTime", "notificationUrl"}):
        if not name.startswith("@"):
            raise bad_request(f"The property '{name}' of a subscription cannot be updated.")
    expires = _expiration(call, body["expirationDateTime"]) if "expirationDateTime" in body else found.expires
    if "notificationUrl" in body:
        await call.world.notifier.validate(str(body["notificationUrl"]))
        found.notification_url = str(body["notificationUrl"])
    found.expires = expires
    call.tenant.dirty = True
    return _answer(call, found)


async def reauthorize(call: Call) -> Response:
    """Answer POST reauthorize."""
    _found(call)
    return Response(204)


async def delete_subscription(call: Call) -> Response:
    """Answer DELETE."""
    del call.tenant.subscriptions[_found(call).id]
    call.tenant.dirty = True
    return Response(204)


def _aim(call: Call, made: Subscription) -> None:
    """Find the drive or the list that is subscribed to. Raises GraphError 400 or 404."""
    address = parse("/" + made.resource.lstrip("/"))
    aimed = replace(call, address=address)
    if address.template == ITEM:
        item = aimed.item()
        if item.parent is not None:
            raise bad_request("Only the root of a drive can be subscribed to.")
        made.drive_id = item.drive.id
        return
    if address.template != LIST:
        raise bad_request("The resource is not one whose changes the emulator can tell.")
    shown = addressed(aimed)
    if shown.drive is not None:
        made.drive_id = shown.drive.id
    elif shown.plain is not None:
        made.list_guid = shown.plain.guid


def _expiration(call: Call, written: object) -> float:
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        raise bad_request("expirationDateTime is not a date and time.") from None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    minutes = _LIMITS["life_max_minutes"]
    now = call.world.clock.now()
    if seconds > now + minutes * 60:
        message = f"Subscription expiration can only be {minutes} minutes in the future."
        raise GraphError(400, "ExtensionError", message)
    if seconds <= now:
        raise GraphError(400, "ExtensionError", "Subscription expiration must lie in the future.")
    return seconds


def _own(call: Call) -> list[Subscription]:
    now = call.world.clock.now()
    return [
        each
        for each in call.tenant.subscriptions.values()
        if each.application_id == call.actor.application_id and each.expires > now
    ]


def _found(call: Call) -> Subscription:
    wanted = call.address.ids["subscription"].casefold()
    for each in _own(call):
        if each.id == wanted:
            return each
    raise GraphError(404, "ResourceNotFound", "The object was not found.")


def _answer(call: Call, subscription: Subscription, status: int = 200) -> Response:
    context = f"{call.context}subscriptions/$entity"
    return json_response(status, {"@odata.context": context, **_document(subscription)})


def _document(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.application_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": None,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": timestamp(subscription.expires),
        "creatorId": subscription.creator_id,
        "includeResourceData": None,
        "latestSupportedTlsVersion": subscription.tls_version,
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }

"""The procedures on subscriptions: have the service tell changes to a URL, go on with it, end it. The table lists them."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

from driveql.graph.notifications import Subscription
from driveql.sql.writing.arguments import DRIVE_ID, OWNER, Argument, Kind
from driveql.sql.writing.procedure import Called, Procedure


async def _create(call: Called) -> None:
    drive = await call.drive()
    call.rows[0].drive_id = drive.id
    made = await call.run.onedrive.subscriptions.create(
        drive.id,
        call["notification_url"],
        lifetime=_lifetime(call),
        client_state=call["client_state"],
        lifecycle_url=call["lifecycle_url"],
    )
    _done(call, made)
    call.rows[0].more["client_state"] = made.client_state


async def _renew(call: Called) -> None:
    _done(call, await call.run.onedrive.subscriptions.renew(call["id"], lifetime=_lifetime(call)))


async def _delete(call: Called) -> None:
    await call.run.onedrive.subscriptions.delete(call["id"])
    call.rows[0].done()


def _lifetime(call: Called) -> timedelta | None:
    return None if call["minutes"] is None else timedelta(minutes=call["minutes"])


def _done(call: Called, subscription: Subscription) -> None:
    call.rows[0].id = subscription.id
    call.rows[0].more = {"expires": subscription.expires}
    call.rows[0].done()


_OWN_ID = Argument("id", Kind.TEXT, "Its id, as the table subscriptions shows it", required=True)
_MINUTES = Argument(
    "minutes", Kind.NUMBER, "How long it lasts from now; as long as the service allows by default"
)
_EXPIRES = ("expires", pa.timestamp("us", tz="UTC"), "When it ends unless it is renewed")

PROCEDURES = (
    Procedure(
        "create_subscription",
        "Have the service call an address whenever a drive changes; the address must answer its validation meanwhile",
        (
            Argument("notification_url", Kind.TEXT, "The https address that is called", required=True),
            _MINUTES,
            Argument("client_state", Kind.TEXT, "Comes back with every notification as proof; a random one by default"),
            Argument("lifecycle_url", Kind.TEXT, "Told when the subscription is in danger"),
            DRIVE_ID,
            OWNER,
        ),
        _create,
        (_EXPIRES, ("client_state", pa.string(), "What every notification will carry: keep it as one keeps a key")),
    ),
    Procedure("renew_subscription", "Let a subscription last longer", (_OWN_ID, _MINUTES), _renew, (_EXPIRES,)),
    Procedure("delete_subscription", "End a subscription", (_OWN_ID,), _delete),
)  # fmt: skip

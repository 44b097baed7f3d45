"""`driveql subscriptions`: whom the service tells about changes of a drive; and a receiver that writes what it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.drive.blocking import OneDrive
    from driveql.graph.notifications import Notification, Subscription

_minutes = click.option(
    "--minutes",
    type=click.IntRange(min=1),
    metavar="N",
    help="How long it lasts from now.  [default: as long as the service allows, 42,300]",
)


@click.group()
def subscriptions() -> None:
    """Have the service call a web address when something in a drive changes."""


@subscriptions.command(
    "list", epilog="\b\nExamples:\n  driveql subscriptions list\n  driveql subscriptions list --json"
)
@global_options
def list_(invocation: Invocation) -> None:
    """List the application's subscriptions."""
    from driveql.cli.render import Column

    with invocation.open() as onedrive:
        rows = [_record(each) for each in onedrive.subscriptions.list()]
    columns = [
        Column("id", "Id"),
        Column("resource", "Resource"),
        Column("expires", "Until", "time"),
        Column("notification_url", "Address"),
    ]
    invocation.output().rows(columns, rows)


@subscriptions.command(
    epilog="\b\nExamples:\n"
    "  driveql subscriptions create https://hooks.example.com/onedrive\n"
    "  driveql subscriptions create --minutes 1440 https://hooks.example.com/onedrive onedrive://groups/finance@contoso.com/\n\n"
    "The address must answer the service's validation at once. The client state that is written proves later that a"
    " notification comes from the service: keep it secret; the service never shows it again."
)
@click.argument("url")
@click.argument("place", default="onedrive:/")
@_minutes
@dry_run_option
@global_options
def create(invocation: Invocation, url: str, place: str, minutes: int | None, dry_run: bool) -> None:
    """Have the service call URL when something changes in the drive of PLACE."""
    from driveql.cli.places import about

    with invocation.open(dry_run=dry_run) as onedrive, about(place):
        drive_id = _drive_id(onedrive, place)
        if dry_run:
            invocation.plan(
                f"would subscribe {url} to {place}", {"url": url, "place": place, "outcome": "planned"}
            )
            return
        made = onedrive.subscriptions.create(drive_id, url, lifetime=_lifetime(minutes))
    invocation.output().record(_record(made) | {"client_state": made.client_state}, {"expires": "time"})


@subscriptions.command(
    epilog="\b\nExamples:\n  driveql subscriptions renew 7f105c7d-2dc5-4530-97cd-4e7ae6534c07"
)
@click.argument("subscription_id", metavar="ID")
@_minutes
@dry_run_option
@global_options
def renew(invocation: Invocation, subscription_id: str, minutes: int | None, dry_run: bool) -> None:
    """Let a subscription last longer, counted from now."""
    with invocation.open(dry_run=dry_run) as onedrive:
        if dry_run:
            invocation.plan(f"would renew {subscription_id}", {"id": subscription_id, "outcome": "planned"})
            return
        now = onedrive.subscriptions.renew(subscription_id, lifetime=_lifetime(minutes))
    invocation.output().record(_record(now), {"expires": "time"})


@subscriptions.command(
    epilog="\b\nExamples:\n  driveql subscriptions delete 7f105c7d-2dc5-4530-97cd-4e7ae6534c07"
)
@click.argument("subscription_id", metavar="ID")
@dry_run_option
@global_options
def delete(invocation: Invocation, subscription_id: str, dry_run: bool) -> None:
    """End a subscription."""
    with invocation.open(dry_run=dry_run) as onedrive:
        if dry_run:
            invocation.plan(f"would end {subscription_id}", {"id": subscription_id, "outcome": "planned"})
            return
        onedrive.subscriptions.delete(subscription_id)
    if invocation.json:
        invocation.output().rows((), [{"id": subscription_id, "outcome": "ended"}])
    else:
        invocation.note(f"ended {subscription_id}")


@subscriptions.command(
    epilog="\b\nExamples:\n"
    "  driveql subscriptions listen --port 8080 --public-url https://hooks.example.com/onedrive\n\n"
    "It subscribes, writes a JSON line for each notification, renews the subscription before it ends, and ends it on"
    " Ctrl-C. A notification says that something changed: `driveql changes` says what. A web server that speaks https"
    " stands before it and hands on what comes to the public address."
)
@click.option(
    "--public-url",
    metavar="URL",
    help="How the service reaches this machine: https.  [default: its local address, for `driveql emulate`]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen.  [default: a free port]"
)
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="Leave after N notifications.")
@click.argument("place", default="onedrive:/")
@global_options
def listen(
    invocation: Invocation, place: str, public_url: str | None, host: str, port: int, count: int | None
) -> None:
    """Subscribe to the drive of PLACE and write each notification as a line of JSON."""
    from driveql.cli.places import about
    from driveql.transport.portal import portal

    output = invocation.output()
    with invocation.open() as onedrive, about(place):
        drive_id = _drive_id(onedrive, place)
        for told in portal().iterate(_heard(invocation, onedrive, drive_id, public_url, (host, port))):
            output.lines([_line(told)])
            count = count - 1 if count is not None else None
            if count == 0:
                return


async def _heard(
    invocation: Invocation, onedrive: OneDrive, drive_id: str, public_url: str | None, where: tuple[str, int]
) -> AsyncGenerator[Notification, None]:
    import asyncio
    import contextlib
    from urllib.parse import urlsplit

    from driveql.errors import NotFoundError
    from driveql.transport.receiver import Receiver

    known = onedrive.asynchronous.subscriptions
    path = urlsplit(public_url or "").path or "/"
    async with Receiver(*where, path=path, public_url=public_url) as receiver:
        invocation.note(f"listening on {receiver.local_url}")
        made = await known.create(drive_id, receiver.url, client_state=receiver.client_state)
        invocation.note(f"subscribed as {made.id} until {made.expires}; Ctrl-C ends it")

        async def renewing() -> None:
            while True:
                await asyncio.sleep(_RENEW_SECONDS)
                await known.renew(made.id)

        renewal = asyncio.create_task(renewing())
        try:
            while True:
                heard = asyncio.create_task(receiver.next())
                await asyncio.wait({heard, renewal}, return_when=asyncio.FIRST_COMPLETED)
                if renewal.done():
                    heard.cancel()
                    await renewal  # raises what went wrong
                yield await heard
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            with contextlib.suppress(NotFoundError):
                await known.delete(made.id)


_RENEW_SECONDS = 12 * 3600


def _line(told: Notification) -> str:
    import json

    return json.dumps(
        {
            "subscription_id": told.subscription_id,
            "change_type": told.change_type,
            "resource": told.resource,
            "lifecycle_event": told.lifecycle_event,
        }
    )


def _drive_id(onedrive: OneDrive, place: str) -> str:
    drive, _ = onedrive.at(place)
    return drive.id


def _lifetime(minutes: int | None) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes is not None else None


def _record(each: Subscription) -> dict[str, object]:
    return {
        "id": each.id,
        "resource": each.resource,
        "expires": each.expires,
        "notification_url": each.notification_url,
    }

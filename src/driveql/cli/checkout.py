"""`driveql checkout` and `driveql checkin`: a file for oneself, and back again, as RCS and its successors name it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.cli.items import Found


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql checkout onedrive:/Reports/plan.xlsx\n"
    "  driveql put plan.xlsx onedrive:/Reports/ --conflict replace\n"
    "  driveql checkin -m 'new figures' onedrive:/Reports/plan.xlsx\n\n"
    "While a file is checked out, others read its last checked-in content and cannot change it (exit code 6)."
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@dry_run_option
@global_options
def checkout(invocation: Invocation, places: tuple[str, ...], dry_run: bool) -> None:
    """Check files out: nobody else can change them until they are checked in."""
    _each(
        invocation,
        places,
        dry_run,
        "check out",
        "checked out",
        lambda found: found.drive.checkout.check_out(found.item),
    )


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql checkin -m 'new figures' onedrive:/Reports/plan.xlsx\n"
    "  driveql checkin --discard onedrive:/Reports/plan.xlsx     # as it was before the check-out"
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option("-m", "--message", default="", metavar="TEXT", help="A comment that is kept with the version.")
@click.option("--publish", is_flag=True, help="A major version, where the library keeps minor ones.")
@click.option("--discard", is_flag=True, help="Undo the check-out: what was written since then is lost.")
@dry_run_option
@global_options
def checkin(
    invocation: Invocation, places: tuple[str, ...], message: str, publish: bool, discard: bool, dry_run: bool
) -> None:
    """Check files in: their new content becomes a version that others see."""
    if discard and (message or publish):
        raise click.UsageError("--discard makes no version: -m and --publish do not go with it.")

    async def act(found: Found) -> None:
        if discard:
            await found.drive.checkout.discard(found.item)
        else:
            await found.drive.checkout.check_in(found.item, message, publish=publish)

    words = ("undo the check-out of", "discarded") if discard else ("check in", "checked in")
    _each(invocation, places, dry_run, *words, act)


def _each(
    invocation: Invocation,
    places: tuple[str, ...],
    dry_run: bool,
    verb: str,
    done: str,
    act: Callable[[Found], Awaitable[None]],
) -> None:
    """Do it to each file; a failure of one of several does not stop the others."""
    from driveql.cli import outcome
    from driveql.cli.items import find
    from driveql.cli.places import named
    from driveql.errors import DriveqlError
    from driveql.transport.portal import portal

    with invocation.open(dry_run=dry_run) as onedrive:
        founds = [found for place in places for found in portal().iterate(find(onedrive.asynchronous, place))]
        failed = 0
        for found in founds:
            if dry_run:
                invocation.plan(f"would {verb} {found.place}", {"place": found.place, "outcome": "planned"})
                continue
            try:
                portal().call(_awaited(act, found))
            except DriveqlError as error:
                failed += 1
                if len(founds) == 1:
                    raise named(error, found.place) from None
                outcome.tell(named(error, found.place), as_json=invocation.json)
            else:
                if invocation.json:
                    invocation.output().rows(
                        (), [{"place": found.place, "id": found.item.id, "outcome": done}]
                    )
                else:
                    invocation.note(f"{done} {found.place}")
    if failed:
        raise outcome.PartialFailureError(f"{failed} of {len(founds)} files were not {done}.")


async def _awaited(act: Callable[[Found], Awaitable[None]], found: Found) -> None:
    await act(found)

"""`driveql mv`: a new name or folder within a drive at once; to another drive by copy, comparison, and then deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.cli.guard import check_one, check_same, if_match_option
from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from driveql.cli.copies import Goal
    from driveql.cli.items import Found
    from driveql.cli.progress import Report
    from driveql.graph.models import DriveItem


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql mv onedrive:/Reports/draft.xlsx onedrive:/Reports/final.xlsx\n"
    "  driveql mv 'onedrive:/Reports/2025/*' onedrive:/Archive/\n"
    "  driveql mv onedrive:/Reports onedrive://alice@contoso.com/Inbox/      # another drive\n\n"
    "A name that is taken is refused with exit code 6. To another drive, the service makes a copy, every file of it is"
    " compared with its source by size and hash, and only then the source goes into its recycle bin; earlier versions"
    " and sharing stay behind with it."
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.argument("target")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each copy to another drive.",
)
@if_match_option
@dry_run_option
@global_options
def mv(
    invocation: Invocation,
    sources: tuple[str, ...],
    target: str,
    timeout: float,
    if_match: str | None,
    dry_run: bool,
) -> None:
    """Move or rename SOURCEs to TARGET. An existing folder receives them under their own names."""
    from driveql.cli.copies import CopyPlan
    from driveql.cli.transfers import Tally, carried
    from driveql.drive.listing import has_wildcards

    check_one(if_match, len(sources), patterns=any(map(has_wildcards, sources)))
    resume = "What was on its way to another drive is in both: look, delete one, run the same command again."
    tally = Tally(invocation, "moved", dry_run=dry_run, resume=resume, noun="item")
    plan = CopyPlan(sources, target, _mover(invocation, timeout, if_match), folders=True, if_match=if_match)
    with invocation.open(dry_run=dry_run) as onedrive:
        transfers = plan.transfers(onedrive.asynchronous)
        carried("Moving", transfers, tally, onedrive.settings.max_concurrency, quiet=invocation.quiet)
    tally.finish()


def _mover(
    invocation: Invocation, timeout: float, if_match: str | None
) -> Callable[[Found, Goal, Report], Awaitable[DriveItem]]:
    told = False

    async def move(found: Found, goal: Goal, report: Report) -> DriveItem:
        from driveql.cli.copies import percentage
        from driveql.drive.moving import move_across

        nonlocal told
        if goal.drive.id == found.drive.id:
            return await found.drive.move(found.item, goal.path, if_match=if_match)
        check_same(if_match, found.item, found.place)
        if not told:
            told = True
            invocation.note(
                "To another drive: copied, compared, then deleted here. Versions and sharing stay behind."
            )
        return await move_across(
            found.drive,
            found.item,
            goal.drive,
            goal.path,
            timeout=timeout,
            progress=percentage(report, found.item.size),
        )

    return move

"""`driveql cp`: copies within OneDrive by the service itself, and between here and there as `get` and `put` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.cli.copies import Goal
    from driveql.cli.items import Found
    from driveql.cli.progress import Report
    from driveql.cli.transfers import Tally
    from driveql.drive.blocking import OneDrive
    from driveql.drive.handle import ConflictBehavior
    from driveql.graph.models import DriveItem


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql cp onedrive:/Reports/a.csv onedrive:/Archive/\n"
    "  driveql cp -r onedrive:/Reports onedrive://alice@contoso.com/Inbox/      # another drive\n"
    "  driveql cp -r --conflict rename 'onedrive:/Reports/2026/*' onedrive:/All/\n"
    "  driveql cp a.csv onedrive:/Reports/           # as put\n"
    "  driveql cp onedrive:/Reports/a.csv .          # as get\n\n"
    "A copy within OneDrive carries no bytes through this machine. It takes along neither earlier versions nor"
    " sharing. A place in OneDrive begins with onedrive: or https:, everything else is local. Exit code 10: some failed."
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.argument("target")
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all that is below them.")
@click.option(
    "--conflict",
    type=click.Choice(["fail", "replace", "rename"]),
    default="fail",
    show_default=True,
    help="Where the name is taken: refuse, replace it, or add a number to the name.",
)
@click.option("--skip-existing", is_flag=True, help="Leave what is there as it is, and go on.")
@click.option("--verify", is_flag=True, help="Compare the service's copies, file by file, by size and hash.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each copy of the service.",
)
@dry_run_option
@global_options
def cp(
    invocation: Invocation,
    sources: tuple[str, ...],
    target: str,
    recursive: bool,
    conflict: ConflictBehavior,
    skip_existing: bool,
    verify: bool,
    timeout: float,
    dry_run: bool,
) -> None:
    """Copy SOURCEs to TARGET. An existing folder receives them under their own names."""
    from driveql.cli.places import is_remote

    if skip_existing and conflict != "fail":
        raise click.UsageError("--skip-existing and --conflict say different things of what is there.")
    remote = {is_remote(source) for source in sources}
    if len(remote) > 1:
        raise click.UsageError("Some SOURCEs are local and some in OneDrive; copy them one kind at a time.")
    job = _Job(invocation, sources, target, recursive, conflict, skip_existing, verify, timeout, dry_run)
    if remote == {True}:
        act = job.within if is_remote(target) else job.down
    elif is_remote(target):
        act = job.up
    else:
        raise click.UsageError("Neither SOURCE nor TARGET is in OneDrive: write onedrive:/... for what is.")
    with invocation.open(dry_run=dry_run) as onedrive:
        tally = act(onedrive)
    tally.finish()


class _Job:
    def __init__(
        self,
        invocation: Invocation,
        sources: tuple[str, ...],
        target: str,
        recursive: bool,
        conflict: ConflictBehavior,
        skip_existing: bool,
        verify: bool,
        timeout: float,
        dry_run: bool,
    ) -> None:
        self.invocation, self.sources, self.target = invocation, sources, target
        self.recursive, self.conflict, self.skip_existing = recursive, conflict, skip_existing
        self.verify, self.timeout, self.dry_run = verify, timeout, dry_run

    def up(self, onedrive: OneDrive) -> Tally:
        from driveql.cli.uploads import Uploads, upload

        uploads = Uploads(
            self.sources,
            self.target,
            self.conflict,
            recursive=self.recursive,
            skip_existing=self.skip_existing,
            dry_run=self.dry_run,
        )
        return upload(self.invocation, onedrive, uploads, verb="copied")

    def down(self, onedrive: OneDrive) -> Tally:
        from pathlib import Path

        from driveql.cli.get import Plan, download
        from driveql.errors import LocalFileError

        if self.conflict == "rename":
            raise click.UsageError("--conflict rename is for copies to OneDrive.")
        if len(self.sources) > 1 and not Path(self.target).is_dir():
            raise LocalFileError(f"{self.target} is not a directory, which several SOURCEs need.")
        plan = Plan(
            self.target,
            self.recursive,
            self.conflict == "replace",
            self.invocation.note,
            self.skip_existing,
            self.dry_run,
        )
        return download(self.invocation, onedrive, self.sources, plan, verb="copied")

    def within(self, onedrive: OneDrive) -> Tally:
        from driveql.cli.copies import CopyPlan
        from driveql.cli.transfers import Tally, carried

        again = "." if self.skip_existing or self.conflict == "replace" else " with --skip-existing."
        resume = "The service finishes the copies that it had begun. Look, then run the same command again"
        tally = Tally(self.invocation, "copied", dry_run=self.dry_run, resume=resume + again, noun="item")
        plan = CopyPlan(
            self.sources, self.target, self._copy, self.recursive, self.conflict, self.skip_existing
        )
        transfers = plan.transfers(onedrive.asynchronous)
        carried("Copying", transfers, tally, onedrive.settings.max_concurrency, quiet=self.invocation.quiet)
        return tally

    async def _copy(self, found: Found, goal: Goal, report: Report) -> DriveItem:
        from driveql.cli.copies import percentage
        from driveql.cli.transfers import SkippedTransfer
        from driveql.drive.moving import verify_copy

        if self.skip_existing and await goal.drive.find(goal.path) is not None:
            raise SkippedTransfer("it exists")
        copied = await found.drive.copy(
            found.item,
            goal.path,
            conflict=self.conflict,
            target=goal.drive,
            timeout=self.timeout,
            progress=percentage(report, found.item.size),
        )
        if self.verify:
            await verify_copy(found.drive, found.item, goal.drive, copied)
        return copied

"""`driveql rm`: into the recycle bin; folders only with `-r`, and folders and patterns only after a yes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from driveql.cli.guard import check_one, check_same, if_match_option
from driveql.cli.options import Invocation, dry_run_option, global_options
from driveql.errors import InvalidPathError

if TYPE_CHECKING:
    from driveql.cli.items import Found
    from driveql.drive.onedrive import OneDrive
    from driveql.errors import DriveqlError

_AT_ONCE = 200  # ten batches: enough to be fast, few enough to tell how far it came


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql rm onedrive:/Reports/old.csv\n"
    "  driveql rm 'onedrive:/Reports/tmp-*' --yes\n"
    "  driveql rm -r --yes onedrive:/Reports/2019\n"
    "  driveql rm --if-match '\"{1F2E-...},3\"' onedrive:/Reports/old.csv\n\n"
    "Deleted items stay in the recycle bin; `driveql restore` with the id that is printed brings one back."
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all that is in them.")
@click.option(
    "-y", "--yes", is_flag=True, help="Do not ask. Needed for folders and patterns without a terminal."
)
@if_match_option
@dry_run_option
@global_options
def rm(
    invocation: Invocation,
    places: tuple[str, ...],
    recursive: bool,
    yes: bool,
    if_match: str | None,
    dry_run: bool,
) -> None:
    """Put files and folders into the recycle bin."""
    from driveql.cli.items import record
    from driveql.transport.portal import portal

    check_one(if_match, len(places))
    with invocation.open(dry_run=dry_run) as onedrive:
        founds = portal().call(_all(onedrive.asynchronous, places))
        check_one(if_match, len(founds), patterns=any(found.by_pattern for found in founds))
        folders = [found for found in founds if found.item.is_folder]
        if folders and not recursive:
            raise InvalidPathError(f"{folders[0].place} is a folder.", hint="-r deletes it with all in it.")
        if dry_run:
            for found in founds:
                check_same(if_match, found.item, found.place)
                invocation.plan(f"would delete {found.place}", record(found.item) | {"outcome": "planned"})
            return
        if not yes and (folders or any(found.by_pattern for found in founds)):
            _ask(founds)
        _delete(invocation, founds, if_match)


def _delete(invocation: Invocation, founds: list[Found], if_match: str | None) -> None:
    """Delete one by one; a few calls for many; each that fails is told and the others are deleted all the same."""
    from driveql.cli import outcome
    from driveql.cli.items import record
    from driveql.cli.places import about, named
    from driveql.transport.portal import portal

    failed, done = 0, 0
    for group in _groups(founds):
        if len(founds) == 1:
            with about(group[0].place):
                portal().call(group[0].drive.delete(group[0].item, if_match=if_match))
            errors: list[DriveqlError | None] = [None]
        else:
            items = [found.item for found in group]
            try:
                errors = [told.error for told in portal().call(group[0].drive.delete_many(items))]
            except KeyboardInterrupt:
                raise outcome.InterruptedRun(
                    f"{done} of {len(founds)} were deleted for certain. The same command, run again, does the rest."
                ) from None
        for found, error in zip(group, errors, strict=True):
            if error is not None:
                failed += 1
                outcome.tell(named(error, found.place), as_json=invocation.json)
            elif invocation.json:
                invocation.output().rows((), [record(found.item) | {"outcome": "deleted"}])
            else:
                invocation.note(f"deleted {found.place}  (driveql restore id:{found.item.id})")
            done += error is None
    if failed:
        raise outcome.PartialFailureError(f"{failed} of {len(founds)} items were not deleted.")


def _groups(founds: list[Found]) -> Iterator[list[Found]]:
    """Yield items of one drive at a time, a few batches' worth."""
    by_drive: dict[str, list[Found]] = {}
    for found in founds:
        if found.item.is_root:
            raise InvalidPathError("The drive's root cannot be deleted.")
        by_drive.setdefault(found.drive.id, []).append(found)
    for group in by_drive.values():
        for start in range(0, len(group), _AT_ONCE):
            yield group[start : start + _AT_ONCE]


async def _all(onedrive: OneDrive, places: tuple[str, ...]) -> list[Found]:
    """Find everything before anything is deleted; what lies in a folder that goes is not named twice."""
    from driveql.cli.items import find

    founds = [found for place in places for found in [f async for f in find(onedrive, place)]]
    going = {
        (found.drive.id, found.item.path) for found in founds if found.item.is_folder and found.item.path
    }
    kept: dict[tuple[str, str], Found] = {}
    for found in founds:
        parts = (found.item.path or "").split("/")
        above = {(found.drive.id, "/".join(parts[:end])) for end in range(1, len(parts))}
        if not going & above:
            kept.setdefault((found.drive.id, found.item.id), found)
    return list(kept.values())


def _ask(founds: list[Found]) -> None:
    from driveql.cli.text import escaped

    if not sys.stdin.isatty():
        raise click.UsageError("Folders and patterns are deleted only with --yes where nobody can be asked.")
    for found in founds[:10]:
        children = found.item.child_count
        inside = f" ({children} items in it)" if children else ""
        click.echo(f"  {escaped(found.place)}{inside}", err=True)
    if len(founds) > 10:
        click.echo(f"  and {len(founds) - 10} more", err=True)
    click.confirm("Put them into the recycle bin?", abort=True, err=True)

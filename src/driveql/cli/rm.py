"""`driveql rm`: into the recycle bin; folders only with `-r`, and folders and patterns only after a yes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.items import Found
    from driveql.drive.onedrive import OneDrive


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql rm onedrive:/Reports/old.csv\n"
    "  driveql rm 'onedrive:/Reports/tmp-*' --yes\n"
    "  driveql rm -r --yes onedrive:/Reports/2019\n\n"
    "Deleted items stay in the recycle bin of OneDrive or SharePoint, where they can be restored."
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all that is in them.")
@click.option(
    "-y", "--yes", is_flag=True, help="Do not ask. Needed for folders and patterns without a terminal."
)
@global_options
def rm(invocation: Invocation, places: tuple[str, ...], recursive: bool, yes: bool) -> None:
    """Put files and folders into the recycle bin."""
    from driveql.cli.items import record, shown_place
    from driveql.errors import InvalidPathError
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        founds = portal().call(_all(onedrive.asynchronous, places))
        folders = [found for found in founds if found.item.is_folder]
        if folders and not recursive:
            raise InvalidPathError(
                f"{shown_place(folders[0].item.path or folders[0].item.name)} is a folder.",
                hint="-r deletes it with all in it.",
            )
        if not yes and (folders or any(found.by_pattern for found in founds)):
            _ask(founds)
        for found in founds:
            portal().call(found.drive.delete(found.item))
            if invocation.json:
                invocation.output().rows((), [record(found.item) | {"outcome": "deleted"}])
            else:
                invocation.note(f"deleted {shown_place(found.item.path or found.item.name)}")


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
    from driveql.cli.items import shown_name, shown_place
    from driveql.cli.text import escaped

    if not sys.stdin.isatty():
        raise click.UsageError("Folders and patterns are deleted only with --yes where nobody can be asked.")
    for found in founds[:10]:
        children = found.item.child_count
        inside = f" ({children} items in it)" if children else ""
        where = shown_place(found.item.path or shown_name(found.item))
        click.echo(f"  {escaped(where)}{inside}", err=True)
    if len(founds) > 10:
        click.echo(f"  and {len(founds) - 10} more", err=True)
    click.confirm("Put them into the recycle bin?", abort=True, err=True)

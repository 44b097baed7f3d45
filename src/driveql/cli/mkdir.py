"""`driveql mkdir`: folders, and with `-p` those above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.drive.onedrive import OneDrive


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql mkdir onedrive:/Reports/2026\n"
    "  driveql mkdir -p onedrive:/Reports/2026/Q1 onedrive:/Reports/2026/Q2"
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "-p", "--parents", is_flag=True, help="Make the folders above it too; one that exists is no error."
)
@dry_run_option
@global_options
def mkdir(invocation: Invocation, places: tuple[str, ...], parents: bool, dry_run: bool) -> None:
    """Create folders."""
    from driveql.transport.portal import portal

    with invocation.open(dry_run=dry_run) as onedrive:
        for place in places:
            portal().call(_make(invocation, onedrive.asynchronous, place, parents, dry_run))


async def _make(invocation: Invocation, onedrive: OneDrive, place: str, parents: bool, dry_run: bool) -> None:
    from driveql.cli.items import record
    from driveql.cli.places import about, naming
    from driveql.errors import AlreadyExistsError, NotFoundError
    from driveql.graph import paths

    with about(place):
        drive, path = await onedrive.at(place)
        names = await naming(drive, place)
        if not parents and await drive.find(path) is not None:
            raise AlreadyExistsError(
                f"{place} exists already.", status=409, hint="-p accepts a folder that is there."
            )
        above = paths.split(paths.check_new_path(path))[0]
        if not parents and above != paths.ROOT and await drive.find(above) is None:
            raise NotFoundError(f"There is no folder {names.of(above)}.", status=404, hint="-p makes it too.")
        if dry_run:
            invocation.plan(f"would make {names.of(path)}", {"path": path, "outcome": "planned"})
            return
        item = await drive.create_folder(path, parents=parents)
    if invocation.json:
        invocation.output().rows((), [record(item)])
    else:
        invocation.note(f"made {names.of(item.path or path)}")

"""`driveql mkdir`: folders, and with `-p` those above them."""

from __future__ import annotations

import click

from driveql.cli.options import Invocation, global_options


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql mkdir onedrive:/Reports/2026\n"
    "  driveql mkdir -p onedrive:/Reports/2026/Q1 onedrive:/Reports/2026/Q2"
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "-p", "--parents", is_flag=True, help="Make the folders above it too; one that exists is no error."
)
@global_options
def mkdir(invocation: Invocation, places: tuple[str, ...], parents: bool) -> None:
    """Create folders."""
    from driveql.cli.items import record, shown_place
    from driveql.errors import AlreadyExistsError

    with invocation.open() as onedrive:
        for place in places:
            drive, path = onedrive.at(place)
            if not parents and drive.find(path) is not None:
                raise AlreadyExistsError(
                    f"{place} exists already.", status=409, hint="-p accepts a folder that is there."
                )
            item = drive.create_folder(path, parents=parents)
            if invocation.json:
                invocation.output().rows((), [record(item)])
            else:
                invocation.note(f"made {shown_place(item.path or path)}")

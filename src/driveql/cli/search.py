"""`driveql search`: by the service's index, with an honest note about it; or by walking, which misses nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.places import Naming
    from driveql.drive.onedrive import OneDrive
    from driveql.graph.models import DriveItem

_INDEX = (
    "Found by the service's index, which lags behind the drive by minutes or more: a new item may be missing, one that"
    " is gone may be listed. --walk asks the drive itself (names only)."
)


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql search 'quarterly forecast'\n"
    "  driveql search budget onedrive:/Finance --ext xlsx --ext csv\n"
    "  driveql search --walk budget onedrive:/Finance      # names only, complete, up to now\n"
    "  driveql search --json invoice | jq -r .place\n\n"
    "The index knows names, properties and contents; how soon, and whether for applications at all, is up to the"
    " tenant. `find` has tests by size, time and pattern."
)
@click.argument("text")
@click.argument("place", default="onedrive:/")
@click.option(
    "--ext", "extensions", multiple=True, metavar="EXT", help="Only names that end so: csv, xlsx, ..."
)
@click.option(
    "--walk", is_flag=True, help="Walk the folders instead of asking the index; looks at names only."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after N items.")
@global_options
def search(
    invocation: Invocation, text: str, place: str, extensions: tuple[str, ...], walk: bool, limit: int | None
) -> None:
    """Search for TEXT in PLACE, a folder or drive; without PLACE, in the default drive."""
    from itertools import islice

    from driveql.cli.items import record
    from driveql.transport.portal import portal

    if not text.strip():
        raise click.UsageError("There is no text to search for.")
    output = invocation.output()
    with invocation.open() as onedrive:
        pages = portal().iterate(_pages(onedrive.asynchronous, text, place, extensions, walk))
        found = islice(((item, names) for names, page in pages for item in page), limit)
        if invocation.json:
            output.rows((), (record(item) | {"place": names.item(item)} for item, names in found))
        else:
            output.lines(_shown(item, names) for item, names in found)
    if not walk:
        invocation.note(_INDEX)


async def _pages(
    onedrive: OneDrive, text: str, place: str, extensions: tuple[str, ...], walk: bool
) -> AsyncGenerator[tuple[Naming, list[DriveItem]]]:
    from contextlib import aclosing

    from driveql.cli.items import item_at
    from driveql.cli.places import about, naming
    from driveql.drive.searching import by_index, by_walk
    from driveql.errors import InvalidPathError, PermissionDeniedError

    with about(place):
        drive, path = await onedrive.at(place)
        names = await naming(drive, place)
        top = await item_at(drive, path, names=names)
        if not top.is_folder:
            raise InvalidPathError(f"{place} is a file.", hint="Search in a folder or drive.")
        folder = None if top.is_root else top
        found = (
            by_walk(drive, text, top, extensions=extensions)
            if walk
            else by_index(drive, text, folder=folder, extensions=extensions)
        )
        try:
            async with aclosing(found) as pages:
                async for page in pages:
                    yield names, page
        except PermissionDeniedError as error:
            if not walk:
                error.hint = "Some tenants do not let applications search: --walk looks at the names itself."
            raise


def _shown(item: DriveItem, names: Naming) -> str:
    return names.item(item) + ("/" if item.is_folder else "")

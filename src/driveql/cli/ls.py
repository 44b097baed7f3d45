"""`driveql ls`: names one a line; sizes and times with `-l`; everything below with `-R`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.render import Output
    from driveql.drive.handle import DriveHandle
    from driveql.drive.onedrive import OneDrive
    from driveql.graph.models import DriveItem

Listed = tuple["DriveItem", str]
_SORTS: dict[str, Callable[[Listed], str | float]] = {
    "name": lambda pair: pair[1].casefold(),
    "size": lambda pair: -pair[0].size,
    "modified": lambda pair: -(pair[0].modified.timestamp() if pair[0].modified else 0.0),
}
# Enough for names and sizes: a long listing costs less without the rest.
_SHORT = ("id", "name", "folder", "file", "size", "parentReference")


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql ls\n"
    "  driveql ls -l onedrive:/Reports\n"
    "  driveql ls 'onedrive:/Reports/**/*.csv'\n"
    "  driveql ls -R --json onedrive://alice@contoso.com/ | jq -r .path\n\n"
    "Folders end with a slash. In a pipe, -l writes size in bytes, time in UTC, who modified it, and the name,"
    " separated by tabs."
)
@click.argument("place", default="onedrive:/")
@click.option("-l", "--long", "long_form", is_flag=True, help="Size, time of change, who changed it, name.")
@click.option("-R", "--recursive", is_flag=True, help="Everything below the folder; complete.")
@click.option(
    "--sort",
    type=click.Choice(["name", "size", "modified", "none"]),
    help="Order: name is the default; none streams as the answers come (the default of -R in a pipe).",
)
@global_options
def ls(invocation: Invocation, place: str, long_form: bool, recursive: bool, sort: str | None) -> None:
    """List a folder, a file, or what fits a pattern. Without PLACE, the root of the default drive."""
    from driveql.cli.items import LONG, record
    from driveql.transport.portal import portal

    output = invocation.output()
    with invocation.open() as onedrive:
        pages = portal().iterate(
            _pages(onedrive.asynchronous, place, recursive, detailed=long_form or invocation.json)
        )
        found = (listed for page in pages for listed in page)
        listed = _sorted(found, sort or ("none" if recursive and not sys.stdout.isatty() else "name"))
        if invocation.json:
            output.rows((), (record(item) for item, _ in listed))
        elif long_form:
            rows = (record(item) | {"name": name} for item, name in listed)
            output.rows(LONG, rows, heading=False)
        else:
            _write_names(output, (name for _, name in listed))


async def _pages(
    onedrive: OneDrive, place: str, recursive: bool, detailed: bool
) -> AsyncGenerator[list[Listed]]:
    """Yield the items with the names they are shown under, a page at a time."""
    from driveql.cli.items import PROPERTIES, find, item_at, shown_name
    from driveql.cli.places import naming
    from driveql.drive.listing import has_wildcards
    from driveql.graph import paths

    drive, path = await onedrive.at(place, wildcards=True)
    if has_wildcards(path):
        async for found in find(onedrive, place):
            yield [(found.item, shown_name(found.item, found.base))]
        return
    top = await item_at(drive, path, PROPERTIES, names=await naming(drive, place))
    if not top.is_folder:
        yield [(top, top.name)]
        return
    base = (top.path or paths.ROOT) if path.startswith("id:") else paths.normalise(path)
    async for items in _below(drive, top, base, recursive, PROPERTIES if detailed else _SHORT):
        yield [(item, shown_name(item, base if recursive else None)) for item in items]


async def _below(
    drive: DriveHandle, folder: DriveItem, path: str, recursive: bool, select: tuple[str, ...]
) -> AsyncGenerator[list[DriveItem]]:
    from driveql.graph.models import DriveItem

    if recursive:
        # A whole drive is walked in the way that costs least; below a folder, paths begin as the person wrote it.
        whole = folder.is_root
        walk = drive.walk(select=select) if whole else drive.walk_from(folder, path, select=select)
        async with contextlib.aclosing(walk) as pages:
            async for items in pages:
                yield items
        return
    async with contextlib.aclosing(drive.children(item_id=folder.id, select=select)) as pages:
        async for page in pages:
            yield [DriveItem.from_json(raw, path) for raw in page.items]


def _sorted(listed: Iterable[Listed], order: str) -> Iterable[Listed]:
    if order == "none":
        return listed
    return sorted(listed, key=_SORTS[order])


def _write_names(output: Output, names: Iterable[str]) -> None:
    if not output.terminal:
        output.lines(names)
        return
    from driveql.cli.render import cell, console

    drawing = console()
    for name in names:
        drawing.print(cell(name, "name"), soft_wrap=True)

"""`driveql ls`: names one a line; sizes and times with `-l`; everything below with `-R`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from driveql.cli.options import Invocation, global_options

_SORTS: dict[str, Callable[[Any], Any]] = {
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

    output = invocation.output()
    with invocation.open() as onedrive:
        found = _listed(onedrive, place, recursive, detailed=long_form or invocation.json)
        listed = _sorted(found, sort or ("none" if recursive and not sys.stdout.isatty() else "name"))
        if invocation.json:
            output.rows((), (record(item) for item, _ in listed))
        elif long_form:
            rows = (record(item) | {"name": name} for item, name in listed)
            output.rows(LONG, rows, heading=False)
        else:
            for _, name in listed:
                _write_name(output, name)


def _listed(onedrive: Any, place: str, recursive: bool, detailed: bool) -> Iterator[tuple[Any, str]]:
    """Yield the items with the names they are shown under."""
    from driveql.cli.items import PROPERTIES, find, shown_name
    from driveql.drive.listing import has_wildcards
    from driveql.graph import paths
    from driveql.transport.portal import portal

    select = PROPERTIES if detailed else _SHORT
    drive, path = onedrive.at(place, wildcards=True)
    if has_wildcards(path):
        for found in portal().iterate(find(onedrive.asynchronous, place)):
            yield found.item, shown_name(found.item, found.base)
        return
    top = drive.item(path, select=PROPERTIES)
    if not top.is_folder:
        yield top, top.name
        return
    base = paths.normalise(path) if not path.startswith("id:") else top.path or paths.ROOT
    children = drive.walk(path, select=select) if recursive else drive.list(path, select=select)
    for item in children:
        yield item, shown_name(item, base if recursive else None)


def _sorted(listed: Iterable[tuple[Any, str]], order: str) -> Iterable[tuple[Any, str]]:
    return listed if order == "none" else sorted(listed, key=_SORTS[order])


def _write_name(output: Any, name: str) -> None:
    if output.terminal and name.endswith("/"):
        from driveql.cli.render import cell, console

        console().print(cell(name, "name"), soft_wrap=True)
    else:
        output.line(name)

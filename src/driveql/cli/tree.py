"""`driveql tree`: a folder and all below it, drawn as a tree; folders deeper than asked for are not requested."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.render import Output
    from driveql.cli.subtree import Subtree
    from driveql.graph.models import DriveItem

_SELECT = ("id", "name", "folder", "file", "size", "parentReference")
_LINES = {True: ("├── ", "└── ", "│   ", "    "), False: ("|-- ", "`-- ", "|   ", "    ")}


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql tree\n"
    "  driveql tree -L 2 onedrive:/Reports\n"
    "  driveql tree -d -s onedrive://alice@contoso.com/Projects\n"
    "  driveql tree --json onedrive:/Reports | jq -r .path"
)
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@click.option("-L", "--max-depth", type=click.IntRange(min=1), metavar="N", help="At most N levels.")
@click.option("-d", "--folders", is_flag=True, help="Folders only.")
@click.option("-s", "--sizes", is_flag=True, help="Sizes too; a folder's is the sum that the service states.")
@global_options
def tree(
    invocation: Invocation, places: tuple[str, ...], max_depth: int | None, folders: bool, sizes: bool
) -> None:
    """Draw folders with all that is below them. Without PLACE, the default drive."""
    from driveql.cli.items import PROPERTIES, record
    from driveql.cli.subtree import subtrees
    from driveql.transport.portal import portal

    output = invocation.output()
    with invocation.open() as onedrive:
        for subtree in portal().iterate(subtrees(onedrive.asynchronous, places or ("onedrive:/",))):
            select = PROPERTIES if invocation.json else _SELECT
            pages = portal().iterate(subtree.pages(select, levels=max_depth))
            found = (item for page in pages for item in page if item.is_folder or not folders)
            if invocation.json:
                rows = (record(item) | {"depth": subtree.depth(item.path or "")} for item in found)
                output.rows((), rows)
            else:
                _draw(output, subtree, list(found), sizes)


def _draw(output: Output, subtree: Subtree, items: list[DriveItem], sizes: bool) -> None:
    from driveql.graph import paths

    below: dict[str, list[DriveItem]] = {}
    for item in items:
        below.setdefault(paths.split(item.path or item.name)[0], []).append(item)
    output.lines([_label(subtree.naming.of(subtree.path), subtree.top, sizes, output.terminal)])
    drawing = _LINES["utf" in (sys.stdout.encoding or "").casefold()]
    output.lines(_below(below, subtree.path, "", drawing, sizes, output.terminal))
    folders = sum(item.is_folder for item in items)
    files = len(items) - folders
    output.lines(["", f"{folders} folder{'s' * (folders != 1)}, {files} file{'s' * (files != 1)}"])


def _below(
    below: dict[str, list[DriveItem]],
    path: str,
    indent: str,
    drawing: tuple[str, str, str, str],
    sizes: bool,
    human: bool,
) -> Iterator[str]:
    fork, last, bar, blank = drawing
    # A stack of our own: folders may be nested deeper than Python recurses.
    stack = [(indent, iter(_sorted(below.get(path, []))))]
    while stack:
        indent, items = stack[-1]
        found = next(items, None)
        if found is None:
            stack.pop()
            continue
        item, is_last = found
        yield f"{indent}{last if is_last else fork}{_label(item.name, item, sizes, human)}"
        if item.is_folder and item.path in below:
            stack.append((indent + (blank if is_last else bar), iter(_sorted(below[item.path]))))


def _sorted(items: list[DriveItem]) -> list[tuple[DriveItem, bool]]:
    ordered = sorted(items, key=lambda item: item.name.casefold())
    return [(item, number == len(ordered) - 1) for number, item in enumerate(ordered)]


def _label(name: str, item: DriveItem, sizes: bool, human: bool) -> str:
    from driveql.cli.text import human_size

    slash = "/" if item.is_folder and not name.endswith("/") else ""
    size = f"  [{human_size(item.size) if human else item.size}]" if sizes else ""
    return f"{name}{slash}{size}"

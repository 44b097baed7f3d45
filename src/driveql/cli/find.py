"""`driveql find`: items below places by name, kind, size and time; as they come, each in a form that can be typed again."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options
from driveql.cli.quantities import past_or_file, size_test

if TYPE_CHECKING:
    from driveql.cli.subtree import Subtree
    from driveql.drive.finding import ItemTest, SizeTest
    from driveql.drive.onedrive import OneDrive
    from driveql.graph.models import DriveItem

_KINDS = {"f": False, "file": False, "d": True, "folder": True}


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql find onedrive:/Reports --name '*.csv' --newer 7d\n"
    "  driveql find onedrive:/ --type f --size +100M --json | jq -r '[.size, .place] | @tsv'\n"
    "  driveql find onedrive:/Logs --name '*.log' --older 2026-01-01 -0 | xargs -0 driveql rm --yes\n\n"
    "Every test must hold; of several --name one is enough. Names are compared without regard to case, as OneDrive"
    " does. Unlike `search`, find walks the folders: it sees what was written a moment ago."
)
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@click.option("--name", "names", multiple=True, metavar="PATTERN", help="*, ? and [...]; with a /, the path.")
@click.option("--type", "kind", type=click.Choice(list(_KINDS)), help="Files only, or folders only.")
@click.option(
    "--size", "sizes", multiple=True, type=size_test, metavar="[+-]SIZE", help="+10M more, -1k less, 0."
)
@click.option("--newer", type=past_or_file, metavar="TIME|FILE", help="Changed since then.")
@click.option("--older", type=past_or_file, metavar="TIME|FILE", help="Not changed since then.")
@click.option("--max-depth", type=click.IntRange(min=0), metavar="N", help="At most N levels; 0: PLACE only.")
@click.option("-0", "--null", "null", is_flag=True, help="End each name with a null byte, for xargs -0.")
@global_options
def find(
    invocation: Invocation,
    places: tuple[str, ...],
    names: tuple[str, ...],
    kind: str | None,
    sizes: tuple[SizeTest, ...],
    newer: datetime | None,
    older: datetime | None,
    max_depth: int | None,
    null: bool,
) -> None:
    """Find files and folders below PLACE, which is looked at too. Without PLACE, in the default drive."""
    from driveql.cli.items import record
    from driveql.drive.finding import ItemTest
    from driveql.transport.portal import portal

    folders = _KINDS[kind] if kind else None
    test = ItemTest(names=names, folders=folders, sizes=sizes, newer=newer, older=older)
    output = invocation.output()
    with invocation.open() as onedrive:
        pages = portal().iterate(_matching(onedrive.asynchronous, places or ("onedrive:/",), test, max_depth))
        found = ((item, subtree.naming.item(item)) for subtree, page in pages for item in page)
        if invocation.json:
            output.rows((), (record(item) | {"place": place} for item, place in found))
        elif null:
            for _, place in found:
                # For a program: the name as it is, which is what a null byte at its end is for.
                sys.stdout.write(f"{place}\0")
            sys.stdout.flush()
        else:
            output.lines(f"{place}{_slash(item)}" for item, place in found)


async def _matching(
    onedrive: OneDrive, places: tuple[str, ...], test: ItemTest, levels: int | None
) -> AsyncGenerator[tuple[Subtree, list[DriveItem]]]:
    from contextlib import aclosing
    from dataclasses import replace

    from driveql.cli.items import PROPERTIES
    from driveql.cli.subtree import subtrees

    async for subtree in subtrees(onedrive, places):
        below = replace(test, base=subtree.path)
        if below.fits(subtree.top):
            yield subtree, [subtree.top]
        async with aclosing(subtree.pages(PROPERTIES, levels=levels)) as pages:
            async for page in pages:
                kept = [item for item in page if below.fits(item)]
                if kept:
                    yield subtree, kept


def _slash(item: DriveItem) -> str:
    return "/" if item.is_folder and not item.is_root else ""

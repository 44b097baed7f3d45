"""`driveql head`: the beginning of files, by ranged reads that ask for little more than is shown."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.items import Found


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql head onedrive:/Reports/a.csv\n"
    "  driveql head -n 1 'onedrive:/Reports/*.csv'     # the titles of each\n"
    "  driveql head -c 4 onedrive:/Reports/a.parquet"
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "-n", "--lines", type=click.IntRange(min=0), metavar="N", help="Lines of each file.  [default: 10]"
)
@click.option("-c", "--bytes", "count", type=click.IntRange(min=0), metavar="N", help="Bytes of each file.")
@click.option("--no-titles", is_flag=True, help="No ==> name <== above each of several files.")
@global_options
def head(
    invocation: Invocation, places: tuple[str, ...], lines: int | None, count: int | None, no_titles: bool
) -> None:
    """Write the first lines (or bytes) of files to standard output; large files cost no more than small ones."""
    from driveql.cli.items import find
    from driveql.cli.places import about
    from driveql.cli.text import escaped
    from driveql.errors import InvalidPathError
    from driveql.transport.portal import portal

    if lines is not None and count is not None:
        raise click.UsageError("Give either --lines or --bytes.")
    with invocation.open() as onedrive:
        founds = [found for place in places for found in portal().iterate(find(onedrive.asynchronous, place))]
        for number, found in enumerate(founds):
            if found.item.is_folder:
                raise InvalidPathError(f"{found.place} is a folder and has no content.")
            if len(founds) > 1 and not no_titles:
                sys.stdout.write(("\n" if number else "") + f"==> {escaped(found.place)} <==\n")
                sys.stdout.flush()
            with about(found.place):
                for chunk in portal().iterate(_beginning(found, lines, count)):
                    sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()


async def _beginning(found: Found, lines: int | None, count: int | None) -> AsyncGenerator[bytes]:
    from contextlib import aclosing

    from driveql.drive.beginning import first_bytes, first_lines

    chunks = (
        first_bytes(found.drive, found.item, count)
        if count is not None
        else first_lines(found.drive, found.item, 10 if lines is None else lines)
    )
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk

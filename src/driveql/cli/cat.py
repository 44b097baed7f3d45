"""`driveql cat`: the bytes of files on standard output, streamed; a part of them by ranged reads."""

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
    "  driveql cat onedrive:/Reports/a.csv | head\n"
    "  driveql cat 'onedrive:/Reports/2026/*.csv' > all.csv\n"
    "  driveql cat --offset -1024 onedrive:/Logs/today.log      # the last 1024 bytes\n\n"
    "A whole file is verified by the service's hash after its last byte; exit code 9 says that it was damaged."
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option("--offset", type=int, default=0, metavar="N", help="Begin at byte N; from the end if negative.")
@click.option("--count", type=click.IntRange(min=0), metavar="N", help="Write at most N bytes of each file.")
@global_options
def cat(invocation: Invocation, places: tuple[str, ...], offset: int, count: int | None) -> None:
    """Write files, one after the other, to standard output."""
    from driveql.cli.items import find
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        for place in places:
            for found in portal().iterate(find(onedrive.asynchronous, place)):
                for chunk in portal().iterate(_chunks(found, offset, count)):
                    sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()


async def _chunks(found: Found, offset: int, count: int | None) -> AsyncGenerator[bytes]:
    if offset == 0 and count is None:
        chunks = found.drive.stream(found.item)
    else:
        start = max(0, found.item.size + offset) if offset < 0 else offset
        end = None if count is None else start + count
        if start >= found.item.size or count == 0:
            return
        chunks = found.drive.reading(found.item, start, end).chunks()
    async for chunk in chunks:
        yield chunk

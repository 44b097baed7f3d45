"""`driveql stat`: all that the service says about an item, but for its pre-authenticated URL."""

from __future__ import annotations

import click

from driveql.cli.options import Invocation, global_options


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql stat onedrive:/Reports/a.csv\n"
    "  driveql stat --json 'onedrive:/Reports/*' | jq -r '[.name, .quick_xor_hash] | @tsv'"
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@global_options
def stat(invocation: Invocation, places: tuple[str, ...]) -> None:
    """Show size, times, people, ids, hash and address of files and folders."""
    from driveql.cli.items import find, record
    from driveql.transport.portal import portal

    output = invocation.output()
    with invocation.open() as onedrive:
        first = True
        for place in places:
            for found in portal().iterate(find(onedrive.asynchronous, place)):
                if not first and not invocation.json:
                    output.lines([""])
                first = False
                output.record(record(found.item), {"size": "size", "child_count": "count"})

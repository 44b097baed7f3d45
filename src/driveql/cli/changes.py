"""`driveql changes`: what changed in a drive since the last run; the cursor moves only after the lines were written."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options
from driveql.cli.quantities import past

if TYPE_CHECKING:
    from driveql.cli.places import Naming
    from driveql.drive.blocking import BlockingDrive
    from driveql.drive.changes import ChangePage, ItemChange, Start


def _start(text: str) -> Start:
    if text in {"all", "latest"}:
        return "all" if text == "all" else "latest"
    when: datetime = past(text)
    return when


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql changes --state feed.db --json > first.jsonl      # begins with everything there is\n"
    "  driveql changes --state feed.db --json >> more.jsonl      # then what changed since\n"
    "  driveql changes --state new.db --start latest --follow 30\n"
    "  driveql changes --state alice.db --start 7d onedrive://alice@contoso.com/\n\n"
    "Each line is one change: kind (changed, deleted, or missing after a resync of the kind that asks for uploads), path,"
    " and for what moved the path it had. All below a moved folder moved with it. A run that is interrupted, or whose"
    " reader goes away, repeats at most the page that was not written to its end, and loses nothing.\n\n"
    "The state file is SQLite: cursor and tree. Keep it; each drive has its own. The service tells changes some seconds late."
)
@click.argument("place", default="onedrive:/")
@click.option(
    "--state",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the feed's cursor is kept.",
)
@click.option(
    "--start",
    type=_start,
    default="all",
    show_default=True,
    metavar="all|latest|TIME",
    help="Where a new feed begins; one that has a cursor goes on from there.",
)
@click.option(
    "--follow",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="Ask again every so often, until Ctrl-C.",
)
@global_options
def changes(invocation: Invocation, place: str, state: Path, start: Start, follow: float | None) -> None:
    """Write what changed in a drive since the last run. PLACE may be a folder: then only what touches it."""
    from driveql.cli import outcome
    from driveql.cli.places import about, naming
    from driveql.graph import paths
    from driveql.transport.portal import portal

    written = 0
    with invocation.open() as onedrive, about(place):
        drive, path = onedrive.at(place)
        names = portal().call(naming(drive.asynchronous, place))
        folder = "" if paths.normalise(path) == paths.ROOT else path
        try:
            while True:
                for page in _pages(drive, state, start):
                    found = [change for change in page.changes if _touches(change, folder)]
                    _write(invocation, found, page, names)
                    page.confirm()
                    written += len(found)
                if follow is None:
                    break
                time.sleep(follow)
        except KeyboardInterrupt:
            raise outcome.InterruptedRun(
                f"{written} changes were written and confirmed. The same command, run again, goes on from there."
            ) from None


def _pages(drive: BlockingDrive, state: Path, start: Start) -> Iterator[ChangePage]:
    from contextlib import closing

    from driveql.transport.portal import portal

    with closing(drive.asynchronous.changes(state, start=start)) as feed:
        yield from portal().iterate(feed.pages())


def _touches(change: ItemChange, folder: str) -> bool:
    """Return True where a change concerns a folder; one whose place was never known might, and is told."""
    known = [path for path in (change.path, change.old_path) if path is not None]
    inside = f"{folder}/".casefold()
    return not folder or not known or any(f"{path}/".casefold().startswith(inside) for path in known)


def _write(invocation: Invocation, found: list[ItemChange], page: ChangePage, names: Naming) -> None:
    """Write a page's changes, and see them out of this process's hands: only then may the page be confirmed."""
    output = invocation.output()
    if invocation.json:
        output.rows((), (_record(change, page) for change in found))
    else:
        output.fields(
            (change.kind, names.of(change.path) if change.path else f"id:{change.id}", *_moved(change, names))
            for change in found
        )
    sys.stdout.flush()
    try:
        descriptor = sys.stdout.fileno()
        if found and stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)
    except (OSError, ValueError):
        return


def _moved(change: ItemChange, names: Naming) -> tuple[str, ...]:
    return (f"was {names.of(change.old_path)}",) if change.old_path is not None else ()


def _record(change: ItemChange, page: ChangePage) -> dict[str, object]:
    from driveql.cli.items import record

    told: dict[str, object] = {"kind": change.kind, "old_path": change.old_path, "resync": page.resync}
    if change.item is None:
        return told | {"id": change.id, "path": change.path}
    return told | record(change.item)

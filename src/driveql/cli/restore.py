"""`driveql restore`: deleted items back out of the recycle bin, by the id they had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.cli.places import Naming
    from driveql.drive.handle import DriveHandle
    from driveql.drive.onedrive import OneDrive
    from driveql.graph.item_records import RecycledItem


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql restore id:01ABCDEF                          # the id that `driveql rm` printed\n"
    "  driveql restore id:01ABCDEF --to onedrive:/Saved/\n"
    "  driveql restore --list                               # what lies in the recycle bin\n"
    "  driveql restore --list onedrive://contoso.sharepoint.com/sites/Finance/Documents\n\n"
    "A deleted item has no path any more; its id is what rm printed, what `ls --json` showed, and what the change feed"
    " tells. The entries that --list shows have ids of their own, by which Graph restores nothing."
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--to", "target", metavar="PLACE", help="The folder that receives them, instead of the one they were in."
)
@click.option("--name", metavar="NAME", help="A new name, for one item.")
@click.option("--drive", "drive_place", metavar="PLACE", default="onedrive:/", help="The drive they were in.")
@click.option("--list", "listing", is_flag=True, help="List the recycle bin of the drive's site.")
@dry_run_option
@global_options
def restore(
    invocation: Invocation,
    ids: tuple[str, ...],
    target: str | None,
    name: str | None,
    drive_place: str,
    listing: bool,
    dry_run: bool,
) -> None:
    """Bring deleted files and folders back, with all that was in them."""
    from driveql.cli import outcome
    from driveql.cli.places import about, is_remote, named
    from driveql.errors import DriveqlError
    from driveql.transport.portal import portal

    if listing:
        _list(invocation, ids[0] if ids and is_remote(ids[0]) else drive_place)
        return
    wanted = [identifier if identifier.startswith("id:") else f"id:{identifier}" for identifier in ids]
    if not wanted:
        raise click.UsageError("Give the ids of deleted items, or --list.")
    if any(is_remote(identifier) for identifier in ids):
        raise click.UsageError("Deleted items have no place any more: give the id that `driveql rm` printed.")
    if name is not None and len(wanted) > 1:
        raise click.UsageError("--name is for one item.")
    failed = 0
    with invocation.open(dry_run=dry_run) as onedrive:
        with about(target or drive_place):
            drive, names, folder = portal().call(_places(onedrive.asynchronous, drive_place, target))
        for identifier in wanted:
            if dry_run:
                invocation.plan(f"would restore {identifier}", {"id": identifier[3:], "outcome": "planned"})
                continue
            try:
                _one(invocation, drive, names, identifier, folder, name)
            except DriveqlError as error:
                if len(wanted) == 1:
                    raise named(error, identifier) from None
                failed += 1
                outcome.tell(named(error, identifier), as_json=invocation.json)
    if failed:
        raise outcome.PartialFailureError(f"{failed} of {len(wanted)} items were not restored.")


async def _places(
    onedrive: OneDrive, drive_place: str, target: str | None
) -> tuple[DriveHandle, Naming, str | None]:
    from driveql.cli.places import naming
    from driveql.errors import InvalidPathError

    drive, _ = await onedrive.at(drive_place)
    folder = None
    if target is not None:
        receiver, folder = await onedrive.at(target)
        if receiver.id != drive.id:
            raise InvalidPathError(f"{target} is in another drive; items are restored within theirs.")
    return drive, await naming(drive, drive_place), folder


def _one(
    invocation: Invocation,
    drive: DriveHandle,
    names: Naming,
    identifier: str,
    folder: str | None,
    name: str | None,
) -> None:
    from driveql.cli.items import record
    from driveql.transport.portal import portal

    item = portal().call(drive.recycle_bin.restore(identifier, folder=folder, name=name))
    if item.path is None:
        item = portal().call(drive.item(identifier))
    if invocation.json:
        invocation.output().rows((), [record(item) | {"outcome": "restored"}])
    else:
        invocation.output().lines([f"restored {names.item(item)}"])


def _list(invocation: Invocation, place: str) -> None:
    from driveql.cli.places import about
    from driveql.cli.render import Column
    from driveql.transport.portal import portal

    with invocation.open() as onedrive, about(place):
        drive, _ = onedrive.at(place)
        pages = portal().iterate(drive.asynchronous.recycle_bin.list())
        rows = [_record(entry) for page in pages for entry in page]
    columns = [
        Column("deleted", "Deleted", "time"),
        Column("size", "Size", "size"),
        Column("deleted_from", "From"),
        Column("name", "Name"),
    ]
    invocation.output().rows(columns, rows)


def _record(entry: RecycledItem) -> dict[str, object]:
    return {
        "name": entry.name,
        "size": entry.size,
        "deleted": entry.deleted,
        "deleted_from": entry.deleted_from,
        "bin_entry_id": entry.id,
    }

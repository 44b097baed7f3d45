"""The procedures on items: copy, move, rename, delete, restore, the recycle bin, folders."""

from __future__ import annotations

from contextlib import aclosing

import pyarrow as pa

from driveql.drive.handle import DriveHandle
from driveql.drive.moving import move_across
from driveql.errors import InvalidPathError, ItemChangedError, SqlNotSupportedError, SqlSyntaxError
from driveql.graph import paths, places
from driveql.graph.models import DriveItem
from driveql.sql.writing.arguments import (
    BY_ID,
    CONFLICT,
    DRIVE_ID,
    OWNER,
    PATH,
    Argument,
    Kind,
    check_conflict,
)
from driveql.sql.writing.outcome import RowOutcome, State
from driveql.sql.writing.procedure import Called, Procedure


async def _copy(call: Called) -> None:
    conflict = check_conflict(call["conflict"])
    _check_destination(call)
    drive, item = await call.item()
    receiver, path = await _destination(call, drive, item)
    target = None if receiver.id == drive.id else receiver
    timeout = call["timeout"]
    copied = await drive.copy(item, path, conflict=conflict, target=target, timeout=timeout)
    call.rows[0].drive_id = receiver.id
    call.done(copied, paths.split(path)[0])


async def _move(call: Called) -> None:
    _check_destination(call)
    drive, item = await call.item()
    receiver, path = await _destination(call, drive, item)
    if receiver.id == drive.id:
        moved = await drive.move(item, path, if_match=call["if_match"])
    else:
        if call["if_match"] not in {None, item.etag}:
            raise ItemChangedError(f"{item.path or item.name} has another eTag than if_match.", status=412)
        moved = await move_across(drive, item, receiver, path)
    call.rows[0].drive_id = receiver.id
    call.done(moved, paths.split(path)[0])


async def _destination(call: Called, drive: DriveHandle, item: DriveItem) -> tuple[DriveHandle, str]:
    """Return the drive that receives an item, and the item's whole path there."""
    to_path, folder = call["to_path"], call["to_folder"]
    written = str(to_path or folder)
    if places.is_place(written):
        receiver, path = await call.run.onedrive.at(written)
    else:
        receiver = await _receiver(call, drive)
        path = written
    if to_path is not None:
        return receiver, paths.check_new_path(path)
    found = await receiver.item(path)
    if found.path is None or not found.is_folder:
        raise InvalidPathError(f"{folder} is not a folder whose path the service tells.")
    return receiver, paths.join(found.path, paths.check_new_name(call["name"] or item.name))


def _check_destination(call: Called) -> None:
    """Raise SqlSyntaxError where the arguments name no destination, or more than one."""
    to_path, folder = call["to_path"], call["to_folder"]
    if (to_path is None) is (folder is None) or (to_path is not None and call["name"] is not None):
        raise SqlSyntaxError("Either to_path is given, or to_folder with name or without.")
    if to_path is not None and to_path.endswith("/"):
        raise SqlSyntaxError(
            f"to_path {to_path!r} ends with a slash, and is the item's whole new path.",
            hint="to_folder => '/..' puts it into a folder.",
        )
    if places.is_place(str(to_path or folder)) and call["to_drive_id"] is not None:
        raise SqlSyntaxError(
            "The destination is a place, which says the drive itself.",
            hint="Leave to_drive_id out, or write a plain path.",
        )


async def _receiver(call: Called, drive: DriveHandle) -> DriveHandle:
    if call["to_drive_id"] is not None:
        return await call.run.onedrive.drive(drive_id=call["to_drive_id"])
    named = call["drive_id"] is not None or call["owner"] is not None
    return drive if named else await call.run.onedrive.drive()


async def _rename(call: Called) -> None:
    drive, item = await call.item()
    if item.path is None:
        raise SqlNotSupportedError(
            "The service does not say where the item is.", hint="CALL move_item with its path."
        )
    folder = paths.split(item.path)[0]
    path = paths.join(folder, paths.check_new_name(call["name"]))
    call.done(await drive.move(item, path, if_match=call["if_match"]), folder)


async def _delete(call: Called) -> None:
    drive, item = await call.item()
    if call["permanently"]:
        await drive.recycle_bin.delete_permanently(item, if_match=call["if_match"])
    else:
        await drive.delete(item, if_match=call["if_match"])
    call.rows[0].done()


async def _restore(call: Called) -> None:
    drive = await call.drive()
    folder = None
    if call["folder"]:
        drive, folder = await call.place("folder")
    call.rows[0].drive_id = drive.id
    item = await drive.recycle_bin.restore(f"id:{call['id']}", folder=folder, name=call["name"])
    call.done(await drive.item(f"id:{item.id}"))


async def _recycle_bin(call: Called) -> None:
    drive = await call.drive()
    rows: list[RowOutcome] = []
    async with aclosing(drive.recycle_bin.list()) as pages:
        async for page in pages:
            for entry in page:
                row = RowOutcome("list_recycle_bin", entry.name, entry.id, drive.id, state=State.DONE)
                row.more = {"size": entry.size, "deleted": entry.deleted, "deleted_from": entry.deleted_from}
                rows.append(row)
    call.have_rows(rows)


async def _create_folder(call: Called) -> None:
    drive, path = await call.place()
    call.done(await drive.create_folder(path, parents=call["parents"]), paths.split(path)[0])


_TO = Argument("to_path", Kind.TEXT, "Its whole new path; the folder exists")
_INTO = (
    Argument("to_folder", Kind.TEXT, "Instead of to_path: the folder, as path, place, or id: and its id"),
    Argument("name", Kind.TEXT, "Its name in that folder; the one it has by default"),
    Argument("to_drive_id", Kind.TEXT, "Id of the drive it goes to; else that of drive_id or owner, or the connection's"),
)  # fmt: skip
_GUARD = Argument("if_match", Kind.TEXT, "The eTag that it must still have")

PROCEDURES = (
    Procedure(
        "copy_item",
        "Have the service copy a file or folder, also into another drive, and wait until it is done",
        (PATH, _TO, CONFLICT, Argument("timeout", Kind.NUMBER, "Seconds to wait", 600.0), *BY_ID, *_INTO),
        _copy,
    ),
    Procedure(
        "move_item",
        "Move an item; into another drive by a copy, compared before the item is deleted, without earlier versions and sharing",
        (PATH, _TO, _GUARD, *BY_ID, *_INTO),
        _move,
    ),
    Procedure(
        "rename_item",
        "Give an item another name",
        (PATH, Argument("name", Kind.TEXT, "The new name", required=True), _GUARD, *BY_ID),
        _rename,
    ),
    Procedure(
        "delete_item",
        "Put an item into the recycle bin; a folder goes with all in it",
        (PATH, Argument("permanently", Kind.FLAG, "For good instead", False), _GUARD, *BY_ID),
        _delete,
    ),
    Procedure(
        "restore_item",
        "Bring a deleted item back, with all that was in it",
        (
            Argument("id", Kind.TEXT, "The id it had", required=True),
            Argument("folder", Kind.TEXT, "Where to, instead of the folder it was in"),
            Argument("name", Kind.TEXT, "A new name"),
            DRIVE_ID,
            OWNER,
        ),
        _restore,
    ),
    Procedure(
        "list_recycle_bin",
        "List what lies in the recycle bin of the drive's site (needs Sites.Read.All; the service gives no way to empty it)",
        (DRIVE_ID, OWNER),
        _recycle_bin,
        (
            ("size", pa.int64(), "Its bytes"),
            ("deleted", pa.timestamp("us", tz="UTC"), "When it was deleted"),
            ("deleted_from", pa.string(), "Where it was"),
        ),
        writes=lambda _: False,
    ),
    Procedure(
        "create_folder",
        "Create a folder; one that is there already is as wanted",
        (
            Argument("path", Kind.TEXT, "Path or place of the folder", required=True),
            Argument("parents", Kind.FLAG, "Those above it too", True),
            DRIVE_ID,
            OWNER,
        ),
        _create_folder,
    ),
)  # fmt: skip

"""The procedures on items: copy, move, rename, delete, restore, folders, check-out and check-in."""

from __future__ import annotations

from driveql.errors import SqlNotSupportedError
from driveql.graph import paths
from driveql.sql.writing.procedure import (
    CONFLICT,
    ID,
    PATH,
    Argument,
    Called,
    Kind,
    Procedure,
    check_conflict,
)


async def _copy(call: Called) -> None:
    conflict = check_conflict(call["conflict"])
    drive, item = await call.item()
    receiver, path = await call.place("to_path")
    target = None if receiver.id == drive.id else receiver
    timeout = call["timeout"]
    copied = await drive.copy(item, path, conflict=conflict, target=target, timeout=timeout)
    call.rows[0].drive_id = receiver.id
    call.done(copied, paths.split(path)[0])


async def _move(call: Called) -> None:
    drive, item = await call.item()
    receiver, path = await call.place("to_path")
    if receiver.id != drive.id:
        raise SqlNotSupportedError(
            "An item cannot be moved to another drive.", hint="CALL copy_item, then CALL delete_item."
        )
    call.done(await drive.move(item, path, if_match=call["if_match"]), paths.split(path)[0])


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
    drive, folder = await call.place("folder") if call["folder"] else (await call.run.onedrive.drive(), None)
    call.rows[0].drive_id = drive.id
    item = await drive.recycle_bin.restore(f"id:{call['id']}", folder=folder, name=call["name"])
    call.done(await drive.item(f"id:{item.id}"))


async def _create_folder(call: Called) -> None:
    drive, path = await call.place()
    call.done(await drive.create_folder(path, parents=call["parents"]), paths.split(path)[0])


async def _check_out(call: Called) -> None:
    drive, item = await call.item()
    await drive.checkout.check_out(item)
    call.rows[0].done()


async def _check_in(call: Called) -> None:
    drive, item = await call.item()
    await drive.checkout.check_in(item, call["comment"], publish=call["publish"])
    call.rows[0].done()


_TO = Argument("to_path", Kind.TEXT, "Its whole new path; the folder exists", required=True)
_GUARD = Argument("if_match", Kind.TEXT, "The eTag that it must still have")

PROCEDURES = (
    Procedure(
        "copy_item",
        "Have the service copy a file or folder, also into another drive, and wait until it is done",
        (PATH, _TO, CONFLICT, Argument("timeout", Kind.NUMBER, "Seconds to wait", 600.0), ID),
        _copy,
    ),
    Procedure("move_item", "Move an item within its drive", (PATH, _TO, _GUARD, ID), _move),
    Procedure(
        "rename_item",
        "Give an item another name",
        (PATH, Argument("name", Kind.TEXT, "The new name", required=True), _GUARD, ID),
        _rename,
    ),
    Procedure(
        "delete_item",
        "Put an item into the recycle bin; a folder goes with all in it",
        (PATH, Argument("permanently", Kind.FLAG, "For good instead", False), _GUARD, ID),
        _delete,
    ),
    Procedure(
        "restore_item",
        "Bring a deleted item back, with all that was in it",
        (
            Argument("id", Kind.TEXT, "The id it had", required=True),
            Argument("folder", Kind.TEXT, "Where to, instead of the folder it was in"),
            Argument("name", Kind.TEXT, "A new name"),
        ),
        _restore,
    ),
    Procedure(
        "create_folder",
        "Create a folder; one that is there already is as wanted",
        (
            Argument("path", Kind.TEXT, "Path or place of the folder", required=True),
            Argument("parents", Kind.FLAG, "Those above it too", True),
        ),
        _create_folder,
    ),
    Procedure("check_out", "Take a file for oneself until it is checked in", (PATH, ID), _check_out),
    Procedure(
        "check_in",
        "Give a file back; its content becomes a version",
        (
            PATH,
            Argument("comment", Kind.TEXT, "Kept with the version", ""),
            Argument("publish", Kind.FLAG, "Make it a major version", False),
            ID,
        ),
        _check_in,
    ),
)

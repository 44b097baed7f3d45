"""UPDATE items: renames, moves and describes items by their ids, twenty a call. Folders are looked up before the first change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driveql.errors import DriveqlError, InvalidPathError, SqlSyntaxError
from driveql.graph import addresses, paths
from driveql.graph.batch import BatchRequest
from driveql.sql.tables.items import KNOWN_FOLDER
from driveql.sql.writing.forms import Update
from driveql.sql.writing.outcome import RowOutcome, State
from driveql.sql.writing.run import WriteRun

Row = Mapping[str, Any]


async def update(run: WriteRun, statement: Update, rows: Sequence[tuple[Row, list[Any]]]) -> None:
    """Check all rows, look up the folders they go to, then change each.

    Parameters:
        rows: each item as it is, and the values that are set, in the order of the statement's columns.

    Raises:
        SqlSyntaxError, InvalidPathError: a row cannot be written; none was tried.
    """
    wanted: dict[tuple[str, str], tuple[RowOutcome, Row, dict[str, Any]]] = {}
    for before, values in rows:
        change = _change(dict(zip(statement.columns, values, strict=True)), before)
        key = (str(before["drive_id"]), str(before["id"]))
        known = wanted.get(key)
        if known is not None:
            if known[2] != change:
                raise SqlSyntaxError(
                    f"UPDATE {statement.table} finds several values for {before['path']}.",
                    hint="Each item may match one row of FROM.",
                )
            continue
        outcome = RowOutcome("update", before["path"], key[1], key[0], before)
        wanted[key] = (outcome, before, change)
    run.outcomes += [outcome for outcome, _, _ in wanted.values()]
    if run.audit is not None:
        run.audit.begin("UPDATE", statement.table, len(run.outcomes))
    requests: list[tuple[RowOutcome, BatchRequest]] = []
    folders: dict[tuple[str, str], str | DriveqlError] = {}
    for outcome, before, change in wanted.values():
        body = {name: value for name, value in change.items() if name != "parent"}
        if "parent" in change:
            target = (str(before["drive_id"]), change["parent"])
            if target not in folders:
                folders[target] = await _folder_id(run, *target)
            found = folders[target]
            if isinstance(found, DriveqlError):
                outcome.failed(found)
                outcome.state = State.FAILED
                run.note(outcome)
                continue
            body["parentReference"] = {"id": found}
        if not body:
            outcome.state = State.PLANNED if run.dry else State.DONE
            run.note(outcome)
            continue
        requests.append((outcome, _request(before, body, guarded=statement.guarded)))
    await run.batch(requests)
    for outcome, before, change in wanted.values():
        if outcome.raw is not None:
            folder = change.get("parent", before["parent_path"])
            outcome.done({KNOWN_FOLDER: folder, **outcome.raw})


def _request(before: Row, body: dict[str, Any], *, guarded: bool) -> BatchRequest:
    headers = {"If-Match": str(before["e_tag"])} if guarded else {}
    address = addresses.item(str(before["drive_id"]), str(before["id"]))
    return BatchRequest("PATCH", address, json=body, headers=headers, safe_to_repeat=not guarded)


def _change(values: dict[str, Any], before: Row) -> dict[str, Any]:
    """Return what changes: `name`, `description`, and `parent`, the path of another folder."""
    if "path" in values:
        path = values.pop("path")
        if path is None:
            raise SqlSyntaxError(f"UPDATE gives {before['path']} no path.")
        values["parent_path"], values["name"] = paths.split(paths.check_new_path(str(path)))
    change: dict[str, Any] = {}
    if "name" in values:
        if values["name"] is None:
            raise SqlSyntaxError(f"UPDATE gives {before['path']} no name.")
        if values["name"] != before["name"]:
            change["name"] = paths.check_new_name(str(values["name"]))
    if "parent_path" in values:
        folder = values["parent_path"]
        if folder is None:
            raise SqlSyntaxError(f"UPDATE gives {before['path']} no parent_path.")
        folder = paths.normalise(str(folder))
        if folder != before["parent_path"]:
            change["parent"] = folder
    if "description" in values:
        text = values["description"]
        change["description"] = "" if text is None else str(text)
    return change


async def _folder_id(run: WriteRun, drive_id: str, folder: str) -> str | DriveqlError:
    """Return the folder's id, or why it cannot receive anything."""
    run.statement.check()
    try:
        drive = await run.onedrive.drive(drive_id=drive_id)
        item = await drive.item(folder, select=("id", "name", "folder", "root", "parentReference"))
        if not item.is_folder:
            return InvalidPathError(f"{folder} is a file, not a folder.")
    except DriveqlError as error:
        return error
    return item.id

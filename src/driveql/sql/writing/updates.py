"""UPDATE items: renames, moves and describes items by their ids, twenty a call. Folders are looked up before the first change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driveql.errors import DriveqlError, InvalidPathError, SqlSyntaxError
from driveql.graph import addresses, paths, places
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
    _tell_places(wanted)


def _tell_places(wanted: Mapping[tuple[str, str], tuple[RowOutcome, Row, dict[str, Any]]]) -> None:
    """Say where each item is now: a folder above it may have got another name or place by the same statement."""
    changed = {
        (key[0], str(before["path"]).casefold()): (outcome, before, change)
        for key, (outcome, before, change) in wanted.items()
        if outcome.raw is not None and ("parent" in change or "name" in change)
    }

    def now(drive_id: str, path: str) -> str:
        if path == paths.ROOT:
            return path
        folder, name = paths.split(path)
        found = changed.get((drive_id, path.casefold()))
        if found is not None:
            outcome, before, change = found
            folder = str(change.get("parent", before["parent_path"]))
            name = str((outcome.raw or {}).get("name") or name)
        return paths.join(now(drive_id, folder), name)

    for (drive_id, _), (outcome, before, change) in wanted.items():
        if outcome.raw is not None:
            written = str(change.get("parent", before["parent_path"]))
            folder, raw = now(drive_id, written), {**outcome.raw}
            if folder != written:
                # The item's answer may have come before that of the folder above it.
                raw["parentReference"] = {**(raw.get("parentReference") or {}), "path": None}
            outcome.done({KNOWN_FOLDER: folder, **raw})


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
        path = _within(str(path), "path", before)
        values["parent_path"], values["name"] = paths.split(paths.check_new_path(path))
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
        folder = _within(str(folder), "parent_path", before)
        if folder != before["parent_path"]:
            change["parent"] = folder
    if "description" in values:
        text = values["description"]
        change["description"] = "" if text is None else str(text)
    return change


def _within(written: str, column: str, before: Row) -> str:
    """Return the path in the item's own drive that is set. Raises SqlSyntaxError, InvalidPathError."""
    if not written.strip():
        raise SqlSyntaxError(
            f"UPDATE gives {before['path']} a blank {column}.", hint="The drive's root is '/'."
        )
    if places.is_place(written):
        raise SqlSyntaxError(
            f"UPDATE gives {before['path']} the {column} {written!r}, which is a place: items are moved within their drive.",
            hint="Write a plain path; CALL move_item(id => .., to_folder => ..) moves into another drive.",
        )
    return paths.normalise(written)


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

"""The incumbent's endpoints that change something or move files, and what to write instead. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from driveql.errors import SqlNotSupportedError

# What each does here; `{Name}` is the value that the statement passes.
EQUIVALENTS: Mapping[str, str] = {
    "upload_file": "`driveql put {SourceFilePath} onedrive:/{TargetFilePath} --conflict {ConflictBehavior}`, in Python"
    " drive.upload(path, source, conflict=...)",
    "download_file": "`driveql get onedrive:/... {TargetFilePath}`, in Python drive.download(path, target)",
    "copy_item": "`driveql cp onedrive:/... onedrive:/...`, in Python drive.copy(item, path)",
    "move_rename_item": "`driveql mv onedrive:/... onedrive:/...`, in Python drive.move(item, path)",
    "delete_item": "`driveql rm onedrive:/...`, in Python drive.delete(item)",
    "create_folder": "`driveql mkdir onedrive:/...`, in Python drive.create_folder(path)",
    "generic_request": "`driveql request {RequestMethod} {Url}`, in Python OneDrive.request(method, target)",
    "read_csv_file": "SELECT * FROM read_csv('onedrive:/...')",
    "get_csv_file": "SELECT * FROM read_csv('onedrive:/...')",
    "create_csv_file": "COPY (SELECT ...) TO a local file, then `driveql put`",
    "read_json_file": "SELECT * FROM read_json('onedrive:/...')",
    "get_json_file": "SELECT * FROM read_json('onedrive:/...')",
    "create_json_file": "COPY (SELECT ...) TO a local file, then `driveql put`",
}
_SHOWN = {name.lower(): name for name in (
    "SourceFilePath", "TargetFilePath", "ConflictBehavior", "RequestMethod", "Url",
)}  # fmt: skip


def refuse(name: str, verb: str, parameters: Mapping[str, str]) -> SqlNotSupportedError:
    """Return the error for a statement that cannot be translated, with what to write instead."""
    values = {shown: parameters.get(key, f"<{shown}>") for key, shown in _SHOWN.items()}
    if name in EQUIVALENTS:
        return SqlNotSupportedError(
            f"{name} WITH (...) is not translated: it changes or moves something, or reads what has a function of its own.",
            hint=f"Write {EQUIVALENTS[name].format(**values)}.",
        )
    return SqlNotSupportedError(
        f"{verb} {name} WITH (...) is not translated.",
        hint="Write it as a statement on items: INSERT INTO items, UPDATE items SET ..., DELETE FROM items WHERE ...;"
        " docs/migrating.md shows both side by side.",
    )

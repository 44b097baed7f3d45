"""The incumbent's actions, each as a statement of ours made from its parameters; None where they have no plain meaning. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from driveql.errors import ParameterError
from driveql.graph import paths
from driveql.sql.incumbent.columns import ITEM_COLUMNS, selection
from driveql.sql.incumbent.endpoints import spelled
from driveql.sql.incumbent.item_listings import folder_path
from driveql.sql.syntax import quoted

Parameters = Mapping[str, str]
Action = tuple[Callable[[Parameters], str | None], frozenset[str]]


def whose(given: Parameters) -> dict[str, str]:
    """Return the conditions that say whose drive is meant."""
    found = {"drive_id": given.get("driveid"), "owner": given.get("grouporuserid")}
    return {name: value for name, value in found.items() if value}


def _drive(given: Parameters) -> dict[str, str]:
    """Return the argument of a call that says whose drive is meant: the drive's id where the owner is named beside it."""
    found = whose(given)
    return {"drive_id": found["drive_id"]} if "drive_id" in found else found


def _upload(given: Parameters) -> str | None:
    source, target = given.get("sourcefilepath"), given.get("targetfilepath", "")
    if source is None or not ("/" in target or "." in target) or target.endswith("/"):
        # A name without both could be an id, and what ends with a slash is a folder.
        return None
    path = folder_path(target if target.lower().startswith("root:") else "/" + target.lstrip("/"))
    row = {
        "path": path or paths.ROOT,
        "local_path": source,
        "conflict": given.get("conflictbehavior", "fail").lower(),
    }
    keep = given.get("usesourcefiletimestamp")
    if keep is not None:
        arguments = [f"{name} => {quoted(value)}" for name, value in {**row, **_drive(given)}.items()]
        return f"CALL upload_file({', '.join(arguments)}, keep_times => {_flag(keep)})"
    row |= whose(given)
    values = ", ".join(map(quoted, row.values()))
    return f"INSERT INTO items ({', '.join(row)}) VALUES ({values}) RETURNING {selection(ITEM_COLUMNS)}"


def _flag(written: str) -> str:
    return "true" if written.lower() in {"true", "1", "yes"} else "false"


def _folder(given: Parameters) -> str | None:
    name = given.get("name") or given.get("foldername")
    if name is None:
        return None
    key = next((key for key in _ABOVE if key in given), None)
    above = given[key] if key is not None else "/"
    path = _above(key or "", above)
    values = {
        "parent_path": quoted(path) if path is not None else _path_of(above, given),
        "name": quoted(name),
        "is_folder": "true",
        "conflict": quoted(given.get("conflictbehavior", "fail").lower()),
        **{key: quoted(value) for key, value in whose(given).items()},
    }
    columns, row = ", ".join(values), ", ".join(values.values())
    return f"INSERT INTO items ({columns}) VALUES ({row}) RETURNING {selection(ITEM_COLUMNS)}"


def _delete(given: Parameters) -> str | None:
    return _call("delete_item", given, {})


def _move(given: Parameters) -> str | None:
    destination = _destination(given)
    if destination is None and "targetitemname" in given and "targetdriveid" not in given:
        return _call("rename_item", given, {"name": quoted(given["targetitemname"])})
    return _call("move_item", given, destination)


def _above(key: str, written: str) -> str | None:
    """Return the path of a folder that a parameter names, `W/In` without its first slash too; None for an id.

    Raises:
        ParameterError: the parameter is one for paths, and this is a bare name, which could be an id.
    """
    path = folder_path(written)
    if path is not None or not key.endswith("path"):
        return path
    if "/" in written.strip("/"):
        return folder_path("/" + written.strip())
    raise ParameterError(
        f"{spelled(key)}={written!r} is no path.",
        parameter=spelled(key),
        hint=f"Write /{written.strip()}; an id is {spelled(key.removesuffix('path') + 'id')}.",
    )


def _path_of(folder_id: str, given: Parameters) -> str:
    where = [f"id = {quoted(folder_id.strip())}"]
    where += [f"{name} = {quoted(value)}" for name, value in whose(given).items()]
    return f"(SELECT path FROM items WHERE {' AND '.join(where)})"


def _request(given: Parameters) -> str | None:
    method = given.get("requestmethod") or given.get("httpmethod") or "GET"
    body = given.get("body")
    if "url" not in given or _flag(given.get("ismultipart", "false")) == "true":
        return None
    headers = {
        part.partition(":")[0].strip(): part.partition(":")[2].strip()
        for part in given.get("headers", "").split("||")
        if part.strip()
    }
    if body is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = given.get("contenttype") or (
            "application/json" if body.lstrip()[:1] in {"{", "["} else "text/plain"
        )
    arguments = {"method": quoted(method), "url": quoted(given["url"])}
    if body is not None:
        arguments["body"] = quoted(body)
    if headers:
        arguments["headers"] = quoted(json.dumps(headers))
    return f"CALL generic_request({', '.join(f'{key} => {value}' for key, value in arguments.items())})"


def _download(given: Parameters) -> str | None:
    mode = given.get("fileoverwritemode", "").lower()
    if mode not in {"", "alwaysoverwrite", "failifexists"}:
        return None
    if "targetfilepath" not in given:
        return None
    more = {"local_path": quoted(given["targetfilepath"])}
    if mode == "alwaysoverwrite":
        more["overwrite"] = "true"
    return _call("download_file", given, more)


def _copy(given: Parameters) -> str | None:
    more = _destination(given)
    if more is not None and "conflictbehavior" in given:
        more["conflict"] = quoted(given["conflictbehavior"].lower())
    return _call("copy_item", given, more)


def _destination(given: Parameters) -> dict[str, str] | None:
    """Return the arguments that say where an item goes; None where nothing does."""
    key = next((key for key in ("targetfolderpath", "targetfolderid") if key in given), None)
    if key is None:
        return None
    folder = given[key]
    path = _above(key, folder)
    where = {"to_folder": quoted(path if path is not None else f"id:{folder.strip()}")}
    if "targetitemname" in given:
        where["name"] = quoted(given["targetitemname"])
    if "targetdriveid" in given:
        where["to_drive_id"] = quoted(given["targetdriveid"])
    return where


def _call(name: str, given: Parameters, more: Mapping[str, str] | None) -> str | None:
    """Return the call of a procedure on one item; `more` are its further arguments as they are written."""
    item = given.get("itemid") or given.get("fileid")
    if item is None or more is None:
        return None
    path = folder_path(item)
    arguments = {"id": quoted(item.strip())} if path is None else {"path": quoted(path)}
    arguments |= {key: quoted(value) for key, value in _drive(given).items()}
    arguments |= more
    return f"CALL {name}({', '.join(f'{key} => {value}' for key, value in arguments.items())})"


_ABOVE = ("parentfolderid", "parentfolderpath", "targetfolderid", "targetfolderpath", "folderid")
_WHOSE = frozenset({"driveid", "grouporuserid"})
_ITEM = _WHOSE | {"itemid", "fileid"}

_TARGET = frozenset({"targetfolderpath", "targetfolderid", "targetitemname", "targetdriveid"})
# Each action with the parameters that it takes.
ACTIONS: Mapping[str, Action] = {
    "upload_file": (
        _upload,
        _WHOSE | {"sourcefilepath", "targetfilepath", "conflictbehavior", "usesourcefiletimestamp"},
    ),
    "download_file": (_download, _ITEM | {"targetfilepath", "fileoverwritemode"}),
    "copy_item": (_copy, _ITEM | _TARGET | {"conflictbehavior"}),
    "move_rename_item": (_move, _ITEM | _TARGET),
    "delete_item": (_delete, _ITEM),
    "create_folder": (_folder, _WHOSE | {*_ABOVE, "name", "foldername", "conflictbehavior"}),
    "generic_request": (
        _request,
        _WHOSE | {"url", "requestmethod", "httpmethod", "body", "headers", "contenttype", "ismultipart"},
    ),
}

"""copy, and what a copy's monitor answers.

Follows driveItem copy: accepted with 202 and the address of a monitor, which needs no token. conflictBehavior stands in
the query string; the default is to fail, which only the monitor tells.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from graph_emulator.addresses import parse
from graph_emulator.call import Call, World
from graph_emulator.copies import CopyJob
from graph_emulator.errors import GraphError, bad_request, not_implemented
from graph_emulator.links import MONITOR, content_origin
from graph_emulator.messages import Request, Response, json_response
from graph_emulator.rules import ConflictBehavior, check_name, conflict_behavior
from graph_emulator.store import Drive, Item

_PROPERTIES = frozenset(("parentReference", "name", "childrenOnly", "includeAllVersionHistory"))


async def start_copy(call: Call) -> Response:
    """Answer POST copy: 202 with the monitor's address."""
    source = call.item()
    body = await call.json_body()
    for given in body:
        if not given.startswith("@") and given not in _PROPERTIES:
            raise not_implemented(f"the property {given} in copy")
    folder = _destination(call, source, body.get("parentReference"))
    children_only = body.get("childrenOnly") is True
    _check(source, folder, children_only)
    name = body.get("name")
    if name is not None and children_only:
        raise bad_request("A name cannot be given with childrenOnly.")
    job = call.world.copies.start(
        base_url=call.request.base_url,
        source=source,
        folder=folder,
        name=None if name is None else check_name(name, at_library_root=folder is folder.drive.root),
        conflict=conflict_behavior(call.conflict_written(body), ConflictBehavior.FAIL),
        children_only=children_only,
        with_history=body.get("includeAllVersionHistory") is True,
        actor=call.actor,
    )
    response = Response(202)
    response.headers["Location"] = f"{content_origin(call.request.base_url, folder.drive)}{MONITOR}/{job.id}"
    return response


async def monitor_address(world: World, request: Request, identifier: str) -> Response:
    """Answer what is sent to a monitor's own address: GET how far the copy is."""
    if request.method != "GET":
        raise not_implemented(f"{request.method} on a monitor")
    job = world.copies.poll(identifier)
    if job.pending:
        started = job.polls > 1 or world.behaviour.copy_polls <= 2
        share = world.copies.share_done(job) if started else 0.0
        return _status(202, "inProgress" if started else "notStarted", share)
    status = world.behaviour.copy_done_status
    if job.error is not None:
        code, message = job.error
        failure = {"code": code, "message": message}
        return _status(202 if status == 202 else 200, "failed", 0.0, statusDescription=message, error=failure)
    response = _status(status, "completed", 100.0, resourceId=job.resource_id)
    if status == 303:
        response.headers["Location"] = _made_address(job)
    return response


def _status(status: int, word: str, percentage: float, **more: Any) -> Response:
    shown = {"operation": "ItemCopy", "percentageComplete": percentage, "status": word, **more}
    return json_response(status, shown)


def _made_address(job: CopyJob) -> str:
    return f"{job.base_url}/v1.0/drives/{quote(job.folder.drive.id)}/items/{job.resource_id}"


def _check(source: Item, folder: Item, children_only: bool) -> None:
    """Raise GraphError 400 for what can never be copied there."""
    if source.parent is None and not children_only:
        raise bad_request("The root of a drive cannot be copied; childrenOnly copies what is in it.")
    if children_only and not source.is_folder:
        raise bad_request("childrenOnly is for folders.")
    if not folder.is_folder:
        raise bad_request("The destination is not a folder.")
    if source is folder or source in folder.ancestors():
        raise bad_request("A folder cannot be copied into itself.")


def _destination(call: Call, source: Item, reference: object) -> Item:
    """Return the folder a parentReference names. Raises GraphError 404 when it is not there."""
    if reference is None:
        return source.parent or source
    if not isinstance(reference, dict):
        raise bad_request("parentReference must be an object.")
    drive_id, identifier, path = (reference.get(name) for name in ("driveId", "id", "path"))
    drive = source.drive if drive_id is None else call.tenant.drives.get(str(drive_id))
    found: Item | None = None
    if drive is not None and identifier is not None:
        found = drive.root if str(identifier).casefold() == "root" else drive.items.get(str(identifier))
    elif drive is not None and path is not None:
        found = _at_path(call, drive, str(path))
    elif drive is not None:
        found = drive.root if drive_id is not None else source.parent
    if found is None:
        raise GraphError(404, "itemNotFound", "Failed to verify the existence of destination location")
    return found


def _at_path(call: Call, drive: Drive, written: str) -> Item | None:
    """Return the folder of a path as Graph writes it: `/drive/root:/a` or `/drives/{id}/root:/a`."""
    before, _, below = written.lstrip("/").partition("root:")
    kind, _, identifier = before.strip("/").partition("/")
    if kind == "drives":
        other = call.tenant.drives.get(identifier)
        if other is None:
            return None
        drive = other
    locator = parse(f"/drives/x/root:{below}").item
    return drive.resolve(locator.names) if locator is not None else None

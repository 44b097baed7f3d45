"""createUploadSession, and what the session's own address answers.

Follows driveItem createUploadSession. The session's address needs no token and refuses one.
"""

from __future__ import annotations

from typing import Any

import orjson

from graph_emulator.call import Call, World, raw_json
from graph_emulator.errors import bad_request, name_exists, not_implemented
from graph_emulator.links import UPLOAD, content_origin
from graph_emulator.messages import Request, Response, json_response
from graph_emulator.representation import item_json, timestamp
from graph_emulator.routes.content import chunks, parent_folder
from graph_emulator.routes.item_json import joined
from graph_emulator.routes.items import file_times, set_times
from graph_emulator.rules import ConflictBehavior, check_if_match, check_name, conflict_behavior
from graph_emulator.store import Item
from graph_emulator.store.checking_out import check_writable
from graph_emulator.uploads import UploadSession

_PROPERTIES = frozenset(
    ("name", "description", "fileSystemInfo", "fileSize", "mediaSourceInfo", "driveItemSource")
)


async def create_session(call: Call) -> Response:
    """Answer POST createUploadSession: 200 with the session's address."""
    body = await call.json_body()
    item = body.get("item")
    item = item if isinstance(item, dict) else {}
    for name in item:
        if not name.startswith("@") and name not in _PROPERTIES:
            raise not_implemented(f"the property {name} in createUploadSession")
    drive = call.drive()
    start = call.start_item(drive)
    names = call.address.item.names if call.address.item is not None else ()
    existing = drive.resolve(names, start)
    if existing is not None:
        check_if_match(call.request.headers.get("If-Match"), existing.etag, existing.ctag)
        check_writable(existing, call.actor)
        if existing.is_folder:
            raise bad_request("An upload session needs the name of a file.")
    times = file_times(item.get("fileSystemInfo"))
    folder, name = _place(call, start, names, item.get("name"))
    default = ConflictBehavior(call.world.behaviour.session_conflict)
    session = call.world.uploads.create(
        folder=folder,
        name=name,
        conflict=conflict_behavior(call.conflict_written({**body, **item}), default),
        actor=call.actor,
        writer=call.world.contents.writer(),
        life=call.world.behaviour.session_life,
    )
    session.deferred = bool(body.get("deferCommit", False))
    session.times = times
    session.description = item.get("description")
    _declare_size(call, session, item.get("fileSize"), existing)
    url = f"{content_origin(call.request.base_url, drive)}{UPLOAD}/{session.id}"
    context = f"{call.context}microsoft.graph.uploadSession"
    return json_response(200, {"@odata.context": context, "uploadUrl": url, **_status(call.world, session)})


async def upload_address(world: World, request: Request, identifier: str) -> Response:
    """Answer what is sent to a session's own address: PUT a fragment, GET its state, POST to finish, DELETE."""
    session = world.uploads.find(identifier)
    if request.method == "GET":
        return json_response(200, _status(world, session))
    async with session.lock:
        return await _changed(world, request, world.uploads.find(identifier))  # it may have ended meanwhile


async def _changed(world: World, request: Request, session: UploadSession) -> Response:
    if request.method == "PUT":
        return await _fragment(world, request, session)
    if request.method == "DELETE":
        world.uploads.cancel(session)
        return Response(204)
    if request.method == "POST":
        if await request.read():
            raise bad_request("Finishing an upload session takes an empty body.")
        if not session.complete:
            raise bad_request("The upload session is not complete.", "uploadSessionIncomplete")
        return _commit(world, request, session)
    raise not_implemented(f"{request.method} on an upload session")


async def _fragment(world: World, request: Request, session: UploadSession) -> Response:
    await session.accept(request.headers.get("Content-Range"), chunks(request))
    session.expires = max(session.expires, world.clock.now() + world.behaviour.session_life)
    if session.complete and not session.deferred:
        return _commit(world, request, session)
    return json_response(202, _status(world, session))


def _commit(world: World, request: Request, session: UploadSession) -> Response:
    drive = session.folder.drive
    existing = session.folder.children.get(session.name) if session.folder.children is not None else None
    taken = existing is not None and (session.conflict is ConflictBehavior.FAIL or existing.is_folder)
    if taken and session.conflict is not ConflictBehavior.RENAME:
        raise name_exists()
    drive.check_room(session.writer.size - (existing.size if existing is not None else 0))
    content = session.writer.finish()
    world.uploads.finished(session)
    item, created = drive.put(session.folder, session.name, content, session.conflict, session.actor)
    set_times(item, session.times)
    if session.description is not None:
        item.description = session.description
    drive.touch(item)
    context = f"{request.base_url}/v1.0/$metadata#drives('{drive.id}')/items/$entity"
    return raw_json(
        201 if created else 200, joined(orjson.dumps({"@odata.context": context}), item_json(item))
    )


def _place(call: Call, start: Item, names: tuple[str, ...], written: object) -> tuple[Item, str]:
    if not names and start.parent is None:
        raise bad_request("An upload session needs the name of a file.")
    folder = parent_folder(call, start.drive, start, names) if names else start.parent
    name = names[-1] if names else start.name
    if folder is None:
        raise bad_request("An upload session needs the name of a file.")
    if written is not None:
        name = check_name(written)
    return folder, check_name(name, at_library_root=folder is folder.drive.root)


def _declare_size(call: Call, session: UploadSession, written: object, existing: Item | None) -> None:
    if written is None:
        return
    if not isinstance(written, int) or isinstance(written, bool) or written <= 0:
        call.world.uploads.cancel(session)
        raise bad_request(
            "fileSize must be a positive number; an empty file cannot be uploaded in a session."
        )
    try:
        session.folder.drive.check_room(written - (existing.size if existing is not None else 0))
    except Exception:
        call.world.uploads.cancel(session)
        raise
    session.declared_size = written


def _status(world: World, session: UploadSession) -> dict[str, Any]:
    return {
        "expirationDateTime": timestamp(session.expires),
        "nextExpectedRanges": session.next_ranges(world.behaviour.closed_ranges),
    }

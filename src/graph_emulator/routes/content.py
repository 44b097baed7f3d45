"""A file's content through Graph: PUT to store it, GET to be led to a pre-authenticated address.

Follows driveItem put content and get content. The body is raw bytes whatever its Content-Type says; folders that the
path names and that are not there are made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from graph_contract import load
from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request, item_not_found, name_exists, not_implemented
from graph_emulator.messages import Request, Response
from graph_emulator.renditions import PDF_SOURCES, address, extension
from graph_emulator.routes.items import item_response
from graph_emulator.rules import (
    ConflictBehavior,
    check_if_match,
    check_name,
    conflict_behavior,
    not_modified,
)
from graph_emulator.store import Content, Drive, Item
from graph_emulator.store.checking_out import check_writable

_SMALL_UPLOAD_MAX = int(load("limits")["upload"]["small_upload_max_bytes"])


async def get_content(call: Call) -> Response:
    """Answer GET on content: 302 to where the bytes are, 304 when If-None-Match names the item's eTag or cTag."""
    call.options.only("format")
    wanted = call.options.system.get("format")
    item = call.item().seen_by(call.actor)
    if item.content is None:
        raise bad_request("You cannot get content for a folder")
    check_if_match(call.request.headers.get("If-Match"), item.etag, item.ctag)
    if not_modified(call.request.headers.get("If-None-Match"), item.etag, item.ctag):
        return Response(304)
    response = Response(302)
    response.headers["Location"] = _converted(call, item, wanted) if wanted else call.download_url(item)
    return response


def _converted(call: Call, item: Item, wanted: str) -> str:
    """Return the address of the file in another format. Raises GraphError 406 when it cannot be converted."""
    if wanted.casefold() != "pdf":
        raise not_implemented(f"the conversion ?format={wanted[:20]}")
    if extension(item) not in PDF_SOURCES:
        message = f"A file of the type {extension(item) or 'none'} cannot be converted to pdf."
        raise GraphError(406, "notSupported", message, inner=("inputFormatNotSupported",))
    return address(call, item, "pdf", f"{item.name.rpartition('.')[0]}.pdf")


async def put_content(call: Call) -> Response:
    """Answer PUT on content: 201 for a new file, 200 for one that was replaced."""
    drive = call.drive()
    start = call.start_item(drive)
    names = call.address.item.names if call.address.item is not None else ()
    existing = drive.resolve(names, start)
    announced = _announced(call.request)
    if announced is not None:
        drive.check_room(announced - (existing.size if existing is not None else 0))
    conflict = conflict_behavior(call.conflict_written(), ConflictBehavior.REPLACE)
    if existing is not None:
        check_if_match(call.request.headers.get("If-Match"), existing.etag, existing.ctag)
        check_writable(existing, call.actor)
        if existing.content is None or conflict is ConflictBehavior.FAIL:
            raise name_exists()
    elif "If-Match" in call.request.headers:
        raise item_not_found()
    for name in names:
        check_name(name)
    content = await received(call)
    item, created = store_at(call, drive, start, names, content, conflict)
    return item_response(call, item, status=201 if created else 200)


async def received(call: Call) -> Content:
    """Return the content that the request's body brings. Raises GraphError 413 when it is too large for one PUT."""
    writer = call.world.contents.writer()
    try:
        async for part in chunks(call.request):
            writer.write(part)
            if writer.size > _SMALL_UPLOAD_MAX:
                raise _too_large()
    except BaseException:
        writer.abandon()
        raise
    return writer.finish()


def store_at(
    call: Call,
    drive: Drive,
    start: Item,
    names: tuple[str, ...],
    content: Content,
    conflict: ConflictBehavior,
) -> tuple[Item, bool]:
    """Store `content` at the addressed place and return the item and whether it is new."""
    if not names:
        drive.check_room(content.size - start.size)
        drive.replace_content(start, content, call.actor)
        return start, False
    folder = parent_folder(call, drive, start, names)
    return drive.put(folder, names[-1], content, conflict, call.actor)


def parent_folder(call: Call, drive: Drive, start: Item, names: tuple[str, ...]) -> Item:
    """Return the folder of the addressed place, made with those above it where they were not there."""
    folder = start
    for name in names[:-1]:
        folder = drive.make_folder(folder, name, ConflictBehavior.REPLACE, call.actor)
    if folder.children is None:
        raise bad_request("The item is not a folder.")
    return folder


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """Yield the body of a request as it comes."""
    if isinstance(request.body, bytes):
        if request.body:
            yield request.body
        return
    async for part in request.body():
        yield part


def _announced(request: Request) -> int | None:
    written = request.headers.get("Content-Length", "")
    if not written.isdecimal():
        return None
    if int(written) > _SMALL_UPLOAD_MAX:
        raise _too_large()
    return int(written)


def _too_large() -> GraphError:
    return GraphError(413, "invalidRequest", "The file is too large for one request; use an upload session.")

"""Pre-authenticated downloads: bytes, whole or by range, with the validators of HTTP.

Follows RFC 9110 sections 13 and 14 for conditional and range requests.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, unquote

from graph_emulator.call import World
from graph_emulator.errors import GraphError, item_not_found, not_implemented
from graph_emulator.messages import Request, Response
from graph_emulator.odata import parse_options
from graph_emulator.renditions import RENDITIONS, rendition
from graph_emulator.rules import not_modified
from graph_emulator.store import Item, Tenant, Version

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")


def download(world: World, tenants: list[Tenant], request: Request) -> Response:
    """Answer GET or HEAD on a pre-authenticated address. Raises GraphError 401, 404 or 416."""
    if request.method not in ("GET", "HEAD"):
        raise not_implemented(f"{request.method} on pre-authenticated content")
    if request.target.startswith(f"{RENDITIONS}/"):
        return rendition(world, tenants, request)
    path, _, query = request.target.partition("?")
    parts = [unquote(part) for part in path.split("/") if part]
    if len(parts) not in (4, 5):
        raise item_not_found()
    place = parts[1:-1]
    drive_id, item_id, *label = place
    world.links.check("/".join(place), parse_options(query).custom.get("tempauth", ""), world.clock.now())
    drive = next((tenant.drives[drive_id] for tenant in tenants if drive_id in tenant.drives), None)
    item = drive.items.get(item_id) if drive is not None else None
    if item is None or item.content is None:
        raise item_not_found()
    if not label:
        return _content_response(item, request)
    for version in (item.current(), *item.history):
        if version.label == label[0]:
            return _content_response(_at_version(item, version), request)
    raise item_not_found()


def _at_version(item: Item, version: Version) -> Item:
    """Return the item as it was at `version`. Its tag is told apart from the present one's."""
    content = version.content
    tag = -version.number if version.number != item.current_version else item.version
    return replace(
        item, content=content, size=content.size, modified=version.modified, version=tag, rendered=None
    )


def _content_response(item: Item, request: Request) -> Response:
    if item.content is None:
        raise item_not_found()
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.name)}",
        "Content-Type": item.mime_type,
        "ETag": item.etag,
        "Last-Modified": format_datetime(datetime.fromtimestamp(int(item.modified), UTC), usegmt=True),
    }
    if not_modified(request.headers.get("If-None-Match"), item.etag):
        return _with_headers(Response(304), headers)
    start, end = 0, item.size
    status = 200
    written = request.headers.get("Range")
    unchanged = request.headers.get("If-Range", item.etag) == item.etag
    if written is not None and unchanged and (span := _span(written, item.size)) is not None:
        start, end = span
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{item.size}"
    response = _with_headers(Response(status), headers)
    response.content_length = end - start
    if request.method == "GET":
        response.body = _stream(item.content.chunks(start, end))
    return response


def _span(written: str, size: int) -> tuple[int, int] | None:
    """Return the range as start and exclusive end, None to ignore it. Raises GraphError 416 for one outside."""
    match = _RANGE.match(written.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        start, end = max(0, size - int(match[2])), size
    else:
        start = int(match[1])
        end = min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size or start >= end:
        headers = {"Content-Range": f"bytes */{size}"}
        raise GraphError(416, "invalidRange", "The requested range is not satisfiable.", headers=headers)
    return start, end


async def _stream(parts: Iterator[bytes | memoryview]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part  # type: ignore[misc]  # a memoryview is written as it is, without a copy


def _with_headers(response: Response, headers: dict[str, str]) -> Response:
    response.headers.update(headers)
    return response

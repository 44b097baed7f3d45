"""Other forms of a file, made on request: a small picture, a PDF, a page to look at. Real ones, however simple.

They stand at pre-authenticated addresses of their own: `/_content/renditions/{drive}/{item}/{form}/{name}`.
"""

from __future__ import annotations

import re
import struct
import zlib
from html import escape
from urllib.parse import quote, unquote

from graph_emulator.call import Call, World
from graph_emulator.errors import item_not_found, not_implemented
from graph_emulator.links import CONTENT, content_origin
from graph_emulator.messages import Request, Response
from graph_emulator.odata import parse_options
from graph_emulator.store import Item, Tenant

RENDITIONS = f"{CONTENT}/renditions"
_WRITTEN = "csv doc docx odp ods odt pot potm potx pps ppsx ppsxm ppt pptm pptx rtf xls xlsx"
_SEEN = "bmp gif heic jpeg jpg png tif tiff webp svg pdf mp4 mov avi mkv docm xlsm dotx"
PDF_SOURCES = frozenset(_WRITTEN.split())
PICTURED = PDF_SOURCES.union(_SEEN.split())
SIZES = {
    "small": (96, 96),
    "medium": (176, 176),
    "large": (800, 800),
    "smallSquare": (48, 48),
    "mediumSquare": (176, 176),
    "largeSquare": (800, 800),
}
_CUSTOM = re.compile(r"c(\d{1,4})x(\d{1,4})(?:_(?:crop))?$", re.IGNORECASE)
_PICTURE = re.compile(r"picture-(\d{1,4})x(\d{1,4})$")


def extension(item: Item) -> str:
    """Return a file's extension in small letters, without the dot."""
    _, dot, written = item.name.rpartition(".")
    return written.casefold() if dot else ""


def size_of(name: str) -> tuple[int, int] | None:
    """Return width and height in pixels of a thumbnail's size, by name or as `c300x400_crop`; None for no size."""
    if name in SIZES:
        return SIZES[name]
    match = _CUSTOM.match(name)
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    return int(match[1]), int(match[2])


def address(call: Call, item: Item, form: str, name: str) -> str:
    """Return a fresh pre-authenticated address of a form of `item`."""
    place = f"renditions/{item.drive.id}/{item.id}/{form}"
    expires = int(call.world.clock.now()) + call.world.behaviour.download_life
    proof = call.world.links.sign(place, expires)
    origin = content_origin(call.request.base_url, item.drive)
    return f"{origin}{CONTENT}/{place}/{quote(name)}?tempauth={proof}"


def rendition(world: World, tenants: list[Tenant], request: Request) -> Response:
    """Answer GET or HEAD on the address of a rendition. Raises GraphError 401 or 404."""
    if request.method not in ("GET", "HEAD"):
        raise not_implemented(f"{request.method} on a rendition")
    path, _, query = request.target.partition("?")
    parts = [unquote(part) for part in path.removeprefix(f"{RENDITIONS}/").split("/")]
    if len(parts) != 4:
        raise item_not_found()
    drive_id, item_id, form, _ = parts
    place = f"renditions/{drive_id}/{item_id}/{form}"
    world.links.check(place, parse_options(query).custom.get("tempauth", ""), world.clock.now())
    drive = next((tenant.drives[drive_id] for tenant in tenants if drive_id in tenant.drives), None)
    item = drive.items.get(item_id) if drive is not None else None
    if item is None:
        raise item_not_found()
    picture = _PICTURE.match(form)
    if picture is not None:
        return _answer(request, png(int(picture[1]), int(picture[2]), item.guid[:3]), "image/png")
    if form == "pdf":
        return _answer(request, pdf(f"{item.name}, {item.size} bytes"), "application/pdf")
    if form == "preview":
        page = (
            f"<!doctype html><title>{escape(item.name)}</title><h1>{escape(item.name)}</h1>{item.size} bytes"
        )
        return _answer(request, page.encode(), "text/html; charset=utf-8")
    raise item_not_found()


def png(width: int, height: int, color: bytes) -> bytes:
    """Return a picture of one color (red, green, blue) in PNG (RFC 2083), with a palette of one entry."""
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    rows = zlib.compress(bytes(1 + (width + 7) // 8) * height, 9)
    chunks = ((b"IHDR", head), (b"PLTE", color), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def pdf(line: str) -> bytes:
    """Return a document of one page with one line of text, in PDF 1.4 (ISO 32000)."""
    shown = line.encode("latin-1", "replace").translate(bytes.maketrans(b"\\()", b"/[]"))
    text = b"BT /F1 14 Tf 72 720 Td (" + shown + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    document, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(document)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return document + head + table + tail


def _answer(request: Request, body: bytes, media_type: str) -> Response:
    response = Response(200, body=body if request.method == "GET" else b"", content_length=len(body))
    response.headers["Content-Type"] = media_type
    return response

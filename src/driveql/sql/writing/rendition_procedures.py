"""The procedures on what the service makes from a file: a picture, a preview page, the file in another format."""

from __future__ import annotations

import pyarrow as pa

from driveql.sql.writing.arguments import BY_ID, PATH, Argument, Kind
from driveql.sql.writing.procedure import Called, Procedure
from driveql.sql.writing.version_procedures import OVERWRITE, TARGET


async def _thumbnail(call: Called) -> None:
    target = call.new_file("local_path")
    drive, item = await call.item()
    picture = await drive.renditions.download_thumbnail(item, target, size=call["size"])
    call.rows[0].more = {"local_path": str(target), "width": picture.width, "height": picture.height}
    call.rows[0].done()


async def _convert(call: Called) -> None:
    target = call.new_file("local_path")
    drive, item = await call.item()
    width, height = (int(call[name]) if call[name] is not None else None for name in ("width", "height"))
    await drive.renditions.convert(item, target, format=call["format"], width=width, height=height)
    call.rows[0].more = {"local_path": str(target)}
    call.rows[0].done()


async def _preview(call: Called) -> None:
    drive, item = await call.item()
    shown = await drive.renditions.preview(item, page=call["page"], zoom=call["zoom"])
    call.rows[0].more = {
        "get_url": shown.get_url,
        "post_url": shown.post_url,
        "post_parameters": shown.post_parameters,
    }
    call.rows[0].done()


_LOCAL = ("local_path", pa.string(), "The file written")

PROCEDURES = (
    Procedure(
        "download_thumbnail",
        "Write the service's picture of an item to this machine",
        (
            PATH,
            TARGET,
            Argument("size", Kind.TEXT, "small, medium, large, or one of your own: c300x400, c300x400_crop", "large"),
            OVERWRITE,
            *BY_ID,
        ),
        _thumbnail,
        (_LOCAL, ("width", pa.int64(), "In pixels"), ("height", pa.int64(), "In pixels")),
        writes=lambda _: False,
    ),
    Procedure(
        "convert_file",
        "Write a file, converted by the service, to this machine",
        (
            PATH,
            TARGET,
            Argument("format", Kind.TEXT, "pdf, html, glb, or jpg with width and height", "pdf"),
            Argument("width", Kind.NUMBER, "Pixels, for jpg"),
            Argument("height", Kind.NUMBER, "Pixels, for jpg"),
            OVERWRITE,
            *BY_ID,
        ),
        _convert,
        (_LOCAL,),
        writes=lambda _: False,
    ),
    Procedure(
        "preview",
        "Have the service make an address that shows an item for a short time; by POST, which a ReadOnly connection refuses",
        (
            PATH,
            Argument("page", Kind.TEXT, "The page to begin at, where the previewer knows pages"),
            Argument("zoom", Kind.NUMBER, "The zoom level, likewise"),
            *BY_ID,
        ),
        _preview,
        (
            ("get_url", pa.string(), "Address to open; it lets in whoever has it"),
            ("post_url", pa.string(), "Or the address to post post_parameters to"),
            ("post_parameters", pa.string(), "The form for post_url"),
        ),
    ),
)  # fmt: skip

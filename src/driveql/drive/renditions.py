"""What the service makes from a file: thumbnails, a preview page, the file in another format.

A rendition has no size or hash in Graph. What is verified: the answer was complete, not empty, and begins as its format does.
Source: https://learn.microsoft.com/graph/api/driveitem-list-thumbnails, driveitem-preview, driveitem-get-content-format
"""

from __future__ import annotations

import re
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from driveql.drive.located import location, save
from driveql.drive.settled import found, found_pages
from driveql.errors import (
    BadRequestError,
    ConfigurationError,
    IntegrityError,
    InvalidPathError,
    NotFoundError,
)
from driveql.graph import addresses, item_parts
from driveql.graph.item_records import Preview, Thumbnail, thumbnails
from driveql.graph.models import DriveItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference

Format = Literal["pdf", "html", "glb", "jpg"]
FORMATS = ("pdf", "html", "glb", "jpg")
_SIZE = re.compile(r"(small|medium|large|source)(Square)?|c\d{1,5}x\d{1,5}(_crop)?", re.IGNORECASE)
_BEGINNINGS = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "glb": b"glTF"}


class Renditions:
    """Renditions of a drive's files.

    Common parameters:
        item: a path, `id:` and an id, or a `DriveItem`.
        size: `small` (96 pixels), `medium` (176), `large` (800), or a size of your own: `c300x400`, `c300x400_crop`.
    """

    def __init__(self, handle: DriveHandle) -> None:
        self._handle = handle
        self._session = handle.session

    async def thumbnails(self, item: ItemReference, *, size: str | None = None) -> list[Thumbnail]:
        """Return the pictures the service has of an item, none where it makes none of that kind of file.

        Parameters:
            size: only this one; None for all usual sizes.
        """
        address = (await self._handle.address(item)).below("thumbnails")
        # The documentation and the service write this option without the dollar sign for sizes of one's own.
        address = address.option("select", _checked(size) if size is not None else None)
        async with aclosing(found_pages(self._session, item, address)) as pages:
            return [picture async for page in pages for raw in page.items for picture in thumbnails(raw)]

    async def download_thumbnail(
        self, item: ItemReference, target: Path, *, size: str = "large"
    ) -> Thumbnail:
        """Write the picture of an item to `target` (a JPEG or PNG; the service chooses), which appears once it is complete.

        Raises:
            NotFoundError: the service has no picture of it.
        """
        file = await found(self._session, item, lambda: self._handle.item(item))
        by_id = f"id:{file.id}"
        shown = f"thumbnail of {file.path or file.name!r}"
        first = await self._picture(by_id, size, shown)
        urls = [first.url]

        async def locate() -> str:
            url = urls.pop() if urls else (await self._picture(by_id, size, shown)).url
            assert url is not None
            return url

        await save(self._session, locate, target, file, shown, _any_beginning)
        return first

    async def preview(
        self, item: ItemReference, *, page: str | int | None = None, zoom: float | None = None
    ) -> Preview:
        """Return short-lived URLs that show an item in a page.

        Parameters:
            page: the page to begin at; zoom: the zoom level; both only where the previewer knows them.
        """
        body: dict[str, Any] = {}
        if page is not None:
            body["page"] = str(page)
        if zoom is not None:
            body["zoom"] = zoom
        address = (await self._handle.address(item)).below("preview")
        answer = await found(
            self._session,
            item,
            lambda: self._session.request("POST", address, json=body, safe_to_repeat=True),
        )
        return Preview.from_json(answer.object())

    async def convert(
        self,
        item: ItemReference,
        target: Path,
        *,
        format: Format = "pdf",  # noqa: A002 - Graph's own word
        width: int | None = None,
        height: int | None = None,
    ) -> DriveItem:
        """Write a file, converted by the service, to `target`, which appears once it is complete.

        Parameters:
            format: `pdf` (Office and many others), `html`, `glb`, or `jpg`, which needs `width` and `height` in pixels.

        Returns the item that was converted.

        Raises:
            BadRequestError: the service does not convert this kind of file (406).
            IntegrityError: what came is not of that format.
        """
        if format not in FORMATS:
            raise ConfigurationError(f"The service converts to {', '.join(FORMATS)}, not to {format!r}.")
        if (format == "jpg") != (width is not None and height is not None):
            raise ConfigurationError("Width and height belong to jpg, and jpg needs both.")
        file = await found(self._session, item, lambda: self._handle.item(item))
        if file.is_folder:
            raise InvalidPathError(f"{file.path or file.name} is a folder and cannot be converted.")
        address = addresses.item(self._handle.id, file.id).below("content").option("format", format)
        address = address.option("width", width).option("height", height)

        async def locate() -> str:
            try:
                return await location(self._session, address)
            except BadRequestError as refused:
                if refused.status == 406:
                    refused.hint = f"The service does not convert {file.name!r} to {format}."
                raise

        shown = f"{file.path or file.name!r} as {format}"
        await save(self._session, locate, target, file, shown, lambda first: _begins(first, format, shown))
        return file

    async def _picture(self, item: str, size: str, shown: str) -> Thumbnail:
        address = item_parts.thumbnail(await self._handle.address(item), "0", _checked(size))
        raw = (await self._session.request("GET", address)).json()
        picture = thumbnails({"id": "0", size: raw})[0] if isinstance(raw, dict) else None
        if picture is None or not picture.url:
            raise NotFoundError(f"The service has no {shown} in size {size}.", status=404)
        return picture


def _checked(size: str) -> str:
    if not _SIZE.fullmatch(size):
        raise ConfigurationError(
            f"{size!r} is no size of a thumbnail.", hint="Give small, medium, large, or c300x400_crop."
        )
    return size


def _begins(first: bytes, format_: str, shown: str) -> None:
    beginning = _BEGINNINGS.get(format_, b"")
    if not first.startswith(beginning[: len(first)]):
        raise IntegrityError(f"What came for {shown} does not begin as {format_} does.", retryable=True)


def _any_beginning(_: bytes) -> None:
    """A picture's format is the service's choice."""

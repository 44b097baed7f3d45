"""One version of a file, open for reading in ranges: whatever is read of it is of that version, or an error.

The pre-authenticated URL and what proves the version are shared by all ranges: an answer whose eTag is the item's own, or one
that was proven before, needs no further request; any other is held against the item's metadata when it has been read.
Source: RFC 9110, section 8.8.3
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from driveql.drive.content import Reading
from driveql.drive.verification import check_whole
from driveql.errors import ConnectionLostError, ItemChangedError
from driveql.graph.models import DriveItem
from driveql.transport.session import GraphSession

_WHOLE_VERIFIED = 4 << 20
_BULK_BYTES = 1 << 20


class OpenedFile:
    """A file opened on one version. Its coroutines run on one event loop, any number at a time.

    Parameters:
        item: the version. refresh: fetches the item's metadata anew, with a fresh pre-authenticated URL.
    """

    def __init__(
        self, session: GraphSession, item: DriveItem, refresh: Callable[[], Awaitable[DriveItem]]
    ) -> None:
        self._session = session
        self._item = item
        self._refresh = refresh
        self._proven = {item.etag} - {None}
        self._renewing = asyncio.Lock()

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self._item.size

    async def read(self, start: int = 0, end: int | None = None) -> bytes:
        """Return the bytes from `start` to `end` (exclusive). A small file that is read whole is verified by its hash.

        Raises:
            ItemChangedError: the file is no longer the version that was opened.
            DriveqlError: as for `Reading`.
        """
        stop = self.size if end is None else min(end, self.size)
        if start >= stop:
            return b""
        if self._item.download_url is None:
            await self._renew(None)
        item = self._item
        used = item.download_url

        async def again() -> DriveItem:
            nonlocal used
            renewed = await self._renew(used)
            used = renewed.download_url
            return renewed

        reading = _Range(self._session, item, again, start, stop)
        reading.proven = self._proven
        content = await _collected(reading, stop - start)
        if start == 0 and stop == item.size <= _WHOLE_VERIFIED:
            check_whole(item, content)
        if reading.unproven:
            await self._prove()
            self._proven |= reading.unproven - {""}
        return content

    async def _renew(self, used: str | None) -> DriveItem:
        """Return the item with another URL than `used`; one request serves all whose URL ran out."""
        async with self._renewing:
            if self._item.download_url == used:
                self._item = await self._same()
            return self._item

    async def _prove(self) -> None:
        self._item = await self._same()

    async def _same(self) -> DriveItem:
        """Return the item as it is now; raise unless it is the version that was opened."""
        now, item = await self._refresh(), self._item
        if (now.ctag or now.etag, now.size) != (item.ctag or item.etag, item.size):
            raise ItemChangedError(
                f"{item.path or item.name} changed while it was read.",
                status=412,
                hint="Open it again: what was read before is of another version than what is there now.",
                retryable=True,
            )
        return now


async def _collected(reading: Reading, length: int) -> bytes:
    if length < _BULK_BYTES:
        async with contextlib.aclosing(reading.chunks()) as chunks:
            content = b"".join([chunk async for chunk in chunks])
        received = len(content)
    else:
        buffer = io.BytesIO()
        # All of its memory at once: a buffer that grows is moved again and again.
        buffer.seek(length - 1)
        buffer.write(b"\0")
        with buffer.getbuffer() as into:
            async with contextlib.aclosing(reading.pieces(bulk=True, into=into)) as pieces:
                received = sum([len(piece) async for piece in pieces])
        # Without a copy: the buffer hands over what it has collected.
        content = buffer.getvalue()
    if received != length:
        item = reading.item
        raise ConnectionLostError(
            f"The content of {item.path or item.name} ended at byte {reading.start + received}."
        )
    return content


class _Answer(Protocol):
    @property
    def headers(self) -> Mapping[str, str]: ...


@dataclass(slots=True)
class _Range(Reading):
    """A reading that notes which answers do not say by their eTag that they are of the version."""

    proven: set[str | None] = field(default_factory=set)
    unproven: set[str] = field(default_factory=set)

    def _pin(self, answer: _Answer, shown: str) -> None:  # noqa: ARG002 - the base names the item by it
        tag = answer.headers.get("ETag")
        if tag is None or tag not in self.proven:
            self.unproven.add(tag or "")

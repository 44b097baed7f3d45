"""A version of a file by way of the cache: pieces that are known, and the rest from the service, which proves the version."""

from __future__ import annotations

import asyncio

from driveql.cache.answers import DRIVES
from driveql.cache.blocks import FileVersion, cover
from driveql.cache.store import Store
from driveql.errors import ItemChangedError, ProtocolError
from driveql.sql.cached.view import View
from driveql.sql.source import OpenedSource


class CachedFile:
    """A file.

    Parameters:
        opened: the file at the service. size: its length in bytes.
    """

    def __init__(
        self, view: View, store: Store, opened: OpenedSource, version: FileVersion, size: int
    ) -> None:
        self._view = view
        self._store = store
        self._opened = opened
        self._version = version
        self._size = size

    async def read(self, start: int = 0, end: int | None = None) -> bytes:
        """Return a range of the file, `end` exclusive.

        Raises:
            ItemChangedError: a piece is missing, and the file is another version by now; what is known of drives is forgotten.
        """
        stop = self._size if end is None else min(end, self._size)
        if start >= stop:
            return b""
        pieces = await asyncio.to_thread(self._store.pieces, self._version, start, stop)
        parts, gaps = cover(pieces, start, stop)
        for first, last in gaps:
            parts.append((first, await self._fetched(first, last)))
        content = b"".join(body for _, body in sorted(parts))
        if len(content) != stop - start:
            raise ProtocolError(f"Of {stop - start} bytes of a file, {len(content)} came.", retryable=True)
        return content

    async def _fetched(self, start: int, end: int) -> bytes:
        try:
            body = await self._opened.read(start, end)
        except ItemChangedError as error:
            await asyncio.to_thread(self._store.drop, (DRIVES,))
            error.hint = "Run the statement again: what the cache had of this drive is forgotten."
            raise
        await asyncio.to_thread(self._store.keep_piece, self._version, start, body, self._view.most_bytes)
        return body

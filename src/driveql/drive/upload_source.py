"""The file that an upload reads: at any position, as fragments ask for it, and hashed once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import BinaryIO

from driveql.errors import LocalFileError
from driveql.graph.quickxor import QuickXor

_PIECE = 1 << 20


class UploadSource:
    """An open, seekable binary file.

    Parameters:
        size: its length in bytes. path: where it goes, for errors.

    `failure` says why it could not be read: raised while a request body is sent, that reaches the caller as a broken connection.
    """

    def __init__(self, file: BinaryIO, size: int, path: str) -> None:
        self.failure: LocalFileError | None = None
        self._file = file
        self._size = size
        self._path = path
        self._hash = QuickXor()
        self._hashed = 0

    def whole(self) -> bytes:
        """Return all of it. Raises LocalFileError: it is not as long as it was."""
        content = self._file.read()
        self._hash.update(content)
        self._hashed = len(content)
        if len(content) != self._size:
            raise LocalFileError(f"The source of {self._path} changed while it was read.")
        return content

    async def pieces(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield a part's bytes, hashed on their first way; what an earlier process sent is hashed before."""
        while self._hashed < start:
            await asyncio.to_thread(self._hash_to, min(start, self._hashed + _PIECE))
        for first in range(start, end, _PIECE):
            last = min(first + _PIECE, end)
            piece = self._read(first, last)
            if self._hashed == first:
                self._hash.update(piece)
                self._hashed = last
            yield piece

    def quick_xor_hash(self) -> str:
        """Return the hash of what was read, as the service states it."""
        return self._hash.base64digest()

    def _hash_to(self, end: int) -> None:
        self._hash.update(self._read(self._hashed, end))
        self._hashed = end

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        content = self._file.read(end - start)
        if len(content) != end - start:
            self.failure = LocalFileError(f"The source of {self._path} became shorter while it was read.")
            raise self.failure
        return content

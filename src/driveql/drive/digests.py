"""Hashes of files on either side, written alike: quickXorHash in base64 as Graph writes it, SHA-1 and SHA-256 in hex.

OneDrive for work and SharePoint state quickXorHash alone; for the others a file has to be read.
Source: https://learn.microsoft.com/graph/api/resources/hashes
"""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from driveql.errors import LocalFileError
from driveql.graph.quickxor import QuickXor

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle
    from driveql.graph.models import DriveItem

Algorithm = Literal["quickxor", "sha1", "sha256"]
ALGORITHMS: tuple[Algorithm, ...] = ("quickxor", "sha1", "sha256")
_READ = 1 << 20


class Digest:
    """A running hash."""

    def __init__(self, algorithm: Algorithm) -> None:
        self._quick = QuickXor() if algorithm == "quickxor" else None
        self._other = None if algorithm == "quickxor" else hashlib.new(algorithm, usedforsecurity=False)

    def update(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        if self._quick is not None:
            self._quick.update(chunk)
        elif self._other is not None:
            self._other.update(chunk)

    def text(self) -> str:
        """Return the hash as it is written."""
        if self._quick is not None:
            return self._quick.base64digest()
        assert self._other is not None
        return self._other.hexdigest()


def of_local(path: Path, algorithm: Algorithm) -> str:
    """Return the hash of a local file. Raises LocalFileError."""
    running = Digest(algorithm)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_READ):
                running.update(chunk)
    except OSError as error:
        raise LocalFileError(f"{path}: {error.strerror}.") from error
    return running.text()


def stated(item: DriveItem, algorithm: Algorithm) -> str | None:
    """Return the hash that the service states of a file, None where it states none. An empty file's is always known."""
    if not item.is_folder and item.size == 0:
        return Digest(algorithm).text()
    if algorithm == "quickxor":
        return item.quick_xor_hash
    value = item.sha1_hash if algorithm == "sha1" else item.sha256_hash
    return value.casefold() if value else None


async def of_content(drive: DriveHandle, item: DriveItem, algorithm: Algorithm) -> str:
    """Return the hash of a file's bytes, which are read for it.

    Raises:
        IntegrityError: the bytes are not those that the service describes.
    """
    running = Digest(algorithm)
    async with aclosing(drive.stream(item)) as chunks:
        async for chunk in chunks:
            running.update(chunk)
    return running.text()

"""Whether the bytes that came are the file's, and those of the file the ones that were sent: by length and by a stated hash.

OneDrive for work and SharePoint state quickXorHash, others SHA-256 or SHA-1; what is not stated cannot be compared.
Source: https://learn.microsoft.com/graph/api/resources/hashes
"""

from __future__ import annotations

import logging
from pathlib import PurePosixPath

from driveql.drive.digests import Algorithm, Digest, stated
from driveql.errors import IntegrityError
from driveql.graph.models import DriveItem

# quickXorHash first: its parts can be taken in any order, as they come in parallel.
_PREFERRED: tuple[Algorithm, ...] = ("quickxor", "sha256", "sha1")
# SharePoint writes properties into these after they arrive, so that their size and hash change.
REWRITTEN = frozenset({
    ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".dotx", ".xltx", ".potx", ".pdf", ".html", ".htm", ".aspx",
})  # fmt: skip

logger = logging.getLogger("driveql.drive")


def algorithm_of(item: DriveItem) -> Algorithm:
    """Return the hash by which a file is verified; quickXorHash where none is stated."""
    return next((name for name in _PREFERRED if stated(item, name)), "quickxor")


class Verification:
    """Takes a file's bytes in, in order, and says at the end whether they are the item's."""

    def __init__(self, item: DriveItem) -> None:
        self._item = item
        self._algorithm = algorithm_of(item)
        self._digest = Digest(self._algorithm)
        self._length = 0

    def update(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        self._digest.update(chunk)
        self._length += len(chunk)

    def check(self) -> None:
        """Raise IntegrityError unless length and hash are those of the item."""
        compare(self._item, self._length, self._algorithm, self._digest.text())


def check_whole(item: DriveItem, content: bytes) -> None:
    """Raise IntegrityError unless `content` is the item's."""
    verification = Verification(item)
    verification.update(content)
    verification.check()


def compare(item: DriveItem, length: int, algorithm: Algorithm, text: str) -> None:
    """Raise IntegrityError unless a length and a hash are those of `item`."""
    if length != item.size:
        raise IntegrityError(
            f"{item.path or item.name} has {item.size} bytes, but {length} arrived.", retryable=True
        )
    wanted = stated(item, algorithm)
    if wanted and item.size and wanted != text:
        name = {"quickxor": "quickXorHash", "sha1": "SHA-1 hash", "sha256": "SHA-256 hash"}[algorithm]
        raise IntegrityError(
            f"The bytes of {item.path or item.name} do not match the service's {name}.",
            hint="The transfer was damaged, or the file changed meanwhile; try again.",
            retryable=True,
        )


def check_kept(item: DriveItem, size: int, quick_xor_hash: str, path: str) -> None:
    """Check what the service keeps after an upload.

    Parameters:
        size: how many bytes were sent. quick_xor_hash: theirs. path: where they went, for errors.

    Raises:
        IntegrityError: it keeps others, and the file is none of those that SharePoint rewrites.
    """
    # Where no quickXorHash is stated, another hash would mean to read the file once more: its length is compared.
    same_hash = not item.quick_xor_hash or not size or item.quick_xor_hash == quick_xor_hash
    if item.size == size and same_hash:
        return
    if PurePosixPath(item.name).suffix.casefold() in REWRITTEN:
        logger.warning("SharePoint rewrote %s after the upload: %d bytes became %d", path, size, item.size)
        return
    raise IntegrityError(
        f"The service keeps {path} with {item.size} bytes and another hash than the {size} bytes sent.",
        hint="Upload it again; the earlier version, if any, is in the item's version history.",
        retryable=True,
    )

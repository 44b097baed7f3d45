"""A download that is not finished: its bytes and, beside them, which they are and of which version of which file.

Both lie in the target's folder under hidden names that follow from the target's name, so that a later process, also on
another machine that sees the folder, finds and continues them. Bytes are on the disk before the state says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from driveql.errors import LocalFileError
from driveql.graph.download_plan import Interval, merged
from driveql.graph.models import DriveItem

_FORMAT = 1
# More at a time is no faster, and takes some systems ten times as long: they look for as large a piece of free memory.
_WRITE_BYTES = 128 << 10


@dataclass(slots=True)
class PartialDownload:
    """The part file of one target, open for writing.

    Parameters:
        done: which bytes are in the file, merged.
    """

    target: Path
    descriptor: int
    version: dict[str, object]
    done: list[Interval] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Where the bytes are until they are whole."""
        return _part_path(self.target)

    def write(self, position: int, chunk: bytes | memoryview) -> None:
        """Put bytes where they belong."""
        view = memoryview(chunk)
        os.lseek(self.descriptor, position, os.SEEK_SET)
        while view:
            view = view[os.write(self.descriptor, view[:_WRITE_BYTES]) :]

    def read(self, position: int, length: int) -> bytes:
        """Return bytes that an earlier process wrote."""
        os.lseek(self.descriptor, position, os.SEEK_SET)
        content = b""
        while len(content) < length and (more := os.read(self.descriptor, length - len(content))):
            content += more
        return content

    def save(self, done: list[Interval]) -> None:
        """Make the bytes durable, then say that they are there."""
        self.done = merged([*self.done, *done])
        os.fsync(self.descriptor)
        state = {"format": _FORMAT, **self.version, "done": self.done}
        fresh = _state_path(self.target).with_suffix(".new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(_state_path(self.target))

    def finish(self) -> Path:
        """Make the bytes durable, forget the state, and return the part file, which is whole now."""
        os.fsync(self.descriptor)
        _state_path(self.target).unlink(missing_ok=True)
        if os.name == "nt":  # an open file cannot be renamed there
            self.close()
        return _part_path(self.target)

    def close(self) -> None:
        """Close the file, and with it give up the lock."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def discard(self) -> None:
        """Remove both files."""
        _state_path(self.target).unlink(missing_ok=True)
        _part_path(self.target).unlink(missing_ok=True)


@contextlib.contextmanager
def opened(target: Path, item: DriveItem) -> Iterator[PartialDownload]:
    """Give the part file of `target`, with what an earlier download of the same version left in it.

    Raises:
        LocalFileError: another process is writing it, or it cannot be written.
    """
    version: dict[str, object] = {
        "drive_id": item.drive_id,
        "item_id": item.id,
        "tag": item.ctag or item.etag,
        "size": item.size,
    }
    descriptor = os.open(_part_path(target), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        _lock(descriptor, target)
        done = _remembered(target, version)
        if not done:
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    part = PartialDownload(target, descriptor, version, done)
    try:
        yield part
    finally:
        part.close()


def _remembered(target: Path, version: dict[str, object]) -> list[Interval]:
    try:
        state = json.loads(_state_path(target).read_text(encoding="utf-8"))
        if state.pop("format") != _FORMAT:
            return []
        done = [(int(start), int(end)) for start, end in state.pop("done")]
        length = _part_path(target).stat().st_size
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
    reaches = max((end for _, end in done), default=0)
    if state != version or version["tag"] is None or reaches > length or any(start < 0 for start, _ in done):
        return []
    return merged(done)


def _lock(descriptor: int, target: Path) -> None:
    if os.name != "posix":
        return
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise LocalFileError(
            f"Another process is downloading to {target}.", hint="Wait for it, or choose another target."
        ) from error


def _stem(target: Path) -> str:
    mark = hashlib.sha256(target.name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f".{target.name[:40]}.{mark}.driveql"


def _part_path(target: Path) -> Path:
    return target.with_name(f"{_stem(target)}.part")


def _state_path(target: Path) -> Path:
    return target.with_name(f"{_stem(target)}.json")

"""A file to a local path: small ones in one stream, large ones in parallel ranges that a later process can continue.

The target appears by rename, after size and hash were verified and the bytes are on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from driveql.drive import partial
from driveql.drive.content import Reading
from driveql.drive.digests import Algorithm, of_local
from driveql.drive.partial import PartialDownload
from driveql.drive.verification import Verification, algorithm_of, compare
from driveql.errors import IntegrityError, ItemChangedError, LocalFileError
from driveql.graph import download_plan
from driveql.graph.download_plan import Interval
from driveql.graph.models import DriveItem
from driveql.graph.quickxor import QuickXor

Progress = Callable[[int, int], None]
Reader = Callable[[DriveItem, int, int | None], Reading]

RESUMABLE_BYTES = 16 << 20
RANGE_BYTES = 64 << 20
CONNECTIONS = 4
# What a kill or a power cut may cost: this many bytes or seconds, whichever are more.
_SAVE_BYTES, _SAVE_SECONDS = 32 << 20, 2.0


@dataclass(slots=True)
class Download:
    """One file on its way down.

    Parameters:
        reader: makes the reader of a byte range of the item.
        progress: called with bytes in place and bytes in all.
        range_bytes, connections: how a large file is cut, and how many ranges are read at once.
    """

    item: DriveItem
    target: Path
    reader: Reader
    progress: Progress | None = None
    range_bytes: int = RANGE_BYTES
    connections: int = CONNECTIONS
    resumable_bytes: int = RESUMABLE_BYTES
    _received: int = 0
    _unsaved: list[Interval] = field(default_factory=list)
    _unsaved_bytes: int = 0
    _hashes: list[QuickXor] = field(default_factory=list)
    _saving: asyncio.Task[None] | None = None
    _began: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Read, verify, and put the file in its place.

        Raises:
            IntegrityError: the bytes are not the file's; they are thrown away.
            ItemChangedError: the file changed meanwhile; they are thrown away.
            LocalFileError: the target cannot be written.
        """
        if self.item.size < self.resumable_bytes:
            await self._in_one_stream()
        else:
            await self._in_ranges()

    async def _in_one_stream(self) -> None:
        with local(self.target):
            descriptor, part = tempfile.mkstemp(
                prefix=f".{self.target.name[:40]}.", suffix=".part", dir=self.target.parent
            )
        try:
            running = Verification(self.item)
            with os.fdopen(descriptor, "wb") as file:
                async with contextlib.aclosing(self.reader(self.item, 0, None).chunks()) as chunks:
                    async for chunk in chunks:
                        running.update(chunk)
                        with local(self.target):
                            file.write(chunk)
                        self._count(len(chunk))
                running.check()
                with local(self.target):
                    await _in_thread(_finish, file, Path(part), self.target, self.item)
        except BaseException:
            _discard(part)
            raise

    async def _in_ranges(self) -> None:
        with local(self.target), partial.opened(self.target, self.item) as part:
            try:
                await self._fill(part)
                algorithm = algorithm_of(self.item)
                compare(self.item, self._received, algorithm, await self._digest(part, algorithm))
            except (IntegrityError, ItemChangedError):
                part.discard()
                raise
            await _in_thread(lambda: place(part.finish(), self.target, self.item))

    async def _fill(self, part: PartialDownload) -> None:
        for start, end in part.done:
            await self._rehash(part, start, end)
        gaps = download_plan.missing(part.done, self.item.size)
        ranges = download_plan.ranges(gaps, self.range_bytes)
        ranges.reverse()

        async def worker() -> None:
            while ranges:
                await self._fill_range(part, *ranges.pop())

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.connections, len(ranges))):
                    group.create_task(worker())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            await self._saved()
            if self._unsaved:
                part.save(self._unsaved)

    async def _fill_range(self, part: PartialDownload, start: int, end: int) -> None:
        running = QuickXor(start)
        self._hashes.append(running)
        position = start
        async with contextlib.aclosing(self.reader(self.item, start, end).pieces(bulk=True)) as pieces:
            async for chunk in pieces:
                part.write(position, chunk)
                running.update(chunk)
                self._unsaved.append((position, position + len(chunk)))
                position += len(chunk)
                self._unsaved_bytes += len(chunk)
                self._count(len(chunk))
                if self._unsaved_bytes >= _SAVE_BYTES and time.monotonic() - self._began >= _SAVE_SECONDS:
                    self._save(part)

    def _save(self, part: PartialDownload) -> None:
        """Begin to save in a thread; while one saving is under way, what arrives waits for the next."""
        if self._saving is None or self._saving.done():
            saved, self._unsaved, self._unsaved_bytes = self._unsaved, [], 0
            self._began = time.monotonic()
            self._saving = asyncio.ensure_future(asyncio.to_thread(part.save, saved))

    async def _saved(self) -> None:
        """Wait for the saving under way even where this task is cancelled: its thread uses the open file."""
        saving, self._saving, cancelled = self._saving, None, False
        while saving is not None and not saving.done():
            try:
                await asyncio.shield(saving)
            except asyncio.CancelledError:
                cancelled = True
            except OSError:
                break
        if cancelled:
            raise asyncio.CancelledError
        if saving is not None:
            saving.result()

    async def _rehash(self, part: PartialDownload, start: int, end: int) -> None:
        """Bytes of an earlier process count only as far as they are really in the file."""
        running = QuickXor(start)
        self._hashes.append(running)
        for position in range(start, end, 1 << 20):
            chunk = await asyncio.to_thread(part.read, position, min(1 << 20, end - position))
            running.update(chunk)
            self._count(len(chunk))

    async def _digest(self, part: PartialDownload, algorithm: Algorithm) -> str:
        if algorithm != "quickxor":
            return await asyncio.to_thread(of_local, part.path, algorithm)
        whole = QuickXor()
        for running in self._hashes:
            whole.combine(running)
        return whole.base64digest()

    def _count(self, length: int) -> None:
        self._received += length
        if self.progress is not None:
            self.progress(self._received, self.item.size)


def _finish(file: BinaryIO, part: Path, target: Path, item: DriveItem) -> None:
    """Make a whole part file durable, then give it its name."""
    file.flush()
    os.fsync(file.fileno())
    if os.name == "nt":  # an open file cannot be renamed there
        file.close()
    place(part, target, item)


async def _in_thread(function: Callable[..., None], *arguments: object) -> None:
    """Run what waits for the disk beside the event loop, and wait for its end even where this task is cancelled.

    It uses files that the caller closes or removes afterwards.
    """
    running = asyncio.get_running_loop().run_in_executor(None, function, *arguments)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({running})
        running.exception()  # looked at, so that nobody misses it: that the task was cancelled is what is told
        raise


def place(part: Path, target: Path, item: DriveItem) -> None:
    """Give a whole part file its time, its mode and its name, and make the name durable."""
    if item.modified is not None:
        os.utime(part, (item.modified.timestamp(), item.modified.timestamp()))
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o666 & ~mask)
    part.replace(target)
    if os.name == "posix":
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


@contextlib.contextmanager
def local(path: Path | None) -> Iterator[None]:
    """Turn the operating system's errors into LocalFileError, naming the path."""
    try:
        yield
    except OSError as error:
        where = f"{path}: " if path is not None else ""
        raise LocalFileError(f"{where}{error.strerror or error}.") from error


def _discard(part: str) -> None:
    Path(part).unlink(missing_ok=True)

"""The first bytes or lines of a file, by ranged reads: no more is asked for than a little above what is needed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle
    from driveql.graph.models import DriveItem

_FIRST_WINDOW, _LARGEST_WINDOW = 16 << 10, 4 << 20


async def first_bytes(drive: DriveHandle, item: DriveItem, count: int) -> AsyncGenerator[bytes, None]:
    """Yield the first `count` bytes of a file; all but the last `-count` where it is negative."""
    end = min(count, item.size) if count >= 0 else item.size + count
    if end <= 0:
        return
    async with aclosing(drive.reading(item, 0, end).chunks()) as chunks:
        async for chunk in chunks:
            yield chunk


async def first_lines(drive: DriveHandle, item: DriveItem, count: int) -> AsyncGenerator[bytes, None]:
    """Yield the first `count` lines of a file with their line ends (LF, as everywhere on Unix).

    Raises:
        ItemChangedError: the file changed between two reads.
    """
    start, window = 0, _FIRST_WINDOW
    # One reading for all windows: it notices if the file becomes another one between them.
    reading = drive.reading(item)
    while count > 0 and start < item.size:
        end = min(start + window, item.size)
        reading.start, reading.end = start, end
        async with aclosing(reading.chunks()) as chunks:
            async for chunk in chunks:
                lines = chunk.count(b"\n")
                if lines >= count:
                    yield chunk[: _after_line(chunk, count)]
                    return
                count -= lines
                yield chunk
        start, window = end, min(window * 4, _LARGEST_WINDOW)


def _after_line(chunk: bytes, count: int) -> int:
    position = 0
    for _ in range(count):
        position = chunk.index(b"\n", position) + 1
    return position

"""Bytes in and out by name: whole files, ranges, and transfers from and to local files.

A whole file is verified by its hash on the way down and by the service's copy on the way up; a local file appears only when
it is complete. Folders above a new file are made by the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.implementations.local import trailing_sep
from fsspec.utils import isfilelike

from driveql.drive.handle import DriveHandle
from driveql.drive.upload import ConflictBehavior
from driveql.errors import LocalFileError
from driveql.filesystem.oserrors import os_error, plain, translated
from driveql.filesystem.patterns import PatternFileSystem
from driveql.graph.models import DriveItem

# A gap that costs less to read than a request of its own.
GAP_BYTES = 64 * 1024
_CONFLICT: dict[str, ConflictBehavior] = {"overwrite": "replace", "create": "fail"}


class ContentFileSystem(PatternFileSystem):
    """See `OneDriveFileSystem`."""

    @translated
    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        handle, item = await self._file(path)
        return await _read(handle, item, *bounds(start, end, item.size))

    async def _cat_ranges(
        self,
        paths: list[str],
        starts: Any,
        ends: Any,
        max_gap: int | None = None,
        batch_size: int | None = None,  # noqa: ARG002 - the connection's MaxConcurrency bounds the requests
        on_error: str = "return",
        **_: Any,
    ) -> list[Any]:
        """Return byte ranges of files: one lookup a file, and one request for ranges up to `max_gap` bytes apart."""
        if not isinstance(paths, list):
            raise TypeError("paths must be a list")
        starts = starts if isinstance(starts, Iterable) else [starts] * len(paths)
        ends = ends if isinstance(ends, Iterable) else [ends] * len(paths)
        wanted = list(zip(paths, starts, ends, strict=True))
        places: dict[str, list[int]] = {}
        for number, path in enumerate(paths):
            places.setdefault(path, []).append(number)
        gap = GAP_BYTES if max_gap is None else max_gap
        results: list[Any] = [b""] * len(wanted)

        async def one_file(path: str, numbers: list[int]) -> None:
            try:
                ranges = [wanted[number][1:] for number in numbers]
                parts: list[Any] = await self._file_ranges(path, ranges, gap)
            except OSError as error:
                parts = [error] * len(numbers)
            for number, part in zip(numbers, parts, strict=True):
                results[number] = part

        await asyncio.gather(*(one_file(path, numbers) for path, numbers in places.items()))
        if on_error != "return":
            for result in results:
                if isinstance(result, OSError):
                    raise result
        return results

    @translated
    async def _file_ranges(self, path: str, ranges: list[tuple[Any, Any]], gap: int) -> list[bytes]:
        handle, item = await self._file(path)
        spans = [bounds(start, end, item.size) for start, end in ranges]
        blocks = merged(spans, gap)
        contents = await asyncio.gather(*(_read(handle, item, *block) for block in blocks))
        found = dict(zip(blocks, contents, strict=True))
        parts = []
        for start, end in spans:
            block = next(each for each in blocks if each[0] <= start and end <= each[1])
            parts.append(found[block][start - block[0] : end - block[0]])
        return parts

    @translated
    async def _pipe_file(self, path: str, value: Any, mode: str = "overwrite", **_: Any) -> None:
        content = value if isinstance(value, bytes) else memoryview(value).tobytes()
        await self._upload(self._strip_protocol(path), content, _CONFLICT[mode])

    @translated
    async def _put_file(
        self,
        lpath: str,
        rpath: str,
        mode: str = "overwrite",
        callback: Any = DEFAULT_CALLBACK,
        keep_times: bool = False,
        **_: Any,
    ) -> None:
        """Upload a local file; `keep_times` gives the copy the file's own modification time."""
        source, name = Path(lpath), self._strip_protocol(rpath)
        size = _local_size(source)
        if size is None:
            await self._makedirs(name, exist_ok=True)
            return
        callback.set_size(size)
        await self._upload(name, source, _CONFLICT[mode], callback=callback, keep_times=keep_times)

    @translated
    async def _get_file(self, rpath: str, lpath: Any, callback: Any = DEFAULT_CALLBACK, **_: Any) -> None:
        """Download to a local path, which appears when it is verified, or into an open binary file."""
        name: str = self._strip_protocol(rpath)
        known = self._entry(name)
        if known is not None and known["type"] == "directory":
            _make_local(Path(lpath))
            return
        handle, item = await self._item(name)
        if item.is_folder:
            _make_local(Path(lpath))
            return
        callback.set_size(item.size)
        if isfilelike(lpath):
            async with contextlib.aclosing(handle.stream(item)) as chunks:
                async for chunk in chunks:
                    lpath.write(chunk)
                    callback.relative_update(len(chunk))
            return
        target = Path(lpath)
        _make_local(target.parent)
        await handle.download(item, target, progress=lambda done, _: callback.absolute_update(done))
        if not item.size:
            callback.absolute_update(0)

    async def _get(self, rpath: Any, lpath: Any, recursive: bool = False, **kwargs: Any) -> Any:
        if not recursive and isinstance(lpath, str) and await self._is_literal(rpath):
            rpath, lpath = [rpath], [_local_target(lpath, self._strip_protocol(rpath).rpartition("/")[2])]
        return await super()._get(rpath, lpath, recursive=recursive, **kwargs)

    async def _file(self, path: str) -> tuple[DriveHandle, DriveItem]:
        name: str = self._strip_protocol(path)
        handle, item = await self._item(name)
        if item.is_folder:
            raise plain(errno.EISDIR, name)
        return handle, item

    async def _upload(
        self,
        name: str,
        source: Path | bytes | BinaryIO,
        conflict: ConflictBehavior,
        *,
        callback: Any = DEFAULT_CALLBACK,
        keep_times: bool = False,
    ) -> DriveItem:
        """Write a file; the listings that held its old state are forgotten, whether it succeeds or not."""
        self._check_writable(name)
        handle, path = await self._drive(name)
        try:
            return await handle.upload(
                path,
                source,
                conflict=conflict,
                keep_times=keep_times,
                progress=lambda sent, _: callback.absolute_update(sent),
            )
        finally:
            self.invalidate_cache(name)

    def _writable(self, path: str) -> str:
        name: str = self._strip_protocol(path)
        self._check_writable(name)
        return name

    async def _is_literal(self, path: Any) -> bool:
        """Return True where a path looks like a pattern for its brackets, and is the name of something."""
        text = path if isinstance(path, str) else ""
        return "[" in text and not re.search(r"[*?]", text) and await self._exists(text)

    def _check_writable(self, name: str) -> None:
        if self.settings.read_only:
            raise PermissionError(errno.EROFS, "The connection is ReadOnly", name)


def bounds(start: int | None, end: int | None, size: int) -> tuple[int, int]:
    """Return the bytes that a slice `[start:end]` of a file of `size` bytes means, as Python's slices do."""
    first, last, _ = slice(start, end).indices(size)
    return first, max(first, last)


def merged(spans: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return spans that cover the given ones, those at most `gap` bytes apart as one."""
    blocks: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if blocks and start <= blocks[-1][1] + gap:
            blocks[-1] = blocks[-1][0], max(blocks[-1][1], end)
        else:
            blocks.append((start, end))
    return blocks


async def _read(handle: DriveHandle, item: DriveItem, start: int, end: int) -> bytes:
    whole = start == 0 and end == item.size
    return await (handle.read(item) if whole else handle.read(item, start, end))


def _local_size(source: Path) -> int | None:
    """Return a file's size in bytes; None for a folder."""
    found = source.stat()
    return None if stat.S_ISDIR(found.st_mode) else found.st_size


def _local_target(written: str, name: str) -> str:
    """Return where a file goes: into a folder that is there, or has a separator at its end, under its own name."""
    target = Path(written)
    return str(target / name if trailing_sep(written) or target.is_dir() else target)


def _make_local(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        failed = LocalFileError(f"{folder}: {error.strerror or error}.")
        failed.__cause__ = error
        raise os_error(failed, str(folder)) from failed

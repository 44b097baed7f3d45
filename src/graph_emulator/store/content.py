"""File contents: kept once, in memory when small and in a file when large, with their hashes computed as they arrive."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from graph_emulator.hashes import QuickXorHash

MEMORY_LIMIT = 4 * 1024 * 1024
READ_SIZE = 1024 * 1024


class Content:
    """Bytes that never change. Held in memory (`data`) or in a file (`path`)."""

    def __init__(
        self,
        *,
        data: bytes | None = None,
        path: Path | None = None,
        size: int | None = None,
        sha256: str | None = None,
        quick_xor_hash: str | None = None,
    ) -> None:
        self.data = data
        self.path = path
        self.size = len(data) if data is not None else (size or 0)
        if sha256 is not None:
            self.__dict__["sha256"] = sha256
        if quick_xor_hash is not None:
            self.__dict__["quick_xor_hash"] = quick_xor_hash

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 in hexadecimal: the content's name in a state directory."""
        return self._hashed()[0]

    @cached_property
    def quick_xor_hash(self) -> str:
        """Return the quickXorHash in base64."""
        return self._hashed()[1]

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """Return the bytes from `start` up to and excluding `end`."""
        return b"".join(self.chunks(start, end))

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes | memoryview]:
        """Yield the bytes from `start` up to and excluding `end`, without copying what is in memory."""
        stop = self.size if end is None else min(end, self.size)
        if self.data is not None:
            view = memoryview(self.data)
            for position in range(start, stop, READ_SIZE):
                yield view[position : min(position + READ_SIZE, stop)]
            return
        if self.path is None or start >= stop:
            return
        with self.path.open("rb") as source:
            source.seek(start)
            left = stop - start
            while left > 0:
                part = source.read(min(READ_SIZE, left))
                if not part:
                    raise OSError(f"content file {self.path.name} is shorter than its {self.size} bytes")
                left -= len(part)
                yield part

    def _hashed(self) -> tuple[str, str]:
        sha256, quick = hashlib.sha256(), QuickXorHash()
        for part in self.chunks():
            sha256.update(part)
            quick.update(part)
        result = sha256.hexdigest(), quick.base64()
        self.__dict__["sha256"], self.__dict__["quick_xor_hash"] = result
        return result


class ContentStore:
    """Where contents are kept: under a state directory by their hash, or in memory and temporary files."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory
        self._temporary: Path | None = None
        self._removal: weakref.finalize[..., ContentStore] | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            for left_over in directory.glob("partial-*"):  # of uploads that a crash cut off
                left_over.unlink()

    def writer(self) -> ContentWriter:
        """Return a writer for one content."""
        return ContentWriter(self)

    def from_bytes(self, data: bytes) -> Content:
        """Keep `data`."""
        writer = self.writer()
        writer.write(data)
        return writer.finish()

    def open(self, sha256: str, size: int, quick_xor_hash: str) -> Content:
        """Return a content that a state directory already has.

        Raises FileNotFoundError when it is not there.
        """
        if size == 0:
            return Content(data=b"")
        path = self.path_of(sha256)
        if not path.is_file() or path.stat().st_size != size:
            raise FileNotFoundError(f"the state directory lacks the content {sha256} of {size} bytes")
        return Content(path=path, size=size, sha256=sha256, quick_xor_hash=quick_xor_hash)

    def keep(self, content: Content) -> None:
        """Make sure that `content` lies in the state directory; nothing to do without one."""
        if self.directory is None or content.path is not None or content.data is None or not content.size:
            return
        path = self.path_of(content.sha256)
        if not path.exists():
            partial = self.new_file()
            partial.write_bytes(content.data)
            partial.replace(path)

    def path_of(self, sha256: str) -> Path:
        """Return where the content of this hash lies in the state directory."""
        if self.directory is None:
            raise ValueError("this store has no directory")
        folder = self.directory / sha256[:2]
        folder.mkdir(exist_ok=True)
        return folder / sha256

    def new_file(self) -> Path:
        """Return the path of a new empty file beside the contents, for writing."""
        if self.directory is None and self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="graph-emulator-"))
            # An emulator that is simply dropped takes its files with it.
            self._removal = weakref.finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)
        parent = self.directory or self._temporary or Path()
        with tempfile.NamedTemporaryFile(dir=parent, prefix="partial-", delete=False) as created:
            return Path(created.name)

    def close(self) -> None:
        """Remove the temporary files."""
        if self._removal is not None:
            self._removal()
            self._temporary = self._removal = None


Checkpoint = tuple[int, QuickXorHash, "hashlib._Hash"]


class ContentWriter:
    """Takes a content piece by piece. A failed piece is undone by going back to a checkpoint."""

    def __init__(self, store: ContentStore) -> None:
        self.size = 0
        self._store = store
        self._memory: bytearray | None = bytearray()
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._sha256 = hashlib.sha256()
        self._quick = QuickXorHash()

    def write(self, data: bytes | memoryview) -> None:
        """Append `data`."""
        if self._memory is not None and self.size + len(data) > MEMORY_LIMIT:
            self._spill()
        if self._memory is not None:
            self._memory += data
        elif self._file is not None:
            self._file.write(data)
        self._sha256.update(data)
        self._quick.update(data)
        self.size += len(data)

    def checkpoint(self) -> Checkpoint:
        """Return the present state, to go back to."""
        return self.size, self._quick.copy(), self._sha256.copy()

    def restore(self, checkpoint: Checkpoint) -> None:
        """Forget what was written since `checkpoint`."""
        self.size, quick, sha256 = checkpoint
        self._quick, self._sha256 = quick.copy(), sha256.copy()
        if self._memory is not None:
            del self._memory[self.size :]
        elif self._file is not None:
            self._file.seek(self.size)
            self._file.truncate()

    def finish(self) -> Content:
        """Return the content; the writer takes no more."""
        sha256, quick = self._sha256.hexdigest(), self._quick.base64()
        if self._file is None or self._path is None:
            data = bytes(self._memory or b"")
            self._memory = None
            content = Content(data=data, sha256=sha256, quick_xor_hash=quick)
            self._store.keep(content)
            return content
        self._file.close()
        path, self._path, self._file = self._path, None, None
        if self._store.directory is not None:
            path = path.replace(self._store.path_of(sha256))
        content = Content(path=path, size=self.size, sha256=sha256, quick_xor_hash=quick)
        if self._store.directory is None:
            weakref.finalize(content, path.unlink, missing_ok=True)
        return content

    def abandon(self) -> None:
        """Throw away what was written."""
        self._memory = None
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _spill(self) -> None:
        self._path = self._store.new_file()
        self._file = self._path.open("r+b")
        self._file.write(self._memory or b"")
        self._memory = None

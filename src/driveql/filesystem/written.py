"""Text and compression over a file being written, so that it too appears whole or not at all.

fsspec leaves it to the garbage collector to close the file below a compressor, and closes the file below text after an
exception as if all were well.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from types import TracebackType
from typing import Any

from fsspec.compression import compr
from fsspec.core import get_compression

from driveql.filesystem.file import OneDriveFile

TEXT_OPTIONS = ("encoding", "errors", "newline")


class CompressedFile(io.BufferedIOBase):
    """A compressor and the file it writes to, closed or thrown away together."""

    def __init__(self, target: OneDriveFile, compression: str) -> None:
        self._target = target
        self._compressor: Any = compr[compression](target, mode="w")

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any) -> int:
        """Compress bytes."""
        written: int = self._compressor.write(data)
        return written

    def close(self) -> None:
        """Finish the compression and the file."""
        if self.closed:
            return
        try:
            self._compressor.close()
            self._target.close()
        except BaseException:
            self._target.discard()
            raise
        finally:
            super().close()

    def discard(self) -> None:
        """Throw away what was written."""
        self._target.discard()
        self._target.closed = True
        with contextlib.suppress(ValueError, OSError):
            self._compressor.close()
        super().close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close() if kind is None else self.discard()

    def __del__(self) -> None:
        if not self.closed:
            self.discard()


class TextFile(io.TextIOWrapper):
    """Text over a file being written."""

    def __init__(self, target: OneDriveFile | CompressedFile, **options: Any) -> None:
        super().__init__(target, **options)  # type: ignore[arg-type]  # both have all that is called
        self._target = target

    def discard(self) -> None:
        """Throw away what was written."""
        self._target.discard()
        if isinstance(self._target, OneDriveFile):
            self._target.closed = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close() if kind is None else self.discard()

    def __del__(self) -> None:
        if not self.closed:
            self.discard()
            text = "A file was written to and never closed; what was written is thrown away."
            warnings.warn(text, ResourceWarning, stacklevel=2)


def wrapped(
    target: OneDriveFile, path: str, compression: str | None, text: dict[str, Any] | None
) -> OneDriveFile | CompressedFile | TextFile:
    """Return a file being written with compression (`infer`: by its name) and, where options are given, as text."""
    method = get_compression(path, compression)
    file = target if method is None else CompressedFile(target, method)
    return file if text is None else TextFile(file, **text)

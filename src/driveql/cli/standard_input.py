"""Standard input as a file that can be measured and read again: the service wants to know a file's length first."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast


@contextlib.contextmanager
def spooled() -> Iterator[BinaryIO]:
    """Yield standard input as a seekable file."""
    with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as file:
        while chunk := sys.stdin.buffer.read(1024 * 1024):
            file.write(chunk)
        yield cast(BinaryIO, file)

"""Bytes that a statement makes of a file while it is read (a member of an archive, a part of a document), seekable all the same.

They are kept for the statement: some MiB in memory, the rest in a temporary file without a name. No more is made than is asked
for, where the size is known beforehand.
"""

from __future__ import annotations

import copy
import tempfile
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator

from driveql.sql.temporary import TemporaryBytes

MEMORY_BYTES = 8 << 20


class Spool:
    """Pieces of bytes as they are made. Any number of threads may read.

    Parameters:
        pieces: makes the bytes, in order. size: how many there will be; None where only the end tells.
        kept: what they take of the room for temporary files.
    """

    def __init__(self, pieces: Iterator[bytes], size: int | None, kept: TemporaryBytes) -> None:
        self._pieces = pieces
        self._size = size
        self._kept = kept
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - closed with the statement
        # Also where the connection is forgotten instead of closed.
        weakref.finalize(self, self._file.close)
        self._length = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._lock = threading.Lock()

    def size(self) -> int:
        """Return how many bytes there are; where that is not known, all are made."""
        with self._lock:
            if self._size is None:
                self._fill(None)
                self._size = self._length
            return self._size

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes `start` to `stop` (exclusive); fewer only at the end.

        Raises:
            DriveqlError: what went wrong when they were made, each time anew.
        """
        with self._lock:
            self._fill(stop)
            self._file.seek(start)
            return self._file.read(max(0, stop - start))

    def close(self) -> None:
        """Forget what was made."""
        with self._lock:
            self._file.close()
            self._kept.give_back()
            close: Callable[[], None] = getattr(self._pieces, "close", lambda: None)
            close()

    def _fill(self, stop: int | None) -> None:
        if self._failure is not None:
            raise copy.copy(self._failure)
        self._file.seek(self._length)
        # To the very end where the last bytes are wanted: only there it is known whether they are the right ones.
        while not self._ended and (stop is None or self._length < stop or self._length == self._size):
            try:
                piece = next(self._pieces, None)
                if piece is not None:
                    self._kept.take(len(piece))
            except BaseException as error:
                # What the frames hold, a parser's state among it, would keep the whole statement from being freed.
                traceback.clear_frames(error.__traceback__)
                self._failure = copy.copy(error)
                raise
            if piece is None:
                self._ended = True
                return
            self._length += self._file.write(piece)

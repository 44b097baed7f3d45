"""How much a connection's statements keep in temporary files at a time: what is unpacked, and rows on their way out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pyarrow as pa

from driveql.errors import SqlError


class TemporaryRoom:
    """The room for temporary files, and how much of it is taken.

    Parameters:
        most: bytes that may be taken at a time; None for any number.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.taken = 0
        self.lock = threading.Lock()


class TemporaryBytes:
    """What one file takes of the room, also a context manager. Every method may be called from any thread.

    Parameters:
        shown: what is kept there, for errors.
    """

    def __init__(self, room: TemporaryRoom, shown: str) -> None:
        self._room = room
        self._shown = shown
        self._taken = 0

    def take(self, size: int) -> None:
        """Take room for so many bytes more.

        Raises:
            SqlError: there is no room for them (code `tooMuchTemporary`).
        """
        room = self._room
        with room.lock:
            if room.most is not None and room.taken + size > room.most:
                raise SqlError(
                    f"{self._shown} takes more room in temporary files than is left of the {room.most:,} bytes that this"
                    " connection's statements may take.",
                    code="tooMuchTemporary",
                    hint="Read or write less in one statement: fewer files, fewer members of an archive, fewer rows. Whoever"
                    " makes the connection may allow more: Limits(temporary=...).",
                )
            room.taken += size
            self._taken += size

    def give_back(self) -> None:
        """Give everything back."""
        with self._room.lock:
            self._room.taken -= self._taken
            self._taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back()


class KeptRows:
    """Rows on their way into a temporary file.

    Parameters:
        kept: what they take of the room.
    """

    def __init__(self, reader: pa.RecordBatchReader, kept: TemporaryBytes) -> None:
        self._reader = reader
        self._kept = kept

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self._reader.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._reader:
            self._kept.take(batch.nbytes)
            yield batch

"""Which bytes an upload session wants next: fragments in order, in legal multiples, and what the server's state means.

Source: https://learn.microsoft.com/graph/api/driveitem-createuploadsession
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driveql.errors import ProtocolError
from graph_contract import load

# Long enough that the pause between fragments costs nothing, short enough that a broken one costs little.
_FRAGMENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Fragment:
    """Bytes `start` to `end` (exclusive) of a file of `total` bytes."""

    start: int
    end: int
    total: int

    @property
    def content_range(self) -> str:
        """The fragment's Content-Range header."""
        return f"bytes {self.start}-{self.end - 1}/{self.total}"


def fragment_size(wanted: int) -> int:
    """Return the legal fragment size nearest below `wanted` bytes, at least one multiple and under the limit."""
    facts = load("limits")["upload"]
    multiple: int = facts["fragment_multiple_bytes"]
    most: int = (facts["fragment_below_bytes"] - 1) // multiple
    return max(1, min(wanted // multiple, most)) * multiple


def adapted_size(size: int, sent: int, seconds: float) -> int:
    """Return the next fragment's size: what the measured throughput sends in a few seconds, at most four times as much.

    Parameters:
        size: the size so far. sent, seconds: the last fragment and how long it took.
    """
    wanted = int(sent / max(seconds, 0.001) * _FRAGMENT_SECONDS)
    return fragment_size(max(size // 4, min(wanted, size * 4)))


def next_fragment(offset: int, total: int, size: int) -> Fragment | None:
    """Return the fragment at `offset`, or None where all bytes are sent.

    Raises:
        ProtocolError: the server asks for a byte outside the file.
    """
    if not 0 <= offset <= total:
        raise ProtocolError(f"The upload session asks for byte {offset} of a file of {total} bytes.")
    return None if offset == total else Fragment(offset, min(offset + size, total), total)


def next_offset(ranges: Sequence[str]) -> int | None:
    """Return the first missing byte in `nextExpectedRanges`, open (`26-`) or closed (`26-127`); None where none is missing.

    Raises:
        ProtocolError: a range is not of either form.
    """
    starts = []
    for text in ranges:
        start, dash, end = text.partition("-")
        if not dash or not start.isdecimal() or (end and not end.isdecimal()):
            raise ProtocolError(f"The upload session's expected range {text!r} cannot be read.")
        starts.append(int(start))
    return min(starts) if starts else None

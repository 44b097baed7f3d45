"""Which bytes of a file are still missing, and how they are cut into ranges. Intervals are `(start, end)`, end exclusive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from driveql.errors import ProtocolError

Interval = tuple[int, int]


def merged(done: Iterable[Interval]) -> list[Interval]:
    """Return the same bytes as few, sorted, disjoint intervals; empty ones vanish."""
    result: list[Interval] = []
    for start, end in sorted(interval for interval in done if interval[0] < interval[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def missing(done: Iterable[Interval], size: int) -> list[Interval]:
    """Return what lies between the done intervals and within the file.

    Raises:
        ProtocolError: an interval reaches outside the file.
    """
    gaps, position = [], 0
    for start, end in merged(done):
        if start < 0 or end > size:
            raise ProtocolError(
                f"The state of a download names bytes {start} to {end} of a file of {size} bytes."
            )
        if position < start:
            gaps.append((position, start))
        position = end
    if position < size:
        gaps.append((position, size))
    return gaps


def ranges(gaps: Sequence[Interval], most: int) -> list[Interval]:
    """Cut gaps into ranges of at most `most` bytes, in order."""
    return [(at, min(at + most, end)) for start, end in gaps for at in range(start, end, most)]

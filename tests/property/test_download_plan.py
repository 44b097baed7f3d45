"""What is missing and what is done are together the file, once; parts hashed apart combine to the whole's hash."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import ProtocolError
from driveql.graph.download_plan import merged, missing, ranges
from driveql.graph.quickxor import QuickXor

SIZE = 300
intervals = st.lists(
    st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda pair: (min(pair), max(pair))),
    max_size=12,
)


def _bytes(parts: list[tuple[int, int]]) -> list[int]:
    return [position for start, end in parts for position in range(start, end)]


@given(intervals, st.integers(1, 90))
def test_done_and_ranges_cover_the_file_once(done: list[tuple[int, int]], most: int) -> None:
    cut = ranges(missing(done, SIZE), most)
    assert all(0 < end - start <= most for start, end in cut)
    assert sorted(_bytes(cut) + list(set(_bytes(done)))) == list(range(SIZE))
    assert _bytes(cut) == sorted(_bytes(cut))
    assert sorted(set(_bytes(done))) == _bytes(merged(done))
    assert missing(merged([*done, *cut]), SIZE) == []


def test_a_state_that_reaches_outside_the_file_is_refused() -> None:
    with pytest.raises(ProtocolError):
        missing([(0, 11)], 10)
    with pytest.raises(ProtocolError):
        missing([(-1, 3)], 10)


@given(st.binary(max_size=2000), st.lists(st.integers(0, 2000), max_size=6), st.randoms())
def test_parts_hashed_apart_in_any_order_combine(data: bytes, cuts: list[int], random: object) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    parts = []
    for start, end in itertools.pairwise(edges):
        part = QuickXor(start)
        part.update(data[start:end])
        parts.append(part)
    random.shuffle(parts)  # type: ignore[attr-defined]
    combined, whole = QuickXor(), QuickXor()
    for part in parts:
        combined.combine(part)
    whole.update(data)
    assert combined.digest() == whole.digest()

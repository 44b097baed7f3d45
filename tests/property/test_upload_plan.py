"""Fragments cover every byte once, in order, in legal sizes, whatever the server says it has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import ProtocolError
from driveql.graph.upload_plan import fragment_size, next_fragment, next_offset

MULTIPLE = 327_680


@given(st.integers(-10, 1 << 40))
def test_a_fragment_size_is_a_legal_multiple(wanted: int) -> None:
    size = fragment_size(wanted)
    assert size % MULTIPLE == 0
    assert 0 < size < 60 * 1024 * 1024
    assert size <= max(wanted, MULTIPLE)


@given(st.integers(1, 1 << 34), st.integers(0, 1 << 27))
def test_fragments_cover_the_file_once_and_in_order(total: int, wanted: int) -> None:
    size = fragment_size(max(wanted, total // 200))
    offset, count = 0, 0
    while (fragment := next_fragment(offset, total, size)) is not None:
        assert fragment.start == offset
        assert fragment.end == total or (fragment.end - fragment.start) % MULTIPLE == 0
        assert fragment.content_range == f"bytes {offset}-{fragment.end - 1}/{total}"
        offset = fragment.end
        count += 1
        if count > 300:
            return
    assert offset == total


@pytest.mark.parametrize(
    ("ranges", "offset"),
    [
        (["26-"], 26),
        (["5242880-8255205"], 5242880),
        (["12345-55232", "77829-99375"], 12345),
        ([], None),
        (["0-"], 0),
    ],
)
def test_open_and_closed_ranges(ranges: list[str], offset: int | None) -> None:
    assert next_offset(ranges) == offset


@pytest.mark.parametrize("text", ["", "-", "a-", "5", "-5", "5-b", "0x1-", "1 -"])
def test_a_range_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ProtocolError):
        next_offset([text])


def test_a_byte_outside_the_file_is_an_error() -> None:
    with pytest.raises(ProtocolError):
        next_fragment(11, 10, MULTIPLE)

"""quickXorHash against known values and against the algorithm as it is described, byte by byte."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_emulator.hashes import QuickXorHash, quick_xor_hash


def by_the_byte(data: bytes) -> str:
    state = 0
    for index, byte in enumerate(data):
        shifted = byte << (11 * index % 160)
        state ^= (shifted & ((1 << 160) - 1)) | (shifted >> 160)
    return base64.b64encode((state ^ (len(data) << 96)).to_bytes(20, "little")).decode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        (b"J", "SgAAAAAAAAAAAAAAAQAAAAAAAAA="),
        (bytes.fromhex("b5b4"), "taAFAAAAAAAAAAAAAgAAAAAAAAA="),
    ],
)
def test_known_values(data: bytes, expected: str) -> None:
    assert quick_xor_hash(data) == expected


@given(st.lists(st.binary(max_size=700), max_size=5))
def test_pieces_make_the_same_hash(pieces: list[bytes]) -> None:
    state = QuickXorHash()
    for piece in pieces:
        state.update(piece)
    assert state.base64() == by_the_byte(b"".join(pieces))


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_a_copy_goes_its_own_way(first: bytes, second: bytes) -> None:
    state = QuickXorHash()
    state.update(first)
    copy = state.copy()
    state.update(second)
    assert (copy.base64(), state.base64()) == (quick_xor_hash(first), quick_xor_hash(first + second))

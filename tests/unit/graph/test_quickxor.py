"""quickXorHash against hashes that rclone made of real files, and against the published algorithm byte by byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.graph.quickxor import QuickXor


def plain(data: bytes) -> bytes:
    """The definition, one byte at a time: byte i lands 11*i bits into a ring of 160 bits; the length is XORed at the end."""
    ring = [0] * 160
    for index, byte in enumerate(data):
        for bit in range(8):
            ring[(index * 11 + bit) % 160] ^= byte >> bit & 1
    number = sum(bit << place for place, bit in enumerate(ring)) ^ (len(data) << 96)
    return number.to_bytes(20, "little")


@given(st.lists(st.binary(max_size=700), max_size=6))
def test_any_cut_of_any_bytes_gives_the_published_hash(parts: list[bytes]) -> None:
    running = QuickXor()
    for part in parts:
        running.update(part)
    assert running.digest() == plain(b"".join(parts))


@given(st.integers(0, 400), st.lists(st.integers(0, 400_000), max_size=4))
def test_with_numpy_it_is_the_same_hash(offset: int, lengths: list[int]) -> None:
    pytest.importorskip("numpy")
    data = bytes(range(251)) * 8_000
    parts, position = [data[:offset]], offset
    for length in lengths:
        parts.append(data[position : position + length])
        position += length
    plainly, faster = QuickXor(), QuickXor()
    for part in parts:
        QuickXor._hashed = 0
        plainly.update(part)
        QuickXor._hashed = 1 << 40
        faster.update(part)
    QuickXor._hashed = 0
    assert faster.digest() == plainly.digest()


def test_a_block_longer_than_the_fold(shared_dir: Path) -> None:
    manifest = json.loads((shared_dir / "samples" / "MANIFEST.json").read_text())
    checked = 0
    for entry in manifest["files"]:
        running = QuickXor()
        running.update((shared_dir / "samples" / entry["file"]).read_bytes())
        assert running.base64digest() == entry["quickXorHash"], entry["file"]
        checked += 1
    assert checked >= 70
    data = bytes(range(256)) * 2000
    running = QuickXor()
    running.update(memoryview(data))
    assert running.digest() == plain(data)

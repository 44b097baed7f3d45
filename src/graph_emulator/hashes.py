"""quickXorHash, the content hash that OneDrive for work and SharePoint state for every file.

A 160-bit state takes byte number i, rotated left by 11*i bits; the length is XORed into the last eight bytes.
Rotation repeats after 160 bytes, so whole chunks are folded onto 160 bytes with big integers first.
"""

from __future__ import annotations

import base64

_WIDTH_BITS = 160
_SHIFT_BITS = 11
_PERIOD_BYTES = 160
_MASK = (1 << _WIDTH_BITS) - 1


class QuickXorHash:
    """An incremental quickXorHash, in the manner of hashlib."""

    def __init__(self) -> None:
        self._folded = 0
        self._length = 0

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take more bytes."""
        size = len(data)
        if not size:
            return
        offset = self._length % _PERIOD_BYTES
        self._folded ^= _fold(int.from_bytes(data, "little") << (8 * offset), size + offset)
        self._length += size

    def copy(self) -> QuickXorHash:
        """Return an independent hash of what was taken so far."""
        other = QuickXorHash()
        other._folded, other._length = self._folded, self._length
        return other

    def digest(self) -> bytes:
        """Return the 20 bytes of the hash of what was taken so far."""
        state = 0
        for index, byte in enumerate(self._folded.to_bytes(_PERIOD_BYTES, "little")):
            rotated = byte << (index * _SHIFT_BITS % _WIDTH_BITS)
            state ^= (rotated & _MASK) | (rotated >> _WIDTH_BITS)
        state ^= self._length << (_WIDTH_BITS - 64)
        return (state & _MASK).to_bytes(_WIDTH_BITS // 8, "little")

    def base64(self) -> str:
        """Return the hash as Graph writes it."""
        return base64.b64encode(self.digest()).decode("ascii")


def quick_xor_hash(data: bytes | bytearray | memoryview) -> str:
    """Return the quickXorHash of `data` in base64."""
    state = QuickXorHash()
    state.update(data)
    return state.base64()


def _fold(number: int, size: int) -> int:
    """XOR the 160-byte blocks of a little-endian number of `size` bytes onto one block, halving as it goes."""
    blocks = -(-size // _PERIOD_BYTES)
    while blocks > 1:
        half = -(-blocks // 2)
        bits = half * _PERIOD_BYTES * 8
        number = (number & ((1 << bits) - 1)) ^ (number >> bits)
        blocks = half
    return number

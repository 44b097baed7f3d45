"""quickXorHash, the hash that OneDrive for work and SharePoint give for every file.

Each byte is XORed into a 160-bit ring, 11 bits further than the byte before; bytes 160 apart fall on the same place, so
whole blocks are XORed as large integers, which costs a fraction of a pass byte by byte, and where numpy is installed by it,
which costs a tenth of that again. What they leave is as wide as a block, and is folded to 160 bytes only when the hash is
asked for.
Source: https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash
"""

from __future__ import annotations

import base64
import functools
from typing import Any

_ROW = 160
_ROW_BITS = _ROW * 8
_RING_BITS = 160
# Wide enough to make few integers, small enough to stay in the processor's nearest cache.
_BLOCK = _ROW << 8
# To import numpy takes as long as to hash this many bytes without it.
_MANY = 128 << 20


class QuickXor:
    """A running quickXorHash with the manner of `hashlib`: `update`, `digest`, `base64digest`.

    Parameters:
        offset: the position in the file of the first byte, for a part that is hashed by itself and combined later.
    """

    name = "quickXorHash"
    digest_size = 20
    _hashed = 0

    def __init__(self, offset: int = 0) -> None:
        self._wide = 0
        # The same once more, in numpy's hands.
        self._words: Any = None
        self._position = offset
        self._length = 0

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take in the next bytes."""
        view = memoryview(data).cast("B")
        offset = self._position % _ROW
        self._position += len(view)
        self._length += len(view)
        QuickXor._hashed += len(view)
        if offset:
            head = view[: _ROW - offset]
            self._wide ^= int.from_bytes(head, "little") << (offset * 8)
            view = view[_ROW - offset :]
        if QuickXor._hashed >= _MANY and len(view) >= 4 * _BLOCK and (numpy := _numpy()) is not None:
            self._take_words(numpy, view)
            return
        for start in range(0, len(view), _BLOCK):
            self._wide ^= int.from_bytes(view[start : start + _BLOCK], "little")

    def _take_words(self, numpy: Any, view: memoryview) -> None:
        if self._words is None:
            self._words = numpy.zeros(_BLOCK // 8, numpy.uint64)
        words = numpy.frombuffer(view, numpy.uint64, len(view) // 8)
        whole = len(words) - len(words) % len(self._words)
        self._words ^= numpy.bitwise_xor.reduce(words[:whole].reshape(-1, len(self._words)), axis=0)
        self._words[: len(words) - whole] ^= words[whole:]
        self._wide ^= int.from_bytes(view[len(words) * 8 :], "little") << ((len(words) - whole) * 64)

    def _whole_ring(self) -> int:
        return (
            self._wide
            if self._words is None
            else self._wide ^ int.from_bytes(self._words.tobytes(), "little")
        )

    def combine(self, part: QuickXor) -> None:
        """Take in what another running hash has seen of the same file; no byte may be in both."""
        self._wide ^= part._whole_ring()
        self._length += part._length

    def digest(self) -> bytes:
        """Return the 20 bytes of the hash so far."""
        ring = 0
        for index, byte in enumerate(_fold(self._whole_ring()).to_bytes(_ROW, "little")):
            ring ^= byte << (index * 11 % _RING_BITS)
        ring = (ring & ((1 << _RING_BITS) - 1)) ^ (ring >> _RING_BITS)
        ring ^= (self._length & ((1 << 64) - 1)) << (_RING_BITS - 64)
        return ring.to_bytes(20, "little")

    def base64digest(self) -> str:
        """Return the hash as Graph writes it in `file.hashes.quickXorHash`."""
        return base64.b64encode(self.digest()).decode()


@functools.cache
def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def _fold(number: int) -> int:
    rows = -(-number.bit_length() // _ROW_BITS)
    while rows > 1:
        half = (rows + 1) // 2
        shift = half * _ROW_BITS
        number = (number & ((1 << shift) - 1)) ^ (number >> shift)
        rows = half
    return number

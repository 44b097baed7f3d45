"""Threads that read one version of a file by shared blocks get the file's bytes, whatever becomes of the fetches."""

from __future__ import annotations

import random
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driveql.filesystem.blocks import Blocks
from driveql.filesystem.readahead import SMALLEST_BYTES, WHOLE_BYTES, Readahead

LARGEST = 3 * WHOLE_BYTES
CONTENT = random.Random(0).randbytes(LARGEST)
THREADS = 3
FATES = ("now", "now", "later", "later", "fails", "fails later", "is cancelled", "cannot begin")
Fetched = Future[bytes]
Read = tuple[int, int]


class LostError(OSError):
    """A fetch that failed, as was planned."""


class Network:
    """Gives ranges of a file out, each by the next of the planned fates; those that come later, from another thread."""

    def __init__(self, content: bytes, fates: list[str]) -> None:
        self.content = content
        self.fates = iter(fates)
        self.futures: list[Fetched] = []
        self._lock = threading.Lock()
        self._others = ThreadPoolExecutor(2)

    def begin(self, start: int, end: int) -> Fetched:
        assert 0 <= start < end <= len(self.content)
        with self._lock:
            fate = next(self.fates, "now")
            if fate == "cannot begin":
                raise LostError(fate)
            fetched: Fetched = Future()
            self.futures.append(fetched)
        if fate == "is cancelled":
            fetched.cancel()
        elif fate.endswith("later"):
            self._others.submit(self._settle, fetched, start, end, fate)
        else:
            self._settle(fetched, start, end, fate)
        return fetched

    def _settle(self, fetched: Fetched, start: int, end: int, fate: str) -> None:
        if not fetched.set_running_or_notify_cancel():
            return
        if fate.startswith("fails"):
            fetched.set_exception(LostError(fate))
        else:
            fetched.set_result(self.content[start:end])

    def close(self) -> None:
        self._others.shutdown()


def _reads(opening: Readahead, reads: list[Read], content: bytes) -> int:
    """Read one range after the other, and return how many of them failed as was planned."""
    failed = 0
    for start, length in reads:
        try:
            assert opening.read(start, start + length) == content[start : start + length]
        except (LostError, EOFError):
            failed += 1
    return failed


def _scan(begin: int, length: int, count: int) -> list[Read]:
    return [(begin + number * length, length) for number in range(count)]


places = st.one_of(st.integers(0, LARGEST), st.sampled_from([0, SMALLEST_BYTES, WHOLE_BYTES, LARGEST - 9]))
lengths = st.one_of(st.integers(0, 3000), st.integers(0, WHOLE_BYTES))
ways = st.one_of(
    st.lists(st.tuples(places, lengths), max_size=6),
    st.builds(
        _scan, st.sampled_from([0, 0, 100_000]), st.integers(1, 400_000), st.integers(1, 16)
    ),
)  # fmt: skip


@pytest.mark.timeout(80, method="thread")
@given(
    size=st.one_of(st.just(LARGEST), st.integers(0, LARGEST)),
    block=st.sampled_from([SMALLEST_BYTES // 2, SMALLEST_BYTES, 300_000, 1 << 20]),
    ahead=st.integers(0, 3),
    kept=st.integers(0, 4),
    openings=st.integers(1, THREADS),
    threads=st.lists(ways, min_size=1, max_size=THREADS),
    fates=st.lists(st.sampled_from(FATES), max_size=30),
)
@settings(max_examples=60, deadline=None)
def test_whatever_becomes_of_fetches_the_bytes_are_right_and_nothing_is_held(
    size: int,
    block: int,
    ahead: int,
    kept: int,
    openings: int,
    threads: list[list[Read]],
    fates: list[str],
) -> None:
    content, blocks = CONTENT[:size], Blocks(kept * block)
    network = Network(content, fates)
    opened = [
        Readahead(size, network.begin, blocks, "v", block_bytes=block, ahead=ahead) for _ in range(openings)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        under_way = [
            pool.submit(_reads, opened[number % openings], reads, content)
            for number, reads in enumerate(threads)
        ]
        failed = sum(each.result() for each in under_way)
    planned = sum(fate not in {"now", "later"} for fate in fates)
    assert failed <= planned * THREADS, "more reads failed than fetches"
    for each in opened:
        each.close()
    network.close()
    assert all(fetched.done() for fetched in network.futures)
    held = list(blocks._blocks.values())
    assert all(each.waiting == 0 for each in held)
    assert blocks._bytes == sum(each.end - each.start for each in held)
    # What is kept beyond its bound is one block, or what one read asked for, until the next is begun.
    network.fates = iter(())
    again = Readahead(size, network.begin, blocks, "v", block_bytes=block, ahead=ahead)
    assert again.read(0, size) == content
    again.close()

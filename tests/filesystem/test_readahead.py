"""What an open file asks for: requests counted, versions told apart, threads that seek and read at once."""

from __future__ import annotations

import os
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driveql.errors import ItemChangedError
from driveql.filesystem.blocks import Blocks
from driveql.filesystem.position import Position
from driveql.filesystem.readahead import SMALLEST_BYTES, TAIL_BYTES, WHOLE_BYTES, Readahead
from driveql.graph.models import DriveItem

from .conftest import Tenant

BLOCK = 1 << 20
CONTENT = os.urandom(BLOCK) * 6


def metadata(tenant: Tenant) -> list[str]:
    return [each for each in tenant.requests("GET") if "_content" not in each]


def test_a_scan_is_one_lookup_and_its_ranges(tenant: Tenant) -> None:
    tenant.store.put_file("/big", CONTENT)
    with tenant.fs.open("/big", block_size=BLOCK) as file:
        file.read(1)
    tenant.emulator.requests.clear()
    with tenant.fs.open("/big", block_size=BLOCK) as file:
        assert b"".join(iter(lambda: file.read(300_000), b"")) == CONTENT
    assert len(metadata(tenant)) == 1
    assert len(tenant.requests("GET")) <= 1 + 7


def opened(tenant: Tenant, item: DriveItem) -> bytes:
    """Read two ranges of a version, in whatever loop the file system has."""
    from fsspec.asyn import sync  # type: ignore[import-untyped]

    async def both() -> bytes:
        handle, _ = await tenant.fs._item("/a")
        file = handle.opened(item)
        return await file.read(0, 10) + await file.read(3_000_000, 3_000_010)

    found: bytes = sync(tenant.fs.loop, both)
    return found


def version(tenant: Tenant, **changed: str) -> DriveItem:
    from fsspec.asyn import sync

    _, item = sync(tenant.fs.loop, tenant.fs._item, "/a")
    return DriveItem.from_json({**item.raw, **changed})


def test_answers_whose_tag_is_not_the_items_are_held_against_its_metadata_once(tenant: Tenant) -> None:
    tenant.store.put_file("/a", CONTENT)
    item = version(tenant, eTag='"of another kind"')
    tenant.emulator.requests.clear()
    assert opened(tenant, item) == CONTENT[:10] + CONTENT[3_000_000:3_000_010]
    # The test's own lookup, and one that proves the tag which both answers carry.
    assert len(metadata(tenant)) == 2


def test_a_version_that_is_gone_is_never_read(tenant: Tenant) -> None:
    tenant.store.put_file("/a", CONTENT)
    item = version(tenant)
    tenant.store.put_file("/a", CONTENT[::-1])
    with pytest.raises(ItemChangedError, match="changed while it was read"):
        opened(tenant, item)


def test_an_item_without_a_url_costs_one_lookup(tenant: Tenant) -> None:
    tenant.store.put_file("/a", CONTENT)
    item = version(tenant)
    bare = {name: value for name, value in item.raw.items() if "downloadUrl" not in name}
    tenant.emulator.requests.clear()
    assert opened(tenant, DriveItem.from_json(bare))[:10] == CONTENT[:10]
    assert len(metadata(tenant)) == 2


class Server:
    """Gives ranges out at once, and notes them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[int, int]] = []

    def begin(self, start: int, end: int) -> Future[bytes]:
        self.asked.append((start, end))
        future: Future[bytes] = Future()
        future.set_result(self.content[start:end])
        return future


@given(
    st.integers(0, 3 * WHOLE_BYTES),
    st.lists(st.tuples(st.booleans(), st.integers(0, 3 * WHOLE_BYTES), st.integers(0, WHOLE_BYTES)), max_size=8),
    st.integers(0, 3),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_openings_that_share_blocks_give_what_the_file_has(
    size: int, reads: list[tuple[bool, int, int]], ahead: int
) -> None:
    server, blocks = Server(CONTENT[:size]), Blocks(3 * BLOCK)
    openings = [Readahead(size, server.begin, blocks, "v", block_bytes=BLOCK, ahead=ahead) for _ in range(2)]
    for second, start, length in reads:
        assert openings[second].read(start, start + length) == server.content[start : start + length]
    assert blocks._bytes <= 3 * BLOCK + (ahead + 2) * BLOCK
    for opening in openings:
        opening.close()
    assert all(block.waiting == 0 for block in blocks._blocks.values())


def test_reads_elsewhere_fetch_themselves_and_the_end_is_one_range() -> None:
    server = Server(CONTENT)
    reads = Readahead(len(CONTENT), server.begin, Blocks())
    size = len(CONTENT)
    reads.read(size - 8, size)
    reads.read(size - 30_000, size - 8)
    reads.read(1_000_000, 1_800_000)
    # The next column's chunk, right behind: asked for in one go, it is no scan.
    reads.read(1_800_000, 2_600_000)
    reads.read(3_000_000, 3_000_100)
    assert server.asked == [
        (size - TAIL_BYTES, size),
        (1_000_000, 1_800_000),
        (1_800_000, 2_600_000),
        (3_000_000, 3_000_000 + SMALLEST_BYTES),
    ]


@pytest.mark.timeout(20, method="thread")
def test_a_place_near_the_end_is_reached_past_blocks_that_are_there() -> None:
    server = Server(CONTENT)
    size = len(CONTENT)
    reads = Readahead(size, server.begin, Blocks())
    reads.read(size - TAIL_BYTES - 500_000, size - TAIL_BYTES + 1000)
    assert reads.read(size - 10, size) == CONTENT[-10:]
    assert server.asked[-1] == (size - TAIL_BYTES + 1000, size)


@pytest.mark.timeout(20, method="thread")
def test_a_small_file_in_smaller_blocks_is_reached_past_those_that_are_there() -> None:
    server = Server(CONTENT[:1_000_000])
    reads = Readahead(1_000_000, server.begin, Blocks(), block_bytes=SMALLEST_BYTES)
    assert reads.read(0, 200_000) == CONTENT[:200_000]
    assert reads.read(900_000, 900_010) == CONTENT[900_000:900_010]


def test_a_block_that_failed_is_asked_for_again_and_one_given_up_is_cancelled() -> None:
    blocks = Blocks()
    futures: list[Future[bytes]] = []

    def begin(start: int, end: int) -> Future[bytes]:
        futures.append(Future())
        return futures[-1]

    block = blocks.begin("v", 0, 10, begin)
    assert blocks.begin("v", 5, 10, begin) is block
    block.future.set_exception(OSError("lost"))
    blocks.done("v", block)
    blocks.done("v", block)
    again = blocks.begin("v", 0, 10, begin)
    assert again is not block
    blocks.give_up("v", again)
    assert again.future.cancelled()
    assert blocks.find("v", 0) is None
    with pytest.raises(CancelledError):
        again.future.result()


def test_each_thread_reads_where_it_sought_and_a_read_alone_goes_on() -> None:
    position = Position()
    position.seek(100)
    with ThreadPoolExecutor(1) as other:
        other.submit(position.seek, 500).result()
        assert position.tell() == 100
        assert position.advance(10, 1000) == (100, 110)
        assert other.submit(position.advance, 10, 1000).result() == (500, 510)
        assert position.advance(5, 1000) == (510, 515)
        # A seek that another's reading on has overtaken counts no more.
        position.seek(7)
        assert other.submit(position.advance, 3, 1000).result() == (7, 10)
        assert position.advance(-1, 1000) == (10, 1000)
    assert position.advance(10, 1000) == (1000, 1000)


def test_threads_that_seek_and_read_one_file_get_their_own_bytes(tenant: Tenant) -> None:
    tenant.store.put_file("/big", CONTENT)
    wrong: list[int] = []
    meeting = threading.Barrier(4)

    def reads(number: int) -> None:
        for step in range(25):
            place = (number * 25 + step) * 60_000
            meeting.wait()
            file.seek(place)
            meeting.wait()
            if file.read(20) != CONTENT[place : place + 20]:
                wrong.append(place)

    with tenant.fs.open("/big", block_size=BLOCK) as file, ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(reads, number) for number in range(4)]:
            done.result()
    assert wrong == []

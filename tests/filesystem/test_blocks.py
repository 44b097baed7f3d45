"""Blocks are shared by threads, and by the garbage collector, which closes files in the midst of whatever a thread is doing."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from driveql.filesystem.blocks import Block, Blocks


def arrived(start: int, end: int) -> Future[bytes]:
    future: Future[bytes] = Future()
    future.set_result(bytes(end - start))
    return future


def under_way(start: int, end: int) -> Future[bytes]:
    return Future()


@pytest.mark.timeout(20, method="thread")
def test_a_file_closed_while_a_block_is_begun_waits_for_nothing() -> None:
    blocks = Blocks()
    left = blocks.begin("a", 0, 10, under_way)
    kept = blocks.begin("a", 10, 20, arrived)

    def collecting(start: int, end: int) -> Future[bytes]:
        blocks.give_up("a", left)
        blocks.done("a", kept)
        return arrived(start, end)

    begun = blocks.begin("b", 0, 10, collecting)
    assert begun.future.result() == bytes(10)
    assert left.future.cancelled()
    assert blocks.find("a", 0) is None
    assert blocks.find("a", 15) is kept


@pytest.mark.timeout(20, method="thread")
def test_what_is_said_while_another_has_the_lock_is_carried_out() -> None:
    blocks = Blocks()
    left = blocks.begin("a", 0, 10, under_way)
    inside, said = threading.Event(), threading.Event()

    def slowly(start: int, end: int) -> Future[bytes]:
        inside.set()
        assert said.wait(10)
        return arrived(start, end)

    thread = threading.Thread(target=blocks.begin, args=("b", 0, 10, slowly))
    thread.start()
    assert inside.wait(10)
    blocks.give_up("a", left)
    said.set()
    thread.join(10)
    assert left.future.cancelled()
    assert blocks.find("a", 0) is None


def test_a_fetch_that_cannot_begin_leaves_nothing_behind() -> None:
    blocks = Blocks()

    def broken(start: int, end: int) -> Future[bytes]:
        raise RuntimeError("closed")

    with pytest.raises(RuntimeError):
        blocks.begin("a", 0, 10, broken)
    assert blocks.find("a", 0) is None
    assert isinstance(blocks.begin("a", 0, 10, arrived), Block)


def test_a_block_that_failed_is_forgotten_when_it_is_done() -> None:
    blocks = Blocks()
    block = blocks.begin("a", 0, 10, under_way)
    assert blocks.find("a", 5) is block
    block.future.set_exception(OSError("broken"))
    blocks.done("a", block)
    blocks.done("a", block)
    assert blocks.find("a", 5) is None


def test_a_block_that_failed_when_nobody_waited_is_asked_for_anew() -> None:
    blocks = Blocks()
    left = blocks.begin("a", 0, 10, under_way)
    blocks.done("a", left)
    left.future.set_exception(OSError("broken"))
    assert blocks.find("a", 5) is None
    assert blocks.begin("a", 0, 10, arrived).future.result() == bytes(10)


def test_room_is_made_of_what_nobody_waits_for() -> None:
    blocks = Blocks(most_bytes=20)
    first = blocks.begin("a", 0, 10, arrived)
    blocks.begin("a", 10, 20, arrived)
    blocks.done("a", first)
    blocks.begin("a", 20, 30, arrived)
    assert blocks.find("a", 0) is None
    assert blocks.find("a", 10) is not None

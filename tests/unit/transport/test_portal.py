"""The portal: one loop thread a process, usable from threads, from inside a running loop, and after a fork."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from driveql.errors import DriveqlError, NotFoundError
from driveql.transport.portal import portal


async def _double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def test_many_threads_share_one_loop() -> None:
    with ThreadPoolExecutor(16) as threads:
        results = list(threads.map(lambda number: (portal().call(_double(number)), id(portal())), range(200)))
    assert [result for result, _ in results] == [2 * number for number in range(200)]
    assert len({identity for _, identity in results}) == 1


async def test_a_running_loop_such_as_jupyters_is_not_in_the_way() -> None:
    assert portal().call(_double(4)) == 8


def test_an_error_arrives_as_it_was_raised() -> None:
    async def fail() -> None:
        raise NotFoundError("no such item", status=404)

    with pytest.raises(NotFoundError, match="no such item"):
        portal().call(fail())


def test_a_call_from_the_portals_own_thread_is_refused_instead_of_hanging() -> None:
    async def inside() -> str:
        try:
            portal().call(_double(1))
        except DriveqlError as error:
            return error.message
        return "not refused"

    assert "would wait for itself" in portal().call(inside())


def test_leaving_an_iteration_early_closes_its_source() -> None:
    closed = threading.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(100):
                yield number
        finally:
            closed.set()

    for number in portal().iterate(numbers()):
        if number == 3:
            break
    assert closed.wait(5)
    assert list(portal().iterate(numbers())) == list(range(100))


def test_an_interrupt_cancels_what_runs_on_the_loop() -> None:
    code = """
import asyncio, signal, threading, os, sys
from driveql.transport.portal import portal
state = []
async def long():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        state.append("cancelled")
        raise
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    portal().call(long())
except KeyboardInterrupt:
    async def settle():
        await asyncio.sleep(0.05)
    portal().call(settle())
    print(*state)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "cancelled", done.stderr


def test_a_forked_child_makes_its_own_loop() -> None:
    code = """
import os, sys
from driveql.transport.portal import portal
async def answer():
    return os.getpid()
assert portal().call(answer()) == os.getpid()
child = os.fork()
if child == 0:
    os._exit(0 if portal().call(answer()) == os.getpid() else 1)
_, status = os.waitpid(child, 0)
assert portal().call(answer()) == os.getpid()
print(os.waitstatus_to_exitcode(status))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=30
    )
    assert done.stdout.strip() == "0", done.stderr

"""Large bodies over real sockets: pieces in order, connections used again, and every way of breaking told as it is."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import pytest

from driveql.errors import ConnectError, ConnectionLostError, RequestTimeoutError, TlsError, TransportError
from driveql.transport.bulk import Bulk
from driveql.transport.workers import Workers

BODY = bytes(range(256)) * 12_289  # three MiB and some
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Name: a\r\n\r\n"
SECRET = "tempauth=secret-of-the-url"


class Server:
    """Answers each request on each connection by `answer`; counts connections."""

    def __init__(self, answer: Callable[[socket.socket, bytes], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.answer = answer
        self.heads: list[bytes] = []
        self.connections = 0
        self.broken = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/file?{SECRET}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = connection.recv(4096)
                    if not piece:
                        return
                    head += piece
                self.heads.append(head)
                try:
                    self.answer(connection, head)
                except OSError:
                    self.broken.set()
                    raise


def whole(connection: socket.socket, _: bytes) -> None:
    connection.sendall(HEAD % len(BODY) + BODY)


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket, bytes], None]) -> Iterator[Server]:
    server = Server(answer)
    try:
        yield server
    finally:
        server.listener.close()


@contextlib.asynccontextmanager
async def bulk(proxy: str | None = None, timeout: float = 10) -> AsyncIterator[Bulk]:
    made = Bulk(ssl.create_default_context(), lambda _: proxy, timeout)
    try:
        yield made
    finally:
        made.close()


async def read(way: Bulk, url: str) -> bytes:
    async with way.open(url, {"Range": "bytes=0-"}) as answer:
        return await answer.read()


async def test_a_body_comes_whole_and_its_connection_is_used_again() -> None:
    with serving(whole) as server:
        async with bulk() as way:
            for _ in range(3):
                assert await read(way, server.url) == BODY
        assert server.connections == 1
        assert all(b"Range: bytes=0-\r\n" in head for head in server.heads)
        assert all(b"uthorization" not in head for head in server.heads)


async def test_who_has_all_bytes_needs_not_wait_for_the_end() -> None:
    with serving(whole) as server:
        async with bulk() as way:
            for _ in range(3):
                async with way.open(server.url, {}) as answer:
                    assert (answer.status, answer.headers["x-name"]) == (200, "a")
                    left = len(BODY)
                    async for piece in answer.chunks():
                        left -= len(piece)
                        if not left:
                            break
        assert server.connections == 1


async def test_a_connection_given_up_in_the_middle_is_closed_and_not_used_again() -> None:
    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD % (1 << 40))
        while True:
            connection.sendall(BODY)

    with serving(endless) as server:
        async with bulk() as way:
            for _ in range(2):
                async with way.open(server.url, {}) as answer:
                    async for piece in answer.chunks():
                        assert len(piece) > 0
                        break
            assert await asyncio.to_thread(server.broken.wait, 10)
        assert server.connections == 2


async def test_a_kept_connection_that_the_server_closed_is_not_used() -> None:
    def once(connection: socket.socket, head: bytes) -> None:
        whole(connection, head)
        connection.shutdown(socket.SHUT_RDWR)

    with serving(once) as server:
        async with bulk() as way:
            for _ in range(3):
                assert await read(way, server.url) == BODY
                (kept,) = next(iter(way._kept.values()))
                # Its end has arrived here; one that is under way is the retry policy's to deal with.
                assert await asyncio.to_thread(select.select, [kept.connection.sock], [], [], 10) != (
                    [],
                    [],
                    [],
                )
        assert server.connections == 3


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", HEAD % 100 + b"x" * 99], ids=["none", "head", "body"]
)
async def test_a_broken_connection_is_lost(sent: bytes) -> None:
    def breaks(connection: socket.socket, _: bytes) -> None:
        connection.sendall(sent)
        raise ConnectionResetError

    with serving(breaks) as server:
        async with bulk() as way:
            with pytest.raises(ConnectionLostError) as raised:
                await read(way, server.url)
    assert raised.value.retryable
    assert SECRET not in repr(raised.value) + str(raised.value.__dict__)


async def test_what_came_before_a_break_is_handed_over() -> None:
    def breaks(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD % len(BODY) + BODY[:1_500_000])
        raise ConnectionResetError

    received = b""
    with serving(breaks) as server:
        async with bulk() as way, way.open(server.url, {}) as answer:
            pieces = answer.chunks()
            while len(received) < 1_500_000:
                received += bytes(await anext(pieces))
            with pytest.raises(ConnectionLostError):
                await anext(pieces)
    assert received == BODY[:1_500_000]


async def read_into(way: Bulk, url: str, room: bytearray) -> int:
    with memoryview(room) as view:
        async with way.open(url, {}) as answer:
            return sum([len(piece) async for piece in answer.chunks(view)])


@pytest.mark.parametrize("room", [len(BODY), len(BODY) + 5, 1_000_001, 3])
async def test_a_body_is_put_where_it_is_wanted_as_far_as_there_is_room(room: int) -> None:
    with serving(whole) as server:
        async with bulk() as way:
            for _ in range(2):
                into = bytearray(room)
                assert await read_into(way, server.url, into) == min(room, len(BODY))
                assert into == (BODY + bytes(5))[:room]
        # A connection on which more was to come carries no other answer.
        assert server.connections == (1 if room >= len(BODY) else 2)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY),
        b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY),
    ],
)
async def test_a_body_that_ends_with_its_connection(head: bytes) -> None:
    def closes(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head + BODY)
        connection.shutdown(socket.SHUT_RDWR)

    with serving(closes) as server:
        async with bulk() as way:
            assert await read(way, server.url) == BODY
            into = bytearray(len(BODY))
            assert await read_into(way, server.url, into) == len(BODY)
            assert into == BODY
    assert server.connections == 2


async def test_a_break_leaves_in_the_room_what_came_before() -> None:
    def breaks(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD % len(BODY) + BODY[:1_500_000])
        raise ConnectionResetError

    into = bytearray(len(BODY))
    with serving(breaks) as server:
        async with bulk() as way:
            with pytest.raises(ConnectionLostError):
                await read_into(way, server.url, into)
    assert into == BODY[:1_500_000] + bytes(len(BODY) - 1_500_000)


def test_one_work_after_another_is_done_by_the_same_thread_and_two_at_once_by_two() -> None:
    def names() -> list[str]:
        return [each.name for each in threading.enumerate() if each.name == "driveql-test"]

    seen: list[int] = []
    done = threading.Semaphore(0)
    workers = Workers("driveql-test")

    def work() -> None:
        seen.append(threading.get_ident())
        done.release()

    def begin_and_wait(times: int) -> None:
        for _ in range(times):
            workers.begin(work)
        for _ in range(times):
            assert done.acquire(timeout=10)
        deadline = time.monotonic() + 10
        while workers.waiting < len(set(seen)) and time.monotonic() < deadline:
            time.sleep(0.001)

    for _ in range(20):
        begin_and_wait(1)
    assert len(seen) == 20
    assert len(set(seen)) == 1

    together = threading.Barrier(2, timeout=10)

    def meet() -> None:
        together.wait()
        done.release()

    for _ in range(2):
        workers.begin(meet)
    assert done.acquire(timeout=10)
    assert done.acquire(timeout=10)

    deadline = time.monotonic() + 10
    while names() and time.monotonic() < deadline:
        workers.close()
        time.sleep(0.001)
    assert not names()


async def test_silence_ends_by_the_time_out() -> None:
    silent = threading.Event()

    def waits(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD % 100)
        silent.wait(10)

    with serving(waits) as server:
        async with bulk(timeout=0.2) as way:
            with pytest.raises(RequestTimeoutError):
                await read(way, server.url)
        silent.set()


async def test_chunked_bodies_are_read_and_their_early_end_is_seen() -> None:
    ends = [b"0\r\n\r\n", b""]

    def chunked(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + ends[0])
        if not ends.pop(0):
            raise ConnectionResetError

    with serving(chunked) as server:
        async with bulk() as way:
            assert await read(way, server.url) == b"hello"
            with pytest.raises(ConnectionLostError):
                await read(way, server.url)


@pytest.mark.parametrize("encoding", [b"chunked ", b"identity, chunked", b"gzip"])
async def test_frames_of_an_encoding_that_is_not_known_are_no_content(encoding: bytes) -> None:
    def framed(connection: socket.socket, _: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n" % encoding
        connection.sendall(head + b"5\r\nhello\r\n0\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    with serving(framed) as server:
        async with bulk() as way:
            with pytest.raises(ConnectionLostError):
                await read(way, server.url)


async def test_nobody_there_a_server_without_tls_and_a_proxy_that_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}/file?{SECRET}"
    async with bulk() as way:
        with pytest.raises(ConnectError):
            await read(way, nowhere)

    def refuses(connection: socket.socket, head: bytes) -> None:
        assert head.startswith(b"CONNECT files.example:443 ")
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        raise ConnectionResetError

    with serving(refuses) as server:
        port = urlsplit(server.url).port
        async with bulk(f"http://who:p%40ss@127.0.0.1:{port}") as way:
            with pytest.raises(ConnectError) as raised:
                await read(way, f"https://files.example/file?{SECRET}")
        assert b"Proxy-Authorization: Basic d2hvOnBAc3M=\r\n" in server.heads[0]
        assert "407" in str(raised.value)
        assert SECRET not in str(raised.value)
        with pytest.raises(TransportError) as refused:
            async with bulk(timeout=0.3) as way:
                await read(way, server.url.replace("http:", "https:"))
    assert isinstance(refused.value, TlsError | ConnectError)


def test_which_ways_there_are() -> None:
    trust = ssl.create_default_context()
    ways = {
        (None, "http://h/x"): True, (None, "https://h/x"): True, ("http://p:1", "https://h/x"): True,
        ("http://p:1", "http://h/x"): False, ("https://p:1", "https://h/x"): False,
    }  # fmt: skip
    for (proxy, url), expected in ways.items():
        assert Bulk(trust, lambda _, proxy=proxy: proxy, 1.0).serves(url) is expected  # type: ignore[misc]

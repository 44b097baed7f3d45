"""Large bodies: read by threads over blocking sockets, into buffers that are used again, and handed to the event loop by the MiB.

TLS in an event loop handles every record of 16 KiB in Python and copies it three times; here the interpreter's lock is free
while bytes are received and decrypted. Requests, retries and what a body means are decided where they are for any other.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from multidict import CIMultiDict

from driveql import redaction
from driveql.transport import broken
from driveql.transport.bodies import Body
from driveql.transport.workers import Workers

_CHUNK = 1 << 20
# One being filled, one waiting, one in use.
_BUFFERS = 3
# Buffers that wait for the next body: to make new ones for every range is to have the system clear them again and again.
_BUFFERS_KEPT = 6
_IDLE_SECONDS = 15.0

Item = tuple[int, "CIMultiDict[str]"] | memoryview | BaseException | None


@dataclass(slots=True)
class _Kept:
    """A connection whose last body was read to its end."""

    connection: http.client.HTTPConnection
    since: float = field(default_factory=time.monotonic)

    def usable(self) -> bool:
        """Return True unless it is old, or the server has closed it or sent what nobody asked for."""
        if self.connection.sock is None or time.monotonic() - self.since > _IDLE_SECONDS:
            return False
        return not select.select([self.connection.sock], [], [], 0)[0]


@dataclass(frozen=True, slots=True)
class _Room:
    """Memory of somebody else's, to be filled once."""

    view: memoryview


class Bulk:
    """Connections for large bodies, of one connection's settings.

    Parameters:
        trust: whom TLS trusts. proxy_for: the proxy on the way to a URL. timeout: seconds to connect, and between two reads.
    """

    def __init__(self, trust: ssl.SSLContext, proxy_for: Callable[[str], str | None], timeout: float) -> None:
        self._trust = trust
        self._proxy_for = proxy_for
        self._timeout = timeout
        self._kept: dict[tuple[str, str], list[_Kept]] = {}
        self._buffers: list[bytearray] = []
        self._lock = threading.Lock()
        self.workers = Workers("driveql-bulk")

    def serves(self, url: str) -> bool:
        """Return whether there is a way: to plain servers without a proxy, to TLS servers directly or by a plain proxy."""
        proxy = self._proxy_for(url)
        scheme = urlsplit(url).scheme
        return proxy is None if scheme == "http" else proxy is None or urlsplit(proxy).scheme == "http"

    @contextlib.asynccontextmanager
    async def open(self, url: str, headers: Mapping[str, str]) -> AsyncGenerator[BulkResponse, None]:
        """Send a GET once and give its answer with the body still to be read.

        Raises:
            TransportError: one of its leaves.
        """
        response = BulkResponse(self, url, headers, asyncio.get_running_loop())
        try:
            await response.begin()
            yield response
        finally:
            await response.close()

    def take(self, where: SplitResult) -> http.client.HTTPConnection:
        """Return a connection to a server: one that is kept, or a new one, not yet made."""
        with self._lock:
            kept = self._kept.get((where.scheme, where.netloc), [])
            while kept:
                found = kept.pop()
                if found.usable():
                    return found.connection
                found.connection.close()
        return self._new(where)

    def keep(self, where: SplitResult, connection: http.client.HTTPConnection) -> None:
        """Take back a connection whose answer was read whole."""
        with self._lock:
            self._kept.setdefault((where.scheme, where.netloc), []).append(_Kept(connection))

    def buffer(self) -> bytearray:
        """Return a buffer for a chunk; its content is anything."""
        with self._lock:
            return self._buffers.pop() if self._buffers else bytearray(_CHUNK)

    def give_back(self, buffer: bytearray) -> None:
        """Take back a buffer that nobody uses any more."""
        with self._lock:
            if len(self._buffers) < _BUFFERS_KEPT:
                self._buffers.append(buffer)

    def close(self) -> None:
        """Close the connections that are kept, and let the threads go."""
        self.workers.close()
        with self._lock:
            self._buffers.clear()
            for kept in self._kept.values():
                for each in kept:
                    each.connection.close()
            self._kept.clear()

    def _new(self, where: SplitResult) -> http.client.HTTPConnection:
        host = where.hostname or ""
        if where.scheme == "http":
            return http.client.HTTPConnection(host, where.port, timeout=self._timeout)
        proxy = self._proxy_for(where.geturl())
        if proxy is None:
            return http.client.HTTPSConnection(host, where.port, timeout=self._timeout, context=self._trust)
        parts = urlsplit(proxy)
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 80, timeout=self._timeout, context=self._trust
        )
        connection.set_tunnel(host, where.port or 443, headers=_proxy_headers(parts))
        return connection


class BulkResponse:
    """An answer whose body a thread reads, some chunks ahead of who uses it."""

    def __init__(
        self, bulk: Bulk, url: str, headers: Mapping[str, str], loop: asyncio.AbstractEventLoop
    ) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.received = 0
        self._bulk = bulk
        self._where = urlsplit(url)
        self._sent = dict(headers)
        self._loop = loop
        self._arrived: asyncio.Queue[Item] = asyncio.Queue()
        self._free: queue.SimpleQueue[bytearray | _Room | None] = queue.SimpleQueue()
        self._connection: http.client.HTTPConnection | None = None
        self._stopped = False
        self._whole = False
        self._at_work = False

    async def begin(self) -> None:
        """Send the request, and return when the head of the answer is there."""
        self._at_work = True
        self._bulk.workers.begin(self._run)
        head = await self._next()
        assert isinstance(head, tuple)
        self.status, self.headers = head

    async def chunks(self, into: memoryview | None = None) -> AsyncGenerator[memoryview, None]:
        """Yield the body's bytes as they arrive; each piece is good until the next is asked for.

        Parameters:
            into: where to put them, one after the other, until it is full; the pieces are parts of it, and stay good.

        Raises:
            ConnectionLostError: the body ended early.
            RequestTimeoutError: no byte arrived in time.
        """
        if into is not None:
            self._free.put(_Room(into))
        else:
            for _ in range(_BUFFERS):
                self._free.put(self._bulk.buffer())
        while (chunk := await self._next()) is not None:
            assert isinstance(chunk, memoryview)
            self.received += len(chunk)
            yield chunk
            if into is None:
                buffer = chunk.obj
                chunk.release()
                assert isinstance(buffer, bytearray)
                self._free.put(buffer)

    async def read(self) -> bytes:
        """Return the whole body."""
        return b"".join([bytes(chunk) async for chunk in self.chunks()])

    async def close(self) -> None:
        """Stop the thread, and wait for its end, which the closed socket brings at once."""
        self._stopped = True
        if self._whole:
            self._give_back()
        self._free.put(None)
        connection = self._connection
        if self._at_work and connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                # The plain socket's own: that of TLS would pull the ground from under the thread that reads.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        # Whatever it still hands over, nobody wants; a connection attempt ends by its own time-out.

    def _give_back(self) -> None:
        """Keep the buffers that neither the thread nor whoever had the last piece can still be using."""
        with contextlib.suppress(queue.Empty):
            while isinstance(buffer := self._free.get_nowait(), bytearray):
                self._bulk.give_back(buffer)

    async def _next(self) -> Item:
        item = await self._arrived.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _tell(self, item: Item) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, item)

    def _run(self) -> None:
        shown = redaction.origin(self._where.geturl()).rpartition("/")[0]
        connection = self._connection = self._bulk.take(self._where)
        connected = False
        try:
            if connection.sock is None:
                connection.connect()
            connected = True
            if self._stopped:
                return
            target = self._where._replace(scheme="", netloc="", fragment="").geturl() or "/"
            connection.request("GET", target, headers=self._sent)
            answer = connection.getresponse()
            if answer.headers.defects:
                raise http.client.BadStatusLine("the head of the answer is broken")
            if answer.headers.get("Transfer-Encoding") and not answer.chunked:
                # http.client knows `chunked` alone, and would hand over the frames of anything else as content.
                raise http.client.BadStatusLine("the answer's transfer encoding is not known")
            self._tell((answer.status, CIMultiDict(answer.getheaders())))
            self._carry(Body(answer, connection), connection)
        except Exception as error:
            self._tell(_translate(error, shown, connected))
        finally:
            if self._connection is not None:
                connection.close()
            self._at_work = False

    def _carry(self, body: Body, connection: http.client.HTTPConnection) -> None:
        """Hand the body over; keep the connection where it was read to its end."""
        while (buffer := self._free.get()) is not None:
            view = buffer.view if isinstance(buffer, _Room) else memoryview(buffer)
            before = body.received
            try:
                body.fill(view)
                if body.leaves_connection:
                    # Before the last bytes are handed over: who has them all asks for no more, and closes.
                    self._connection = None
                    self._bulk.keep(self._where, connection)
            finally:
                # From here on this thread takes no other buffer.
                self._whole = body.ended and not body.missing
                filled = body.received - before
                if filled:
                    self._tell(view[:filled])
            if body.ended and body.missing:
                raise http.client.IncompleteRead(b"", body.missing)
            is_full = isinstance(buffer, _Room) and filled == len(view)
            if body.ended or is_full:
                # Whoever owns the memory may do with it what he likes as soon as he knows.
                view.release()
                self._tell(None)
                return
            if isinstance(buffer, _Room):
                self._free.put(_Room(view[filled:]))


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _translate(error: Exception, where: str, connected: bool) -> Exception:
    if not isinstance(error, OSError | http.client.HTTPException | ValueError):
        return error
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
        return broken.tls_failed(where, redaction.text(error.reason or type(error).__name__))
    if isinstance(error, http.client.InvalidURL | UnicodeError):
        return broken.unusable_url(where)
    reason = redaction.text(getattr(error, "strerror", None) or type(error).__name__)
    if (
        not connected
        and isinstance(error, OSError)
        and error.strerror is None
        and str(error).startswith("Tunnel")
    ):
        return broken.refused_by_proxy(where, redaction.text(str(error)))
    if not connected:
        return broken.unreachable(where, reason)
    if isinstance(error, TimeoutError):
        return broken.timed_out(where)
    return broken.lost(where, reason)

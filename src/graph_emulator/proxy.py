"""An HTTP CONNECT proxy that leads the service's host names to the emulator, and no one anywhere else.

Unmodified programs reach the emulator through it under the real names: they are given a proxy and a CA, nothing more.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
from collections.abc import Mapping
from fnmatch import fnmatch

MAX_HEAD = 16_384  # bytes of request line and headers
HEAD_SECONDS = 30.0
CHUNK = 65_536

Endpoint = tuple[str, int]


class ConnectProxy:
    """Tunnels CONNECT requests for the hosts of `routes` (names or patterns such as `*.sharepoint.com`).

    `credentials` are (user, password) asked for by HTTP Basic. `connected` and `refused` list "host:port" as asked.
    """

    def __init__(self, routes: Mapping[str, Endpoint], *, credentials: tuple[str, str] | None = None) -> None:
        self._routes = {pattern.casefold(): endpoint for pattern, endpoint in routes.items()}
        self._expected = None
        if credentials is not None:
            self._expected = b"basic " + base64.b64encode(":".join(credentials).encode("utf-8"))
        self._server: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connected: list[str] = []
        self.refused: list[str] = []

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen, and return the port."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Stop listening and end every tunnel."""
        if self._server is not None:
            self._server.close()
        for tunnel in list(self._tunnels):
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tunnels.add(task)
            task.add_done_callback(self._tunnels.discard)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # a tunnel ends with either of its ends, or with the proxy
        finally:
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            await _answer(writer, "400 Bad Request")
            return
        method, target, authorization = _parse(head)
        if self._expected is not None and not _same(authorization, self._expected):
            challenge = 'Proxy-Authenticate: Basic realm="emulator"\r\n'
            await _answer(writer, "407 Proxy Authentication Required", challenge)
            return
        if method != "CONNECT":
            self.refused.append(target)
            await _answer(writer, "405 Method Not Allowed", "Allow: CONNECT\r\n")
            return
        endpoint = self._endpoint(target)
        if endpoint is None:
            self.refused.append(target)
            await _answer(writer, "403 Forbidden")
            return
        await self._tunnel(endpoint, target, reader, writer)

    def _endpoint(self, target: str) -> Endpoint | None:
        host = target.rpartition(":")[0].casefold()
        return next((to for pattern, to in self._routes.items() if fnmatch(host, pattern)), None)

    async def _tunnel(
        self, endpoint: Endpoint, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*endpoint)
        except OSError:
            await _answer(writer, "502 Bad Gateway")
            return
        self.connected.append(target)
        try:
            writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
            await asyncio.gather(_pump(reader, upstream_writer), _pump(upstream_reader, writer))
        finally:
            await _close(upstream_writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes until the sender ends, then tell the receiver."""
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        writer.close()  # a broken end breaks the whole tunnel, as a cut cable does
        return
    if writer.can_write_eof():
        with contextlib.suppress(OSError):
            writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, status: str, headers: str = "") -> None:
    with contextlib.suppress(OSError):
        writer.write(f"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()


def _parse(head: bytes) -> tuple[str, str, bytes]:
    """Return method, target and Proxy-Authorization of a request's head."""
    line, *fields = head.split(b"\r\n")
    words = line.decode("latin-1").split(" ")
    authorization = b""
    for field in fields:
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"proxy-authorization":
            authorization = value.strip()
    return words[0].upper(), words[1] if len(words) > 1 else "", authorization


def _same(given: bytes, expected: bytes) -> bool:
    scheme, _, value = given.partition(b" ")
    return hmac.compare_digest(scheme.lower() + b" " + value.strip(), expected)

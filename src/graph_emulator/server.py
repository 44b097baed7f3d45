"""The emulator on sockets: HTTP, TLS and the CONNECT proxy. Targets reach the emulator as they were sent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import ClientPayloadError, web
from multidict import CIMultiDict

from graph_emulator.links import GRAPH_HOST, LOGIN_HOST
from graph_emulator.messages import Request, Response
from graph_emulator.proxy import ConnectProxy
from graph_emulator.records import without_secrets
from graph_emulator.running import Running
from graph_emulator.tls import CertificateAuthority

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator

_LOG = logging.getLogger("graph_emulator")
_LINE_LIMIT = 65_536
_PROXIED = (GRAPH_HOST, LOGIN_HOST, "login.windows.net", "login.microsoft.com", "*.sharepoint.com")


@contextlib.asynccontextmanager
async def serve(
    emulator: Emulator,
    *,
    port: int = 0,
    tls_port: int | None = None,
    proxy_port: int | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[Running]:
    """Listen until the block ends. Port 0 takes any free one. The proxy needs TLS and brings it along."""
    if proxy_port is not None and tls_port is None:
        tls_port = 0
    async with contextlib.AsyncExitStack() as stack:
        server = web.Server(
            _Adaptor(emulator).respond,
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
            access_log=None,
            auto_decompress=False,
        )
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(_stop, server, runner)
        plain = await _listen(runner, host, port)
        secure, ca_path, proxy = None, None, None
        if tls_port is not None:
            authority = CertificateAuthority()
            secure = await _listen(runner, host, tls_port, authority)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graph-emulator-ca-")))
            ca_path = folder / "ca.pem"
            ca_path.write_bytes(authority.ca_pem)
        if proxy_port is not None and secure is not None:
            proxy = ConnectProxy(dict.fromkeys(_PROXIED, (host, secure)))
            await proxy.start(proxy_port, host)
            stack.push_async_callback(proxy.stop)
        await stack.enter_async_context(emulator.kept())
        await stack.enter_async_context(emulator.notifier.running())
        yield Running(
            emulator, host, plain, secure, proxy.port if proxy is not None else None, ca_path, proxy
        )


@contextlib.contextmanager
def serve_in_thread(
    emulator: Emulator,
    *,
    port: int = 0,
    tls_port: int | None = None,
    proxy_port: int | None = None,
    host: str = "127.0.0.1",
) -> Iterator[Running]:
    """Listen in a thread with an event loop of its own until the block ends."""
    box: list[tuple[Running, asyncio.AbstractEventLoop, asyncio.Event]] = []
    failure: list[BaseException] = []
    ready = threading.Event()

    async def main() -> None:
        stop = asyncio.Event()
        async with serve(emulator, port=port, tls_port=tls_port, proxy_port=proxy_port, host=host) as running:
            box.append((running, asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failure.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="graph-emulator", daemon=True)
    thread.start()
    ready.wait()
    if not box:
        thread.join()
        raise failure[0]
    running, loop, stop = box[0]
    try:
        yield running
    finally:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)
        thread.join()
    if failure:
        raise failure[0]


async def _stop(server: web.Server, runner: web.ServerRunner) -> None:
    """Stop listening, and cut what is left open: a TLS peer that sleeps never answers the farewell."""
    left = [connection.transport for connection in server.connections if connection.transport is not None]
    await runner.cleanup()
    for transport in left:
        transport.abort()
    await asyncio.sleep(0)


async def _listen(
    runner: web.ServerRunner, host: str, port: int, authority: CertificateAuthority | None = None
) -> int:
    """Listen on `host`, and on the same port of the other loopback address where the machine has one."""
    context = authority.server_context() if authority is not None else None
    site = web.TCPSite(runner, host, port, ssl_context=context, backlog=1024)
    await site.start()
    sockets = site._server.sockets if isinstance(site._server, asyncio.Server) else ()
    bound = next((int(each.getsockname()[1]) for each in sockets), port)
    if host == "127.0.0.1" and socket.has_ipv6:
        with contextlib.suppress(OSError):
            await web.TCPSite(runner, "::1", bound, ssl_context=context, backlog=1024).start()
    return bound


class _Adaptor:
    """Turns what aiohttp received into a Request, and a Response into what aiohttp sends."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def respond(self, http: web.BaseRequest) -> web.StreamResponse:
        try:
            response = await self._emulator.handle(_request(http))
        except (ConnectionError, ClientPayloadError):
            # Its body ends where it had more to send: it has gone, which is its right.
            _LOG.info("The client left in the middle of %s %s.", http.method, without_secrets(http.path))
            return _abort(http)
        if response.drop:
            return _abort(http)
        if response.truncate_after is not None:
            return await _send_truncated(http, response, response.truncate_after)
        if isinstance(response.body, bytes):
            if http.method == "HEAD" and response.content_length is not None:
                response.headers["Content-Length"] = str(response.content_length)
            return web.Response(status=response.status, headers=response.headers, body=response.body or None)
        return await _send_stream(http, response)


def _request(http: web.BaseRequest) -> Request:
    target = http.raw_path
    if not target.startswith("/"):
        parts = urlsplit(target)
        target = parts.path + (f"?{parts.query}" if parts.query else "")

    def body() -> AsyncIterator[bytes]:
        return http.content.iter_any()

    return Request(
        http.method,
        f"{http.scheme}://{http.host}",
        target,
        CIMultiDict(http.headers),
        body if http.body_exists else b"",
    )


async def _send_stream(http: web.BaseRequest, response: Response) -> web.StreamResponse:
    sent = web.StreamResponse(status=response.status, headers=response.headers)
    if response.content_length is not None:
        sent.content_length = response.content_length
    if not await _sent(http, sent.prepare(http)):
        return sent
    async for part in _parts(response.body):
        if not await _sent(http, sent.write(part)):
            return sent
    await _sent(http, sent.write_eof())
    return sent


async def _send_truncated(http: web.BaseRequest, response: Response, limit: int) -> web.StreamResponse:
    """Announce the whole body, send its first `limit` bytes and close the connection."""
    body = response.body
    sent = web.StreamResponse(status=response.status, headers=response.headers)
    sent.content_length = len(body) if isinstance(body, bytes) else response.content_length
    if not await _sent(http, sent.prepare(http)):
        return sent
    left = limit
    async for part in _parts(body):
        if not await _sent(http, sent.write(part[:left])):
            break
        left -= len(part)
        if left <= 0:
            break
    if http.transport is not None:
        http.transport.close()
    return sent


async def _sent(http: web.BaseRequest, sending: Awaitable[object]) -> bool:
    """Send a part of an answer. Return False where the client has gone, which is its right: that is told in one quiet line."""
    try:
        await sending
    except ConnectionError:
        # Without the query, which signs addresses of content.
        _LOG.info("The client left in the middle of the answer to %s %s.", http.method, http.path)
        return False
    return True


async def _parts(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    async for part in body:
        yield part


def _abort(http: web.BaseRequest) -> web.StreamResponse:
    """Close the connection without an answer."""
    if http.transport is not None:
        http.transport.abort()
    return web.Response(status=499)

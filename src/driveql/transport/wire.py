"""One aiohttp session for everything but large bodies (`bulk.py`), and aiohttp's exceptions turned into leaves of our tree.

A request leaves here exactly once per call. Redirects are not followed: who may see the token is decided above.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from multidict import CIMultiDict
from yarl import URL

from driveql import errors, redaction
from driveql.connection.settings import ConnectionSettings
from driveql.connection.web_addresses import is_loopback
from driveql.errors import ConfigurationError, ProtocolError, TransportError
from driveql.transport import broken
from driveql.transport.bulk import Bulk, BulkResponse

_READ_SIZE = 1 << 18


@dataclass(frozen=True, slots=True)
class GraphResponse:
    """A whole answer: status, headers (looked up without regard to case), body bytes; `doing` names the request in errors."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    doing: str = ""

    def json(self) -> Any:
        """Return the decoded body.

        Raises:
            ProtocolError: the body is not JSON.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            kind = self.headers.get("Content-Type", "no content type")
            raise ProtocolError(
                f"{self._shown} ({self.status}, {kind}) is not JSON.",
                request_id=self.headers.get("request-id"),
                hint="A proxy or captive portal between here and Microsoft may have answered instead.",
            ) from error

    def object(self) -> dict[str, Any]:
        """Return the decoded body where it is a JSON object, as nearly all of Graph's are.

        Raises:
            ProtocolError: the body is not JSON, or something else in JSON.
        """
        content = self.json()
        if not isinstance(content, dict):
            raise ProtocolError(
                f"{self._shown} ({self.status}) is JSON, but not the object that is due.",
                request_id=self.headers.get("request-id"),
                hint="Report this with the request id.",
            )
        return content

    @property
    def _shown(self) -> str:
        return f"{self.doing}: the server's answer" if self.doing else "The server's answer"


@dataclass(frozen=True, slots=True)
class Stream:
    """A body of known length that is read while it is sent; `pieces` begins it anew for every try."""

    length: int
    pieces: Callable[[], AsyncIterator[bytes]]


Body = bytes | Stream
# A memoryview is good until the next piece is asked for.
Piece = bytes | memoryview


class StreamedResponse:
    """An answer whose body is read piece by piece."""

    def __init__(self, response: aiohttp.ClientResponse, where: str) -> None:
        self._response = response
        self._where = where
        self.status = response.status
        self.received = 0
        self.headers: Mapping[str, str] = CIMultiDict(response.headers)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the body's bytes as they arrive.

        Raises:
            ConnectionLostError: the body ended early.
            RequestTimeoutError: no byte arrived in time.
        """
        with translated(self._where):
            async for chunk in self._response.content.iter_chunked(_READ_SIZE):
                self.received += len(chunk)
                yield chunk

    async def read(self) -> bytes:
        """Return the whole body."""
        return b"".join([chunk async for chunk in self.chunks()])


Streamed = StreamedResponse | BulkResponse


class Wire:
    """One aiohttp session with the connection's proxy, trust and time-outs; bound to the running loop."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._proxy = settings.proxy
        self._environment_proxies = getproxies() if settings.proxy is None else {}
        trust = _trust(settings)
        self.bulk = Bulk(trust, self._proxy_for, settings.timeout)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust, limit=0, keepalive_timeout=15),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=settings.timeout, sock_read=settings.timeout, connect=None
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers={"User-Agent"},
        )
        # aiohttp would send idempotent requests a second time by itself; what is repeated is the retry policy's to say.
        self._session._retry_connection = False

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None
    ) -> GraphResponse:
        """Send one request and read its whole answer.

        Raises:
            TransportError: one of its leaves; whether the request was sent is told by the leaf.
        """
        async with self.open(method, url, headers, body) as response:
            return GraphResponse(response.status, response.headers, await response.read())

    @contextlib.asynccontextmanager
    async def open(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None
    ) -> AsyncGenerator[StreamedResponse, None]:
        """Send one request and give its answer with the body still to be read."""
        where = redaction.origin(url).rpartition("/")[0]
        with translated(where):
            response = await self._session.request(
                method, URL(url, encoded=True), headers=headers, data=_payload(body), allow_redirects=False,
                proxy=self._proxy_for(url),
            )  # fmt: skip
        try:
            yield StreamedResponse(response, where)
        finally:
            response.release() if response.content.at_eof() else response.close()

    async def close(self) -> None:
        """Close every connection."""
        self.bulk.close()
        await self._session.close()

    def _proxy_for(self, url: str) -> str | None:
        if self._proxy is not None:
            return self._proxy or None
        parts = urlsplit(url)
        if is_loopback(parts.hostname or ""):
            # No proxy elsewhere reaches this machine's own emulator; browsers leave loopback out too.
            return None
        proxy = self._environment_proxies.get(parts.scheme) or self._environment_proxies.get("all")
        return None if not proxy or proxy_bypass(parts.netloc) else proxy


def _payload(body: Body | None) -> Any:
    if isinstance(body, Stream):
        return body.pieces()
    return io.BytesIO(body) if body else body


def _trust(settings: ConnectionSettings) -> ssl.SSLContext:
    if settings.ca_bundle is None:
        return _system_trust(_state_of_system_trust())
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(settings.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"CaBundle {settings.ca_bundle} cannot be read as PEM certificates.",
            hint="Give a file of one or more BEGIN CERTIFICATE blocks.",
        ) from error
    return context


@functools.lru_cache(maxsize=1)
def _system_trust(_state: object) -> ssl.SSLContext:
    """Return the system's trust; to read some hundred certificates takes longer than most requests."""
    return ssl.create_default_context()


def _state_of_system_trust() -> object:
    """Return what changes when other certificates are trusted, so that a connection made later trusts those."""
    paths = ssl.get_default_verify_paths()
    found = []
    for path in (paths.cafile, paths.capath):
        with contextlib.suppress(OSError):
            state = Path(path).stat() if path else None
            found.append((path, state and (state.st_mtime_ns, state.st_size, state.st_ino)))
    return os.getpid(), os.environ.get("SSLKEYLOGFILE"), tuple(found)


@contextlib.contextmanager
def translated(where: str) -> Any:
    """Turn aiohttp's and the operating system's exceptions into leaves of our tree, naming only the host."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise _translate(error, where) from None


def _translate(error: Exception, where: str) -> TransportError | ProtocolError:
    reason = redaction.text(str(getattr(error, "os_error", None) or error) or type(error).__name__)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError | ssl.SSLError):
        return broken.tls_failed(where, reason)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return broken.refused_by_proxy(where, f"{error.status} {redaction.text(error.message)}")
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return errors.ConnectError(
            f"The proxy {error.host}:{error.port} on the way to {where} cannot be reached: {reason}.",
            hint="Check Proxy, or the HTTPS_PROXY of the environment; Proxy=none does without.",
            retryable=True,
        )
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return errors.ConnectError(f"No connection to {where} could be made in time.", retryable=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return broken.unreachable(where, reason)
    if isinstance(error, TimeoutError):
        return broken.timed_out(where)
    if isinstance(error, aiohttp.InvalidURL | ValueError) and not isinstance(
        error, aiohttp.ClientPayloadError
    ):
        return broken.unusable_url(where)
    return broken.lost(where, reason)

"""A connection's way to Graph: token, pause, send, and on failure what the retry policy says.

The bearer token goes to the connection's own Graph origin and nowhere else; pre-authenticated URLs go without it.
All state that belongs to an event loop is made on first use in that loop, so a session survives fork and a new loop.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

import orjson

from driveql import redaction
from driveql._version import __version__
from driveql.auth.credential import AccessToken, TokenResponse, credential_for
from driveql.connection.settings import ConnectionSettings
from driveql.errors import ConfigurationError, ItemChangedError, NotFoundError, ProtocolError, TransportError
from driveql.graph.addresses import Address
from driveql.graph.paging import Page, Pager, origin
from driveql.graph.retry import RetryPolicy
from driveql.transport.attempts import Attempts, Statistics, policy_of
from driveql.transport.loop_state import LoopState, here
from driveql.transport.trace import TraceEvent, TraceHook, open_telemetry_hook, tell
from driveql.transport.wire import Body, GraphResponse, Stream, Streamed, StreamedResponse

USER_AGENT = f"NONISV|driveql|driveql/{__version__}"
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# How far change listings and search were seen to lag behind writes (facts.md: 5 to 60 s), with a margin.
LAG_SECONDS = 120.0
_CLAIMS = re.compile(r'claims="([^"]+)"')

_Open = TypeVar("_Open", bound=Streamed)


class GraphSession:
    """Requests to Microsoft Graph on one connection.

    Parameters:
        settings: the connection.
        credential: any azure-core credential object (synchronous or not), or one of driveql's own; by default what the
            settings say.
        trace: called with a `TraceEvent` for every try of every request.
        retry: the retry policy; by default what the settings say.

    `wrote` is called with the URL of every try that may have changed something, before it and after it, however it ended.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        credential: object | None = None,
        trace: TraceHook | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.settings = settings
        self.statistics = Statistics()
        self._credential = credential_for(settings, credential)
        self._hook = trace or open_telemetry_hook()
        self._policy = retry or policy_of(settings)
        self._states: dict[tuple[int, int], LoopState] = {}
        self._last_write = -LAG_SECONDS
        self.wrote: Callable[[str], None] | None = None

    @property
    def wrote_lately(self) -> bool:
        """True while the service's change listing may not show yet what this connection wrote."""
        return time.monotonic() - self._last_write < LAG_SECONDS

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections that the running loop opened, and give up a token request under way there."""
        state = self._states.pop(here(), None)
        if state is not None:
            await state.tokens.close()
            await state.wire.close()

    async def access_token(self) -> AccessToken:
        """Return a valid access token, asking Entra ID for one where none is kept.

        Raises:
            AuthenticationError: Entra ID refused.
        """
        return await self._state().tokens.token(self._post_form)

    async def request(
        self,
        method: str,
        address: Address | str,
        *,
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe_to_repeat: bool | None = None,
        final: Collection[int] = (),
    ) -> GraphResponse:
        """Send a request to Graph and return its successful answer (any status below 400).

        Parameters:
            address: below `/v1.0`, or an absolute URL on the connection's own Graph origin (a next link).
            json: sent as a JSON body. body: sent as it is.
            safe_to_repeat: sending twice does no more than once; by default true of all methods but POST and PATCH.
            final: statuses that are not waited out here, whatever the retry parameters say.

        Raises:
            ConfigurationError: the connection is ReadOnly and the method writes; nothing was sent.
            AuthenticationError: no token could be had, or Graph refused it twice.
            ApiError: Graph answered with an error, after the tries that the retry parameters allow.
            TransportError: no answer arrived, likewise.
        """
        if self.settings.read_only and method not in _READS:
            raise ConfigurationError(
                f"{method} was not sent: the connection is ReadOnly.",
                hint="Use a connection without ReadOnly=True.",
            )
        url = self._own_url(address)
        content = orjson.dumps(json) if json is not None else body
        extra = {"Content-Type": "application/json"} if json is not None else {}
        attempts = self._attempts(method, url, safe_to_repeat)
        attempts.final = frozenset(final)
        renewed = False
        while True:
            token = await self.access_token()
            sent = (
                self._headers(method)
                | extra
                | dict(headers or {})
                | {"Authorization": f"Bearer {token.value}"}
            )
            with self._noted(url, writes=method not in _READS):
                outcome = await self._try(attempts, method, url, sent, content)
            if method not in _READS:
                self._last_write = time.monotonic()
            if isinstance(outcome, GraphResponse) and outcome.status < 400:
                return replace(outcome, doing=attempts.doing)
            if isinstance(outcome, GraphResponse) and outcome.status == 401 and not renewed:
                renewed = True
                self._state().tokens.invalidate(token, _claims_challenge(outcome))
                continue
            await self._after_failure(attempts, outcome)

    def check_writable(self, method: str) -> None:
        """Raise ConfigurationError where the connection is ReadOnly and the method writes."""
        if self.settings.read_only and method not in _READS:
            raise ConfigurationError(
                f"{method} was not sent: the connection is ReadOnly.",
                hint="Use a connection without ReadOnly=True.",
            )

    async def pages(
        self, address: Address, *, headers: Mapping[str, str] | None = None, ahead: bool = True
    ) -> AsyncGenerator[Page, None]:
        """Yield every page of a listing; while one is used, the next is already asked for.

        Parameters:
            ahead: false where the caller may well stop after a page: the next is asked for when it is wanted.

        Raises:
            NotFoundError: there is no such collection. Only the first page says so.
            ItemChangedError: it vanished while it was listed.
            ProtocolError: a next link repeats or leads to another host; what came before was delivered, the end was not.
        """
        pager = Pager(self.settings.graph_url, f"GET {unquote(address.path)}", self._own_url(address))

        def asked(where: Address | str) -> asyncio.Future[GraphResponse]:
            return asyncio.ensure_future(self.request("GET", where, headers=headers))

        upcoming: asyncio.Future[GraphResponse] | None = asked(address)
        try:
            began = False
            while upcoming is not None:
                try:
                    answer = await upcoming
                except NotFoundError as gone:
                    if not began:
                        raise
                    raise vanished(f"what GET {unquote(address.path)} lists", gone) from gone
                began = True
                page, link = pager.read(answer.json())
                upcoming = asked(link) if link and ahead else None
                # Its turn to be sent: whoever uses the page may not come back to the event loop for a while.
                await asyncio.sleep(0)
                yield page
                if link and not ahead:
                    upcoming = asked(link)
        finally:
            if upcoming is not None:
                upcoming.cancel()
                await asyncio.gather(upcoming, return_exceptions=True)

    async def send_unauthenticated(
        self, method: str, url: str, *, body: Body | None = None, headers: Mapping[str, str] | None = None
    ) -> GraphResponse:
        """Send one try to a pre-authenticated URL, without the token, and return whatever it answers.

        Raises:
            TransportError: no answer arrived.
        """
        bare = self._bare_headers(headers)
        # A GET here asks how far a copy or an upload is: it may be the one that says it is done.
        with self._noted(url, writes=True):
            outcome = await self._try(self.attempts(method, url), method, url, bare, body)
        if method not in _READS:
            self._last_write = time.monotonic()
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    def open_unauthenticated(
        self, url: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        """GET a pre-authenticated URL once, without the token, the body still to be read."""
        return self._opened(url, self._state().wire.open("GET", url, self._bare_headers(headers), None))

    def open_bulk(
        self, url: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[Streamed]:
        """As `open_unauthenticated`, for a large body: in memoryviews of a MiB, each good until the next is asked for."""
        bulk = self._state().wire.bulk
        if not bulk.serves(url):
            return self.open_unauthenticated(url, headers=headers)
        return self._opened(url, bulk.open(url, self._bare_headers(headers)))

    @contextlib.asynccontextmanager
    async def _opened(self, url: str, way: AbstractAsyncContextManager[_Open]) -> AsyncIterator[_Open]:
        state = self._state()
        started = time.monotonic()
        async with state.turn(state.pacer(url)), way as response:
            self.statistics.requests += 1
            try:
                yield response
            finally:
                # Told when the body is read or given up, so that its bytes are known.
                tell(
                    TraceEvent(
                        method="GET", url=redaction.origin(url), attempt=1, seconds=time.monotonic() - started,
                        status=response.status, request_id=response.headers.get("request-id"),
                        bytes_received=response.received,
                    ),
                    self._hook,
                )  # fmt: skip

    def attempts(self, method: str, url: str, *, safe_to_repeat: bool = True) -> Attempts:
        """Return the try counter for a request whose loop the caller owns (downloads, fragments)."""
        return self._attempts(method, url, safe_to_repeat)

    async def after_failure(self, attempts: Attempts, failure: GraphResponse | TransportError) -> None:
        """Wait as the policy says, or raise the final error."""
        await self._after_failure(attempts, failure)

    @contextlib.contextmanager
    def _noted(self, url: str, *, writes: bool) -> Iterator[None]:
        if not writes or self.wrote is None:
            yield
            return
        self.wrote(url)
        try:
            yield
        finally:
            self.wrote(url)

    def _state(self) -> LoopState:
        place = here()
        state = self._states.get(place)
        if state is None:
            state = self._states[place] = LoopState(self.settings, self._credential)
        return state

    def _attempts(self, method: str, url: str, safe_to_repeat: bool | None) -> Attempts:
        own = origin(url) == origin(self.settings.graph_url)
        shown = unquote(urlsplit(url).path.removeprefix("/v1.0")) if own else redaction.origin(url)
        return Attempts(
            policy=self._policy,
            pacer=self._state().pacer(url),
            statistics=self.statistics,
            doing=f"{method} {shown}",
            safe_to_repeat=method in _REPEATABLE if safe_to_repeat is None else safe_to_repeat,
            clock=time.monotonic,
            wall=time.time,
        )

    def _own_url(self, address: Address | str) -> str:
        if isinstance(address, Address):
            return address.url(self.settings.graph_url)
        if origin(address) != origin(self.settings.graph_url):
            raise ProtocolError(
                f"The access token is not sent to {redaction.origin(address)}.",
                hint=f"Requests with the token go to {self.settings.graph_url} only.",
            )
        return address

    def _headers(self, method: str) -> dict[str, str]:
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            **dict(self.settings.extra_headers),
        }
        if method == "GET" and self.settings.search_option_for_non_indexed_fields:
            headers["Prefer"] = self.settings.search_option_for_non_indexed_fields
        return headers

    def _bare_headers(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        bare = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **dict(headers or {})}
        if any(name.casefold() == "authorization" for name in bare):
            raise ConfigurationError("A pre-authenticated URL must not receive an Authorization header.")
        return bare

    async def _try(
        self, attempts: Attempts, method: str, url: str, headers: dict[str, str], body: Body | None
    ) -> GraphResponse | TransportError:
        state = self._state()
        headers["client-request-id"] = identifier = str(uuid.uuid4())
        async with state.turn(attempts.pacer):
            number = attempts.begin()
            self.statistics.requests += 1
            started = time.monotonic()
            try:
                outcome: GraphResponse | TransportError = await state.wire.send(method, url, headers, body)
            except TransportError as error:
                outcome = error
        self._tell(method, url, number, time.monotonic() - started, identifier, body, outcome)
        return outcome

    async def _after_failure(self, attempts: Attempts, failure: GraphResponse | TransportError) -> None:
        await attempts.wait(attempts.judge(failure))

    def _tell(
        self,
        method: str,
        url: str,
        attempt: int,
        seconds: float,
        identifier: str,
        body: Body | None,
        outcome: GraphResponse | TransportError,
    ) -> None:
        answered = isinstance(outcome, GraphResponse)
        received = len(outcome.body) if isinstance(outcome, GraphResponse) else 0
        self.statistics.bytes_sent += _length(body)
        self.statistics.bytes_received += received
        own = origin(url) in {origin(self.settings.graph_url), origin(self.settings.token_url)}
        tell(
            TraceEvent(
                method=method,
                url=redaction.url(url) if own else redaction.origin(url),
                attempt=attempt,
                seconds=seconds,
                status=outcome.status if isinstance(outcome, GraphResponse) else None,
                failure=None if answered else type(outcome).__name__,
                client_request_id=identifier,
                request_id=outcome.headers.get("request-id") if isinstance(outcome, GraphResponse) else None,
                bytes_sent=_length(body),
                bytes_received=received,
            ),
            self._hook,
        )

    async def _post_form(self, url: str, form: Mapping[str, str]) -> TokenResponse:
        attempts = self._attempts("POST", url, True)
        attempts.doing = f"POST {redaction.url(url)}"
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        content = urlencode(form).encode()
        while True:
            outcome = await self._try(attempts, "POST", url, dict(headers), content)
            self.statistics.token_requests += 1
            if isinstance(outcome, GraphResponse) and outcome.status not in {429, 500, 502, 503, 504}:
                return TokenResponse(outcome.status, outcome.body, outcome.headers)
            await self._after_failure(attempts, outcome)


def vanished(what: str, gone: NotFoundError) -> ItemChangedError:
    """Return the error for something that was there when a listing began: to be missing in the middle is no end of it."""
    return ItemChangedError(
        f"The listing is incomplete: {what} vanished meanwhile.",
        status=gone.status,
        code=gone.code,
        request_id=gone.request_id,
        hint="Somebody deleted or moved it. List again.",
        retryable=True,
    )


def _length(body: Body | None) -> int:
    return body.length if isinstance(body, Stream) else len(body or b"")


def _claims_challenge(answer: GraphResponse) -> str | None:
    match = _CLAIMS.search(answer.headers.get("WWW-Authenticate", ""))
    if not match:
        return None
    try:
        text = base64.b64decode(match.group(1) + "=" * (-len(match.group(1)) % 4), validate=True).decode()
        orjson.loads(text)
    except (binascii.Error, UnicodeDecodeError, orjson.JSONDecodeError):
        return None
    return text

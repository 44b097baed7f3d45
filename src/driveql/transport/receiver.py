"""A small receiver of change notifications: answers the service's validation, and hands on what carries the client state.

It answers within the service's time because it only checks and queues. When the queue is full it answers 503, and the
service delivers again later.
Source: https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from driveql.errors import ConfigurationError, ConnectError, ProtocolError
from driveql.graph import notifications
from driveql.graph.notifications import Notification

BODY_BYTES = 4 << 20
TOKEN_CHARACTERS = 4096

logger = logging.getLogger("driveql.transport")


class Receiver:
    """Listens for notifications. Use it as an asynchronous context manager, then iterate over `notifications()`.

    Parameters:
        host, port: where to listen; port 0 takes a free one. path: of the URL.
        public_url: how the service reaches this receiver, where a proxy stands before it; https.
        tls: to answer https itself; without it a proxy has to.
        client_state: what subscriptions to this receiver are made with; a random one by default.
        capacity: notifications kept until they are read.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        path: str = "/notifications",
        public_url: str | None = None,
        tls: ssl.SSLContext | None = None,
        client_state: str | None = None,
        capacity: int = 1000,
    ) -> None:
        if not path.startswith("/"):
            raise ConfigurationError(f"The receiver's path {path!r} does not begin with a slash.")
        self.client_state = notifications.check_client_state(
            secrets.token_urlsafe(32) if client_state is None else client_state
        )
        self.refused = 0
        self._where = (host, port)
        self._path = path
        self._public_url = notifications.check_url(public_url) if public_url is not None else None
        self._tls = tls
        self._queue: asyncio.Queue[Notification] = asyncio.Queue()
        self._capacity = capacity
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    def __repr__(self) -> str:
        return f"Receiver({self._where[0]!r}, path={self._path!r})"

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=BODY_BYTES)
        application.router.add_post(self._path, self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, *self._where, ssl_context=self._tls)
        try:
            await self._site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConnectError(
                f"The receiver cannot listen on {self._where[0]} port {self._where[1]}: {error.strerror or error}."
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = self._site = None

    @property
    def url(self) -> str:
        """The URL to subscribe with.

        Raises:
            ConfigurationError: the receiver is not listening.
        """
        if self._runner is None or not self._runner.addresses:
            raise ConfigurationError("The receiver is not listening.", hint="Use it in `async with`.")
        if self._public_url is not None:
            return self._public_url
        return self.local_url

    @property
    def local_url(self) -> str:
        """The URL on this machine, which a proxy before it hands requests on to.

        Raises:
            ConfigurationError: the receiver is not listening.
        """
        if self._runner is None or not self._runner.addresses:
            raise ConfigurationError("The receiver is not listening.", hint="Use it in `async with`.")
        host, port = self._runner.addresses[0][:2]
        shown = f"[{host}]" if ":" in host else host
        return urlsplit(f"{'https' if self._tls else 'http'}://{shown}:{port}{self._path}").geturl()

    async def next(self) -> Notification:
        """Wait for one notification."""
        return await self._queue.get()

    async def notifications(self) -> AsyncGenerator[Notification, None]:
        """Yield notifications as they arrive, without end. Each came at least once; delta says what changed."""
        while True:
            yield await self._queue.get()

    async def _answer(self, request: web.Request) -> web.Response:
        token = request.query.get("validationToken")
        if token is not None:
            if len(token) > TOKEN_CHARACTERS:
                return web.Response(status=400)
            # Plain text that no browser may take for a page: the token comes from whoever calls.
            return web.Response(
                text=token, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
            )
        try:
            believed, refused = notifications.received(await request.read(), self.client_state)
        except ProtocolError:
            return web.Response(status=400)
        if refused:
            self.refused += refused
            logger.warning("%d notifications without the client state were not believed", refused)
        waiting = self._queue.qsize()
        if waiting and waiting + len(believed) > self._capacity:
            return web.Response(status=503, headers={"Retry-After": "10"})
        for notification in believed:
            self._queue.put_nowait(notification)
        return web.Response(status=202)

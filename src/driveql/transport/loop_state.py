"""What a session has in one event loop of one process; made on first use there, so that it survives fork and a new loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator

from driveql.auth.cache import TokenCache
from driveql.auth.credential import Credential
from driveql.connection.settings import ConnectionSettings
from driveql.graph.paging import origin
from driveql.transport.pacer import Pacer
from driveql.transport.wire import Wire


class LoopState:
    """HTTP connections, the token, places for requests under way, and pauses by origin."""

    def __init__(self, settings: ConnectionSettings, credential: Credential) -> None:
        # Held, so that no later loop can have this one's identity while the state exists.
        self.loop = asyncio.get_running_loop()
        self.wire = Wire(settings)
        self.tokens = TokenCache(credential)
        self.slots = asyncio.Semaphore(settings.max_concurrency)
        self._pacers: dict[tuple[str, str, int], Pacer] = {}

    def pacer(self, url: str) -> Pacer:
        return self._pacers.setdefault(origin(url), Pacer(time.monotonic))

    @contextlib.asynccontextmanager
    async def turn(self, pacer: Pacer) -> AsyncIterator[None]:
        """Wait for a free place and the end of any pause; one that began while waiting for a place counts too."""
        while True:
            await pacer.ready()
            async with self.slots:
                if not pacer.paused:
                    yield
                    return


def here() -> tuple[int, int]:
    """Return what tells this process and its running loop from others."""
    return os.getpid(), id(asyncio.get_running_loop())

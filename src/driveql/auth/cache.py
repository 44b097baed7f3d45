"""One token for all callers of a connection: one flight at a time, renewed early, kept while it is still good."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from driveql.auth.access_token import AccessToken
from driveql.auth.credential import Credential, TokenPost
from driveql.errors import DriveqlError

_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 300.0


@dataclass(slots=True)
class _Cached:
    token: AccessToken
    life: float


class TokenCache:
    """Hands out the connection's access token.

    Parameters:
        clock: seconds since 1970.
        minimum_life: seconds a token must still live to be handed out without an attempt to renew it first; at most
            a quarter of a token's whole life counts.
    """

    def __init__(
        self, credential: Credential, clock: Callable[[], float] = time.time, minimum_life: float = 300.0
    ) -> None:
        self._credential, self._clock, self._minimum_life = credential, clock, minimum_life
        self._cached: _Cached | None = None
        self._flight: asyncio.Task[AccessToken] | None = None
        self._claims: str | None = None
        self._failures = 0
        self._not_before = 0.0

    async def token(self, post: TokenPost) -> AccessToken:
        """Return a token that is valid now. However many ask, one request is in flight.

        A renewal that fails is put off, doubling from 10 seconds to 5 minutes, while the old token is valid.
        Raises what the credential raises, where there is no valid token.
        """
        cached, now = self._cached, self._clock()
        if cached is None or cached.token.expires_on <= now:
            return await self._wait(post)
        if now < self._not_before:
            return cached.token
        if cached.token.expires_on - now <= min(self._minimum_life, cached.life / 4):
            # Foreign credentials and Entra's refusals alike end here; a valid token outlives both.
            with contextlib.suppress(DriveqlError):
                return await self._wait(post)
            return cached.token
        if now >= cached.token.refresh_on:
            self._fly(post)
        return cached.token

    def invalidate(self, token: AccessToken, claims: str | None = None) -> None:
        """Drop a token that Graph refused (401), if it is still the cached one.

        Parameters:
            claims: the claims challenge, for the next request to Entra.
        """
        if self._cached is not None and self._cached.token is token:
            self._cached = None
            self._claims = claims
            self._not_before, self._failures = 0.0, 0

    async def close(self) -> None:
        """Give up a request under way, whose retries would outlive the connection; who waits for it is told."""
        flight = self._flight
        if flight is not None and flight.get_loop() is asyncio.get_running_loop():
            flight.cancel()
            await asyncio.gather(flight, return_exceptions=True)

    async def _wait(self, post: TokenPost) -> AccessToken:
        flight = self._fly(post)
        try:
            # The shield keeps the flight alive for the others when one waiter is cancelled.
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if flight.cancelled() and not (task and task.cancelling()):
                raise DriveqlError("The connection was closed while it signed in.") from None
            raise

    def _fly(self, post: TokenPost) -> asyncio.Task[AccessToken]:
        loop = asyncio.get_running_loop()
        if self._flight is None or self._flight.done() or self._flight.get_loop() is not loop:
            self._flight = loop.create_task(self._renew(post), name="driveql token")
            self._flight.add_done_callback(_read_exception)
        return self._flight

    async def _renew(self, post: TokenPost) -> AccessToken:
        claims, asked = self._claims, self._clock()
        try:
            token = await self._credential.fetch(post, claims=claims)
        except Exception:
            pause = min(_FIRST_PAUSE * 2**self._failures, _LONGEST_PAUSE)
            self._failures = min(self._failures + 1, 16)
            self._not_before = self._clock() + pause
            raise
        self._cached = _Cached(token, token.expires_on - asked)
        self._failures, self._not_before = 0, 0.0
        if self._claims is claims:
            self._claims = None
        return token


def _read_exception(flight: asyncio.Task[AccessToken]) -> None:
    # A background renewal has no waiter; asyncio would report its error as never retrieved.
    if not flight.cancelled():
        flight.exception()

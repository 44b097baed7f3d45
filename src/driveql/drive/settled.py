"""A request repeated after a lost answer finds its own work done: that is success, not an error.

Two doubts are settled here. An answer was lost and the repetition is refused: then the wanted state decides. An item was
written a moment ago and is not found: then it is waited for, a few times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from driveql.errors import (
    ApiError,
    ConnectionLostError,
    DriveqlError,
    NotFoundError,
    RequestTimeoutError,
    UnavailableError,
)
from driveql.graph import shapes
from driveql.graph.addresses import Address
from driveql.graph.models import DriveItem
from driveql.graph.paging import Page
from driveql.graph.retry import RetryPolicy
from driveql.transport.session import GraphSession

T = TypeVar("T")

# The service finds a new item by id or path at the latest after about this time.
_SETTLING = timedelta(minutes=2)
_WAITS = 4


async def settled(
    session: GraphSession,
    send: Callable[[], Awaitable[T]],
    holds: Callable[[], Awaitable[T | None]],
    *,
    look_first: bool = False,
) -> T:
    """Send a request again after a lost answer, as often as the retry parameters allow, and tell success by the wanted state.

    Parameters:
        send: one request, marked as not safe to repeat, so that a loss is seen here.
        holds: what the wanted state gives, None where it does not hold. Asked only after an answer was lost: when the
            repetition is refused, or with `look_first` already before it.

    Raises:
        DriveqlError: the request's own error, where the wanted state does not hold.
    """
    policy = _policy(session)
    lost = 0
    while True:
        try:
            return await send()
        except (ConnectionLostError, RequestTimeoutError, ApiError) as failure:
            doubtful = _is_doubtful(failure, policy)
            if not doubtful and not lost:
                raise
            lost += doubtful
            if doubtful and not policy.enabled:
                raise
            if doubtful and lost <= policy.count_max:
                await asyncio.sleep(min(policy.first_wait * 2 ** (lost - 1), policy.longest_wait))
            if not doubtful or look_first or lost > policy.count_max:
                found = await holds()
                if found is not None:
                    return found
            if not doubtful or lost > policy.count_max:
                raise _counted(failure, lost) from None


async def gone(session: GraphSession, send: Callable[[], Awaitable[object]]) -> None:
    """Send a deletion, marked as not safe to repeat. There being nothing to delete is an error, but for a repetition.

    Raises:
        NotFoundError: there was none from the beginning.
    """
    lost = False

    async def sent() -> bool:
        nonlocal lost
        try:
            await send()
        except NotFoundError:
            if not lost:
                raise
        except (ConnectionLostError, RequestTimeoutError, UnavailableError):
            lost = True
            raise
        return True

    async def unknown() -> bool | None:
        return None

    await settled(session, sent, unknown)


async def found(session: GraphSession, item: object, send: Callable[[], Awaitable[T]]) -> T:
    """Send a request about an item; one that was written a moment ago is waited for while the service does not find it.

    Parameters:
        item: what the caller named. Only a `DriveItem` that the service described as new is waited for.

    Raises:
        NotFoundError: it is still not found.
    """
    policy = _policy(session)
    waits = min(_WAITS, policy.count_max) if policy.enabled and _is_new(item) else 0
    for number in range(waits):
        try:
            return await send()
        except NotFoundError:
            await asyncio.sleep(policy.first_wait * 2**number)
    return await send()


async def found_pages(session: GraphSession, item: object, address: Address) -> AsyncGenerator[Page, None]:
    """Yield the pages of a listing below an item; one that was written a moment ago is waited for likewise."""
    pages = session.pages(address)

    async def first() -> Page | None:
        nonlocal pages
        pages = session.pages(address)
        return await anext(pages, None)

    page = await found(session, item, first)
    async with aclosing(pages):
        while page is not None:
            yield page
            page = await anext(pages, None)


def without(secret: str | None, error: DriveqlError) -> DriveqlError:
    """Return the error with a secret taken out of its text, should the service have repeated it."""
    if secret and secret in error.message:
        error.message = error.message.replace(secret, "[redacted]")
        error.args = (error.message,)
    return error


def _is_doubtful(failure: DriveqlError, policy: RetryPolicy) -> bool:
    """True where the request may have been carried out, and the retry parameters want such a failure repeated."""
    if not isinstance(failure, UnavailableError):
        return not isinstance(failure, ApiError)
    return failure.status not in {501, 503, 507} and (
        policy.any_failure or failure.status in policy.status_codes
    )


def _counted(failure: DriveqlError, lost: int) -> DriveqlError:
    """Say how often the request was sent in all; the session counted the last time only."""
    if lost > 1:
        failure.message = f"{failure.message.partition(' Given up after')[0]} Given up after {lost} tries."
        failure.args = (failure.message,)
    return failure


def _policy(session: GraphSession) -> RetryPolicy:
    return session.attempts("GET", session.settings.graph_url).policy


def _is_new(item: object) -> bool:
    if not isinstance(item, DriveItem):
        return False
    written = [shapes.time(item.raw, name) for name in ("createdDateTime", "lastModifiedDateTime")]
    now = datetime.now(UTC)
    return any(when is not None and abs(now - when) < _SETTLING for when in written)

"""Bytes that the service makes on request: a converted file, a thumbnail. It names a place and gives neither size nor hash.

The target appears by rename after the answer's own end was reached and its announced length, where there is one, was met.
Source: https://learn.microsoft.com/graph/api/driveitem-get-content-format
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import BinaryIO

from driveql.drive.download import local, place
from driveql.errors import ConnectionLostError, IntegrityError, ProtocolError, TransportError
from driveql.graph.addresses import Address
from driveql.graph.models import DriveItem
from driveql.transport.session import GraphSession
from driveql.transport.wire import GraphResponse, StreamedResponse

_EXPIRED = frozenset({401, 403, 404, 410})
_RENEWALS = 2

Locate = Callable[[], Awaitable[str]]


async def location(session: GraphSession, address: Address) -> str:
    """Return the pre-authenticated URL that an address redirects to.

    Raises:
        ProtocolError: the answer is no redirection.
    """
    answer = await session.request("GET", address)
    target = answer.headers.get("Location")
    if answer.status not in {301, 302, 303, 307, 308} or not target:
        raise ProtocolError(
            f"Asked for {address.path}, the server answered {answer.status} without a location."
        )
    return target


async def save(
    session: GraphSession,
    locate: Locate,
    target: Path,
    item: DriveItem,
    shown: str,
    check: Callable[[bytes], None],
) -> int:
    """Write what lies at a located URL to `target`, and return its length in bytes.

    Parameters:
        locate: gives the URL, anew where it ran out.
        item: what the bytes were made from; the target gets its modification time.
        check: is given the first bytes, and raises where they cannot be what was asked for.

    Raises:
        IntegrityError: nothing came, or not what was asked for. LocalFileError: the target cannot be written.
    """
    with local(target):
        descriptor, part = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            length = await _fetch(session, locate, file, target, shown, check)
            with local(target):
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
        with local(target):
            place(Path(part), target, item)
    except BaseException:
        _discard(part)
        raise
    return length


async def _fetch(
    session: GraphSession,
    locate: Locate,
    file: BinaryIO,
    target: Path,
    shown: str,
    check: Callable[[bytes], None],
) -> int:
    """Every try begins anew: what is made twice need not be the same bytes."""
    attempts = session.attempts("GET", session.settings.graph_url)
    attempts.doing = f"GET {shown}"
    renewals = 0
    while True:
        url = await locate()
        attempts.tries += 1
        with local(target):
            file.seek(0)
            file.truncate()
        failure: GraphResponse | TransportError
        try:
            async with session.open_unauthenticated(url) as answer:
                if answer.status == 200:
                    length = await _copy(session, answer, file, target, shown, check)
                    if length is not None:
                        return length
                    failure = ConnectionLostError(f"The {shown} ended early.", retryable=True)
                else:
                    failure = GraphResponse(answer.status, answer.headers, await answer.read())
        except TransportError as lost:
            failure = lost
        if isinstance(failure, GraphResponse) and failure.status in _EXPIRED and renewals < _RENEWALS:
            renewals += 1
            continue
        await session.after_failure(attempts, failure)


async def _copy(
    session: GraphSession,
    answer: StreamedResponse,
    file: BinaryIO,
    target: Path,
    shown: str,
    check: Callable[[bytes], None],
) -> int | None:
    """Return how many bytes came, None where fewer than announced."""
    length = 0
    async with contextlib.aclosing(answer.chunks()) as chunks:
        async for chunk in chunks:
            if length == 0:
                check(chunk)
            with local(target):
                file.write(chunk)
            length += len(chunk)
            session.statistics.bytes_received += len(chunk)
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) != length and "Content-Encoding" not in answer.headers:
        return None
    if length == 0:
        raise IntegrityError(f"The {shown} came without any bytes.", retryable=True)
    return length


def _discard(part: str) -> None:
    Path(part).unlink(missing_ok=True)

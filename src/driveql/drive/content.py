"""A file's bytes from its pre-authenticated URL: continued where a connection broke, the URL renewed when it ran out.

Every continuation asks whether the file is still the one that was begun; bytes of two versions are never mixed.
Source: https://learn.microsoft.com/graph/api/driveitem-get-content
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import cast

from driveql import errors, redaction
from driveql.errors import IntegrityError, ItemChangedError, ProtocolError, TransportError
from driveql.graph import addresses, faults
from driveql.graph.models import DriveItem
from driveql.transport.bulk import BulkResponse
from driveql.transport.session import GraphSession
from driveql.transport.wire import GraphResponse, Piece, Streamed

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
# What an expired pre-authenticated URL answers.
_EXPIRED = frozenset({401, 403, 404, 410})
_RENEWALS_WITHOUT_PROGRESS = 2


@dataclass(slots=True)
class Reading:
    """One reading of one file version.

    Parameters:
        item: the version to read. refresh: fetches the item's metadata anew, with a fresh URL.
        start, end: the byte range, `end` exclusive; the whole file by default.
    """

    session: GraphSession
    item: DriveItem
    refresh: Callable[[], Awaitable[DriveItem]]
    start: int = 0
    end: int | None = None
    _url: str | None = None
    _renewals: int = 0
    _tag: str | None = None

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the bytes in order, as `pieces` does."""
        return cast(AsyncGenerator[bytes, None], self.pieces(bulk=False))

    async def pieces(self, *, bulk: bool, into: memoryview | None = None) -> AsyncGenerator[Piece, None]:
        """Yield the bytes in order.

        Parameters:
            bulk: there are many: they come in memoryviews, each good until the next is asked for; otherwise in bytes.
            into: where to put them, of their length; the pieces are parts of it, and stay good.

        Raises:
            ItemChangedError: the file changed while it was read.
            InfectedFileError: the service refuses to hand it out.
            IntegrityError: the server sent more or fewer bytes than the file has.
            TransportError, ApiError: after the tries that the retry parameters allow.
        """
        position, stop = self.start, self.item.size if self.end is None else min(self.end, self.item.size)
        shown = f"content of {self.item.path or self.item.name!r}"
        self._url = self.item.download_url
        attempts = self.session.attempts("GET", self.session.settings.graph_url)
        attempts.doing = f"GET {shown}"
        while position < stop:
            failure: GraphResponse | TransportError | None = None
            try:
                async with contextlib.aclosing(self._try(position, stop, shown, bulk, into)) as pieces:
                    async for chunk in pieces:
                        position += len(chunk)
                        self._renewals = attempts.tries = 0
                        yield chunk
                if position < stop:
                    failure = errors.ConnectionLostError(
                        f"{shown} ended at byte {position} of {stop}.", retryable=True
                    )
            except _Renewed:
                # A new URL for one that ran out is no retry: it is had where retries are switched off, too.
                continue
            except TransportError as error:
                failure = error
            except _Refused as refused:
                failure = refused.answer
            if failure is not None:
                attempts.tries += 1
                await self.session.after_failure(attempts, failure)
                await self._renew(shown)
        if position > stop:
            raise IntegrityError(f"The server sent {position - stop} bytes too many for the {shown}.")

    async def _try(
        self, position: int, stop: int, shown: str, bulk: bool, into: memoryview | None
    ) -> AsyncGenerator[Piece, None]:
        if self._url is None:
            self._url = await self._location()
        whole = position == 0 and stop == self.item.size
        headers = {} if whole else {"Range": f"bytes={position}-{stop - 1}"}
        opened: AbstractAsyncContextManager[Streamed]
        opened = (self.session.open_bulk if bulk else self.session.open_unauthenticated)(
            self._url, headers=headers
        )
        async with opened as answer:
            if answer.status in {200, 206}:
                self._pin(answer, shown)
                skip = _begin(answer, position, shown)
                size = _file_size(answer, shown)
                # A range was asked for, and something came of which nothing says that it is the file.
                unproven = (
                    size is None and answer.status == 200 and not whole and "ETag" not in answer.headers
                )
                if unproven or size not in {None, self.item.size}:
                    await self._other_file(shown)
                rest = None if into is None else into[position - self.start : stop - self.start]
                async for chunk in _chunks(answer, skip, stop - position, rest):
                    self.session.statistics.bytes_received += len(chunk)
                    position += len(chunk)
                    yield chunk
                if answer.status == 200 and position < stop:
                    # A whole answer came to its end, and it is not as long as the file.
                    await self._other_file(shown)
                return
            whole_answer = GraphResponse(answer.status, answer.headers, await answer.read())
        await self._refused(whole_answer, shown)

    def _pin(self, answer: Streamed, shown: str) -> None:
        """Hold every answer to the version that the first one came from, where answers name it."""
        tag = answer.headers.get("ETag")
        if tag is not None and self._tag is not None and tag != self._tag:
            raise _changed(shown)
        self._tag = tag or self._tag

    async def _other_file(self, shown: str) -> None:
        """Raise: what was answered is not this file; by its metadata it may have changed."""
        await self._renew(shown)
        raise IntegrityError(
            f"What the server sent for the {shown} is not the file of {self.item.size} bytes.",
            hint="A proxy or captive portal between here and Microsoft may have answered instead.",
            retryable=True,
        )

    async def _refused(self, answer: GraphResponse, shown: str) -> None:
        infected = answer.headers.get("X-Virus-Infected")
        if answer.status in _EXPIRED and not infected and self._renewals < _RENEWALS_WITHOUT_PROGRESS:
            self._renewals += 1
            await self._renew(shown)
            raise _Renewed
        if answer.status == 416:
            raise ItemChangedError(f"The {shown} is shorter than it was.", status=416, retryable=True)
        if answer.status in _EXPIRED or infected:
            error = faults.error_from(answer.status, answer.headers, answer.body, f"GET {shown}")
            error.args = (redaction.text(error.message),)
            raise error
        raise _Refused(answer)

    async def _renew(self, shown: str) -> None:
        now = await self.refresh()
        if (now.ctag or now.etag, now.size) != (self.item.ctag or self.item.etag, self.item.size):
            raise _changed(shown)
        self._url = now.download_url

    async def _location(self) -> str:
        if not self.item.drive_id:
            raise ProtocolError(f"The item {self.item.name!r} came without its drive.")
        address = addresses.item(self.item.drive_id, self.item.id).below("content")
        answer = await self.session.request("GET", address)
        location = answer.headers.get("Location")
        if answer.status not in {301, 302, 303, 307, 308} or not location:
            raise ProtocolError(
                f"Asked for the content of {self.item.name!r}, the server answered {answer.status} without a location."
            )
        return location


def _changed(shown: str) -> ItemChangedError:
    return ItemChangedError(
        f"The {shown} changed while it was read.",
        status=412,
        hint="Read it again from the beginning; nothing of the mixture was kept.",
        retryable=True,
    )


class _Renewed(Exception):  # noqa: N818 - not a failure
    """The URL had run out, and there is a new one."""


class _Refused(Exception):  # noqa: N818 - carries an answer to the retry loop; never leaves this module
    def __init__(self, answer: GraphResponse) -> None:
        super().__init__(answer.status)
        self.answer = answer


def _begin(answer: Streamed, position: int, shown: str) -> int:
    """Return how many bytes of the body come before `position`."""
    if answer.status == 200:
        return position
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not match or int(match.group(1)) > position:
        raise ProtocolError(f"Asked for the {shown} from byte {position}, the server sent another range.")
    return position - int(match.group(1))


def _file_size(answer: Streamed, shown: str) -> int | None:
    """Return how long the file is by an answer's head; None where that does not say."""
    if answer.headers.get("Content-Encoding", "identity").casefold() != "identity":
        raise ProtocolError(
            f"The {shown} came compressed, which was not asked for.",
            hint="A proxy between here and Microsoft does that; have it leave downloads as they are.",
        )
    written = answer.headers.get("Content-Length", "")
    if answer.status == 206:
        written = answer.headers.get("Content-Range", "").rpartition("/")[2]
    elif answer.headers.get("Transfer-Encoding"):
        return None
    return int(written) if written.isdecimal() else None


async def _bounded(chunks: AsyncIterator[Piece], skip: int, most: int) -> AsyncGenerator[Piece, None]:
    async for chunk in chunks:
        if skip >= len(chunk):
            skip -= len(chunk)
            continue
        piece = chunk[skip : skip + most]
        skip = 0
        most -= len(piece)
        yield piece
        if most <= 0:
            return


def _chunks(answer: Streamed, skip: int, most: int, into: memoryview | None) -> AsyncIterator[Piece]:
    if into is not None and not skip and isinstance(answer, BulkResponse):
        return answer.chunks(into)
    chunks = _bounded(answer.chunks(), skip, most)
    return chunks if into is None else _copied(chunks, into)


async def _copied(chunks: AsyncIterator[Piece], into: memoryview) -> AsyncGenerator[Piece, None]:
    at = 0
    async for chunk in chunks:
        into[at : at + len(chunk)] = chunk
        yield into[at : (at := at + len(chunk))]

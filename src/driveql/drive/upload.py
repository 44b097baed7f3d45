"""Bytes into a drive: small ones by PUT, others by an upload session whose state the server keeps; verified by hash.

Fragments carry no token. After any doubt the session is asked which byte it wants next; a session that is not finished is
cancelled, so that nothing half-sent stays behind.
Source: https://learn.microsoft.com/graph/api/driveitem-createuploadsession
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal

from driveql.drive.journal import JournalEntry
from driveql.drive.upload_source import UploadSource
from driveql.drive.verification import check_kept
from driveql.errors import (
    DriveqlError,
    ItemChangedError,
    NotFoundError,
    ProtocolError,
    TransportError,
)
from driveql.graph import faults, upload_plan
from driveql.graph.addresses import Address
from driveql.graph.models import DriveItem
from driveql.transport.attempts import Attempts
from driveql.transport.session import GraphSession
from driveql.transport.wire import GraphResponse, Stream

ConflictBehavior = Literal["fail", "replace", "rename"]
Progress = Callable[[int, int], None]

SMALL_UPLOAD_BYTES = 4 * 1024 * 1024
FRAGMENT_BYTES = 10 * 1024 * 1024
JOURNALED_BYTES = 16 * 1024 * 1024
_SESSIONS = 3
logger = logging.getLogger("driveql.drive")


@dataclass(slots=True)
class Upload:
    """One file on its way up.

    Parameters:
        target: the address of the item to write, in the form to which `content` can be added.
        source: an open, seekable binary file, read from its position 0. size: its length in bytes.
        created, modified: the source's own times, kept without a second version; None leaves them to the server.
        progress: called with bytes sent and bytes in all.
        journal: where an unfinished session is remembered; None cancels it instead.
        fragment_bytes: the first fragment's size; the following ones follow the measured throughput.
        if_match: the eTag that the item which is replaced must still have.
    """

    session: GraphSession
    target: Address
    path: str
    source: BinaryIO
    size: int
    conflict: ConflictBehavior
    created: datetime | None = None
    modified: datetime | None = None
    progress: Progress | None = None
    journal: JournalEntry | None = None
    fragment_bytes: int = FRAGMENT_BYTES
    if_match: str | None = None
    _content: UploadSource = field(init=False)

    def __post_init__(self) -> None:
        self._content = UploadSource(self.source, self.size, self.path)

    async def run(self) -> DriveItem:
        """Send the file and return the item as the service keeps it.

        Raises:
            AlreadyExistsError: conflict is `fail` and the name is taken.
            IntegrityError: the service kept other bytes than were sent.
            ApiError, TransportError: after the tries that the retry parameters allow; nothing partial becomes visible.
        """
        keeps_times = self.created is not None or self.modified is not None
        if self.size == 0 or (self.size <= SMALL_UPLOAD_BYTES and not keeps_times):
            raw = await self._put()
        else:
            raw = await self._by_sessions()
        item = DriveItem.from_json(raw)
        check_kept(item, self.size, self._content.quick_xor_hash(), self.path)
        return item

    async def _put(self) -> dict[str, Any]:
        content = self._content.whole()
        address = self.target.below("content").option("@microsoft.graph.conflictBehavior", self.conflict)
        answer = await self.session.request(
            "PUT",
            address,
            body=content,
            headers={"Content-Type": "application/octet-stream", **self._guard()},
            safe_to_repeat=self.conflict == "replace" and self.if_match is None,
        )
        self._tell(self.size)
        return _item(answer, self.path)

    async def _by_sessions(self) -> dict[str, Any]:
        url, offset = await self._continued()
        for number in range(1, _SESSIONS + 1):
            if url is None:
                url, offset = await self._create_session(), 0
            try:
                done = await self._send_all(url, offset)
            except _SessionGoneError as gone:
                self._forget()
                if number == _SESSIONS:
                    raise NotFoundError(
                        f"The upload session of {self.path} vanished {number} times.",
                        status=404,
                        retryable=True,
                    ) from gone
                logger.warning("the upload session of %s is gone; beginning another", self.path)
                url = None
            except BaseException as failure:
                await self._abandon(url, failure)
                raise
            else:
                self._forget()
                return done
        raise AssertionError("unreachable: the last session returns or raises")

    async def _continued(self) -> tuple[str | None, int]:
        """Return the session that an earlier process left, and the byte it wants next."""
        url = self.journal.remembered() if self.journal else None
        if url is None:
            return None, 0
        try:
            state = await self.session.send_unauthenticated("GET", url)
        except TransportError:
            return None, 0
        if state.status != 200:
            self._forget()
            return None, 0
        return url, self._wanted(state, 0)

    async def _create_session(self) -> str:
        times = {
            name: _timestamp(value)
            for name, value in (("createdDateTime", self.created), ("lastModifiedDateTime", self.modified))
            if value is not None
        }
        if self.if_match is not None:
            await self._check_there()
        item: dict[str, Any] = {"@microsoft.graph.conflictBehavior": self.conflict}
        if times:
            item["fileSystemInfo"] = times
        answer = await self.session.request(
            "POST",
            self.target.below("createUploadSession"),
            json={"item": item},
            headers=self._guard(),
            safe_to_repeat=True,
        )
        url = answer.object().get("uploadUrl")
        if not isinstance(url, str):
            raise ProtocolError(f"The server opened an upload session for {self.path} without an uploadUrl.")
        if self.journal is not None:
            self.journal.remember(url)
        return url

    async def _check_there(self) -> None:
        """Raise ItemChangedError where nothing is to be replaced: a session would be opened for a new file then."""
        try:
            await self.session.request("GET", self.target)
        except NotFoundError as missing:
            raise ItemChangedError(
                f"{self.path} is no longer there; nothing was uploaded.",
                status=412,
                request_id=missing.request_id,
            ) from missing

    def _guard(self) -> dict[str, str]:
        return {"If-Match": self.if_match} if self.if_match else {}

    async def _send_all(self, url: str, offset: int) -> dict[str, Any]:
        attempts = self.session.attempts("PUT", url)
        attempts.doing = f"PUT fragment of {self.path}"
        size = upload_plan.fragment_size(self.fragment_bytes)
        while True:
            fragment = upload_plan.next_fragment(offset, self.size, size)
            if fragment is None:
                raise ProtocolError(f"The upload session of {self.path} has all bytes but did not finish.")
            started = time.monotonic()
            failure = await self._send(url, fragment)
            if isinstance(failure, GraphResponse):
                if failure.status in {200, 201}:
                    self._tell(self.size)
                    return _item(failure, self.path)
                if failure.status == 202:
                    offset, attempts.tries = self._wanted(failure, fragment.end), 0
                    size = upload_plan.adapted_size(
                        size, fragment.end - fragment.start, time.monotonic() - started
                    )
                    self._tell(offset)
                    continue
            attempts.tries += 1
            offset = await self._recover(url, failure, attempts)

    async def _send(self, url: str, fragment: upload_plan.Fragment) -> GraphResponse | TransportError:
        headers = {
            "Content-Range": fragment.content_range,
            "Content-Length": str(fragment.end - fragment.start),
            "Content-Type": "application/octet-stream",
        }
        body = Stream(
            fragment.end - fragment.start, lambda: self._content.pieces(fragment.start, fragment.end)
        )
        try:
            return await self.session.send_unauthenticated("PUT", url, body=body, headers=headers)
        except TransportError as lost:
            if self._content.failure is not None:
                raise self._content.failure from None
            return lost

    async def _recover(self, url: str, failure: GraphResponse | TransportError, attempts: Attempts) -> int:
        """Return the byte to go on from after a failed fragment, or raise."""
        if isinstance(failure, GraphResponse) and failure.status == 404:
            raise _SessionGoneError
        doubtful = isinstance(failure, GraphResponse) and failure.status in {401, 403, 416}
        if not doubtful or attempts.tries > self.session.settings.retry_count_max:
            await self.session.after_failure(attempts, failure)
        state = await self.session.send_unauthenticated("GET", url)
        if state.status == 404:
            raise _SessionGoneError
        if state.status >= 400:
            refused = failure if isinstance(failure, GraphResponse) else state
            raise faults.error_from(refused.status, refused.headers, refused.body, f"upload of {self.path}")
        return self._wanted(state, 0)

    def _wanted(self, answer: GraphResponse, otherwise: int) -> int:
        ranges = answer.object().get("nextExpectedRanges")
        offset = upload_plan.next_offset(ranges) if isinstance(ranges, list) else None
        return otherwise if offset is None else offset

    async def _abandon(self, url: str, failure: BaseException) -> None:
        """Keep a session that a later process can continue; cancel one that nobody will."""
        passing = (
            not isinstance(failure, DriveqlError) or isinstance(failure, TransportError) or failure.retryable
        )
        if self.journal is not None and passing:
            return
        self._forget()
        with contextlib.suppress(DriveqlError):
            await self.session.send_unauthenticated("DELETE", url)

    def _forget(self) -> None:
        if self.journal is not None:
            self.journal.forget()

    def _tell(self, sent: int) -> None:
        if self.progress is not None:
            self.progress(sent, self.size)


class _SessionGoneError(Exception):
    """The upload session answers 404; it never leaves this module."""


def _item(answer: GraphResponse, path: str) -> dict[str, Any]:
    raw = answer.json()
    if not isinstance(raw, dict):
        raise ProtocolError(f"The upload of {path} was answered without an item.")
    return raw


def _timestamp(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

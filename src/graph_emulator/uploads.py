"""Upload sessions: a file arrives in fragments, in order, and becomes an item with the last one.

Follows driveItem createUploadSession. A fragment counts only when it arrived whole.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from graph_contract import load
from graph_emulator.clock import Clock
from graph_emulator.errors import GraphError, bad_request
from graph_emulator.rules import ConflictBehavior
from graph_emulator.store import Actor, ContentWriter, Item

_LIMITS = load("limits")["upload"]
_RANGE = re.compile(r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18})$", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class UploadSession:
    """One upload under way. `folder` and `name` say where the file will be; `expires` is seconds since 1970."""

    id: str
    folder: Item
    name: str
    conflict: ConflictBehavior
    actor: Actor
    writer: ContentWriter
    expires: float
    deferred: bool = False
    times: dict[str, float] = field(default_factory=dict)
    description: str | None = None
    total: int | None = None
    declared_size: int | None = None
    replaced_tag: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def complete(self) -> bool:
        """Return whether all bytes have arrived."""
        return self.total is not None and self.writer.size == self.total

    def next_ranges(self, closed: bool) -> list[str]:
        """Return nextExpectedRanges; `closed` writes the last byte where the total is known."""
        if self.complete:
            return []
        end = str(self.total - 1) if closed and self.total is not None else ""
        return [f"{self.writer.size}-{end}"]

    async def accept(self, header: str | None, body: AsyncIterator[bytes]) -> None:
        """Take one fragment. Raises GraphError 400 or 416 for one that does not fit; then nothing was taken."""
        first, last, total = _parsed(header)
        self._check_total(total)
        self._check_place(first, last)
        _check_length(first, last, total)
        checkpoint = self.writer.checkpoint()
        expected = last - first + 1
        try:
            async for part in body:
                self.writer.write(part)
                if self.writer.size - first > expected:
                    break
            if self.writer.size - first != expected:
                raise bad_request(
                    "The Content-Range header length does not match the provided number of bytes.",
                    "fragmentLengthMismatch",
                )
        except BaseException:
            self.writer.restore(checkpoint)
            raise
        self.total = total

    def _check_total(self, total: int) -> None:
        known = self.total if self.total is not None else self.declared_size
        if known is not None and total != known:
            raise bad_request(
                f"The current upload session is for {known} total bytes, but the current fragment declares "
                f"a total of {total}"
            )

    def _check_place(self, first: int, last: int) -> None:
        received = self.writer.size
        if last < received:
            raise GraphError(
                416,
                "invalidRange",
                "The uploaded fragment has already been received.",
                inner=("fragmentOverlap",),
            )
        if first < received:
            raise GraphError(
                416,
                "invalidRange",
                "The uploaded fragment overlaps with data that has already been received.",
                inner=("fragmentOverlap",),
            )
        if first > received:
            raise GraphError(
                416,
                "invalidRange",
                "The uploaded fragment is not contiguous with the last one",
                inner=("fragmentOutOfOrder",),
            )


class UploadSessions:
    """The open upload sessions of all drives. A session is gone once it is finished, cancelled or expired."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, UploadSession] = {}

    def __len__(self) -> int:
        return len(self._open)

    def create(
        self,
        *,
        folder: Item,
        name: str,
        conflict: ConflictBehavior,
        actor: Actor,
        writer: ContentWriter,
        life: float,
    ) -> UploadSession:
        """Open a session that lives `life` seconds."""
        identifier = secrets.token_urlsafe(24)
        session = UploadSession(identifier, folder, name, conflict, actor, writer, self._clock.now() + life)
        self._open[identifier] = session
        return session

    def find(self, identifier: str) -> UploadSession:
        """Return an open session. Raises GraphError 404 when it is gone."""
        session = self._open.get(identifier)
        if session is not None and self._clock.now() >= session.expires:
            self.cancel(session)
            session = None
        if session is None or session.folder.deleted is not None:
            message = "The upload session was not found"
            raise GraphError(404, "itemNotFound", message, inner=("uploadSessionNotFound",))
        return session

    def finished(self, session: UploadSession) -> None:
        """Forget a session whose content became an item."""
        self._open.pop(session.id, None)

    def cancel(self, session: UploadSession) -> None:
        """Forget a session and what it received."""
        self._open.pop(session.id, None)
        session.writer.abandon()


def _parsed(header: str | None) -> tuple[int, int, int]:
    match = _RANGE.match(header.strip()) if header is not None else None
    if match is None:
        raise bad_request("The Content-Range header is missing or malformed.")
    first, last, total = int(match[1]), int(match[2]), int(match[3])
    if first > last or last >= total:
        raise bad_request("The Content-Range header is missing or malformed.")
    return first, last, total


def _check_length(first: int, last: int, total: int) -> None:
    length = last - first + 1
    if length >= _LIMITS["fragment_below_bytes"]:
        raise bad_request("The uploaded fragment must be smaller than 60 MiB.", "maxFragmentLengthExceeded")
    if last != total - 1 and length % _LIMITS["fragment_multiple_bytes"]:
        raise bad_request("The size of a fragment other than the last must be a multiple of 320 KiB.")

"""Changes of a drive as a durable feed: the cursor moves only when the consumer has confirmed a page.

A crash at any point repeats at most the page that was not confirmed, and loses nothing. A consumer that writes into the
feed's own SQLite file, in the transaction that moves the cursor, has every change exactly once.
Source: https://learn.microsoft.com/graph/api/driveitem-delta
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, Literal

from driveql.drive.change_state import ChangeState
from driveql.errors import ConfigurationError, ResyncRequiredError
from driveql.graph import addresses, delta
from driveql.graph.addresses import Address
from driveql.graph.delta import Change, Resync
from driveql.graph.models import DriveItem
from driveql.graph.paging import Pager

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle

Start = Literal["all", "latest"] | datetime
Kind = Literal["changed", "deleted", "missing"]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One change, in the order in which it is to be applied.

    `kind` is `changed` (created or altered: `item` is its present state), `deleted`, or, after a resync of the kind
    `upload`, `missing`: the service no longer has it and asks to be given what only the consumer has.
    `path` is where the item is, or was when it is gone; None where that was never known.
    `old_path` is where it was before, when it moved: all that is below a moved folder moved with it.
    """

    kind: Kind
    id: str
    path: str | None
    item: DriveItem | None = None
    old_path: str | None = None


@dataclass(slots=True)
class ChangePage:
    """Some changes, and what confirms them.

    `resync` is set while the service has the whole drive listed anew because the cursor was too old. `is_last` marks the end:
    nothing more had changed when the last round began.
    """

    changes: list[ItemChange]
    is_last: bool
    resync: Resync | None
    _feed: ChangeFeed = field(repr=False)

    def confirm(self, write: Callable[[Connection], None] | None = None) -> None:
        """Say that the changes are dealt with; the cursor moves on, durably.

        Parameters:
            write: called with the feed's SQLite connection inside the transaction that moves the cursor, so that what it
                writes and the cursor are stored together or not at all.
        """
        self._feed._confirm(self, write)


class ChangeFeed:
    """The changes of one drive.

    Parameters:
        drive: the drive.
        state: a SQLite file that this feed owns (a consumer may have tables of its own in it); made where it is missing.
        start: for a new feed: `all` begins with everything there is, `latest` with what changes from now on, a time with what
            changed since then. A feed that has a cursor goes on from there.
        page_size: items a page.
    """

    def __init__(
        self, drive: DriveHandle, state: Path, *, start: Start = "all", page_size: int | None = None
    ) -> None:
        self._drive = drive
        self._state = ChangeState(state, drive.id, complete=start == "all")
        self._start = start
        self._page_size = page_size
        self._open: ChangePage | None = None
        self._next: tuple[str, bool] | None = None

    def close(self) -> None:
        """Close the state file."""
        self._state.close()

    def path(self, identifier: str) -> str | None:
        """Return where an item is by what the feed knows, or None."""
        return self._state.path(identifier)

    async def pages(self) -> AsyncGenerator[ChangePage, None]:
        """Yield what changed since the cursor, up to now. Each page must be confirmed before the next.

        Raises:
            ConfigurationError: a page was not confirmed.
        """
        self._state.rollback()
        self._open = None
        doing = f"GET /drives/{self._drive.id}/root/delta"
        pager = Pager(self._drive.session.settings.graph_url, doing)
        # A round that was broken off ends where the drive was when it began; one more brings the feed up to now.
        behind = self._state.in_round
        where: Address | str | None = self._state.cursor or self._first()
        while where is not None:
            try:
                body = (await self._drive.session.request("GET", where)).json()
            except ResyncRequiredError as expired:
                self._state.begin_resync(delta.resync_kind([expired.code or ""]))
                where, pager = expired.location or self._address(), Pager(pager.graph_url, doing)
                continue
            page, link = pager.read(body)
            round_ends = link is None
            following = link or page.delta_link or self._address().url(pager.graph_url)
            self._next = (following, round_ends)
            is_last = round_ends and not behind
            self._open = ChangePage(self._read(page.items, round_ends), is_last, self._state.resync, self)
            yield self._open
            self._check_confirmed()
            where = None if is_last else following
            behind = behind and not round_ends

    def _check_confirmed(self) -> None:
        if self._open is not None:
            raise ConfigurationError(
                "A page of changes was not confirmed before the next was asked for.",
                hint="Call page.confirm() when its changes are dealt with.",
            )

    def _first(self) -> Address:
        if isinstance(self._start, datetime):
            token = self._start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            return self._address().option("token", token)
        return self._address().option("token", "latest") if self._start == "latest" else self._address()

    def _address(self) -> Address:
        return addresses.drive(self._drive.id).below("root/delta").option("$top", self._page_size)

    def _read(self, items: list[dict[str, Any]], round_ends: bool) -> list[ItemChange]:
        found: list[ItemChange] = []
        put = delta.changes(items)
        before = {change.id: self._state.path(change.id) for change in put}
        for change in put:
            if change.deleted:
                found += self._deleted(change)
            else:
                self._state.put(change.raw)
        for change in put:
            if not change.deleted and "root" not in change.raw:
                found += self._changed(change.raw, before[change.id])
        for raw in self._state.released(force=round_ends):
            found += self._changed(raw, None, force=round_ends)
        if round_ends and self._state.resync is not None:
            kind: Kind = "missing" if self._state.resync == "upload" else "deleted"
            found += [ItemChange(kind, identifier, path) for identifier, path in self._state.drop_unseen()]
        return found

    def _deleted(self, change: Change) -> list[ItemChange]:
        gone = self._state.drop(change.id)
        if not gone and self._state.complete:
            return []
        return [ItemChange("deleted", identifier, path) for identifier, path in gone or [(change.id, None)]]

    def _changed(self, raw: dict[str, Any], old_path: str | None, *, force: bool = False) -> list[ItemChange]:
        path = self._state.path(raw["id"])
        if path is None and not force:
            self._state.hold(raw)
            return []
        item = DriveItem.from_json(raw, path.rpartition("/")[0] or "/" if path else None)
        return [ItemChange("changed", item.id, path, item, old_path if old_path != path else None)]

    def _confirm(self, page: ChangePage, write: Callable[[Connection], None] | None) -> None:
        if page is not self._open or self._next is None:
            raise ConfigurationError("This page of changes was confirmed before, or its feed was asked anew.")
        link, round_ends = self._next
        self._state.commit(link, round_ends, write)
        self._open = None

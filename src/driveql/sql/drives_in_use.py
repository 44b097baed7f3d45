"""The drives that the statements of a session use, and whether they exist."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from driveql.connection import owner as owners
from driveql.errors import NotFoundError, PermissionDeniedError
from driveql.sql import identifiers
from driveql.sql.plans import Scope
from driveql.sql.source import DriveSource, TenantSource


@dataclass(slots=True)
class Drives:
    """The drives that statements of one session have used, so that each is resolved once."""

    source: TenantSource
    _known: dict[Scope, asyncio.Future[DriveSource]] = field(default_factory=dict)
    _looks: asyncio.Lock = field(default_factory=asyncio.Lock)
    _checked: set[str] = field(default_factory=set)

    async def get(self, scope: Scope, default: bool) -> DriveSource:
        """Return a drive; `default` asks for the connection's own.

        Raises:
            NotFoundError: the owner has no drive, or there is none with that id.
        """
        future = self._known.get(scope)
        if future is None:
            if scope.drive_id is not None and not identifiers.is_possible(scope.drive_id):
                raise NotFoundError(
                    f"There is no drive {scope.drive_id!r}.",
                    status=404,
                    hint="Ids of drives are told by SELECT id FROM drives WHERE owner = '...'.",
                )
            owner = None if default or scope.owner is None else owners.normalise(scope.owner)
            future = asyncio.ensure_future(
                self.source.drive(owner, drive_id=None if default else scope.drive_id)
            )
            # A statement may be cancelled while it waits; then nobody asks the future what went wrong.
            future.add_done_callback(_looked_at)
            self._known[scope] = future
        try:
            return await asyncio.shield(future)
        except BaseException:
            if future.done() and (future.cancelled() or future.exception() is not None):
                self._known.pop(scope, None)
            raise

    def known(self, scope: Scope) -> DriveSource | None:
        """Return a drive that was resolved before; None where it would have to be asked for."""
        future = self._known.get(scope)
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            return None
        return future.result()

    async def check(self, scope: Scope) -> None:
        """Look whether a drive that a statement names by its id is there, once for each; one of an owner was asked for before.

        Raises:
            NotFoundError: there is none with that id.
        """
        drive_id = scope.drive_id
        if drive_id is None:
            return
        async with self._looks:
            if drive_id in self._checked:
                return
            # Whoever may see single items of a drive and not the drive itself knows of no fault in its id.
            with suppress(PermissionDeniedError):
                await self.source.directory.drive(drive_id)
            self._checked.add(drive_id)

    async def close(self) -> None:
        """Give up what is still being resolved."""
        for future in self._known.values():
            future.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)
        self._known.clear()


def _looked_at(future: asyncio.Future[DriveSource]) -> None:
    if not future.cancelled():
        future.exception()

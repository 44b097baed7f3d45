"""Copies made by the service: asked for once, then watched until the service says that they are done.

Source: https://learn.microsoft.com/graph/api/driveitem-copy
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from driveql import errors
from driveql.drive.upload import ConflictBehavior
from driveql.errors import ApiError, ProtocolError, RequestTimeoutError, TransportError
from driveql.graph import addresses, monitor, paths
from driveql.graph.models import DriveItem
from driveql.graph.retry import retry_after
from driveql.transport.session import GraphSession

_FIRST_LOOK, _LAST_LOOK = 0.25, 5.0


@dataclass(slots=True)
class Copy:
    """One copy of a file, or of a folder with all in it.

    Parameters:
        folder: the folder that receives the copy, also of another drive. name: the copy's name.
        timeout: seconds to watch; the service goes on by itself after that.
        progress: called with the percentage that the service states.
    """

    session: GraphSession
    item: DriveItem
    source_drive: str
    folder: DriveItem
    target_drive: str
    name: str
    conflict: ConflictBehavior
    timeout: float
    progress: Callable[[float], None] | None = None

    async def run(self) -> str | None:
        """Copy, and return the new item's id where the service names it.

        Raises:
            AlreadyExistsError: conflict is `fail` and the name is taken.
            RequestTimeoutError: it is not done in time; it may still be.
            ApiError: the service gave up.
        """
        answer = await self.session.request(
            "POST",
            addresses.item(self.source_drive, self.item.id)
            .below("copy")
            .option("@microsoft.graph.conflictBehavior", self.conflict),
            json={"parentReference": {"driveId": self.target_drive, "id": self.folder.id}, "name": self.name},
        )
        location = answer.headers.get("Location")
        if not location:
            raise ProtocolError(f"The copy of {self._shown} was accepted without a monitor to watch.")
        return await self._watch(location)

    @property
    def _shown(self) -> str:
        return self.item.path or self.item.name

    async def _watch(self, url: str) -> str | None:
        pause, deadline = _FIRST_LOOK, time.monotonic() + self.timeout
        while True:
            asked = await self._look(url)
            if isinstance(asked, monitor.Completed):
                return asked.resource_id
            if isinstance(asked, monitor.Failed):
                raise self._failure(asked)
            wait = pause
            if isinstance(asked, float):
                wait = max(wait, asked)
            elif self.progress is not None:
                self.progress(asked.percent)
            if time.monotonic() + wait > deadline:
                raise RequestTimeoutError(
                    f"The copy of {self._shown} was not done within {self.timeout:g} s.",
                    hint="The service goes on with it: look at the target later, or give a longer time-out.",
                    retryable=False,
                )
            await asyncio.sleep(wait)
            pause = min(pause * 1.5, _LAST_LOOK)

    async def _look(self, url: str) -> monitor.Progressing | monitor.Completed | monitor.Failed | float:
        """Return what the monitor says, or how long to wait where it did not answer usefully."""
        try:
            answer = await self.session.send_unauthenticated("GET", url)
        except TransportError:
            return 1.0
        if answer.status in {429, 503} or answer.status >= 500:
            return retry_after(answer.headers, time.time()) or 1.0
        if answer.status >= 400:
            raise errors.NotFoundError(
                f"The monitor of the copy of {self._shown} answered {answer.status}.",
                status=answer.status,
                hint="Look at the target to see whether the copy is there.",
            )
        body = answer.json() if answer.body.strip() else None
        return monitor.read(answer.status, answer.headers.get("Location"), body)

    def _failure(self, failed: monitor.Failed) -> ApiError:
        known = (failed.code or "").casefold()
        message = f"The service could not copy {self._shown} to {self.name}: {failed.message}"
        if known == "namealreadyexists":
            return errors.AlreadyExistsError(
                message,
                status=409,
                code=failed.code,
                hint="Choose another name, or ask to replace or rename.",
            )
        if known in {"quotalimitreached", "insufficientstorage"}:
            return errors.QuotaExceededError(message, status=507, code=failed.code)
        return errors.ConflictError(message, status=409, code=failed.code)


def target_name(path: str) -> tuple[str, str]:
    """Return the folder and the name of a copy's path, refused where SharePoint would refuse it."""
    return paths.split(paths.check_new_path(path))

"""One pause for all workers of a connection: throttled calls count against the limit, so nobody goes on while one waits.

Source: https://learn.microsoft.com/graph/throttling
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pacer:
    """Holds every request of a connection until the service's latest pause is over.

    Parameters:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._resume_at = 0.0

    def pause(self, seconds: float) -> None:
        """Let no request begin for `seconds` from now; a longer pause under way stays."""
        self._resume_at = max(self._resume_at, self._clock() + seconds)

    @property
    def paused(self) -> bool:
        """True while a pause is under way."""
        return self._clock() < self._resume_at

    async def ready(self) -> None:
        """Return when no pause is under way."""
        # A pause may be lengthened while it is waited out, so it is looked at again.
        while (left := self._resume_at - self._clock()) > 0:  # noqa: ASYNC110 - time passes, no event ends it
            await asyncio.sleep(left)

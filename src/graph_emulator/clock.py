"""The emulator reads time in one place only, so that a test can move it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970 (UTC): the machine's clock, shifted; or a clock standing still at `fixed`."""

    def __init__(self, fixed: float | None = None) -> None:
        self._fixed = fixed
        self._shift = 0.0

    def now(self) -> float:
        """Return the emulator's time in seconds since 1970 (UTC)."""
        return (time.time() if self._fixed is None else self._fixed) + self._shift

    def utc(self) -> datetime:
        """Return the emulator's time as an aware UTC datetime."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the emulator's time by `seconds` (negative moves it back)."""
        self._shift += seconds

    def set(self, moment: float) -> None:
        """Make the emulator's time `moment` (seconds since 1970); it goes on from there as before."""
        self.advance(moment - self.now())

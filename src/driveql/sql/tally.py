"""What the scans of a statement cost, told apart: each try of each request is counted for the scan on whose behalf it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from driveql.transport.trace import TraceEvent, TraceHook, open_telemetry_hook

_THROTTLED = frozenset({429, 503})


@dataclass(slots=True)
class Tally:
    """Counts of one scan: tries of requests, those that were repetitions, those that were throttled, bytes of bodies."""

    requests: int = 0
    retries: int = 0
    throttled: int = 0
    bytes_received: int = 0

    def add(self, event: TraceEvent) -> None:
        """Count one try."""
        self.requests += 1
        self.retries += event.attempt > 1
        self.throttled += event.status in _THROTTLED
        self.bytes_received += event.bytes_received


_CURRENT: ContextVar[Tally | None] = ContextVar("driveql_tally", default=None)


@contextmanager
def counted(tally: Tally) -> Iterator[None]:
    """Have what is begun on the event loop meanwhile counted by a tally, with all that it begins in turn."""
    token = _CURRENT.set(tally)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def counting(trace: TraceHook | None) -> TraceHook:
    """Return a trace hook that counts and passes each try on."""
    following = trace or open_telemetry_hook()

    def hook(event: TraceEvent) -> None:
        tally = _CURRENT.get()
        if tally is not None:
            tally.add(event)
        if following is not None:
            following(event)

    return hook

"""The tries of one request: each failure is either waited out, as the retry policy decides, or raised with the whole story."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace

from driveql import errors, redaction
from driveql.connection.settings import ConnectionSettings, RetryMode
from driveql.errors import ApiError, DriveqlError, TransportError
from driveql.graph import faults
from driveql.graph.retry import Answered, GiveUp, Lost, RetryPolicy, retry_after
from driveql.transport.pacer import Pacer
from driveql.transport.trace import tell_wait
from driveql.transport.wire import GraphResponse

# These come with a pause that the service means for the whole application, not for one request.
_SHARED_PAUSE = frozenset({429, 503})
_NEVER_SENT = errors.ConnectError


@dataclass(slots=True)
class Statistics:
    """What a connection cost so far, or in a part of its life: counts, bytes on the wire in bodies, and seconds spent in pauses
    the service asked for.
    """

    requests: int = 0
    retries: int = 0
    token_requests: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    throttled_seconds: float = 0.0

    def copied(self) -> Statistics:
        """Return the counts as they are now."""
        return replace(self)

    def since(self, before: Statistics) -> Statistics:
        """Return what was added since an earlier count."""
        added = (now - then for now, then in zip(astuple(self), astuple(before), strict=True))
        return Statistics(*added)


def policy_of(settings: ConnectionSettings) -> RetryPolicy:
    """Return the connection's retry parameters as a policy."""
    return RetryPolicy(
        enabled=settings.retry_mode is not RetryMode.NONE,
        any_failure=settings.retry_mode is RetryMode.RETRY_ANY,
        status_codes=settings.retry_status_codes,
        count_max=settings.retry_count_max,
        multiply=settings.retry_multiply_wait_time,
        time_budget=settings.retry_time_budget,
    )


@dataclass(slots=True)
class Attempts:
    """Counts the tries of one request.

    Parameters:
        doing: what is asked, for messages: `GET /drives/b!1/root`.
        clock: monotonic seconds; wall: seconds since 1970.
        final: statuses that are not waited out, whatever the policy says.
    """

    policy: RetryPolicy
    pacer: Pacer
    statistics: Statistics
    doing: str
    safe_to_repeat: bool
    clock: Callable[[], float]
    wall: Callable[[], float]
    tries: int = 0
    final: frozenset[int] = frozenset()
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def begin(self) -> int:
        """Count a try that is about to be sent, and return its number."""
        self.tries += 1
        if self.tries > 1:
            self.statistics.retries += 1
        return self.tries

    def judge(self, failure: GraphResponse | TransportError) -> float:
        """Return how many seconds to wait before the next try; a pause for all workers is announced at once.

        Raises:
            DriveqlError: there is no next try. It says how many there were, how long they took, and what came last.
        """
        if isinstance(failure, errors.TlsError):
            raise self._final(failure, GiveUp("trust does not come by waiting", ordinary=True))
        seen = self._describe(failure)
        if isinstance(seen, Answered) and seen.status in self.final:
            raise self._final(failure, GiveUp(f"{seen.status} is not waited for here", ordinary=True))
        decision = self.policy.decide(
            seen,
            tries=self.tries,
            elapsed=self.clock() - self._started,
            safe_to_repeat=self.safe_to_repeat,
            jitter=random.random(),  # noqa: S311 - spreads workers in time; nothing depends on its secrecy
        )
        if isinstance(decision, GiveUp):
            raise self._final(failure, decision)
        reason = str(seen.status) if isinstance(seen, Answered) else type(failure).__name__
        tell_wait(self.doing, self.tries, decision.seconds, reason)
        if isinstance(seen, Answered) and seen.status in _SHARED_PAUSE:
            self.pacer.pause(decision.seconds)
            self.statistics.throttled_seconds += decision.seconds
        return decision.seconds

    async def wait(self, seconds: float) -> None:
        """Let a judged wait pass."""
        await asyncio.sleep(seconds)

    def _describe(self, failure: GraphResponse | TransportError) -> Answered | Lost:
        if isinstance(failure, GraphResponse):
            return Answered(failure.status, retry_after(failure.headers, self.wall()))
        return Lost(sent=not isinstance(failure, _NEVER_SENT))

    def _final(self, failure: GraphResponse | TransportError, decision: GiveUp) -> DriveqlError:
        elapsed = self.clock() - self._started
        if isinstance(failure, GraphResponse):
            error = faults.error_from(failure.status, failure.headers, failure.body, self.doing)
            error.message = redaction.text(error.message)
        else:
            error = failure
            error.message = f"{self.doing}: {error.message}"
        if isinstance(error, ApiError):
            error.attempts, error.elapsed = self.tries, elapsed
        error.message = error.message.rstrip()
        if error.message[-1:] not in ".!?":
            error.message += "."
        times = f"{self.tries} tries" if self.tries > 1 else "1 try"
        if not decision.ordinary:
            error.message += f" Given up after {times} in {elapsed:.1f} s: {decision.reason}."
        elif isinstance(error, ApiError) and self.tries > 1:
            error.message += f" This was the answer to the last of {times} in {elapsed:.1f} s."
        error.args = (error.message,)
        return error

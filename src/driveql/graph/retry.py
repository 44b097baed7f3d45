"""Whether a failed request is sent again, and after how long: a pure decision on what happened, with time given to it.

The parameters say which failures are repeated; the server's Retry-After is a floor under every wait, whatever the method.
Source: https://learn.microsoft.com/graph/throttling and facts.md, "Throttling and errors".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

# Out of quota does not pass by waiting; nothing in a repeated request differs for these.
FINAL_STATUSES = frozenset({507, 501})
_ANSWERED_UNDONE = frozenset({423, 429, 503})
_ANY_MODE_CLIENT_ERRORS = frozenset({408, 423, 429})


@dataclass(frozen=True, slots=True)
class Answered:
    """The server answered with an error status; `retry_after` in seconds, None where it did not say."""

    status: int
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer arrived. `sent` is False where the request cannot have reached the server."""

    sent: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Send again after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not send again, for this reason (part of a sentence).

    `ordinary` is True where the failure is of a kind that is never repeated, so that the reason tells a person nothing.
    """

    reason: str
    ordinary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The retry parameters of a connection.

    Parameters:
        any_failure: RetryMode is RetryAny: transient statuses need not be listed.
        enabled: False for RetryMode None.
        status_codes: RetryStatusCodeList.
        count_max: repeats after the first try (RetryCountMax).
        multiply: the wait doubles with each try (RetryMultiplyWaitTime).
        time_budget: seconds that all tries of one request and the waits between them may take.
        first_wait: seconds before the second try, less a random part of up to half. longest_wait: where doubling stops.
    """

    enabled: bool = True
    any_failure: bool = False
    status_codes: frozenset[int] = frozenset({429, 503, 423})
    count_max: int = 5
    multiply: bool = True
    time_budget: float = 300.0
    first_wait: float = 1.0
    longest_wait: float = 120.0

    def decide(
        self, failure: Answered | Lost, *, tries: int, elapsed: float, safe_to_repeat: bool, jitter: float
    ) -> Wait | GiveUp:
        """Decide what follows a failed try.

        Parameters:
            tries: how often the request was sent so far, at least 1.
            elapsed: seconds since the first try began.
            safe_to_repeat: sending it twice does no more than sending it once.
            jitter: a random number in [0, 1), so that workers do not return together.
        """
        if not self.enabled:
            return GiveUp("retries are switched off")
        refusal = self._refuses(failure, safe_to_repeat)
        if refusal is not None:
            return refusal
        if tries > self.count_max:
            return GiveUp(f"RetryCountMax is {self.count_max}")
        floor = failure.retry_after if isinstance(failure, Answered) else None
        seconds = self._wait(tries, floor, jitter)
        if elapsed + seconds > self.time_budget:
            return GiveUp(
                f"waiting {seconds:.0f} s more would exceed the time budget of {self.time_budget:g} s"
            )
        return Wait(seconds)

    def _refuses(self, failure: Answered | Lost, safe_to_repeat: bool) -> GiveUp | None:
        if isinstance(failure, Lost):
            if failure.sent and not safe_to_repeat:
                return GiveUp("the request may have been carried out and is not safe to repeat")
            return None
        status = failure.status
        if status in FINAL_STATUSES:
            return GiveUp(f"{status} does not pass by waiting", ordinary=True)
        transient = status in _ANY_MODE_CLIENT_ERRORS or status >= 500
        if status not in self.status_codes and not (self.any_failure and transient):
            return GiveUp(f"{status} is not among the status codes to retry", ordinary=True)
        if status >= 500 and status not in _ANSWERED_UNDONE and not safe_to_repeat:
            return GiveUp("the request may have been carried out and is not safe to repeat")
        return None

    def _wait(self, tries: int, floor: float | None, jitter: float) -> float:
        own = min(self.first_wait * (2 ** min(tries - 1, 30) if self.multiply else 1), self.longest_wait)
        if floor is None:
            return own * (0.5 + jitter / 2)
        return max(own * (0.5 + jitter / 2), floor) + jitter * min(0.1 * floor, 1.0)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return how many seconds the server asks to wait, from Retry-After (integer, float or HTTP date) and RateLimit-Reset.

    Parameters:
        headers: looked up without regard to case by the mapping itself.
        now: the client's time in seconds since 1970, used for a date where the answer has no Date header.

    Returns the greater of the two headers; never negative; None where neither can be read.
    """
    waits = [_retry_after_header(headers, now)]
    if waits[0] is not None or headers.get("RateLimit-Remaining", "").strip() == "0":
        waits.append(_number(headers.get("RateLimit-Reset")))
    found = [wait for wait in waits if wait is not None]
    return max(found) if found else None


def _retry_after_header(headers: Mapping[str, str], now: float) -> float | None:
    text = headers.get("Retry-After")
    number = _number(text)
    if number is not None or text is None:
        return number
    until = _timestamp(text)
    if until is None:
        return None
    return max(0.0, until - (_timestamp(headers.get("Date", "")) or now))


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _timestamp(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

"""Answers with an error status in the service's place, in the forms that facts.md reports."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.utils import formatdate
from typing import ClassVar, Literal

import orjson

from graph_emulator.errors import GraphError, resync_required
from graph_emulator.faults.effect import Effect, Exchange
from graph_emulator.identity.bearer import CHALLENGE
from graph_emulator.messages import Response

CODES = {
    400: ("invalidRequest", "Invalid request"),
    401: ("unauthenticated", "The caller is not authenticated."),
    403: ("accessDenied", "Access denied"),
    404: ("itemNotFound", "The resource could not be found."),
    409: ("conflict", "The request conflicts with the current state of the resource."),
    410: ("resyncRequired", "Resync required. Replace any local items with the server's version."),
    412: ("resourceModified", "ETag does not match current item's value"),
    416: ("invalidRange", "The specified byte range is invalid or unavailable."),
    423: ("resourceLocked", "The resource you are attempting to access is locked"),
    429: ("activityLimitReached", "The request has been throttled"),
    500: ("generalException", "General exception while processing"),
    502: ("generalException", "Bad gateway"),
    503: ("serviceNotAvailable", "The service is not available. Try the request again after a delay."),
    504: ("generalException", "The upstream service did not answer in time."),
    507: ("quotaLimitReached", "Insufficient Space Available"),
    509: ("activityLimitReached", "Bandwidth limit exceeded"),
}
LOCKED_SHAPES: dict[int, tuple[str, str, tuple[str, ...]]] = {
    1: ("resourceLocked", "The resource you are attempting to access is locked", ()),
    2: ("notAllowed", "The file is locked for editing", ("resourceLocked",)),
    3: ("accessDenied", "Lock token does not match existing lock", ()),
}


@dataclass(frozen=True, slots=True)
class Refuse(Effect):
    """Answer with an error status without carrying the request out.

    `retry_after` in seconds is written as it is (an integer, a float) or, with `as_date`, as an HTTP date.
    `rate_limit` is (limit, remaining, reset seconds). `inner` are nested codes.
    """

    kind: ClassVar[str] = "refuse"
    status: int = 503
    code: str | None = None
    message: str | None = None
    inner: tuple[str, ...] = ()
    retry_after: float | None = None
    as_date: bool = False
    rate_limit: tuple[int, int, int] | None = None
    headers: tuple[tuple[str, str], ...] = ()

    async def before(self, exchange: Exchange, /) -> Response | None:
        code, message = CODES.get(self.status, ("generalException", "General exception while processing"))
        headers = dict(self.headers)
        if self.retry_after is not None:
            due = formatdate(exchange.now + self.retry_after, usegmt=True)
            headers["Retry-After"] = due if self.as_date else str(self.retry_after)
        if self.rate_limit is not None:
            names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
            headers |= dict(zip(names, map(str, self.rate_limit), strict=True))
        error = GraphError(
            self.status, self.code or code, self.message or message, inner=tuple(self.inner), headers=headers
        )
        return error.response(exchange.now, exchange.request.headers.get("client-request-id"))


@dataclass(frozen=True, slots=True)
class Locked(Effect):
    """Answer 423 in one of its three shapes: resourceLocked, notAllowed with it inside, a foreign lock token."""

    kind: ClassVar[str] = "locked"
    shape: Literal[1, 2, 3] = 1

    async def before(self, exchange: Exchange, /) -> Response | None:
        code, message, inner = LOCKED_SHAPES[self.shape]
        return await Refuse(423, code, message, inner).before(exchange)


@dataclass(frozen=True, slots=True)
class Resync(Effect):
    """Answer delta with 410, as when a token is too old; `resync` says what to do with what differs."""

    kind: ClassVar[str] = "resync"
    resync: Literal["resyncRequired", "resyncChangesApplyDifferences", "resyncChangesUploadDifferences"] = (
        "resyncChangesApplyDifferences"
    )

    def fits(self, exchange: Exchange, /) -> bool:
        return "/delta" in exchange.request.target.partition("?")[0]

    async def before(self, exchange: Exchange, /) -> Response | None:
        request = exchange.request
        location = f"{request.base_url}{request.target.partition('?')[0].partition('(')[0]}?token="
        refusal = resync_required(location, self.resync)
        return refusal.response(exchange.now, request.headers.get("client-request-id"))


@dataclass(frozen=True, slots=True)
class ExpiredUrl(Effect):
    """Answer as a pre-authenticated URL does whose time is over: 401, 403 or 404."""

    kind: ClassVar[str] = "expired_url"
    status: Literal[401, 403, 404] = 401

    async def before(self, exchange: Exchange, /) -> Response | None:
        return await Refuse(self.status).before(exchange)


@dataclass(frozen=True, slots=True)
class ClaimsChallenge(Effect):
    """Answer 401 with a claims challenge, as continuous access evaluation does after a revocation."""

    kind: ClassVar[str] = "claims_challenge"

    async def before(self, exchange: Exchange, /) -> Response | None:
        wanted = orjson.dumps({"access_token": {"nbf": {"essential": True, "value": str(int(exchange.now))}}})
        claims = base64.b64encode(wanted).decode("ascii")
        message = (
            "Continuous access evaluation resulted in challenge with result: InteractionRequired "
            "and code: TokenIssuedBeforeRevocationTimestamp"
        )
        challenge = f'{CHALLENGE}, error="insufficient_claims", claims="{claims}"'
        refusal = Refuse(
            401, "InvalidAuthenticationToken", message, headers=(("www-authenticate", challenge),)
        )
        return await refusal.before(exchange)

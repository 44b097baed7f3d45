"""An access token as Entra hands it out: opaque to use, readable for display, never printed."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from driveql.errors import ProtocolError

# Entra renews tokens of a day (continuous access evaluation) at half of their life; shorter ones near their end.
_LONG_LIFE = 7200.0
_EARLY = 300.0


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One access token. Times are seconds since 1970; from `refresh_on` on a new one should be fetched."""

    value: str = field(repr=False)
    expires_on: float
    refresh_on: float

    def claims(self) -> dict[str, Any]:
        """Return what the token says (roles, appid, tid), unverified, to show; {} for a token that cannot be read."""
        parts = self.value.split(".")
        if len(parts) != 3:
            return {}
        try:
            padded = parts[1] + "=" * (-len(parts[1]) % 4)
            claims = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        except (ValueError, binascii.Error, RecursionError):
            return {}
        return claims if isinstance(claims, dict) else {}

    @property
    def roles(self) -> tuple[str, ...]:
        """The application permissions in the token, sorted."""
        roles = self.claims().get("roles")
        return tuple(sorted(str(role) for role in roles)) if isinstance(roles, list) else ()


def read_token(body: bytes, now: float) -> AccessToken:
    """Return the token of a successful answer (RFC 6749, 5.1). Raises ProtocolError."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise _not_a_token("is not JSON") from None
    if not isinstance(answer, dict):
        raise _not_a_token("is not a JSON object")
    value, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value.strip():
        raise _not_a_token("has no access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _not_a_token("is not of type Bearer")
    life = _seconds(answer.get("expires_in"))
    if life is None or life <= 0:
        raise _not_a_token("has no usable expires_in")
    return token_of(value, now, life, _seconds(answer.get("refresh_in")))


def token_of(value: str, now: float, life: float, refresh_in: float | None = None) -> AccessToken:
    """Return a token that lives `life` seconds from `now` and is to be renewed early."""
    if refresh_in is None or not 0 < refresh_in < life:
        refresh_in = life / 2 if life >= _LONG_LIFE else max(life - _EARLY, life / 2)
    return AccessToken(value, now + life, now + refresh_in)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None


def _not_a_token(what: str) -> ProtocolError:
    return ProtocolError(
        f"The token endpoint's answer {what}.",
        hint="Something between here and Entra ID may have answered: check Proxy and TokenUrl.",
    )

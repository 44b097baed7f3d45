"""Graph accepts a bearer token, or answers 401 in Graph's words."""

from __future__ import annotations

import jwt

from graph_emulator.graph_errors import graph_error
from graph_emulator.identity.tokens import GRAPH_APPLICATION_ID, GRAPH_AUDIENCES, SigningKey, TokenClaims
from graph_emulator.messages import Response

CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    f'client_id="{GRAPH_APPLICATION_ID}"'
)
NOT_YET_VALID_SKEW = 300.0  # seconds
REMEMBERED_TOKENS = 1000


class InvalidToken(Exception):  # noqa: N818 - an answer of the service, not a fault of the emulator
    """The token is not accepted; the text is Graph's message."""


class BearerTokens:
    """Checks access tokens: signature, audience, tenant, times. Remembers signatures it has checked."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._checked: dict[str, TokenClaims] = {}

    def accept(self, authorization: str | None, *, tenant_ids: frozenset[str], now: float) -> TokenClaims:
        """Return the claims of the header's token, or raise InvalidToken. `now`: seconds since 1970."""
        scheme, _, token = (authorization or "").strip().partition(" ")
        token = token.strip()
        if scheme.casefold() != "bearer" or not token:
            raise InvalidToken("Access token is empty.")
        accepted = self._checked.get(token) or self._read(token)
        if accepted.claims.get("aud") not in GRAPH_AUDIENCES:
            raise InvalidToken("Access token validation failure. Invalid audience.")
        if accepted.tenant_id not in tenant_ids:
            raise InvalidToken("Access token validation failure. Invalid issuer.")
        if now >= accepted.expires_on:
            raise InvalidToken("Lifetime validation failed, the token is expired.")
        if now < float(accepted.claims["nbf"]) - NOT_YET_VALID_SKEW:
            raise InvalidToken("Access token has expired or is not yet valid.")
        return accepted

    def _read(self, token: str) -> TokenClaims:
        if token.count(".") != 2:
            raise InvalidToken("CompactToken parsing failed with error code: 80049217")
        try:
            claims = self._key.read(token)
        except jwt.InvalidSignatureError:
            raise InvalidToken("Access token validation failure. The signature is invalid.") from None
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise InvalidToken("CompactToken parsing failed with error code: 80049217") from None
        accepted = TokenClaims(
            tenant_id=claims["tid"],
            client_id=claims["appid"],
            service_principal_id=claims["oid"],
            roles=frozenset(claims.get("roles", ())),
            expires_on=float(claims["exp"]),
            handles_claims_challenges="xms_cc" in claims,
            display_name=claims.get("app_displayname", ""),
            claims=claims,
        )
        if len(self._checked) >= REMEMBERED_TOKENS:
            self._checked.clear()
        self._checked[token] = accepted
        return accepted


def unauthorized(message: str, *, now: float, client_request_id: str | None = None) -> Response:
    """Return Graph's 401 with its challenge."""
    return graph_error(
        401,
        "InvalidAuthenticationToken",
        message,
        now=now,
        client_request_id=client_request_id,
        headers={"www-authenticate": CHALLENGE},
    )

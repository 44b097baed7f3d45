"""Access tokens are real RS256 JWTs with the claims of an app-only Graph token (version 1.0)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from graph_emulator.directory import Application, TenantDirectory

GRAPH = "https://graph.microsoft.com"
GRAPH_APPLICATION_ID = "00000003-0000-0000-c000-000000000000"
GRAPH_AUDIENCES = frozenset({GRAPH, f"{GRAPH}/", GRAPH_APPLICATION_ID})
DEFAULT_LIFETIME = 3599  # seconds
CONTINUOUS_ACCESS_LIFETIME = 86_399  # seconds, when the client declared that it handles claims challenges
AUTHENTICATED_BY_SECRET, AUTHENTICATED_BY_CERTIFICATE = "1", "2"
DIRECTORY_READERS_TEMPLATE = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"  # what app-only tokens carry in `wids`


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What an accepted access token says about its bearer."""

    tenant_id: str
    client_id: str
    service_principal_id: str
    roles: frozenset[str]
    expires_on: float
    handles_claims_challenges: bool = False
    display_name: str = ""
    claims: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def base64url(data: bytes) -> str:
    """Return `data` as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class SigningKey:
    """The key that signs access tokens, and its public half as JWKS."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self._private.public_key().public_numbers()
        self.modulus = base64url(numbers.n.to_bytes(256, "big"))
        self.key_id = base64url(hashlib.sha1(self.modulus.encode(), usedforsecurity=False).digest())

    def jwks(self, issuer: str) -> dict[str, Any]:
        """Return the key set document of the discovery endpoint."""
        key = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.key_id,
            "x5t": self.key_id,
            "n": self.modulus,
            "e": "AQAB",
            "cloud_instance_name": "microsoftonline.com",
            "issuer": issuer,
        }
        return {"keys": [key]}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return `claims` as a signed compact JWT."""
        headers = {"typ": "JWT", "x5t": self.key_id, "kid": self.key_id, "nonce": secrets.token_urlsafe(32)}
        return jwt.encode(claims, self._private, algorithm="RS256", headers=headers)

    def read(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that this key signed; raises jwt.PyJWTError for any other.

        Times and audience are the caller's to judge, by the emulator's clock.
        """
        options: Any = {
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "verify_aud": False,
            "verify_sub": False,
            "verify_jti": False,
        }
        return jwt.decode(token, self._private.public_key(), algorithms=["RS256"], options=options)


@cache
def process_signing_key() -> SigningKey:
    """Return the key that all emulators of this process share: making one is slow."""
    return SigningKey()


def app_only_claims(
    tenant: TenantDirectory,
    application: Application,
    *,
    audience: str,
    now: float,
    lifetime: float,
    roles: Iterable[str],
    authenticated_by: str,
    handles_claims_challenges: bool = False,
) -> dict[str, Any]:
    """Return the claims of a token for `application`; `now` in seconds since 1970, `lifetime` in seconds.

    An application without grants still gets a token; `roles` is then absent.
    """
    issued = int(now)
    claims: dict[str, Any] = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(lifetime),
        "aio": secrets.token_urlsafe(32),
        "app_displayname": application.display_name,
        "appid": application.client_id,
        "appidacr": authenticated_by,
        "idp": f"https://sts.windows.net/{tenant.tenant_id}/",
        "idtyp": "app",
        "oid": application.service_principal_id,
        "rh": f"1.{secrets.token_urlsafe(24)}.",
        "sub": application.service_principal_id,
        "tenant_region_scope": "EU",
        "tid": tenant.tenant_id,
        "uti": base64url(uuid.uuid4().bytes),
        "ver": "1.0",
        "wids": [DIRECTORY_READERS_TEMPLATE],
    }
    granted = sorted(roles)
    if granted:
        claims["roles"] = granted
    if handles_claims_challenges:
        claims["xms_cc"] = ["CP1"]
    return claims

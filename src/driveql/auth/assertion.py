"""The client assertion: a short-lived JWT, signed with the certificate's key. Pure: the caller gives time
and id.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from driveql.auth.signing import Algorithm, Signer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 600


def build(
    signer: Signer,
    client_id: str,
    audience: str,
    now: float,
    jti: str,
    lifetime: int = LIFETIME,
    algorithm: Algorithm = "PS256",
    x5c: bool = False,
) -> str:
    """Return the signed assertion.

    Parameters:
        audience: the token URL.
        now: seconds since 1970; the assertion is valid from then for `lifetime` seconds.
        jti: an id that is never used again.
        algorithm: PS256 names the certificate by its SHA-256 thumbprint, RS256 by SHA-1, as Entra documents
            each.
        x5c: send the certificate and its chain too (subject name and issuer authentication).
    """
    issued = int(now)
    claims = {
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": jti,
        "iat": issued,
        "nbf": issued,
        "exp": issued + lifetime,
    }
    signed = f"{_part(header(signer, algorithm, x5c=x5c))}.{_part(claims)}"
    return f"{signed}.{base64url(signer.sign(signed.encode('ascii'), algorithm))}"


def header(signer: Signer, algorithm: Algorithm, *, x5c: bool = False) -> dict[str, object]:
    """Return the JOSE header (RFC 7515, 4.1)."""
    fields: dict[str, object] = {"alg": algorithm, "typ": "JWT"}
    if algorithm == "PS256":
        fields["x5t#S256"] = base64url(signer.thumbprint_sha256)
    else:
        fields["x5t"] = base64url(signer.thumbprint_sha1)
    if x5c:
        certificates = [signer.certificate_der, *signer.chain_der]
        fields["x5c"] = [base64.b64encode(der).decode("ascii") for der in certificates]
    return fields


def base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _part(fields: Mapping[str, object]) -> str:
    return base64url(json.dumps(fields, separators=(",", ":")).encode("utf-8"))

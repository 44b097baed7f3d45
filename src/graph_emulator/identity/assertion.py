"""A client assertion proves its application, or is refused with the reason Entra would give.

Follows "Microsoft identity platform application authentication certificate credentials": the certificate is
found by the header's thumbprint, the signature is checked with it, the claims name application and tenant.
Entra keeps no list of used `jti`, so a repeated assertion is accepted while it is in time.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from graph_emulator.directory import Application, RegisteredCertificate
from graph_emulator.identity.refusals import Refusal, moment

CLOCK_SKEW = 300.0  # seconds Entra tolerates on both ends
MAX_LENGTH = 65_536
HASHES: dict[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
ALGORITHMS = frozenset(f"{family}{size}" for family in ("RS", "PS") for size in HASHES)


@dataclass(frozen=True, slots=True)
class Assertion:
    """The parts of a compact JWS: header and claims decoded, the signed bytes as they came."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def decode_base64url(text: str) -> bytes:
    """Return the bytes of base64url text, padded or not; raise ValueError for anything else."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def parse(text: str) -> Assertion:
    """Take a compact JWS apart; raises Refusal(assertion_malformed) when it is none."""
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError("too long")
        head, body, signature = text.split(".")
        header, claims = orjson.loads(decode_base64url(head)), orjson.loads(decode_base64url(body))
        signed, signature_bytes = f"{head}.{body}".encode("ascii"), decode_base64url(signature)
    except (ValueError, binascii.Error, RecursionError):
        raise Refusal("assertion_malformed") from None
    if not isinstance(header, dict) or not isinstance(claims, dict) or "crit" in header:
        raise Refusal("assertion_malformed")
    return Assertion(header, claims, signed, signature_bytes)


def verify(text: str, application: Application, *, audiences: Collection[str], now: float) -> None:
    """Accept the assertion `text` as proof of `application`, or raise the Refusal that Entra would answer.

    `audiences` are the forms of this tenant's token URL and issuer; `now` is seconds since 1970.
    """
    assertion = parse(text)
    algorithm = _algorithm(assertion.header)
    _check_parties(assertion.claims, application, audiences)
    certificate, thumbprint = _certificate(assertion.header, application)
    _check_signature(assertion, algorithm, certificate, thumbprint)
    _check_certificate(certificate, thumbprint, application, now)
    _check_times(assertion.claims, now)


def _algorithm(header: dict[str, Any]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or not algorithm:
        raise Refusal("header_without_algorithm")
    if algorithm not in ALGORITHMS:
        raise Refusal("algorithm_not_supported", algorithm=algorithm[:32])
    return algorithm


def _check_parties(claims: dict[str, Any], application: Application, audiences: Collection[str]) -> None:
    issuer, subject, audience = claims.get("iss"), claims.get("sub"), claims.get("aud")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not isinstance(audience, str):
        raise Refusal("assertion_malformed")
    if issuer.casefold() != subject.casefold():
        raise Refusal("subject_mismatches_issuer", subject=subject[:100], issuer=issuer[:100])
    if issuer.casefold() != application.client_id.casefold():
        raise Refusal("issuer_is_not_the_client")
    if audience.casefold() not in {known.casefold() for known in audiences}:
        raise Refusal("audience_mismatch")


def _certificate(header: dict[str, Any], application: Application) -> tuple[RegisteredCertificate, str]:
    """Find the certificate that the header's thumbprint names: `x5t#S256` where given, else `x5t`."""
    name = "x5t#S256" if "x5t#S256" in header else "x5t"
    written = header.get(name)
    if not isinstance(written, str) or not written:
        raise Refusal("thumbprint_missing")
    try:
        thumbprint = decode_base64url(written)
    except ValueError:
        raise Refusal("assertion_malformed") from None
    found = application.certificate_with(**{"sha1" if name == "x5t" else "sha256": thumbprint})
    if found is None:
        raise Refusal(
            "certificate_not_registered", thumbprint=thumbprint.hex().upper(), client_id=application.client_id
        )
    return found, thumbprint.hex().upper()


def _check_signature(
    assertion: Assertion, algorithm: str, certificate: RegisteredCertificate, thumbprint: str
) -> None:
    key = certificate.x509.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refusal("key_not_supported")
    digest = HASHES[algorithm[2:]]
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if algorithm.startswith("PS"):
        scheme = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
    try:
        key.verify(assertion.signature, assertion.signed, scheme, digest)
    except (InvalidSignature, ValueError):
        raise Refusal("invalid_signature", thumbprint=thumbprint, **_validity(certificate)) from None


def _check_certificate(
    certificate: RegisteredCertificate, thumbprint: str, application: Application, now: float
) -> None:
    if now > certificate.x509.not_valid_after_utc.timestamp():
        raise Refusal(
            "certificate_expired",
            thumbprint=thumbprint,
            client_id=application.client_id,
            **_validity(certificate),
        )
    if now < certificate.x509.not_valid_before_utc.timestamp():
        raise Refusal("certificate_not_yet_valid")


def _validity(certificate: RegisteredCertificate) -> dict[str, str]:
    parsed = certificate.x509
    return {
        "start": parsed.not_valid_before_utc.strftime("%m/%d/%Y %H:%M:%S"),
        "end": parsed.not_valid_after_utc.strftime("%m/%d/%Y %H:%M:%S"),
    }


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, not_before = _number(claims, "exp"), _number(claims, "nbf")
    _number(claims, "iat")
    if expires is None:
        raise Refusal("assertion_malformed")
    if now > expires + CLOCK_SKEW or (not_before is not None and now < not_before - CLOCK_SKEW):
        raise Refusal(
            "assertion_not_in_time", now=moment(now), not_before=moment(not_before), expires=moment(expires)
        )


def _number(claims: dict[str, Any], name: str) -> float | None:
    """Return a NumericDate, an integer or a float (MSAL Python sends floats), or None where it is absent."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal("assertion_malformed")
    number = float(value)
    if math.isnan(number):
        raise Refusal("assertion_malformed")
    return number

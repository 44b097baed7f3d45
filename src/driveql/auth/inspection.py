"""What a person wants to know about a certificate file: whose it is, how long it is valid, whether Entra would take it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from driveql.auth.certificate import CertificateFile, rsa_size
from driveql.auth.local_key import LEAST_KEY_SIZE
from driveql.auth.signing import sha1, sha256


@dataclass(frozen=True, slots=True)
class Inspection:
    """The readable facts of one file; times are in UTC, thumbprints upper-case hexadecimal.

    `key_matches` is None without a private key; `problem` says why Entra would refuse it, or is None.
    """

    kind: str
    subject: str
    issuer: str
    serial_number: str
    valid_from: datetime
    valid_until: datetime
    days_left: int
    thumbprint_sha1: str
    thumbprint_sha256: str
    key: str
    has_private_key: bool
    key_matches: bool | None
    chain_length: int
    problem: str | None


def inspect(file: CertificateFile, now: datetime) -> Inspection:
    """Return the facts of what was read. `now` is in UTC."""
    certificate = file.certificate
    der = certificate.public_bytes(Encoding.DER)
    size = rsa_size(certificate)
    until = certificate.not_valid_after_utc
    return Inspection(
        kind=file.kind,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial_number=_serial_number(certificate),
        valid_from=certificate.not_valid_before_utc,
        valid_until=until,
        days_left=(until - now).days,
        thumbprint_sha1=sha1(der).hex().upper(),
        thumbprint_sha256=sha256(der).hex().upper(),
        key="not RSA" if size is None else f"RSA {size}",
        has_private_key=file.key is not None,
        key_matches=file.key_matches,
        chain_length=len(file.certificates) - 1,
        problem=_problem(file, size, now),
    )


def _serial_number(certificate: x509.Certificate) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # cryptography warns of numbers that are not positive; Entra takes them
        return f"{certificate.serial_number:X}"


def _problem(file: CertificateFile, size: int | None, now: datetime) -> str | None:
    if size is None:
        return "Entra ID accepts RSA keys only"
    if size < LEAST_KEY_SIZE:
        return f"Entra ID asks for an RSA key of {LEAST_KEY_SIZE} bits at least"
    if file.key_matches is False:
        return "the private key does not belong to the certificate"
    if now > file.certificate.not_valid_after_utc:
        return "it has expired"
    if now < file.certificate.not_valid_before_utc:
        return "it is not valid yet"
    return None

"""A signer whose private key is in this process: read from a PFX or PEM file, or given as bytes.

A key that Entra ID would refuse is refused here, before any request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from driveql.auth import certificate as certificates
from driveql.auth.certificate import CertificateFile
from driveql.auth.signing import Algorithm, Signer, sha1, sha256
from driveql.connection.settings import ConnectionSettings
from driveql.errors import (
    CertificateKeyMismatchError,
    CertificateKeyMissingError,
    CertificateValidityError,
    InvalidCertificateError,
    UnsupportedKeyError,
)

LEAST_KEY_SIZE = 2048


class LocalKeySigner:
    """Signs with an RSA key held in memory. Made by `signer_of`; its `repr` shows the thumbprint alone."""

    def __init__(self, key: rsa.RSAPrivateKey, file: CertificateFile) -> None:
        self._key = key
        self.certificate_der = file.certificate.public_bytes(Encoding.DER)
        self.chain_der: Sequence[bytes] = tuple(
            one.public_bytes(Encoding.DER) for one in file.certificates[1:]
        )
        self.thumbprint_sha1 = sha1(self.certificate_der)
        self.thumbprint_sha256 = sha256(self.certificate_der)
        self.not_valid_before = file.certificate.not_valid_before_utc
        self.not_valid_after = file.certificate.not_valid_after_utc

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Return the signature; PSS with MGF1-SHA-256 and a salt as long as the digest (RFC 7518, 3.5)."""
        digest = hashes.SHA256()
        if algorithm == "PS256":
            pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
            return self._key.sign(data, pss, digest)
        return self._key.sign(data, padding.PKCS1v15(), digest)

    def __repr__(self) -> str:
        return f"LocalKeySigner(thumbprint={self.thumbprint_sha1.hex().upper()})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a private key is not pickled")


def signer_of(file: CertificateFile, *, origin: str = "The certificate") -> LocalKeySigner:
    """Return the signer of what was read.

    Raises CertificateKeyMissingError, CertificateKeyMismatchError, UnsupportedKeyError (no RSA key, or
    below 2048 bits).
    """
    if file.key is None:
        raise CertificateKeyMissingError(
            f"{origin} holds the certificate without its private key.",
            hint="Use the PFX or PEM file with the private key; the .cer or .crt file is the one to upload.",
        )
    if not isinstance(file.key, rsa.RSAPrivateKey):
        raise UnsupportedKeyError(
            f"{origin} has a key that is not RSA; Entra ID accepts RSA keys only.",
            hint="Make an RSA certificate: driveql cert create.",
        )
    if file.key.key_size < LEAST_KEY_SIZE:
        raise UnsupportedKeyError(
            f"{origin} has an RSA key of {file.key.key_size} bits; the least is {LEAST_KEY_SIZE}.",
            hint="Make a new certificate: driveql cert create.",
        )
    if not file.key_matches:
        raise CertificateKeyMismatchError(
            f"{origin}: the private key does not belong to the certificate.",
            hint="Check that CertificatePath and CertificateKeyPath come from the same creation.",
        )
    return LocalKeySigner(file.key, file)


def signer_from(settings: ConnectionSettings) -> LocalKeySigner:
    """Return the signer that the settings name. Asks for the password where it is to be typed in.

    Raises InvalidCertificateError and its leaves, SecretError.
    """
    origin = str(settings.certificate_path) if settings.certificate_path else "CertificateBytes"
    if settings.certificate_path is not None:
        data = certificates.read_bytes(settings.certificate_path)
    elif settings.certificate_bytes is not None:
        data = settings.certificate_bytes
    else:
        raise InvalidCertificateError("No certificate is configured.", hint="Set CertificatePath.")
    key_path = settings.certificate_key_path
    file = certificates.parse(
        data,
        password=settings.certificate_password.reveal(purpose="certificate password")
        if settings.certificate_password
        else None,
        key_data=certificates.read_bytes(key_path) if key_path else None,
        origin=origin,
    )
    signer = signer_of(file, origin=origin)
    _check_thumbprint(signer, settings.certificate_thumbprint, origin)
    return signer


def check_validity(signer: Signer, now: datetime) -> None:
    """Raise CertificateValidityError where the certificate is not valid at `now` (UTC)."""
    if now > signer.not_valid_after:
        raise CertificateValidityError(
            f"The certificate expired on {signer.not_valid_after:%Y-%m-%d %H:%M} UTC.",
            hint="Make a new one with driveql cert create and upload its .cer file to the app registration.",
        )
    if now < signer.not_valid_before:
        raise CertificateValidityError(
            f"The certificate is not valid before {signer.not_valid_before:%Y-%m-%d %H:%M} UTC.",
            hint="Check this machine's clock, or wait until then.",
        )


def _check_thumbprint(signer: Signer, wanted: str | None, origin: str) -> None:
    if wanted is None:
        return
    found = signer.thumbprint_sha1.hex().upper(), signer.thumbprint_sha256.hex().upper()
    if wanted not in found:
        raise InvalidCertificateError(
            f"{origin} holds the certificate {found[0]}, not the one of CertificateThumbprint.",
            hint="Correct CertificateThumbprint or leave it out.",
        )

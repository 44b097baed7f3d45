"""A certificate and its private key, read from what a person has: PFX, PEM or DER, told apart by their
contents.

Each way in which such a file cannot be used has its own error.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

from driveql.errors import CertificatePasswordError, InvalidCertificateError

_SIZE_LIMIT = 1 << 20
_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
# DER: a PFX is SEQUENCE { INTEGER 3, ... (RFC 7292, 4).
_PFX_START = re.compile(rb"\x30(?:\x80|[\x00-\x7f]|\x81.|\x82..|\x83...)\x02\x01\x03", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """What one file (or a certificate and a key file) held.

    The leaf stands first; `key` is None for a public one.
    """

    kind: str
    certificates: Sequence[x509.Certificate]
    key: PrivateKeyTypes | None = field(repr=False)

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate whose private key this is; the first one where there is no key."""
        return self.certificates[0]

    @property
    def key_matches(self) -> bool | None:
        """Whether the private key belongs to the certificate; None without a key."""
        return None if self.key is None else belongs(self.key, self.certificate)


def read_bytes(path: Path) -> bytes:
    """Return a certificate or key file's contents. Raises InvalidCertificateError."""
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise InvalidCertificateError(f"{path} is too large to be a certificate.")
        return path.read_bytes()
    except FileNotFoundError:
        raise InvalidCertificateError(
            f"There is no file {path}.",
            hint="Check CertificatePath, or make a certificate: driveql cert create.",
        ) from None
    except OSError as error:
        raise InvalidCertificateError(f"{path} cannot be read: {error.strerror}.") from None


def parse(
    data: bytes,
    *,
    password: str | None = None,
    key_data: bytes | None = None,
    origin: str = "The certificate",
    public_only: bool = False,
) -> CertificateFile:
    """Return what `data` holds.

    Parameters:
        data: PFX, PEM (certificates, and a key in PKCS#8 or PKCS#1, encrypted or not) or a DER certificate.
        password: opens the PFX or the encrypted key; ignored where nothing is encrypted.
        key_data: the private key's own PEM or DER.
        origin: how errors name the file.
        public_only: leave a PEM's private key alone, so that no password is needed.
    Raises CertificatePasswordError, InvalidCertificateError.
    """
    if _PFX_START.match(data):
        kind, certificates, key = "PFX", *_parse_pfx(data, password, origin)
    elif b"-----BEGIN" in data:
        kind, certificates = "PEM", _pem_certificates(data, origin)
        key = None if public_only else _pem_key(data, password, origin)
    else:
        kind, certificates, key = "DER", [_der_certificate(data, origin)], None
    if key_data is not None:
        key = _parse_key(key_data, password, origin)
    if not certificates:
        what = "a private key but no certificate" if key is not None else "no certificate"
        raise InvalidCertificateError(
            f"{origin} holds {what}.",
            hint="Name the certificate in CertificatePath and its key in CertificateKeyPath.",
        )
    return CertificateFile(kind, _leaf_first(certificates, key), key)


def belongs(key: PrivateKeyTypes, certificate: x509.Certificate) -> bool:
    """Say whether `key` is the private half of the certificate's key."""
    spki = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    try:
        return key.public_key().public_bytes(*spki) == certificate.public_key().public_bytes(*spki)
    except (UnsupportedAlgorithm, ValueError):
        return False


def _leaf_first(
    certificates: Sequence[x509.Certificate], key: PrivateKeyTypes | None
) -> Sequence[x509.Certificate]:
    if key is None:
        return tuple(certificates)
    leaf = next((certificate for certificate in certificates if belongs(key, certificate)), None)
    if leaf is None:
        return tuple(certificates)
    return (leaf, *(certificate for certificate in certificates if certificate is not leaf))


def _parse_pfx(
    data: bytes, password: str | None, origin: str
) -> tuple[list[x509.Certificate], PrivateKeyTypes | None]:
    # Without a password some tools write none and some the empty one.
    tries = [password.encode("utf-8")] if password else [None, b""]
    for attempt in tries:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # BER where DER is due: old Windows exports, harmless
                store = pkcs12.load_pkcs12(data, attempt)
                found = [
                    entry.certificate for entry in (store.cert, *store.additional_certs) if entry is not None
                ]
        except UnsupportedAlgorithm:
            raise InvalidCertificateError(
                f"{origin} is encrypted with an algorithm that is not supported here.",
                hint="Export it again with AES-256: openssl pkcs12 -export, or Windows' 'AES256-SHA256'.",
            ) from None
        except (ValueError, TypeError):
            continue
        damaged = InvalidCertificateError(f"{origin} holds a damaged certificate.")
        ders = [certificate.public_bytes(serialization.Encoding.DER) for certificate in found]
        return [_load(x509.load_der_x509_certificate, der, damaged) for der in ders], store.key
    raise _wrong_password(origin, given=bool(password), damaged=" (or the file is damaged)")


def _wrong_password(origin: str, *, given: bool, damaged: str = "") -> CertificatePasswordError:
    if given:
        return CertificatePasswordError(
            f"{origin}: the password is wrong{damaged}.",
            hint="Check CertificatePassword; blanks and quotes belong to it.",
        )
    return CertificatePasswordError(
        f"{origin} is protected by a password and none was given{damaged}.",
        hint="Give CertificatePassword, best as a reference: CertificatePassword=env:FINANCE_PFX_PASSWORD",
    )


def _pem_certificates(data: bytes, origin: str) -> list[x509.Certificate]:
    kinds = {b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"}
    blocks = [block[0] for block in _PEM_BLOCK.finditer(data) if block[1] in kinds]
    damaged = InvalidCertificateError(f"{origin} holds a damaged certificate.")
    return [_load(x509.load_pem_x509_certificate, block, damaged) for block in blocks]


def _load(
    load: Callable[[bytes], x509.Certificate], data: bytes, damaged: InvalidCertificateError
) -> x509.Certificate:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # cryptography warns of what Entra does not mind, such as serial numbers
            certificate = load(data)
            # Its parts are decoded when they are first asked for; ask here, where the error has a name.
            certificate.subject, certificate.issuer, certificate.serial_number  # noqa: B018 - the reading itself may fail
            certificate.not_valid_before_utc, certificate.not_valid_after_utc  # noqa: B018 - the reading itself may fail
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise damaged from None
    return certificate


def _pem_key(data: bytes, password: str | None, origin: str) -> PrivateKeyTypes | None:
    for block in _PEM_BLOCK.finditer(data):
        if block[1].endswith(b"PRIVATE KEY"):
            return _parse_key(block[0], password, origin)
    return None


def _parse_key(data: bytes, password: str | None, origin: str) -> PrivateKeyTypes:
    blocks = [match[0] for match in _PEM_BLOCK.finditer(data) if match[1].endswith(b"PRIVATE KEY")]
    source = blocks[0] if blocks else data
    load = serialization.load_pem_private_key if blocks else serialization.load_der_private_key
    what = f"{origin}: the private key"
    try:
        try:
            return load(source, password.encode("utf-8") if password else None)
        except TypeError:
            # The password does not fit the file: missing for an encrypted key, or given for an open one.
            if not password:
                raise _wrong_password(what, given=False) from None
            return load(source, None)
    except UnsupportedAlgorithm:
        raise InvalidCertificateError(f"{what} is of a kind that is not supported.") from None
    except ValueError:
        if b"ENCRYPTED" in source and password:
            raise _wrong_password(what, given=True) from None
        raise InvalidCertificateError(f"{what} is damaged or not a private key.") from None


def _der_certificate(data: bytes, origin: str) -> x509.Certificate:
    none = InvalidCertificateError(
        f"{origin} is not a certificate: neither PFX nor PEM nor DER.",
        hint="A PFX (.pfx, .p12) or PEM file is expected; driveql cert create makes both.",
    )
    return _load(x509.load_der_x509_certificate, data, none)


def rsa_size(certificate: x509.Certificate) -> int | None:
    """Return the RSA key's size in bits; None for a key of another kind."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return None
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None

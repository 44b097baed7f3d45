"""Make a self-signed certificate for an app registration, and the files a person needs of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from driveql.auth.certificate import CertificateFile
from driveql.auth.signing import sha1, sha256
from driveql.errors import InvalidCertificateError

KEY_SIZES = (2048, 3072, 4096)
LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A new certificate with its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def thumbprint_sha1(self) -> str:
        """The thumbprint that the portal shows, in upper-case hexadecimal."""
        return sha1(self.cer()).hex().upper()

    @property
    def thumbprint_sha256(self) -> str:
        """The thumbprint that PS256 assertions carry, in upper-case hexadecimal."""
        return sha256(self.cer()).hex().upper()

    def cer(self) -> bytes:
        """Return the public certificate in DER, the file to upload."""
        return self.certificate.public_bytes(Encoding.DER)

    def pfx(self, password: str) -> bytes:
        """Return certificate and key as PKCS#12, encrypted with the password (AES-256, SHA-256)."""
        encryption = BestAvailableEncryption(_secret(password))
        return pkcs12.serialize_key_and_certificates(b"driveql", self.key, self.certificate, None, encryption)

    def pem(self, password: str | None) -> bytes:
        """Return key (PKCS#8, encrypted where a password is given) and certificate as PEM."""
        encryption = BestAvailableEncryption(_secret(password)) if password is not None else NoEncryption()
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        return key + self.certificate.public_bytes(Encoding.PEM)

    def as_file(self) -> CertificateFile:
        """Return it as if it had been read from a file."""
        return CertificateFile("PFX", (self.certificate,), self.key)


def issue(
    subject: str = "CN=driveql", *, key_size: int = 2048, days: int = 365, now: datetime | None = None
) -> IssuedCertificate:
    """Return a new self-signed RSA certificate, signed with SHA-256.

    Parameters:
        subject: a distinguished name (`CN=driveql,O=Contoso`) or a common name alone.
        key_size: bits: 2048, 3072 or 4096.
        days: validity from `now` (UTC; default: five minutes ago), 3650 at most.
    Raises InvalidCertificateError.
    """
    if key_size not in KEY_SIZES:
        raise InvalidCertificateError(f"An RSA key has 2048, 3072 or 4096 bits here, not {key_size}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidCertificateError(f"The validity is 1 to {LONGEST_DAYS} days, not {days}.")
    # Set back, so that a service whose clock is a little behind takes it at once.
    start = now or datetime.now(UTC) - timedelta(minutes=5)
    start = start.astimezone(UTC).replace(microsecond=0)
    name = _name(subject)
    key = rsa.generate_private_key(public_exponent=65537, key_size=key_size)
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return IssuedCertificate(certificate, key)


def _name(subject: str) -> x509.Name:
    text = subject.strip()
    try:
        if "=" not in text:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        name = x509.Name.from_rfc4514_string(text)
    except ValueError:
        name = x509.Name([])
    if not list(name):
        raise InvalidCertificateError(
            f"{text[:60]!r} is not a distinguished name.", hint="A good example: CN=driveql,O=Contoso"
        )
    return name


def _secret(password: str) -> bytes:
    if not password:
        raise InvalidCertificateError(
            "The password is empty.", hint="A PFX holds the private key; protect it."
        )
    return password.encode("utf-8")

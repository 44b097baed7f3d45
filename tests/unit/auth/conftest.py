"""Keys and certificates made once for the whole room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from driveql.auth.issue import IssuedCertificate, issue

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def certificate_for(
    key: CertificateIssuerPrivateKeyTypes, start: datetime = NOW, days: int = 30
) -> x509.Certificate:
    """Return a self-signed certificate for any key, also those that driveql would not issue."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return (
        builder.not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


@pytest.fixture(scope="session")
def issued() -> IssuedCertificate:
    return issue("CN=driveql test,O=Contoso", days=365, now=NOW)


@pytest.fixture(scope="session")
def other() -> IssuedCertificate:
    return issue("another", days=365, now=NOW)


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def small_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)

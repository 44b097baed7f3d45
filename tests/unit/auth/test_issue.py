"""What driveql issues is what it and Entra accept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from tests.unit.auth.conftest import NOW

from driveql.auth.certificate import parse, rsa_size
from driveql.auth.issue import issue
from driveql.auth.local_key import signer_of
from driveql.errors import CertificatePasswordError, InvalidCertificateError


def test_its_contents(issued) -> None:
    certificate = issued.certificate
    assert certificate.subject.rfc4514_string() == "CN=driveql test,O=Contoso"
    assert certificate.issuer == certificate.subject
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (
        NOW,
        NOW + timedelta(days=365),
    )
    assert rsa_size(certificate) == 2048
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    certificate.verify_directly_issued_by(certificate)


def test_each_file_reads_back(issued) -> None:
    for data in (issued.pfx("p"), issued.pem("p"), issued.pem(None)):
        assert signer_of(parse(data, password="p")).certificate_der == issued.cer()
    for data in (issued.pfx("p"), issued.pem("p")):
        with pytest.raises(CertificatePasswordError):
            parse(data, password="q")
    assert parse(issued.cer()).key is None
    assert b"PRIVATE" not in issued.cer()


def test_a_common_name_alone_is_enough(other) -> None:
    assert other.certificate.subject.rfc4514_string() == "CN=another"


@pytest.mark.parametrize("size", [3072, 4096])
def test_larger_keys(size: int) -> None:
    assert rsa_size(issue(key_size=size).certificate) == size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key_size": 1024}, "2048, 3072 or 4096"),
        ({"days": 0}, "1 to 3650"),
        ({"days": 3651}, "1 to 3650"),
        ({"subject": ""}, "not a distinguished name"),
        ({"subject": "CN="}, "not a distinguished name"),
        ({"subject": "x=y=z"}, "not a distinguished name"),
    ],
)
def test_what_it_refuses(options: dict, message: str) -> None:
    with pytest.raises(InvalidCertificateError, match=message):
        issue(**options)


def test_an_empty_password_protects_nothing(issued) -> None:
    with pytest.raises(InvalidCertificateError, match="empty"):
        issued.pfx("")

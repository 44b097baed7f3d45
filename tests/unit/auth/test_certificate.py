"""Every kind of file a person may have, and each way in which it cannot be used."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from tests.unit.auth.conftest import NOW, certificate_for

from driveql.auth.certificate import parse, read_bytes
from driveql.auth.issue import IssuedCertificate
from driveql.auth.local_key import check_validity, signer_from, signer_of
from driveql.auth.signing import Signer
from driveql.connection import ConnectionSettings, SecretReference
from driveql.errors import (
    CertificateKeyMismatchError,
    CertificateKeyMissingError,
    CertificatePasswordError,
    CertificateValidityError,
    InvalidCertificateError,
    UnsupportedKeyError,
)

PASSWORD = "hunter2 ü€"


def key_pem(key, form=PrivateFormat.PKCS8, password: str | None = None) -> bytes:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption)


def pfx(key, certificate, password: str | None = PASSWORD, chain=None) -> bytes:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", key, certificate, chain, encryption)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("password", [None, PASSWORD])
@pytest.mark.parametrize("own_file", [False, True])
@pytest.mark.parametrize("certificate_first", [False, True])
def test_pem_in_every_form(
    issued, form, password: str | None, own_file: bool, certificate_first: bool
) -> None:
    key, certificate = key_pem(issued.key, form, password), issued.certificate.public_bytes(Encoding.PEM)
    both = certificate + key if certificate_first else key + certificate
    file = parse(certificate if own_file else both, password=password, key_data=key if own_file else None)
    assert file.kind == "PEM"
    assert file.key_matches
    assert signer_of(file).certificate_der == issued.cer()


def test_a_key_file_may_be_der(issued) -> None:
    key = issued.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert parse(issued.cer(), key_data=key).key_matches


def test_a_needless_password_is_no_fault(issued) -> None:
    assert parse(issued.pem(None), password="unneeded").key_matches


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_pfx(issued, password: str | None) -> None:
    file = parse(pfx(issued.key, issued.certificate, password), password=password)
    assert file.kind == "PFX"
    assert signer_of(file).thumbprint_sha1.hex().upper() == issued.thumbprint_sha1


def test_a_pfx_from_openssl_with_the_old_algorithms(issued) -> None:
    old = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
    old = old.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(
        issued.certificate.signature_hash_algorithm
    )
    data = pkcs12.serialize_key_and_certificates(None, issued.key, issued.certificate, None, old.build(b"x"))
    assert parse(data, password="x").key_matches


def test_the_leaf_stands_first_and_the_chain_follows(issued, other) -> None:
    in_pfx = parse(pfx(issued.key, issued.certificate, None, chain=[other.certificate]))
    mixed = issued.pem(None).replace(
        b"-----BEGIN CERT", other.certificate.public_bytes(Encoding.PEM) + b"-----BEGIN CERT"
    )
    for file in (in_pfx, parse(mixed)):
        signer = signer_of(file)
        assert signer.certificate_der == issued.cer()
        assert list(signer.chain_der) == [other.cer()]
        assert isinstance(signer, Signer)


def test_public_files_tell_but_do_not_sign(issued) -> None:
    for data, kind in ((issued.cer(), "DER"), (issued.certificate.public_bytes(Encoding.PEM), "PEM")):
        file = parse(data)
        assert (file.kind, file.key_matches) == (kind, None)
        with pytest.raises(CertificateKeyMissingError, match="without its private key"):
            signer_of(file)
    with pytest.raises(CertificateKeyMissingError):
        signer_of(parse(pfx(None, issued.certificate), password=PASSWORD))


@pytest.mark.parametrize("make", ["pfx", "pem", "pkcs1"])
def test_a_wrong_and_a_missing_password_differ(issued, make: str) -> None:
    data = {
        "pfx": pfx(issued.key, issued.certificate),
        "pem": issued.pem(PASSWORD),
        "pkcs1": key_pem(issued.key, PrivateFormat.TraditionalOpenSSL, PASSWORD)
        + issued.certificate.public_bytes(Encoding.PEM),
    }[make]
    with pytest.raises(CertificatePasswordError, match="password is wrong") as caught:
        parse(data, password="wrong-hunter3", origin="x.pfx")
    assert "hunter" not in str(caught.value)
    assert caught.value.message.startswith("x.pfx")
    with pytest.raises(CertificatePasswordError, match="none was given"):
        parse(data)


def test_a_key_of_another_certificate(issued, other) -> None:
    file = parse(issued.cer(), key_data=key_pem(other.key))
    assert file.key_matches is False
    with pytest.raises(CertificateKeyMismatchError):
        signer_of(file)


def test_an_ec_key_and_a_small_key(ec_key, small_key) -> None:
    with pytest.raises(UnsupportedKeyError, match="not RSA"):
        signer_of(parse(key_pem(ec_key) + certificate_for(ec_key).public_bytes(Encoding.PEM)))
    with pytest.raises(UnsupportedKeyError, match="1024 bits"):
        signer_of(parse(pfx(small_key, certificate_for(small_key)), password=PASSWORD))


def test_validity_is_checked_at_both_ends(issued) -> None:
    signer = signer_of(parse(issued.pem(None)))
    check_validity(signer, NOW)
    check_validity(signer, NOW + timedelta(days=365))
    with pytest.raises(CertificateValidityError, match="expired on 2027-06-01 12:00 UTC"):
        check_validity(signer, NOW + timedelta(days=365, seconds=1))
    with pytest.raises(CertificateValidityError, match="not valid before 2026-06-01 12:00 UTC"):
        check_validity(signer, NOW - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a certificate"),
        (b"hello", "not a certificate"),
        (b"\x30\x03\x02\x01\x03", "damaged"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "damaged certificate"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", "no certificate"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "damaged or not a private key"),
    ],
)
def test_what_is_no_certificate(data: bytes, message: str) -> None:
    with pytest.raises(InvalidCertificateError, match=message):
        parse(data)


def test_a_key_alone_and_a_public_key(issued) -> None:
    with pytest.raises(InvalidCertificateError, match="a private key but no certificate"):
        parse(key_pem(issued.key))
    public = issued.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InvalidCertificateError, match="no certificate"):
        parse(public)
    with pytest.raises(InvalidCertificateError, match="not a private key"):
        parse(issued.cer(), key_data=public)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidCertificateError, match="There is no file"):
        read_bytes(tmp_path / "none.pfx")
    with pytest.raises(InvalidCertificateError, match="cannot be read"):
        read_bytes(tmp_path)
    large = tmp_path / "large.pfx"
    large.write_bytes(b"\x30" * ((1 << 20) + 1))
    with pytest.raises(InvalidCertificateError, match="too large"):
        read_bytes(large)


def test_settings_name_the_file_the_key_and_the_password(issued: IssuedCertificate, tmp_path: Path) -> None:
    (tmp_path / "a.crt").write_bytes(issued.cer())
    (tmp_path / "a.key").write_bytes(key_pem(issued.key, password=PASSWORD))
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    password = SecretReference.parse(f"file:{tmp_path / 'password'}")
    settings = ConnectionSettings(
        certificate_path=tmp_path / "a.crt",
        certificate_key_path=tmp_path / "a.key",
        certificate_password=password,
    )
    assert signer_from(settings).certificate_der == issued.cer()
    in_memory = ConnectionSettings(
        certificate_bytes=issued.pfx(PASSWORD), certificate_password=SecretReference.parse(PASSWORD)
    )
    signer = signer_from(in_memory)
    assert issued.thumbprint_sha1 in repr(signer)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(signer)


def test_a_thumbprint_guards_against_the_wrong_file(issued, other) -> None:
    def load(thumbprint: str) -> object:
        return signer_from(
            ConnectionSettings(certificate_bytes=issued.pem(None), certificate_thumbprint=thumbprint)
        )

    assert load(issued.thumbprint_sha1)
    assert load(issued.thumbprint_sha256)
    with pytest.raises(InvalidCertificateError, match=issued.thumbprint_sha1):
        load(other.thumbprint_sha1)
    with pytest.raises(InvalidCertificateError, match="No certificate is configured"):
        signer_from(ConnectionSettings())

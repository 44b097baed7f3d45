"""The emulator under the service's own host names, as programs that know nothing of it find it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from graph_emulator import Emulator
from graph_emulator.directory import Application
from graph_emulator.server import Running
from graph_emulator.store import Drive

PASSWORD = "judge's password"


@dataclass(frozen=True)
class KeyFiles:
    """A key with its certificate, in the forms that programs read."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    pfx: Path
    pem: Path

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()


def write_key_files(directory: Path, name: str) -> KeyFiles:
    """Make a key with a self-signed certificate and write it as PFX and as one PEM file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, SHA256())
    )
    pfx, pem = directory / f"{name}.pfx", directory / f"{name}.pem"
    encryption = BestAvailableEncryption(PASSWORD.encode())
    pfx.write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, encryption))
    files = KeyFiles(key, certificate, pfx, pem)
    pem.write_text(files.key_pem + files.certificate_pem)
    return files


@dataclass(frozen=True)
class Service:
    """A running tenant with one user's drive and one application that may do everything with files."""

    emulator: Emulator
    running: Running
    application: Application
    secret: str
    drive: Drive
    user: str
    keys: KeyFiles
    stranger: KeyFiles

    @property
    def authority(self) -> str:
        return f"https://login.microsoftonline.com/{self.emulator.tenant.tenant_id}"

    @property
    def ca_path(self) -> str:
        assert self.running.ca_path is not None
        return str(self.running.ca_path)

    @property
    def proxies(self) -> dict[str, str]:
        assert self.running.proxy_url is not None
        return {"https": self.running.proxy_url, "http": self.running.proxy_url}

    def environment(self) -> dict[str, str]:
        """Return the environment of a program that is led here: a proxy and a CA, nothing more."""
        clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return {
            **clean,
            "HTTPS_PROXY": self.proxies["https"],
            "HTTP_PROXY": self.proxies["https"],
            "SSL_CERT_FILE": self.ca_path,
            "REQUESTS_CA_BUNDLE": self.ca_path,
            "CURL_CA_BUNDLE": self.ca_path,
        }


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory = tmp_path_factory.mktemp("keys")
    keys, stranger = write_key_files(directory, "registered"), write_key_files(directory, "stranger")
    emulator = Emulator(seed="none")
    user = emulator.tenant.add_user("ann", "Ann Other")
    assert user.drive is not None
    permissions = {"Files.ReadWrite.All", "User.Read.All"}
    application = emulator.register_application(
        "Judge", permissions, certificate=keys.certificate_pem.encode()
    )
    secret = emulator.add_secret(application)
    with emulator.serve_in_thread(tls_port=0, proxy_port=0) as running:
        yield Service(
            emulator, running, application, secret, user.drive, user.user_principal_name, keys, stranger
        )
        assert running.proxy is not None
        assert running.proxy.refused == [], "a judge asked for a host that the emulator does not play"
        assert emulator.leaks == [], "a judge sent its token to a pre-authenticated address"

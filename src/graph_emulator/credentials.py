"""A ready-made application: its certificate as a PFX file, its secret, and the connection string that uses them."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from graph_emulator.directory import find_application

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator
    from graph_emulator.running import Running

PERMISSIONS = frozenset(
    ("User.Read.All", "Group.Read.All", "GroupMember.Read.All", "Files.ReadWrite.All", "Sites.ReadWrite.All")
)
_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An application's proofs: client id, secret, and the PFX file with its password."""

    client_id: str
    client_secret: str
    certificate_path: str
    certificate_password: str

    def __repr__(self) -> str:
        return f"Credentials(client_id={self.client_id!r}, certificate_path={self.certificate_path!r}, ...)"


def write_credentials(emulator: Emulator, directory: Path) -> Credentials:
    """Register an application in the first tenant and write its certificate into `directory`.

    When `directory` has the credentials of an application that the tenant still knows, these are returned.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = directory / "application.json"
    if record.exists():
        kept = Credentials(**orjson.loads(record.read_bytes()))
        if find_application(emulator.tenant.applications, kept.client_id) is not None:
            return kept
    password = secrets.token_urlsafe(12)
    pfx, der = _certificate(emulator, password)
    path = directory / "application.pfx"
    _write_private(path, pfx)
    application = emulator.register_application("Emulator default application", PERMISSIONS, certificate=der)
    secret = emulator.add_secret(application)
    credentials = Credentials(application.client_id, secret, str(path.resolve()), password)
    names = ("client_id", "client_secret", "certificate_path", "certificate_password")
    _write_private(record, orjson.dumps({name: getattr(credentials, name) for name in names}))
    return credentials


def ready_line(running: Running, credentials: Credentials) -> dict[str, Any]:
    """Return all that a program needs to use a running emulator, as `driveql emulate` prints it."""
    tenant = running.emulator.tenant
    user = next((user for user in tenant.users.values() if user.drive is not None), None)
    drive = user.drive if user is not None else None
    owner = f"/users/{user.user_principal_name}" if user is not None else f"/sites/{tenant.host}"
    if drive is None:
        root = tenant.site_at(tenant.host, "")
        drive = root.drives[0] if root is not None and root.drives else None
    settings = {
        "TokenUrl": running.token_url(tenant),
        "GraphUrl": running.graph_url,
        "ClientId": credentials.client_id,
        "StorageMode": "PfxFile",
        "CertificatePath": credentials.certificate_path,
        "CertificatePassword": credentials.certificate_password,
        "GroupOrUserId": owner,
        "DriveId": drive.id if drive is not None else "",
    }
    line = {
        "graph_url": running.graph_url,
        "token_url": running.token_url(tenant),
        "tenant_id": tenant.tenant_id,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "certificate_path": credentials.certificate_path,
        "certificate_password": credentials.certificate_password,
        "user": user.user_principal_name if user is not None else None,
        "drive_id": drive.id if drive is not None else None,
        "admin_url": running.admin_url,
        "connection_string": ";".join(
            f"{name}={_quoted(value)}" for name, value in settings.items() if value
        ),
    }
    if running.tls_port is not None:
        line["tls_graph_url"] = running.tls_graph_url
        line["tls_login_url"] = running.tls_login_url
        line["ca_certificate"] = str(running.ca_path)
    if running.proxy_port is not None:
        line["proxy_url"] = running.proxy_url
    return line


def _certificate(emulator: Emulator, password: str) -> tuple[bytes, bytes]:
    """Return a new key and certificate as PFX bytes, and the certificate alone as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "driveql emulator application")])
    now = emulator.clock.utc()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .sign(key, SHA256())
    )
    encryption = BestAvailableEncryption(password.encode("ascii"))
    pfx = pkcs12.serialize_key_and_certificates(b"application", key, certificate, None, encryption)
    return pfx, certificate.public_bytes(Encoding.PEM)


def _quoted(value: str) -> str:
    """Return a value as a connection string has it: in braces where it holds what would end it."""
    if re.search(r"[;{}\s]", value):
        return "{" + value.replace("}", "}}") + "}"
    return value


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)

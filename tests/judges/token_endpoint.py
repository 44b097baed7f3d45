"""A TLS token endpoint that writes down every form it is posted and answers with a token; it checks nothing itself."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def _certificate(subject: str, key, issuer_key, issuer: str, *, authority: bool) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    usage = x509.KeyUsage(
        not authority, False, not authority, False, False, authority, authority, False, False
    )
    builder = (
        x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )  # fmt: skip
    if not authority:
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def tls_files(directory: Path) -> tuple[Path, Path]:
    """Return (CA file, server key and certificate file) of a throw-away authority for localhost."""
    ca_key, server_key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    ca = _certificate("throw-away CA", ca_key, ca_key, "throw-away CA", authority=True)
    server = _certificate("localhost", server_key, ca_key, "throw-away CA", authority=False)
    ca_file, server_file = directory / "ca.pem", directory / "server.pem"
    ca_file.write_bytes(ca.public_bytes(Encoding.PEM))
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server_file.write_bytes(key + server.public_bytes(Encoding.PEM))
    return ca_file, server_file


class TokenEndpoint(ThreadingHTTPServer):
    """Listens on a free loopback port; `forms` holds what was posted, in order."""

    daemon_threads = True

    def __init__(self, ca_file: Path, server_file: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server_file)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.ca_file = ca_file
        self.forms: list[dict[str, str]] = []

    @property
    def authority(self) -> str:
        return f"https://localhost:{self.server_address[1]}/{TENANT}"

    @property
    def token_url(self) -> str:
        return f"{self.authority}/oauth2/v2.0/token"


class _Handler(BaseHTTPRequestHandler):
    server: TokenEndpoint

    def do_GET(self) -> None:
        base = self.server.authority
        self._answer(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "issuer": f"{base}/v2.0",
                "tenant_region_scope": "EU",
            }
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.forms.append(dict(parse_qsl(body.decode("ascii"), keep_blank_values=True)))
        self._answer(
            {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "granted"}
        )

    def _answer(self, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the tests' output quiet."""


@contextmanager
def listening(directory: Path) -> Iterator[TokenEndpoint]:
    """Serve until the block ends."""
    with TokenEndpoint(*tls_files(directory)) as endpoint:
        thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield endpoint
        finally:
            endpoint.shutdown()
            thread.join()

"""A tenant with one application, and the means to sign whatever a client might send."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from multidict import CIMultiDict

from graph_emulator.clock import Clock
from graph_emulator.directory import Application, RegisteredCertificate
from graph_emulator.identity import Identity, TokenClaims
from graph_emulator.messages import Request, Response

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC).timestamp()
LOGIN = "https://login.microsoftonline.com"
SCOPE = "https://graph.microsoft.com/.default"
HASHES = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Tenant:
    tenant_id: str = "7b1e9c52-3f5a-4d0e-9a61-0c3f1f6f2d10"
    domain: str = "contoso.onmicrosoft.com"
    display_name: str = "Contoso"
    applications: dict[str, Application] = field(default_factory=dict)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def certificate_for(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    start: float = NOW - 86_400,
    days: float = 365,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nightly load")])
    begins = datetime.fromtimestamp(start, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .sign(key, SHA256())
    )


def sign(key: rsa.RSAPrivateKey, algorithm: str, data: bytes) -> bytes:
    digest = HASHES.get(algorithm[2:], SHA256())
    if algorithm.startswith("PS"):
        return key.sign(data, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH), digest)
    return key.sign(data, padding.PKCS1v15(), digest)


@dataclass
class Entra:
    identity: Identity
    clock: Clock
    tenant: Tenant
    application: Application
    key: rsa.RSAPrivateKey
    certificate: RegisteredCertificate
    secret: str

    @property
    def token_url(self) -> str:
        return f"{LOGIN}/{self.tenant.tenant_id}/oauth2/v2.0/token"

    def header(self, algorithm: str = "PS256") -> dict[str, Any]:
        return {"alg": algorithm, "typ": "JWT", "x5t#S256": base64url(self.certificate.sha256)}

    def claims(self) -> dict[str, Any]:
        now = int(self.clock.now())
        client_id = self.application.client_id
        return {
            "aud": self.token_url,
            "iss": client_id,
            "sub": client_id,
            "jti": "b8b6d5e0-4c1f-4f6a-9f2e-0d7f8f0c7a11",
            "nbf": now,
            "iat": now,
            "exp": now + 600,
        }

    def assertion(
        self,
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        *,
        key: rsa.RSAPrivateKey | None = None,
        encode: Callable[[bytes], str] = base64url,
    ) -> str:
        """Sign an assertion; a None among the given headers or claims takes the usual one out."""
        head = {
            name: value for name, value in {**self.header(), **(header or {})}.items() if value is not None
        }
        body = {
            name: value for name, value in {**self.claims(), **(claims or {})}.items() if value is not None
        }
        signed = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(body).encode())}"
        return f"{signed}.{encode(sign(key or self.key, str(head.get('alg')), signed.encode()))}"

    def form(self, **changes: str | None) -> dict[str, str]:
        usual = {"grant_type": "client_credentials", "client_id": self.application.client_id, "scope": SCOPE}
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def with_assertion(self, assertion: str, **changes: str | None) -> dict[str, str]:
        return self.form(client_assertion_type=JWT_BEARER, client_assertion=assertion, **changes)

    async def post(
        self,
        form: Mapping[str, str] | bytes,
        *,
        tenant: str | None = None,
        base_url: str = LOGIN,
        path: str = "oauth2/v2.0/token",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        sent = CIMultiDict({"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        target = f"/{tenant or self.tenant.tenant_id}/{path}"
        request = Request("POST", base_url, target, sent, body)
        assert self.identity.matches(request)
        return await self.identity.handle(request)

    async def refused(self, form: Mapping[str, str] | bytes, **where: Any) -> tuple[int, str, int, str]:
        """Return status, OAuth error, AADSTS code and text of a refusal, after checking its form."""
        response = await self.post(form, **where)
        content = content_of(response)
        code = content["error_codes"][0]
        text = content["error_description"]
        assert text.startswith(f"AADSTS{code}: ")
        assert f"Trace ID: {content['trace_id']} Correlation ID: {content['correlation_id']}" in text
        assert text.endswith(f"Timestamp: {content['timestamp']}")
        assert content["error_uri"] == f"https://login.microsoftonline.com/error?code={code}"
        assert "access_token" not in content
        return response.status, content["error"], code, text

    async def granted(self, form: Mapping[str, str], **where: Any) -> TokenClaims:
        response = await self.post(form, **where)
        content = content_of(response)
        assert response.status == 200, content
        claims = self.identity.verify("Bearer " + content["access_token"])
        assert isinstance(claims, TokenClaims)
        return claims

    async def get(self, target: str, base_url: str = LOGIN) -> tuple[int, dict[str, Any]]:
        response = await self.identity.handle(Request("GET", base_url, target))
        return response.status, content_of(response)


def content_of(response: Response) -> dict[str, Any]:
    assert isinstance(response.body, bytes)
    content = json.loads(response.body)
    assert isinstance(content, dict)
    return content


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def certificate_der(rsa_key: rsa.RSAPrivateKey) -> bytes:
    return certificate_for(rsa_key).public_bytes(Encoding.DER)


@pytest.fixture
def entra(rsa_key: rsa.RSAPrivateKey, certificate_der: bytes) -> Entra:
    application = Application("Nightly load", permissions={"Files.ReadWrite.All", "User.Read.All"})
    certificate = application.add_certificate(certificate_der)
    secret = application.add_secret()
    tenant = Tenant(applications={application.client_id: application})
    clock = Clock(fixed=NOW)
    return Entra(
        Identity({tenant.tenant_id: tenant}, clock), clock, tenant, application, rsa_key, certificate, secret
    )

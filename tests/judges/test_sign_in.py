"""MSAL Python and azure-identity, unmodified, sign in to the emulator under Entra's own host name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import jwt
import msal
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential
from azure.identity.aio import CertificateCredential as AsyncCertificateCredential
from cryptography.hazmat.primitives.hashes import SHA1
from tests.judges.conftest import PASSWORD, KeyFiles, Service

from graph_emulator.identity import TokenClaims

pytestmark = pytest.mark.judge
SCOPE = "https://graph.microsoft.com/.default"
UNKNOWN = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def led_by_environment(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """requests prefers the environment's CA and proxy over those of its session."""
    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def accepted(service: Service, token: str, proven_by: str) -> TokenClaims:
    """Return what Graph reads in the token, after checking how the application proved itself."""
    claims = service.emulator.identity.verify(f"Bearer {token}")
    assert isinstance(claims, TokenClaims)
    assert claims.client_id == service.application.client_id
    assert claims.claims["appidacr"] == proven_by
    return claims


def thumbprint(files: KeyFiles) -> str:
    return files.certificate.fingerprint(SHA1()).hex()


def msal_credentials(files: KeyFiles) -> dict[str, Any]:
    pem = {"private_key": files.key_pem}
    return {
        "pfx": {"private_key_pfx_path": str(files.pfx), "passphrase": PASSWORD},
        "pfx with chain": {
            "private_key_pfx_path": str(files.pfx),
            "passphrase": PASSWORD,
            "public_certificate": True,
        },
        "pem and thumbprint": {**pem, "thumbprint": thumbprint(files)},
        "pem, thumbprint and certificate": {
            **pem,
            "thumbprint": thumbprint(files),
            "public_certificate": files.certificate_pem,
        },
        "pem and certificate": {**pem, "public_certificate": files.certificate_pem},
    }


FORMS = [
    "pfx",
    "pfx with chain",
    "pem and thumbprint",
    "pem, thumbprint and certificate",
    "pem and certificate",
]


def msal_result(service: Service, credential: Any, **changes: Any) -> dict[str, Any]:
    settings = {"client_id": service.application.client_id, "authority": service.authority, **changes}
    application = msal.ConfidentialClientApplication(
        client_credential=credential, proxies=service.proxies, verify=service.ca_path, **settings
    )
    result = application.acquire_token_for_client(scopes=[SCOPE])
    assert isinstance(result, dict)
    return result


@pytest.mark.parametrize("form", FORMS)
def test_msal_with_a_certificate(service: Service, form: str) -> None:
    result = msal_result(service, msal_credentials(service.keys)[form])
    assert "access_token" in result, result
    assert result["expires_in"] == 3599
    accepted(service, result["access_token"], "2")


def test_msal_with_a_secret(service: Service) -> None:
    accepted(service, msal_result(service, service.secret)["access_token"], "1")


def test_msal_with_the_tenants_domain(service: Service) -> None:
    authority = f"https://login.microsoftonline.com/{service.emulator.tenant.domain}"
    result = msal_result(service, msal_credentials(service.keys)["pfx"], authority=authority)
    accepted(service, result["access_token"], "2")


def test_msal_asks_entra_about_a_host_it_does_not_know(service: Service) -> None:
    authority = f"https://contoso-login.example/{service.emulator.tenant.tenant_id}"
    with pytest.raises(ValueError, match="invalid_instance"):
        msal_result(service, service.secret, authority=authority)
    assert service.emulator.requests[-1].route == "/{tenant}/discovery/instance"


def test_msal_directly_at_the_tls_port(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost")
    application = msal.ConfidentialClientApplication(
        service.application.client_id,
        client_credential=msal_credentials(service.keys)["pfx"],
        authority=f"{service.running.tls_login_url}/{service.emulator.tenant.tenant_id}",
        instance_discovery=False,
        verify=service.ca_path,
    )
    accepted(service, application.acquire_token_for_client(scopes=[SCOPE])["access_token"], "2")


def test_msal_reuses_its_assertion(service: Service) -> None:
    """MSAL signs one assertion for several minutes: Entra keeps no list of what it has seen."""
    application = msal.ConfidentialClientApplication(
        service.application.client_id,
        client_credential=msal_credentials(service.keys)["pfx"],
        authority=service.authority,
        proxies=service.proxies,
        verify=service.ca_path,
    )
    for _ in range(2):
        result = application.acquire_token_for_client(scopes=[SCOPE])
        accepted(service, result["access_token"], "2")
        application.remove_tokens_for_client()


def test_msal_with_claims_capability(service: Service) -> None:
    result = msal_result(service, service.secret, client_capabilities=["CP1"])
    assert result["expires_in"] == 86_399
    assert accepted(service, result["access_token"], "1").handles_claims_challenges


@pytest.mark.parametrize("form", FORMS)
def test_msal_with_a_certificate_that_is_not_registered(service: Service, form: str) -> None:
    result = msal_result(service, msal_credentials(service.stranger)[form])
    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [700027]
    assert "The key was not found." in result["error_description"]


def test_msal_with_the_wrong_key_for_its_certificate(service: Service) -> None:
    credential = {"private_key": service.stranger.key_pem, "thumbprint": thumbprint(service.keys)}
    result = msal_result(service, credential)
    assert result["error_codes"] == [700027]
    assert "invalid signature" in result["error_description"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"client_credential": "wrong"}, 7000215), ({"client_id": UNKNOWN}, 700016)],
)
def test_msal_refused(service: Service, changes: dict[str, Any], code: int) -> None:
    credential = changes.pop("client_credential", service.secret)
    result = msal_result(service, credential, **changes)
    assert result["error_codes"] == [code]
    assert result["correlation_id"]


def test_msal_with_a_tenant_that_is_not_there(service: Service) -> None:
    with pytest.raises(ValueError, match="double check your tenant name or GUID"):
        msal_result(service, service.secret, authority=f"https://login.microsoftonline.com/{UNKNOWN}")


@dataclass(frozen=True)
class Azure:
    """azure-identity's credentials, led to the emulator by proxy and CA."""

    service: Service

    @property
    def options(self) -> dict[str, Any]:
        return {"proxies": self.service.proxies, "connection_verify": self.service.ca_path, "retry_total": 1}

    def certificate(self, files: KeyFiles, path: str, **changes: Any) -> CertificateCredential:
        tenant = changes.pop("tenant_id", self.service.emulator.tenant.tenant_id)
        if path == "pfx":
            changes |= {"certificate_path": str(files.pfx), "password": PASSWORD}
        else:
            changes |= {"certificate_data": files.pem.read_bytes()}
        client_id = changes.pop("client_id", self.service.application.client_id)
        return CertificateCredential(tenant, client_id, **changes, **self.options)

    def secret(self, value: str) -> ClientSecretCredential:
        tenant_id, client_id = self.service.emulator.tenant.tenant_id, self.service.application.client_id
        return ClientSecretCredential(tenant_id, client_id, value, **self.options)


@pytest.fixture
def azure(service: Service) -> Azure:
    return Azure(service)


@pytest.mark.parametrize("path", ["pfx", "pem"])
@pytest.mark.parametrize("chain", [False, True])
def test_azure_identity_with_a_certificate(azure: Azure, path: str, chain: bool) -> None:
    with azure.certificate(azure.service.keys, path, send_certificate_chain=chain) as credential:
        accepted(azure.service, credential.get_token(SCOPE).token, "2")


def test_azure_identity_with_a_secret(azure: Azure) -> None:
    with azure.secret(azure.service.secret) as credential:
        accepted(azure.service, credential.get_token(SCOPE).token, "1")


def test_azure_identity_with_continuous_access_evaluation(azure: Azure) -> None:
    with azure.certificate(azure.service.keys, "pfx") as credential:
        token = credential.get_token(SCOPE, enable_cae=True).token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 86_399


@pytest.mark.parametrize("path", ["pfx", "pem"])
def test_azure_identity_with_a_certificate_that_is_not_registered(azure: Azure, path: str) -> None:
    with (
        azure.certificate(azure.service.stranger, path) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700027"),
    ):
        credential.get_token(SCOPE)


def test_azure_identity_refused(azure: Azure) -> None:
    with azure.secret("wrong") as secret, pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        secret.get_token(SCOPE)
    with (
        azure.certificate(azure.service.keys, "pfx", client_id=UNKNOWN) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700016"),
    ):
        credential.get_token(SCOPE)
    with (
        azure.secret(azure.service.secret) as secret,
        pytest.raises(ClientAuthenticationError, match="AADSTS1002012"),
    ):
        secret.get_token("https://graph.microsoft.com/User.Read")


def test_azure_identity_asynchronously(azure: Azure) -> None:
    """Its asynchronous credential posts its own assertion, with padded segments, over aiohttp."""
    service = azure.service

    async def token() -> AccessToken:
        credential = AsyncCertificateCredential(
            service.emulator.tenant.tenant_id,
            service.application.client_id,
            certificate_path=str(service.keys.pfx),
            password=PASSWORD,
            **azure.options,
        )
        async with credential:
            return await credential.get_token(SCOPE)

    accepted(service, asyncio.run(token()).token, "2")

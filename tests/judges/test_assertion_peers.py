"""For one key our assertion agrees with those of MSAL and azure-identity: header, claims and signature.

Both run unmodified against a TLS endpoint that records their forms. Where they differ from us, the difference is listed
in `KNOWN` with its reason; anything else fails.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import jwt
import msal
import pytest
import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import CertificateCredential as AzureCertificateCredential
from cryptography.hazmat.primitives.serialization import Encoding
from tests.judges.token_endpoint import TENANT, TokenEndpoint, listening

from driveql.auth.credential import CertificateCredential, TokenResponse
from driveql.auth.issue import IssuedCertificate, issue
from driveql.connection import ConnectionSettings, SecretReference

pytestmark = pytest.mark.judge
CLIENT, PASSWORD = "11111111-2222-3333-4444-555555555555", "peer password"
SCOPE = "https://graph.microsoft.com/.default"


@dataclass(frozen=True)
class Keys:
    """The one certificate in the files each program wants."""

    issued: IssuedCertificate
    pfx: Path
    pem: Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    directory = tmp_path_factory.mktemp("keys")
    issued = issue("CN=peers")
    pfx, pem = directory / "key.pfx", directory / "key.pem"
    pfx.write_bytes(issued.pfx(PASSWORD))
    pem.write_bytes(issued.pem(None))
    return Keys(issued, pfx, pem)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenEndpoint]:
    with listening(tmp_path_factory.mktemp("tls")) as running:
        yield running


def ours(endpoint: TokenEndpoint, keys: Keys, **options: object) -> dict[str, str]:
    """Sign in as driveql does, the transport replaced by urllib."""
    context = ssl.create_default_context(cafile=str(endpoint.ca_file))

    def send(url: str, form: Mapping[str, str]) -> TokenResponse:
        request = urllib.request.Request(url, urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request, context=context) as response:
            return TokenResponse(response.status, response.read())

    async def post(url: str, form: Mapping[str, str]) -> TokenResponse:
        return await asyncio.to_thread(send, url, form)

    settings = ConnectionSettings(
        token_url=endpoint.token_url,
        client_id=CLIENT,
        certificate_path=keys.pfx,
        certificate_password=SecretReference.parse(PASSWORD),
    )
    credential = CertificateCredential(replace(settings, **options))
    assert asyncio.run(credential.fetch(post)).value == "granted"
    return endpoint.forms[-1]


def by_msal(credential: Callable[[Keys], dict]) -> Callable[[TokenEndpoint, Keys], dict[str, str]]:
    def sign_in(endpoint: TokenEndpoint, keys: Keys) -> dict[str, str]:
        with requests.Session() as session:
            # A REQUESTS_CA_BUNDLE in the environment would outrank `verify`.
            session.trust_env, session.verify = False, str(endpoint.ca_file)
            application = msal.ConfidentialClientApplication(
                CLIENT, client_credential=credential(keys), authority=endpoint.authority,
                instance_discovery=False, http_client=session,
            )  # fmt: skip
            assert application.acquire_token_for_client([SCOPE])["access_token"] == "granted"
        return endpoint.forms[-1]

    return sign_in


def by_azure(endpoint: TokenEndpoint, keys: Keys) -> dict[str, str]:
    with RequestsTransport(connection_verify=str(endpoint.ca_file)) as transport:
        credential = AzureCertificateCredential(
            TENANT, CLIENT, str(keys.pfx), password=PASSWORD, transport=transport,
            authority=endpoint.authority.removesuffix(f"/{TENANT}"), disable_instance_discovery=True,
        )  # fmt: skip
        assert credential.get_token(SCOPE).token == "granted"
    return endpoint.forms[-1]


def _pem_with_thumbprint(keys: Keys) -> dict:
    return {"private_key": keys.pem.read_text(encoding="ascii"), "thumbprint": keys.issued.thumbprint_sha1}


def _pem_with_certificate(keys: Keys) -> dict:
    certificate = keys.issued.certificate.public_bytes(Encoding.PEM).decode("ascii")
    return {"private_key": keys.pem.read_text(encoding="ascii"), "public_certificate": certificate}


PEERS = {
    "MSAL, PFX": (by_msal(lambda keys: {"private_key_pfx_path": str(keys.pfx), "passphrase": PASSWORD}), {}),
    "MSAL, PFX with x5c": (
        by_msal(
            lambda keys: {
                "private_key_pfx_path": str(keys.pfx),
                "passphrase": PASSWORD,
                "public_certificate": True,
            }
        ),
        {"send_x5c": True},
    ),
    "MSAL, PEM and thumbprint": (by_msal(_pem_with_thumbprint), {"assertion_algorithm": "RS256"}),
    "MSAL, PEM and certificate": (by_msal(_pem_with_certificate), {"send_x5c": True}),
    "azure-identity, PFX": (by_azure, {"assertion_algorithm": "RS256"}),
}
KNOWN = {
    "padding": "MSAL pads x5t and x5t#S256 with '='; RFC 7515 says without",
    "nbf": "MSAL sends no nbf; Entra's documentation lists it, so we send it",
    "times": "MSAL's iat and exp are floats; ours are whole seconds",
    "x5c": "MSAL leaves the PEM's line breaks inside the base64; ours has none",
    "moments": "exp, iat and jti belong to the moment; their distance is compared, not their values",
}


def parts(assertion: str) -> tuple[dict, dict]:
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in assertion.split("."))
    return json.loads(header), json.loads(claims)


def plain(header: dict, claims: dict) -> tuple[dict, dict]:
    """Take away what `KNOWN` allows to differ."""
    for name in {"x5t", "x5t#S256"} & set(header):
        header[name] = header[name].rstrip("=")
    if "x5c" in header:
        header["x5c"] = ["".join(entry.split()) for entry in header["x5c"]]
    claims.pop("nbf", None)
    claims["exp"] = round(claims["exp"] - claims.pop("iat"))
    assert uuid.UUID(claims.pop("jti"))
    return header, claims


@pytest.mark.parametrize("peer", PEERS)
def test_our_assertion_agrees_with(peer: str, endpoint: TokenEndpoint, keys: Keys) -> None:
    sign_in, options = PEERS[peer]
    theirs, mine = sign_in(endpoint, keys), ours(endpoint, keys, **options)
    assert plain(*parts(mine["client_assertion"])) == plain(*parts(theirs["client_assertion"]))
    for name in ("client_id", "grant_type", "client_assertion_type", "scope"):
        assert mine[name] == theirs[name]
    algorithm = options.get("assertion_algorithm", "PS256")
    for form in (mine, theirs):
        # One verification for both, by a third program, with the certificate's public key.
        jwt.decode(
            form["client_assertion"], keys.issued.key.public_key(), [algorithm],
            audience=endpoint.token_url, issuer=CLIENT, options={"require": ["exp", "iat", "jti", "sub"]}, leeway=5,
        )  # fmt: skip


def test_what_the_peers_leave_out_we_send(endpoint: TokenEndpoint, keys: Keys) -> None:
    header, claims = parts(ours(endpoint, keys)["client_assertion"])
    assert set(header) == {"alg", "typ", "x5t#S256"}
    assert set(claims) == {"aud", "iss", "sub", "jti", "iat", "nbf", "exp"}
    assert all(isinstance(claims[name], int) for name in ("iat", "nbf", "exp"))
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["nbf"] == claims["iat"] == claims["exp"] - 600


@pytest.mark.parametrize("peer", PEERS)
def test_the_listed_differences_are_still_there(peer: str, endpoint: TokenEndpoint, keys: Keys) -> None:
    """A difference that has gone should go from the list too."""
    sign_in, _ = PEERS[peer]
    header, claims = parts(sign_in(endpoint, keys)["client_assertion"])
    thumbprint = header.get("x5t") or header["x5t#S256"]
    found = {"padding" if thumbprint.endswith("=") else "", "nbf" if "nbf" not in claims else ""}
    found |= {
        "times" if isinstance(claims["exp"], float) else "",
        "x5c" if any("\n" in one for one in header.get("x5c", [])) else "",
    }
    expected = {"padding", "nbf", "times"} | ({"x5c"} if "x5c" in header else set())
    assert found - {""} == expected
    assert expected <= set(KNOWN)

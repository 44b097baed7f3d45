"""What each credential posts, and what it makes of the answers. The post is a plain function: the seam itself."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.unit.auth.conftest import NOW

from driveql.auth.access_token import AccessToken, read_token
from driveql.auth.credential import (
    CertificateCredential,
    ClientSecretCredential,
    TokenResponse,
    credential_for,
)
from driveql.auth.external import ExternalCredential
from driveql.connection import ConnectionSettings, SecretReference
from driveql.errors import (
    AuthenticationError,
    CertificateValidityError,
    ConfigurationError,
    CredentialRejectedError,
    ProtocolError,
)

TOKEN_URL = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
BASE = {
    "token_url": TOKEN_URL,
    "client_id": "11111111-2222-3333-4444-555555555555",
    "group_or_user_id": "/users/a@b.c",
}


class Endpoint:
    """Records the forms and answers what it is told."""

    def __init__(self, status: int = 200, body: bytes = b'{"access_token":"t","expires_in":3599}') -> None:
        self.status, self.body = status, body
        self.forms: list[tuple[str, dict[str, str]]] = []

    async def __call__(self, url: str, form: Mapping[str, str]) -> TokenResponse:
        self.forms.append((url, dict(form)))
        return TokenResponse(self.status, self.body)


async def test_a_certificate_posts_a_new_assertion_each_time(issued) -> None:
    settings = ConnectionSettings(**BASE, certificate_bytes=issued.pem(None))
    endpoint, credential = Endpoint(), CertificateCredential(settings, clock=lambda: NOW.timestamp())
    token = await credential.fetch(endpoint)
    await credential.fetch(endpoint, claims='{"access_token":{}}')
    assert (token.value, token.expires_on) == ("t", NOW.timestamp() + 3599)
    (url, first), (_, second) = endpoint.forms
    assert url == TOKEN_URL
    assert {key: first[key] for key in first if key != "client_assertion"} == {
        "grant_type": "client_credentials",
        "client_id": BASE["client_id"],
        "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    ids = {
        json.loads(base64.urlsafe_b64decode(form["client_assertion"].split(".")[1] + "=="))["jti"]
        for form in (first, second)
    }
    assert len(ids) == 2
    assert second["claims"] == '{"access_token":{}}'


async def test_an_expired_certificate_is_refused_before_the_request(issued) -> None:
    settings = ConnectionSettings(**BASE, certificate_bytes=issued.pem(None))
    late = (NOW + timedelta(days=400)).timestamp()
    endpoint = Endpoint()
    with pytest.raises(CertificateValidityError):
        await CertificateCredential(settings, clock=lambda: late).fetch(endpoint)
    assert endpoint.forms == []


async def test_a_secret_is_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ConnectionSettings(**BASE, client_secret=SecretReference.parse("env:DRIVEQL_TEST_ROTATED"))
    endpoint, credential = Endpoint(), ClientSecretCredential(settings)
    for secret in ("first", "second"):
        monkeypatch.setenv("DRIVEQL_TEST_ROTATED", secret)
        await credential.fetch(endpoint)
    assert [form["client_secret"] for _, form in endpoint.forms] == ["first", "second"]
    with pytest.raises(ConfigurationError):
        await ClientSecretCredential(ConnectionSettings(**BASE)).fetch(endpoint)


async def test_a_refusal_and_a_strange_answer() -> None:
    settings = ConnectionSettings(**BASE, client_secret=SecretReference.parse("x"))
    refused = Endpoint(401, b'{"error":"invalid_client","error_codes":[7000215]}')
    with pytest.raises(CredentialRejectedError, match="AADSTS7000215"):
        await ClientSecretCredential(settings).fetch(refused)
    for body in (b"", b"<html>", b"[]", b'{"access_token":""}', b'{"access_token":"t"}', b'{"access_token":"t","expires_in":0}',
                 b'{"access_token":"t\\n","expires_in":9}', b'{"access_token":"t","expires_in":"soon"}',
                 b'{"access_token":"t","expires_in":9,"token_type":"pop"}', b'{"access_token":7,"expires_in":9}'):  # fmt: skip
        with pytest.raises(ProtocolError, match="token endpoint's answer"):
            await ClientSecretCredential(settings).fetch(Endpoint(200, body))


@pytest.mark.parametrize(
    ("answer", "life", "renewed_after"),
    [
        ({"expires_in": 3599}, 3599, 3299),
        ({"expires_in": "3599"}, 3599, 3299),
        ({"expires_in": 86399}, 86399, 43199.5),
        ({"expires_in": 60}, 60, 30),
        ({"expires_in": 3599, "refresh_in": 1800}, 3599, 1800),
        ({"expires_in": 3599, "refresh_in": 9999}, 3599, 3299),
        ({"expires_in": 3599, "refresh_in": True}, 3599, 3299),
    ],
)
def test_times_of_a_token(answer: dict, life: float, renewed_after: float) -> None:
    token = read_token(json.dumps({"access_token": "t", "token_type": "bearer"} | answer).encode(), 1000.0)
    assert (token.expires_on, token.refresh_on) == (1000 + life, 1000 + renewed_after)


def test_claims_are_for_display_only() -> None:
    payload = base64.urlsafe_b64encode(b'{"roles":["Files.Read.All","A"],"appid":"x"}').decode().rstrip("=")
    token = AccessToken(f"h.{payload}.s", 0, 0)
    assert token.roles == ("A", "Files.Read.All")
    assert token.claims()["appid"] == "x"
    for opaque in ("opaque", "a.b.c", "a.!.c", "a.W10.c", "ä.ö.ü"):
        assert AccessToken(opaque, 0, 0).claims() == {}
        assert AccessToken(opaque, 0, 0).roles == ()


def test_which_credential(issued) -> None:
    secret = ConnectionSettings(**BASE, client_secret=SecretReference.parse("x"))
    assert isinstance(credential_for(secret), ClientSecretCredential)
    assert isinstance(
        credential_for(ConnectionSettings(**BASE, certificate_bytes=issued.pem(None))), CertificateCredential
    )
    own = credential_for(secret)
    assert credential_for(secret, own) is own
    assert isinstance(credential_for(secret, SimpleNamespace(get_token=print)), ExternalCredential)
    with pytest.raises(ConfigurationError, match="Neither"):
        credential_for(ConnectionSettings(**BASE))
    with pytest.raises(ConfigurationError, match="no get_token"):
        credential_for(secret, "token")


EXPIRY = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class SyncCredential:
    def __init__(self) -> None:
        self.calls: list[tuple[tuple, dict, bool]] = []

    def get_token(self, *scopes: str, **options):
        self.calls.append((scopes, options, threading.current_thread() is threading.main_thread()))
        return SimpleNamespace(token="t", expires_on=EXPIRY)


class InfoCredential(SyncCredential):
    def get_token_info(self, *scopes: str, options=None):
        self.calls.append((scopes, options or {}, False))
        return SimpleNamespace(token="i", expires_on=EXPIRY, refresh_on=EXPIRY - 1000)


class AsyncCredential:
    async def get_token(self, *scopes: str, **options):
        await asyncio.sleep(0)
        return SimpleNamespace(token="a", expires_on=EXPIRY)


async def test_external_credentials_of_each_kind() -> None:
    endpoint = Endpoint()
    sync, info = SyncCredential(), InfoCredential()
    assert (await ExternalCredential(sync, "s/.default").fetch(endpoint)).value == "t"
    await ExternalCredential(sync, "s/.default").fetch(endpoint, claims="c")
    assert sync.calls == [(("s/.default",), {}, False), (("s/.default",), {"claims": "c"}, False)]
    token = await ExternalCredential(info, "s/.default").fetch(endpoint, claims="c")
    assert (token.value, token.refresh_on) == ("i", pytest.approx(EXPIRY - 1000))
    assert info.calls == [(("s/.default",), {"claims": "c", "enable_cae": True}, False)]
    assert (await ExternalCredential(AsyncCredential(), "s/.default").fetch(endpoint)).value == "a"
    assert endpoint.forms == []


async def test_a_real_azure_credential_s_refusal_is_translated() -> None:
    from azure.core.exceptions import ClientAuthenticationError

    class Refusing:
        def get_token(self, *scopes: str, **options):
            raise ClientAuthenticationError("AADSTS7000215: Invalid client secret provided. Trace ID: x")

    with pytest.raises(CredentialRejectedError, match="AADSTS7000215"):
        await ExternalCredential(Refusing(), "s").fetch(Endpoint())

    class Broken:
        def get_token(self, *scopes: str, **options):
            raise RuntimeError("no endpoint")

    with pytest.raises(AuthenticationError, match="RuntimeError: no endpoint"):
        await ExternalCredential(Broken(), "s").fetch(Endpoint())
    with pytest.raises(ProtocolError, match="not an access token"):
        await ExternalCredential(SimpleNamespace(get_token=lambda *scopes: None), "s").fetch(Endpoint())

"""Which bearer tokens Graph accepts, and how it refuses the others."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graph_emulator.identity import Identity, TokenClaims
from graph_emulator.identity.tokens import SigningKey
from graph_emulator.messages import Response

from .conftest import Entra, content_of


def refused(entra: Entra, authorization: str | None) -> str:
    """Return the message of Graph's 401, after checking its form."""
    response = entra.identity.verify(authorization, client_request_id="mine")
    assert isinstance(response, Response)
    assert response.status == 401
    error = content_of(response)["error"]
    assert error["code"] == "InvalidAuthenticationToken"
    assert error["innerError"]["client-request-id"] == "mine"
    assert error["innerError"]["request-id"] == response.headers["request-id"]
    challenge = response.headers["www-authenticate"]
    assert challenge.startswith(
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/'
    )
    assert 'client_id="00000003-0000-0000-c000-000000000000"' in challenge
    message = error["message"]
    assert isinstance(message, str)
    return message


def test_minted_token_is_accepted_until_it_expires(entra: Entra) -> None:
    token = entra.identity.mint(entra.tenant, entra.application, lifetime=60, roles=["Sites.Read.All"])
    claims = entra.identity.verify(f"Bearer {token}")
    assert isinstance(claims, TokenClaims)
    assert claims.roles == {"Sites.Read.All"}
    assert isinstance(entra.identity.verify(f"bearer  {token} "), TokenClaims)
    entra.clock.advance(60)
    assert refused(entra, f"Bearer {token}") == "Lifetime validation failed, the token is expired."


def test_token_from_the_future(entra: Entra) -> None:
    token = entra.identity.mint(entra.tenant, entra.application)
    entra.clock.advance(-299)
    assert isinstance(entra.identity.verify(f"Bearer {token}"), TokenClaims)
    entra.clock.advance(-2)
    assert refused(entra, f"Bearer {token}") == "Access token has expired or is not yet valid."


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "token"])
def test_missing_token(entra: Entra, header: str | None) -> None:
    assert refused(entra, header) == "Access token is empty."


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "a.b.c.d", "é.é.é"])
def test_malformed_token(entra: Entra, token: str) -> None:
    assert refused(entra, f"Bearer {token}") == "CompactToken parsing failed with error code: 80049217"


async def test_token_for_sharepoint_is_not_for_graph(entra: Entra) -> None:
    form = entra.form(client_secret=entra.secret, scope="https://contoso.sharepoint.com/.default")
    token = content_of(await entra.post(form))["access_token"]
    assert refused(entra, f"Bearer {token}") == "Access token validation failure. Invalid audience."


def test_token_signed_by_another_key(entra: Entra) -> None:
    forger = Identity({entra.tenant.tenant_id: entra.tenant}, entra.clock, key=SigningKey())
    token = forger.mint(entra.tenant, entra.application)
    assert refused(entra, f"Bearer {token}").startswith("Access token validation failure.")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_token_of_another_algorithm(entra: Entra, algorithm: str, rsa_key: rsa.RSAPrivateKey) -> None:
    token = entra.identity.mint(entra.tenant, entra.application)
    claims = jwt.decode(token, options={"verify_signature": False})
    key = None if algorithm == "none" else "k" * 64
    assert "80049217" in refused(entra, f"Bearer {jwt.encode(claims, key, algorithm=algorithm)}")


def test_token_of_a_tenant_that_is_gone(entra: Entra) -> None:
    token = entra.identity.mint(entra.tenant, entra.application)
    assert isinstance(entra.identity.verify(f"Bearer {token}"), TokenClaims)
    entra.tenant.tenant_id = "99999999-9999-4999-8999-999999999999"
    entra.identity = Identity(lambda: [entra.tenant], entra.clock)
    assert refused(entra, f"Bearer {token}") == "Access token validation failure. Invalid issuer."


def test_repr_of_claims_and_secrets_shows_no_secret(entra: Entra) -> None:
    assert entra.secret not in repr(entra.application)


@given(where=st.floats(0, 1), character=st.characters(codec="utf-8"))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mangled_token_is_never_accepted(entra: Entra, where: float, character: str) -> None:
    token = entra.identity.mint(entra.tenant, entra.application)
    at = int(where * (len(token) - 2))
    assume(token[at] != character)
    mangled = token[:at] + character + token[at + 1 :]
    assert isinstance(entra.identity.verify(f"Bearer {mangled}"), Response)

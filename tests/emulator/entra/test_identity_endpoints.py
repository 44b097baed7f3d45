"""The token endpoint's other ways in, and what Entra publishes about itself."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_emulator.clock import Clock
from graph_emulator.directory import Application
from graph_emulator.identity import Identity
from graph_emulator.identity.refusals import Refusal
from graph_emulator.messages import Request

from .conftest import LOGIN, NOW, Entra, Tenant, content_of

UNKNOWN = "00000000-0000-4000-8000-000000000001"
PLAIN = "http://127.0.0.1:8021"


def basic(user: str, password: str) -> dict[str, str]:
    encoded = base64.b64encode(f"{quote_plus(user)}:{quote_plus(password)}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


async def test_token_response_and_claims(entra: Entra) -> None:
    response = await entra.post(entra.form(client_secret=entra.secret))
    content = content_of(response)
    assert response.headers["Cache-Control"] == "no-store, no-cache"
    assert {name: content[name] for name in ("token_type", "expires_in", "ext_expires_in")} == {
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
    }
    header = jwt.get_unverified_header(content["access_token"])
    assert (header["typ"], header["alg"], header["kid"]) == ("JWT", "RS256", header["x5t"])
    claims = jwt.decode(content["access_token"], options={"verify_signature": False})
    tenant, application = entra.tenant, entra.application
    expected = {
        "aud": "https://graph.microsoft.com",
        "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 3599,
        "app_displayname": "Nightly load",
        "appid": application.client_id,
        "appidacr": "1",
        "idp": f"https://sts.windows.net/{tenant.tenant_id}/",
        "idtyp": "app",
        "oid": application.service_principal_id,
        "sub": application.service_principal_id,
        "roles": ["Files.ReadWrite.All", "User.Read.All"],
        "tid": tenant.tenant_id,
        "ver": "1.0",
    }
    assert {name: claims[name] for name in expected} == expected
    assert {"aio", "rh", "uti", "wids"} <= set(claims)


async def test_published_key_verifies_the_token(entra: Entra) -> None:
    token = content_of(await entra.post(entra.form(client_secret=entra.secret)))["access_token"]
    status, document = await entra.get(f"/{entra.tenant.domain}/v2.0/.well-known/openid-configuration")
    assert status == 200
    _, keys = await entra.get(document["jwks_uri"].removeprefix(LOGIN))
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    jwt.decode(token, key, audience="https://graph.microsoft.com", options=options)


async def test_application_without_grants_gets_a_token_without_roles(entra: Entra) -> None:
    entra.application.permissions.clear()
    claims = await entra.granted(entra.form(client_secret=entra.secret))
    assert "roles" not in claims.claims
    assert claims.roles == frozenset()


async def test_capability_cp1_gives_a_long_token(entra: Entra) -> None:
    asked = '{"access_token":{"xms_cc":{"values":["CP1"]}}}'
    content = content_of(await entra.post(entra.form(client_secret=entra.secret, claims=asked)))
    assert content["expires_in"] == 86_399
    claims = jwt.decode(content["access_token"], options={"verify_signature": False})
    assert claims["xms_cc"] == ["CP1"]
    assert claims["exp"] - claims["iat"] == 86_399


async def test_version_1_endpoint_takes_a_resource(entra: Entra) -> None:
    form = entra.form(client_secret=entra.secret, scope=None, resource="https://graph.microsoft.com/")
    content = content_of(await entra.post(form, path="oauth2/token"))
    assert content["expires_in"] == "3599"
    assert content["resource"] == "https://graph.microsoft.com/"


@pytest.mark.parametrize("where", ["form", "basic"])
async def test_secret_in_form_or_header(entra: Entra, where: str) -> None:
    secret = entra.application.add_secret("a+b%2F c:d~é")
    if where == "form":
        await entra.granted(entra.form(client_secret=secret))
    else:
        client_id = entra.application.client_id
        await entra.granted(entra.form(client_id=None), headers=basic(client_id, secret))


@pytest.mark.parametrize(
    "scope",
    [
        ".default",
        "https://graph.microsoft.com/.default",
        "00000003-0000-0000-c000-000000000000/.default",
        "https://graph.microsoft.com//.default",
    ],
)
async def test_scopes_that_mean_graph(entra: Entra, scope: str) -> None:
    claims = await entra.granted(entra.form(client_secret=entra.secret, scope=scope))
    assert claims.roles


@pytest.mark.parametrize("name", ["id", "ID", "domain", "DOMAIN"])
async def test_tenant_by_id_or_domain(entra: Entra, name: str) -> None:
    tenant = entra.tenant.tenant_id if name.lower() == "id" else entra.tenant.domain
    form = entra.form(client_secret=entra.secret)
    await entra.granted(form, tenant=tenant.upper() if name.isupper() else tenant)


REFUSED_FORMS: list[tuple[dict[str, str | None], int, str, int, str]] = [
    ({"grant_type": None}, 400, "invalid_request", 900144, "'grant_type'"),
    ({"grant_type": "magic"}, 400, "unsupported_grant_type", 70003, "magic"),
    ({"client_id": None}, 400, "invalid_request", 900144, "'client_id'"),
    ({"client_id": "  "}, 400, "invalid_request", 900144, "'client_id'"),
    (
        {"client_id": UNKNOWN},
        400,
        "unauthorized_client",
        700016,
        f"'{UNKNOWN}' was not found in the directory",
    ),
    ({"scope": None}, 400, "invalid_request", 900144, "'scope'"),
    ({"scope": "https://graph.microsoft.com/User.Read"}, 400, "invalid_scope", 1002012, "/.default suffixed"),
    ({"scope": "openid"}, 400, "invalid_scope", 1002012, "openid"),
    ({"scope": "https://vault.azure.net/.default"}, 400, "invalid_resource", 500011, "vault.azure.net"),
    (
        {"scope": "https://graph.microsoft.com/.default https://contoso.sharepoint.com/.default"},
        400,
        "invalid_scope",
        70011,
        "not valid",
    ),
    ({"client_secret": None}, 401, "invalid_client", 7000216, "is required for the 'client_credentials'"),
    ({"client_secret": "wrong"}, 401, "invalid_client", 7000215, "not the client secret ID"),
    ({"client_secret": None, "client_assertion": "a.b.c"}, 400, "invalid_request", 900144, "assertion_type"),
    (
        {"client_assertion": "a.b.c", "client_assertion_type": "saml"},
        400,
        "invalid_request",
        90013,
        "client_assertion_type",
    ),
    ({"claims": "[1]"}, 400, "invalid_request", 50084, "claims"),
    ({"claims": "{"}, 400, "invalid_request", 50084, "claims"),
    ({"junk": "x" * 300_000}, 400, "invalid_request", 90013, "too large"),
]


@pytest.mark.parametrize(("changes", "status", "error", "code", "text"), REFUSED_FORMS)
async def test_refused_forms(
    entra: Entra, changes: dict[str, str | None], status: int, error: str, code: int, text: str
) -> None:
    form = entra.form(**{"client_secret": entra.secret, **changes})
    refused = await entra.refused(form)
    assert refused[:3] == (status, error, code)
    assert text in refused[3]


async def test_secret_id_is_not_the_secret(entra: Entra) -> None:
    key_id = entra.application.secrets[0].key_id
    assert (await entra.refused(entra.form(client_secret=key_id)))[2] == 7000215


async def test_expired_secret(entra: Entra) -> None:
    secret = entra.application.add_secret(expires=NOW + 60)
    await entra.granted(entra.form(client_secret=secret))
    entra.clock.advance(61)
    assert (await entra.refused(entra.form(client_secret=secret)))[2] == 7000222


async def test_disabled_application(entra: Entra) -> None:
    entra.application.enabled = False
    assert (await entra.refused(entra.form(client_secret=entra.secret)))[1:3] == (
        "unauthorized_client",
        7000112,
    )


async def test_public_client(entra: Entra) -> None:
    entra.application.public_client = True
    assert (await entra.refused(entra.form(client_secret=entra.secret)))[2] == 700025


@pytest.mark.parametrize(
    ("tenant", "status", "code"),
    [
        (UNKNOWN, 400, 90002),
        ("fabrikam.example", 400, 90002),
        ("not a tenant", 400, 900023),
        ("contoso", 400, 900023),
        ("common", 400, 50194),
        ("organizations", 400, 50194),
        ("consumers", 400, 9001023),
    ],
)
async def test_other_tenants(entra: Entra, tenant: str, status: int, code: int) -> None:
    form = entra.form(client_secret=entra.secret)
    refused = await entra.refused(form, tenant=tenant.replace(" ", "%20"))
    assert (refused[0], refused[2]) == (status, code)


async def test_application_of_another_tenant_is_not_found(entra: Entra) -> None:
    other = Tenant("11111111-2222-4333-8444-555555555555", "fabrikam.example", "Fabrikam")
    stranger = Application("Stranger")
    other.applications[stranger.client_id] = stranger
    identity = Identity(lambda: [entra.tenant, other], Clock(fixed=NOW))
    both = Entra(
        identity, entra.clock, entra.tenant, stranger, entra.key, entra.certificate, stranger.add_secret()
    )
    assert (await both.refused(both.form(client_secret=both.secret)))[2] == 700016
    await both.granted(both.form(client_secret=both.secret), tenant=other.domain)


async def test_repeated_parameter(entra: Entra) -> None:
    body = urlencode(entra.form(client_secret=entra.secret)) + "&scope=.default"
    assert (await entra.refused(body.encode()))[2] == 9000411


async def test_json_body_has_no_parameters(entra: Entra) -> None:
    refused = await entra.refused(b"{}", headers={"Content-Type": "application/json"})
    assert refused[2] == 900144


@pytest.mark.parametrize("header", ["Basic", "Basic ???", "Basic " + base64.b64encode(b"nocolon").decode()])
async def test_malformed_basic_header(entra: Entra, header: str) -> None:
    assert (await entra.refused(entra.form(), headers={"Authorization": header}))[2] == 90013


async def test_get_on_the_token_endpoint(entra: Entra) -> None:
    status, content = await entra.get(f"/{entra.tenant.tenant_id}/oauth2/v2.0/token")
    assert (status, content["error_codes"]) == (400, [900561])


@pytest.mark.parametrize("grant", ["password", "refresh_token", "authorization_code"])
async def test_grants_the_emulator_does_not_have_are_refused_loudly(entra: Entra, grant: str) -> None:
    response = await entra.post(entra.form(grant_type=grant))
    assert response.status == 501
    assert grant in content_of(response)["error_description"]


async def test_client_request_id_is_the_correlation_id(entra: Entra) -> None:
    sent = "5b0f2f3e-8a4d-4a57-9a5e-0d54f1a7f0aa"
    headers = {"client-request-id": sent, "return-client-request-id": "true"}
    response = await entra.post(entra.form(), headers=headers)
    assert content_of(response)["correlation_id"] == sent
    assert response.headers["client-request-id"] == sent
    in_query = await entra.post(entra.form(), path=f"oauth2/v2.0/token?client-request-id={sent}")
    assert content_of(in_query)["correlation_id"] == sent


async def test_discovery_names_the_origin_that_was_asked(entra: Entra) -> None:
    target = f"/{entra.tenant.domain}/v2.0/.well-known/openid-configuration"
    tenant_id = entra.tenant.tenant_id
    for origin in (LOGIN, PLAIN):
        _, document = await entra.get(target, origin)
        assert document["token_endpoint"] == f"{origin}/{tenant_id}/oauth2/v2.0/token"
        assert document["issuer"] == f"{origin}/{tenant_id}/v2.0"
    _, shared = await entra.get("/common/v2.0/.well-known/openid-configuration")
    assert shared["issuer"] == f"{LOGIN}/{{tenantid}}/v2.0"


async def test_discovery_of_an_unknown_tenant(entra: Entra) -> None:
    status, content = await entra.get(f"/{UNKNOWN}/v2.0/.well-known/openid-configuration")
    assert (status, content["error"], content["error_codes"]) == (400, "invalid_tenant", [90002])


async def test_instance_discovery(entra: Entra) -> None:
    asked = f"{LOGIN}/{entra.tenant.tenant_id}/oauth2/v2.0/authorize"
    status, content = await entra.get(
        f"/common/discovery/instance?api-version=1.1&authorization_endpoint={asked}"
    )
    assert status == 200
    assert content["tenant_discovery_endpoint"].endswith(
        f"{entra.tenant.tenant_id}/v2.0/.well-known/openid-configuration"
    )
    assert "login.windows.net" in content["metadata"][0]["aliases"]
    for wrong in ("https://evil.example/common/oauth2/authorize", "http://[", ""):
        status, content = await entra.get(f"/common/discovery/instance?authorization_endpoint={wrong}")
        assert (status, content["error_codes"]) == (400, [50049])


async def test_unknown_endpoint_is_refused_loudly(entra: Entra) -> None:
    status, content = await entra.get(f"/{entra.tenant.tenant_id}/oauth2/v2.0/authorize")
    assert status == 501
    assert "oauth2/v2.0/authorize" in content["error_description"]


@pytest.mark.parametrize(
    ("base_url", "target", "is_entra"),
    [
        (LOGIN, "/anything", True),
        ("https://login.windows.net", "/", True),
        (PLAIN, "/contoso.onmicrosoft.com/oauth2/v2.0/token", True),
        (PLAIN, "/t/v2.0/.well-known/openid-configuration", True),
        (PLAIN, "/common/discovery/instance?x", True),
        (PLAIN, "/v1.0/oauth2/v2.0/token", False),
        (PLAIN, "/v1.0/oauth2PermissionGrants", False),
        (PLAIN, "/_admin/oauth2/x", False),
        (PLAIN, "/v1.0/users", False),
        ("https://graph.microsoft.com", "/t/oauth2/v2.0/token", False),
        ("https://contoso.sharepoint.com", "/t/oauth2/v2.0/token", False),
    ],
)
def test_which_requests_are_entras(entra: Entra, base_url: str, target: str, is_entra: bool) -> None:
    assert entra.identity.matches(Request("GET", base_url, target)) is is_entra


def test_every_refusal_can_be_said() -> None:
    from graph_contract import load

    words = dict.fromkeys(
        [
            "thumbprint",
            "client_id",
            "start",
            "end",
            "now",
            "not_before",
            "expires",
            "subject",
            "issuer",
            "algorithm",
            "directory",
            "name",
            "tenant",
            "resource",
            "scope",
            "parameter",
            "detail",
            "grant",
            "method",
        ],
        "W",
    )
    facts = load("entra_errors")
    for case, fact in facts.items():
        assert set(fact) == {"code", "status", "error", "source", "text"}, case
        assert str(Refusal(case, **words)).startswith(f"AADSTS{fact['code']}: ")


FORM_NAMES = [
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "client_assertion",
    "client_assertion_type",
    "claims",
    "resource",
]


@given(
    tenant=st.text(max_size=30),
    form=st.dictionaries(st.sampled_from(FORM_NAMES), st.text(max_size=40)),
    right_client=st.booleans(),
    authorization=st.none() | st.text(max_size=30),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_random_forms_never_give_a_token_and_never_fault(
    entra: Entra, tenant: str, form: dict[str, str], right_client: bool, authorization: str | None
) -> None:
    if right_client:
        form = {**form, "client_id": entra.application.client_id, "grant_type": "client_credentials"}
    headers = {} if authorization is None else {"Authorization": authorization}
    where = entra.tenant.tenant_id if right_client else quote_plus(tenant)
    response = await entra.post(form, tenant=where or "x", headers=headers)
    assert response.status in (400, 401, 501)
    assert "access_token" not in content_of(response)

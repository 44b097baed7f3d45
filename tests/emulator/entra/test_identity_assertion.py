"""A certificate proves the application, and nothing else does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_emulator.identity.assertion import ALGORITHMS

from .conftest import LOGIN, NOW, Entra, base64url, certificate_for

EXPIRED_AT = NOW + 365 * 86_400


def padded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
async def test_every_rsa_algorithm_is_accepted(entra: Entra, algorithm: str) -> None:
    claims = await entra.granted(entra.with_assertion(entra.assertion({"alg": algorithm})))
    assert claims.client_id == entra.application.client_id
    assert claims.claims["appidacr"] == "2"


async def test_sha1_thumbprint_is_accepted(entra: Entra) -> None:
    header = {"alg": "RS256", "x5t#S256": None, "x5t": base64url(entra.certificate.sha1)}
    await entra.granted(entra.with_assertion(entra.assertion(header)))


async def test_segments_and_thumbprint_may_be_padded(entra: Entra) -> None:
    header = {"x5t#S256": padded(entra.certificate.sha256)}
    await entra.granted(entra.with_assertion(entra.assertion(header, encode=padded)))


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": None},
        {"iat": None, "jti": None},
        {"iat": NOW + 0.25, "exp": NOW + 599.5, "nbf": None},
        {"exp": int(NOW + 86_400 * 30)},
        {"exp": int(NOW - 299)},
        {"nbf": int(NOW + 299)},
    ],
)
async def test_times_may_be_floats_or_absent(entra: Entra, claims: dict[str, Any]) -> None:
    await entra.granted(entra.with_assertion(entra.assertion(claims=claims)))


@pytest.mark.parametrize("name", ["id", "domain", "DOMAIN"])
@pytest.mark.parametrize("end", ["oauth2/v2.0/token", "oauth2/token", "v2.0", ""])
async def test_audience_may_be_any_form_of_the_tenants_address(entra: Entra, name: str, end: str) -> None:
    written = entra.tenant.tenant_id if name == "id" else entra.tenant.domain
    tenant = written.upper() if name.isupper() else written
    claims = {"aud": f"{LOGIN}/{tenant}/{end}"}
    await entra.granted(entra.with_assertion(entra.assertion(claims=claims)), tenant=entra.tenant.domain)


async def test_audience_may_be_the_plain_port_the_client_reached(entra: Entra) -> None:
    origin = "http://127.0.0.1:8021"
    assertion = entra.assertion(claims={"aud": f"{origin}/{entra.tenant.tenant_id}/oauth2/v2.0/token"})
    await entra.granted(entra.with_assertion(assertion), base_url=origin)
    assert (await entra.refused(entra.with_assertion(assertion)))[2] == 700023


async def test_an_assertion_may_be_used_again(entra: Entra) -> None:
    form = entra.with_assertion(entra.assertion())
    await entra.granted(form)
    entra.clock.advance(540)
    await entra.granted(form)


@pytest.mark.parametrize(
    ("header", "claims", "code", "text"),
    [
        (
            {},
            {"aud": f"{LOGIN}/common/oauth2/v2.0/token"},
            700023,
            "audience claim does not match Realm issuer",
        ),
        ({}, {"aud": ["a", "b"]}, 50027, "JWT token is invalid or malformed"),
        ({}, {"aud": None}, 50027, "JWT token is invalid or malformed"),
        ({}, {"sub": "other"}, 50048, "must match Issuer"),
        ({}, {"sub": "other", "iss": "other"}, 700021, "doesn't match 'client_id'"),
        ({}, {"exp": int(NOW - 301)}, 700024, "Current time: 2026-06-01T12:00:00.0000000Z"),
        ({}, {"exp": NOW - 301.5, "nbf": None}, 700024, "valid from 1970-01-01T00:00:00.0000000Z"),
        ({}, {"nbf": int(NOW + 301)}, 700024, "not within its valid time range"),
        ({}, {"nbf": 1e300}, 700024, "valid from 9999-12-31T23:59:59.0000000Z"),
        ({}, {"exp": "2026"}, 50027, "malformed"),
        ({}, {"exp": None}, 50027, "malformed"),
        ({}, {"exp": True}, 50027, "malformed"),
        ({"x5t#S256": None}, {}, 50027, "No certificate thumbprint specified in token header"),
        ({"x5t#S256": None, "x5t": ""}, {}, 50027, "No certificate thumbprint"),
        (
            {"x5t#S256": "AAAA"},
            {},
            700027,
            "The key was not found., Thumbprint of key used by client: '000000'",
        ),
        ({"alg": "ES256"}, {}, 5002738, "'ES256' is not a supported signature algorithm"),
        ({"alg": "HS256"}, {}, 5002738, "'HS256' is not a supported"),
        ({"alg": "none"}, {}, 5002738, "'none' is not a supported"),
        ({"alg": "ps256"}, {}, 5002738, "'ps256' is not a supported"),
        ({"alg": None}, {}, 5002727, "has no 'alg'"),
        ({"crit": ["x"]}, {}, 50027, "malformed"),
    ],
)
async def test_refusals(
    entra: Entra, header: dict[str, Any], claims: dict[str, Any], code: int, text: str
) -> None:
    status, error, refused_code, described = await entra.refused(
        entra.with_assertion(entra.assertion(header, claims))
    )
    assert (status, error, refused_code) == (401, "invalid_client", code)
    assert text in described


async def test_thumbprint_of_hexadecimal_text_is_not_the_thumbprint(entra: Entra) -> None:
    header = {"x5t#S256": None, "x5t": base64url(entra.certificate.sha1.hex().encode())}
    _, _, code, text = await entra.refused(entra.with_assertion(entra.assertion(header)))
    assert code == 700027
    assert entra.application.client_id in text


async def test_another_key_is_an_invalid_signature(entra: Entra, other_key: rsa.RSAPrivateKey) -> None:
    _, _, code, text = await entra.refused(entra.with_assertion(entra.assertion(key=other_key)))
    assert code == 700027
    assert "did not match the expected signature value" in text
    assert f"'{entra.certificate.sha256.hex().upper()}'" in text
    assert "Found key 'Start=05/31/2026 12:00:00, End=05/31/2027 12:00:00'" in text


async def test_claims_changed_after_signing_are_an_invalid_signature(entra: Entra) -> None:
    head, _, signature = entra.assertion().split(".")
    body = base64url(json.dumps({**entra.claims(), "exp": int(NOW + 99_999)}).encode())
    _, _, code, _ = await entra.refused(entra.with_assertion(f"{head}.{body}.{signature}"))
    assert code == 700027


async def test_algorithm_changed_after_signing_is_an_invalid_signature(entra: Entra) -> None:
    _, body, signature = entra.assertion({"alg": "RS256"}).split(".")
    head = base64url(json.dumps(entra.header("PS256")).encode())
    assert (await entra.refused(entra.with_assertion(f"{head}.{body}.{signature}")))[2] == 700027


async def test_expired_certificate(entra: Entra) -> None:
    entra.clock.set(EXPIRED_AT)
    _, _, code, text = await entra.refused(entra.with_assertion(entra.assertion()))
    assert code == 700027
    assert "is expired on application" in text


async def test_certificate_not_yet_valid(entra: Entra) -> None:
    entra.clock.set(NOW - 86_400 * 2)
    assert (await entra.refused(entra.with_assertion(entra.assertion())))[2] == 1000502


async def test_certificate_with_elliptic_curve_key(entra: Entra) -> None:
    registered = entra.application.add_certificate(certificate_for(ec.generate_private_key(ec.SECP256R1())))
    header = {"x5t#S256": base64url(registered.sha256)}
    assert (await entra.refused(entra.with_assertion(entra.assertion(header))))[2] == 5002730


async def test_any_registered_certificate_is_accepted(entra: Entra, other_key: rsa.RSAPrivateKey) -> None:
    registered = entra.application.add_certificate(certificate_for(other_key))
    header = {"x5t#S256": base64url(registered.sha256)}
    await entra.granted(entra.with_assertion(entra.assertion(header, key=other_key)))
    await entra.granted(entra.with_assertion(entra.assertion()))


@pytest.mark.parametrize(
    "text",
    ["a", "a.b", "a.b.c", "..", "a.b.c.d", "é.é.é", "=.=.=", "x" * 100_000, "bnVsbA.bnVsbA.", "W10.W10."],
)
async def test_what_is_no_jwt(entra: Entra, text: str) -> None:
    assert (await entra.refused(entra.with_assertion(text)))[2] == 50027


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_mangled_assertion_never_gives_a_token(entra: Entra, data: st.DataObject) -> None:
    """Whatever is changed in a good assertion without its key, the answer is a refusal and never a fault."""
    good = entra.assertion()
    kind = data.draw(st.sampled_from(["character", "cut", "header", "claims", "swap"]))
    head, body, signature = good.split(".")
    if kind == "character":
        at = data.draw(st.integers(0, len(good) - 2))
        mangled = good[:at] + data.draw(st.characters(codec="utf-8")) + good[at + 1 :]
    elif kind == "cut":
        mangled = good[: data.draw(st.integers(0, len(good) - 2))]
    elif kind == "header":
        change = {
            data.draw(st.sampled_from(["alg", "x5t", "x5t#S256", "kid", "crit"])): data.draw(JSON_VALUES)
        }
        mangled = f"{base64url(json.dumps({**entra.header(), **change}).encode())}.{body}.{signature}"
    elif kind == "claims":
        change = {data.draw(st.sampled_from([*entra.claims(), "x"])): data.draw(JSON_VALUES)}
        mangled = f"{head}.{base64url(json.dumps({**entra.claims(), **change}).encode())}.{signature}"
    else:
        mangled = ".".join(data.draw(st.permutations([head, body, signature])))
    response = await entra.post(entra.with_assertion(mangled))
    if mangled.split(".")[:2] == [head, body] and _same_bytes(mangled.split(".")[2:], signature):
        return
    assert response.status in (400, 401)
    assert b"access_token" not in bytes(response.body)  # type: ignore[arg-type]


@given(
    header=st.dictionaries(st.sampled_from(["alg", "x5t#S256", "x5t", "typ"]), JSON_VALUES),
    claims=st.dictionaries(st.sampled_from(["aud", "iss", "sub", "exp", "nbf", "iat"]), JSON_VALUES),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_odd_values_in_a_well_signed_assertion_never_fault(
    entra: Entra, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    response = await entra.post(entra.with_assertion(entra.assertion(header, claims)))
    assert response.status in (200, 400, 401)


def _same_bytes(third: list[str], signature: str) -> bool:
    """The last character of base64url text holds unused bits: two texts may be the same signature."""
    try:
        return [base64.urlsafe_b64decode(part + "==") for part in third] == [
            base64.urlsafe_b64decode(signature + "==")
        ]
    except ValueError:
        return False

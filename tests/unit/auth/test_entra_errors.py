"""Entra's refusals become errors that say what to do; bodies that are not Entra's do no harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driveql.auth.entra_errors import ADVICE, error_from, error_from_text
from driveql.errors import (
    AuthenticationError,
    ConsentMissingError,
    CredentialRejectedError,
    InteractionRequiredError,
)

TRACE = "0a0b0c0d-1111-2222-3333-444444444444"


def body(code: int, text: str, error: str = "invalid_client", separator: str = " ") -> bytes:
    trailer = separator.join(
        ["", f"Trace ID: {TRACE}", "Correlation ID: c-1", "Timestamp: 2026-01-01 00:00:00Z"]
    )
    return json.dumps(
        {"error": error, "error_description": f"AADSTS{code}: {text}{trailer}", "error_codes": [code],
         "timestamp": "2026-01-01 00:00:00Z", "trace_id": TRACE, "correlation_id": "c-1"}
    ).encode()  # fmt: skip


@pytest.mark.parametrize("separator", [" ", "\r\n"])
def test_a_refusal_says_what_happened_and_what_to_do(separator: str) -> None:
    error = error_from(
        401, body(7000222, "The provided client secret keys for app 'x' are expired.", separator=separator)
    )
    assert type(error) is CredentialRejectedError
    assert (error.code, error.request_id, error.retryable) == ("AADSTS7000222", TRACE, False)
    assert "the client secret has expired" in error.message
    assert "keys for app 'x' are expired" in error.message
    assert "Trace ID" not in error.message
    assert "Value, not its Secret ID" in (error.hint or "")


@pytest.mark.parametrize(("code", "advice"), ADVICE.items(), ids=str)
def test_each_advice_is_reachable_and_complete(code: int, advice) -> None:
    error = error_from(400, body(code, "text"))
    assert type(error) is advice.kind
    assert advice.meaning in error.message
    assert not advice.meaning.endswith(".")
    assert advice.action.endswith(".")


def test_the_table_of_facts_is_covered(shared_dir: Path) -> None:
    import re

    text = (shared_dir / "graph" / "facts.md").read_text(encoding="utf-8")
    rows = text.split("### 1.2")[1].split("### 1.3")[0].splitlines()
    codes = {
        int(code)
        for row in rows
        for code in re.findall(r"\d{5,7}", row.split("|")[1] if row.startswith("|") else "")
    }
    # These belong to device code, passwords, or requests that this client does not build.
    elsewhere = {50034, 50126, 70016, 70018, 70019, 54005, 501481, 900144, 70003}
    assert codes - elsewhere <= set(ADVICE)


@pytest.mark.parametrize(
    ("status", "answer", "kind", "retryable"),
    [
        (403, b'{"error": {"code": "accessDenied"}}', AuthenticationError, False),
        (401, body(999999, "new", "invalid_client"), CredentialRejectedError, False),
        (400, body(999999, "new", "consent_required"), ConsentMissingError, False),
        (400, body(65001, "no consent", "invalid_grant"), ConsentMissingError, False),
        (400, body(50076, "mfa", "interaction_required"), InteractionRequiredError, False),
        (400, b'{"error":"invalid_client"}', CredentialRejectedError, False),
        (429, body(90055, "throttled", "temporarily_unavailable"), AuthenticationError, True),
        (400, b'{"error":"temporarily_unavailable"}', AuthenticationError, True),
        (503, b"<html>", AuthenticationError, True),
        (502, b"", AuthenticationError, True),
        (407, b"<html>proxy", AuthenticationError, False),
        (400, b"[]", AuthenticationError, False),
        (400, b"null", AuthenticationError, False),
        (
            400,
            b'{"error":{"code":"x"},"error_codes":"no","error_description":7,"trace_id":[]}',
            AuthenticationError,
            False,
        ),
        (400, b"[" * 100_000, AuthenticationError, False),
    ],
)
def test_classes_and_whether_to_repeat(status: int, answer: bytes, kind: type, retryable: bool) -> None:
    error = error_from(status, answer)
    assert type(error) is kind
    assert error.retryable is retryable
    assert str(status) in error.message
    assert not error.message.endswith("It said: ")


def test_tokens_in_a_text_are_blotted_out_and_length_is_limited() -> None:
    token = "eyJhbGciOiJQUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"
    error = error_from(401, body(700027, f"assertion {token} " + "x" * 1000))
    assert "eyJ" not in str(error)
    assert len(error.message) < 600


def test_another_library_s_text_gets_the_same_advice() -> None:
    error = error_from_text(f"ClientAuthenticationError: AADSTS700016: not found Trace ID: {TRACE}")
    assert type(error) is CredentialRejectedError
    assert error.code == "AADSTS700016"
    assert "Check ClientId" in (error.hint or "")
    assert type(error_from_text("no managed identity endpoint")) is AuthenticationError

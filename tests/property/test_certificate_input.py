"""Whatever bytes a person points at, the outcome is a certificate or one of the certificate errors; never another."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from driveql.auth.access_token import AccessToken, read_token
from driveql.auth.certificate import parse
from driveql.auth.entra_errors import error_from
from driveql.auth.inspection import inspect
from driveql.auth.issue import issue
from driveql.auth.local_key import signer_of
from driveql.errors import AuthenticationError, InvalidCertificateError, ProtocolError


@cache
def originals() -> list[bytes]:
    issued = issue()
    return [issued.pfx("x"), issued.pem("x"), issued.pem(None), issued.cer()]


@settings(max_examples=200, deadline=None)
@example(2, 78, b"/", "replace")
@given(
    st.integers(0, 3),
    st.integers(0, 4000),
    st.binary(max_size=4),
    st.sampled_from(["replace", "cut", "insert"]),
)
def test_damaged_files(which: int, place: int, patch: bytes, how: str) -> None:
    data = originals()[which]
    place %= len(data)
    damaged = {
        "replace": data[:place] + patch + data[place + len(patch) :],
        "insert": data[:place] + patch + data[place:],
        "cut": data[:place],
    }[how]
    with contextlib.suppress(InvalidCertificateError):
        file = parse(damaged, password="x")
        inspect(file, datetime.now(UTC))
        signer_of(file)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(InvalidCertificateError):
        signer_of(parse(data))


@given(st.integers(100, 599), st.binary(max_size=100))
def test_any_answer_of_a_token_endpoint(status: int, body: bytes) -> None:
    assert isinstance(error_from(status, body), AuthenticationError)
    with contextlib.suppress(ProtocolError):
        assert read_token(body, 0.0).value


@given(st.text(max_size=60))
def test_claims_of_any_text(text: str) -> None:
    assert isinstance(AccessToken(text, 0, 0).claims(), dict)

"""The client assertion, byte by byte, verified with PyJWT and with cryptography."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Literal

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from driveql.auth.assertion import build
from driveql.auth.local_key import signer_of
from driveql.auth.signing import Algorithm

AUDIENCE = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
CLIENT = "11111111-2222-3333-4444-555555555555"


def decoded(part: str) -> dict:
    assert "=" not in part
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_header_claims_and_signature(issued, algorithm: Algorithm) -> None:
    text = build(signer_of(issued.as_file()), CLIENT, AUDIENCE, 1_750_000_000.75, "id-1", algorithm=algorithm)
    header, claims, _ = text.split(".")
    digest = hashlib.sha256 if algorithm == "PS256" else hashlib.sha1
    thumbprint = base64.urlsafe_b64encode(digest(issued.cer()).digest()).decode().rstrip("=")
    name = "x5t#S256" if algorithm == "PS256" else "x5t"
    assert decoded(header) == {"alg": algorithm, "typ": "JWT", name: thumbprint}
    assert decoded(claims) == {
        "aud": AUDIENCE, "iss": CLIENT, "sub": CLIENT, "jti": "id-1",
        "iat": 1_750_000_000, "nbf": 1_750_000_000, "exp": 1_750_000_600,
    }  # fmt: skip
    options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    jwt.decode(text, issued.key.public_key(), [algorithm], audience=AUDIENCE, options=options)


def test_the_pss_salt_is_as_long_as_the_digest(issued) -> None:
    signature = signer_of(issued.as_file()).sign(b"data", "PS256")
    public, sha = issued.key.public_key(), hashes.SHA256()
    public.verify(signature, b"data", padding.PSS(padding.MGF1(sha), 32), sha)
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"date", padding.PSS(padding.MGF1(sha), 32), sha)


def test_x5c_is_standard_base64_without_line_breaks(issued, other) -> None:
    class Chained:
        def __init__(self) -> None:
            self.inner = signer_of(issued.as_file())
            self.chain_der = [other.cer()]

        def __getattr__(self, name: str):
            return getattr(self.inner, name)

    header = decoded(build(Chained(), CLIENT, AUDIENCE, 0, "x", x5c=True).split(".")[0])
    assert [base64.b64decode(one, validate=True) for one in header["x5c"]] == [issued.cer(), other.cer()]


def test_only_the_protocol_s_members_are_needed(issued) -> None:
    """A key that never leaves its place: everything but `sign` and the public parts is out of reach."""
    inner = signer_of(issued.as_file())

    class Token:
        certificate_der, chain_der = inner.certificate_der, ()
        thumbprint_sha1, thumbprint_sha256 = inner.thumbprint_sha1, inner.thumbprint_sha256
        not_valid_before, not_valid_after = inner.not_valid_before, inner.not_valid_after

        def sign(self, data: bytes, algorithm: Literal["PS256", "RS256"]) -> bytes:
            return inner.sign(data, algorithm)

    text = build(Token(), CLIENT, AUDIENCE, 1.0, "x", lifetime=300)
    assert decoded(text.split(".")[1])["exp"] == 301

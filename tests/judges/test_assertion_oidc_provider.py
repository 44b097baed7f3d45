"""The npm package oidc-provider, an independent OpenID provider, takes our assertion and refuses what is wrong with it."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import jwt
import pytest

from driveql.auth.assertion import ASSERTION_TYPE, build
from driveql.auth.credential import CertificateCredential, TokenResponse
from driveql.auth.issue import IssuedCertificate, issue
from driveql.auth.local_key import LocalKeySigner, signer_of
from driveql.connection import ConnectionSettings
from driveql.errors import CredentialRejectedError

pytestmark = pytest.mark.judge
NODE = Path(__file__).parent / "node"
CLIENT = "11111111-2222-3333-4444-555555555555"


@dataclass(frozen=True)
class Judge:
    """The running provider and the key it knows."""

    token_url: str
    issued: IssuedCertificate
    signer: LocalKeySigner
    new_id: Iterator[str] = field(default_factory=lambda: iter(f"id-{number}" for number in range(1000)))

    def post(self, form: Mapping[str, str]) -> TokenResponse:
        request = urllib.request.Request(self.token_url, urllib.parse.urlencode(form).encode())
        try:
            with urllib.request.urlopen(request) as response:
                return TokenResponse(response.status, response.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return TokenResponse(refusal.code, refusal.read())

    def present(self, assertion: str) -> TokenResponse:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "scope": "https://graph.microsoft.com/.default",
        }
        return self.post(form | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion})

    def assertion(self, **changes: object) -> str:
        arguments = {
            "client_id": CLIENT,
            "audience": self.token_url,
            "now": time.time(),
            "jti": next(self.new_id),
        }
        return build(self.signer, **(arguments | changes))

    def last_reason(self) -> str:
        origin = self.token_url.split("/contoso.com")[0]
        with urllib.request.urlopen(f"{origin}/reasons") as response:
            return json.load(response)[-1]


def install_modules() -> None:
    """Do what `make test` has done already, for a run without it; only one of the parallel workers does."""
    fcntl = pytest.importorskip("fcntl", reason="the modules are installed under a POSIX lock")
    with (NODE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (NODE / "node_modules" / "oidc-provider").is_dir():
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, check=True, capture_output=True
            )


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    install_modules()
    issued = issue("CN=judged")
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(issued.key.public_key()))
    jwk = {name: jwk[name] for name in ("kty", "n", "e")} | {"use": "sig"}
    argument = json.dumps({"client_id": CLIENT, "jwk": jwk})
    with subprocess.Popen(
        [node, "provider.mjs", argument],
        cwd=NODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b'{"token_url"'):
                break
        yield Judge(json.loads(line)["token_url"], issued, signer_of(issued.as_file()))
        process.stdin.close()


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("send_x5c", [False, True])
def test_it_accepts_our_sign_in(judge: Judge, algorithm: str, send_x5c: bool) -> None:
    settings = ConnectionSettings(
        token_url=judge.token_url,
        client_id=CLIENT,
        certificate_bytes=judge.issued.pem(None),
        assertion_algorithm=algorithm,
        send_x5c=send_x5c,
    )

    async def post(url: str, form: Mapping[str, str]) -> TokenResponse:
        assert url == judge.token_url
        return await asyncio.to_thread(judge.post, form)

    token = asyncio.run(CertificateCredential(settings).fetch(post))
    assert token.value
    assert token.expires_on > time.time()
    stranger = replace(settings, certificate_bytes=issue("CN=stranger").pem(None))
    with pytest.raises(CredentialRejectedError, match="invalid_client"):
        asyncio.run(CertificateCredential(stranger).fetch(post))


def test_it_refuses_a_replay(judge: Judge) -> None:
    assertion = judge.assertion()
    assert judge.present(assertion).status == 200
    assert judge.present(assertion).status == 401
    assert "only be used once" in judge.last_reason()
    assert judge.present(judge.assertion()).status == 200


def _with_other_last_byte(assertion: str) -> str:
    head, signature = assertion.rsplit(".", 1)
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def _with_other_claims(assertion: str) -> str:
    header, _, signature = assertion.split(".")
    _, claims, _ = jwt.encode(
        jwt.decode(assertion, options={"verify_signature": False}) | {"exp": 9999999999}, "x" * 32
    ).split(".")
    return f"{header}.{claims}.{signature}"


WRONG: dict[str, tuple[Callable[[Judge], str], str]] = {
    "signature changed": (lambda judge: _with_other_last_byte(judge.assertion()), "signature"),
    "claims changed": (lambda judge: _with_other_claims(judge.assertion()), "signature"),
    "expired": (lambda judge: judge.assertion(now=time.time() - 3600), "jwt expired"),
    "not yet valid": (lambda judge: judge.assertion(now=time.time() + 3600), "jwt not active yet"),
    "another audience": (lambda judge: judge.assertion(audience="https://example.com/token"), "audience"),
    "another client": (lambda judge: judge.assertion(client_id="22222222-2222-3333-4444-555555555555"), ""),
    "another key": (
        lambda judge: replace(judge, signer=signer_of(issue("x").as_file())).assertion(),
        "signature",
    ),
    "no signature": (lambda judge: judge.assertion().rsplit(".", 1)[0] + ".", ""),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_refuses(wrong: str, judge: Judge) -> None:
    make, reason = WRONG[wrong]
    response = judge.present(make(judge))
    assert response.status in {400, 401}
    assert json.loads(response.body)["error"] in {"invalid_client", "invalid_request"}
    assert reason in judge.last_reason()

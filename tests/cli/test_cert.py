"""`driveql cert` as people and schedulers use it."""

from __future__ import annotations

import json
import os
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pexpect
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from driveql.auth.certificate import parse
from driveql.auth.issue import issue
from driveql.auth.local_key import signer_of
from driveql.cli.main import driveql

PASSWORD = "hunter2 for certificates"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CERT_PASSWORD", PASSWORD)
    monkeypatch.setenv("DRIVEQL_CONNECTIONS", str(tmp_path / "connections.toml"))
    return tmp_path


def cert(*words: str) -> Result:
    result = CliRunner().invoke(driveql, ["cert", *words])
    assert PASSWORD not in result.output
    return result


def terminal(*words: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable, ["-m", "driveql.cli.main", "cert", *words], timeout=30, encoding="utf-8"
    )


def test_create_writes_three_files_that_fit(here: Path) -> None:
    result = cert(
        "create",
        "finance",
        "--password",
        "env:CERT_PASSWORD",
        "--json",
        "--days",
        "90",
        "--subject",
        "CN=Finance,O=Contoso",
    )
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    pfx, pem, cer = (Path(facts[kind]).read_bytes() for kind in ("pfx", "pem", "cer"))
    for private in (pfx, pem):
        signer = signer_of(parse(private, password=PASSWORD))
        assert signer.certificate_der == cer
        assert signer.thumbprint_sha1.hex().upper() == facts["thumbprint_sha1"]
        assert signer.thumbprint_sha256.hex().upper() == facts["thumbprint_sha256"]
    assert facts["subject"] == "CN=Finance,O=Contoso"
    if os.name == "posix":
        modes = {kind: stat.S_IMODE(Path(facts[kind]).stat().st_mode) & 0o077 for kind in ("pfx", "pem")}
        assert modes == {"pfx": 0, "pem": 0}


def test_create_tells_the_portal_s_steps(here: Path) -> None:
    result = cert("create", "a", "--password", "env:CERT_PASSWORD")
    assert "Upload certificate: " + str(here / "a.cer") in result.stderr
    assert "driveql connect add work" in result.stderr
    assert "Grant admin consent" in result.stderr


@pytest.mark.parametrize("taken", ["a.pfx", "a.pem", "a.cer"])
def test_create_overwrites_nothing(here: Path, taken: str) -> None:
    (here / taken).write_text("precious", encoding="utf-8")
    result = cert("create", "a", "--password", "env:CERT_PASSWORD")
    assert result.exit_code == 2
    assert [path.name for path in here.iterdir()] == [taken]
    assert (here / taken).read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a"], "no terminal to ask"),
        (["a", "--password", PASSWORD], "can be read by others"),
        (["a", "--password", "env:NOT_SET_HERE"], "NOT_SET_HERE, which is not set"),
        (["../a", "--password", "env:CERT_PASSWORD"], "plain file name"),
        (["a", "--password", "env:CERT_PASSWORD", "--key-size", "1024"], "1024"),
        (["a", "--password", "env:CERT_PASSWORD", "--days", "9999"], "9999"),
        (["a", "--password", "env:CERT_PASSWORD", "--subject", "x=y=z"], "not a distinguished name"),
    ],
)
def test_what_create_refuses(here: Path, words: list[str], said: str) -> None:
    result = cert("create", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(here.iterdir()) == []


def test_create_asks_for_the_password_twice(here: Path) -> None:
    process = terminal("create", "asked")
    process.expect("Password for the private key")
    process.sendline("one password")
    process.expect("Repeat")
    process.sendline("another")
    process.expect("do not match|not match")
    for _ in range(2):
        process.expect("Password for the private key|Repeat")
        process.sendline(PASSWORD)
    process.expect("Keep the .pfx and .pem files secret")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
    assert signer_of(parse((here / "asked.pfx").read_bytes(), password=PASSWORD))


def test_show_reads_every_kind(here: Path) -> None:
    issued, other = issue("CN=shown"), issue("CN=other")
    (here / "a.pfx").write_bytes(issued.pfx(PASSWORD))
    (here / "a.pem").write_bytes(issued.pem(PASSWORD))
    (here / "a.cer").write_bytes(issued.cer())
    (here / "a.crt").write_bytes(issued.certificate.public_bytes(Encoding.PEM))
    (here / "other.key").write_bytes(other.pem(None))
    seen = {}
    for name in ("a.pfx", "a.pem", "a.cer", "a.crt"):
        result = cert("show", name, "--password", "env:CERT_PASSWORD", "--json")
        assert result.exit_code == 0, result.output
        seen[name] = json.loads(result.stdout)
        assert seen[name]["thumbprint_sha1"] == issued.thumbprint_sha1
        assert (seen[name]["subject"], seen[name]["key"], seen[name]["problem"]) == (
            "CN=shown",
            "RSA 2048",
            None,
        )
    assert [seen[name]["key_matches"] for name in seen] == [True, True, None, None]
    mixed = json.loads(cert("show", "a.cer", "--key", "other.key", "--json").stdout)
    assert (mixed["key_matches"], mixed["problem"]) == (
        False,
        "the private key does not belong to the certificate",
    )
    assert "CN=shown" in cert("show", "a.cer").stdout


def test_show_asks_for_a_password_only_on_a_terminal(here: Path) -> None:
    (here / "a.pfx").write_bytes(issue().pfx(PASSWORD))
    result = cert("show", "a.pfx")
    assert result.exit_code == 2
    assert "none was given" in result.stderr
    process = terminal("show", "a.pfx")
    process.expect("Password of a.pfx")
    process.sendline(PASSWORD)
    process.expect("RSA 2048")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0


@pytest.mark.parametrize(("content", "said"), [(b"hello", "not a certificate"), (None, "There is no file")])
def test_show_says_what_a_file_is_not(here: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (here / "x").write_bytes(content)
    result = cert("show", "x", "--json")
    assert result.exit_code == 2
    assert said in json.loads(result.stderr)["error"]["message"]


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("start", "days", "margin", "code", "verdict"),
    [
        (NOW, 365, 30, 0, "valid"),
        (NOW, 365, 400, 20, "expires within 400 days"),
        (NOW - timedelta(days=20), 30, 30, 20, "expires within 30 days"),
        (NOW - timedelta(days=20), 10, 30, 21, "it has expired"),
        (NOW + timedelta(days=2), 10, 30, 21, "it is not valid yet"),
    ],
)
def test_check_has_a_code_for_schedulers(
    here: Path, start: datetime, days: int, margin: int, code: int, verdict: str
) -> None:
    issued = issue(days=days, now=start)
    (here / "a.pem").write_bytes(issued.pem(PASSWORD))
    result = cert("check", "a.pem", "--days", str(margin), "--json")
    assert result.exit_code == code
    row = json.loads(result.stdout)
    assert (row["verdict"], row["exit_code"], row["thumbprint_sha1"]) == (
        verdict,
        code,
        issued.thumbprint_sha1,
    )


def test_check_gives_the_worst_code_of_several_files(here: Path) -> None:
    (here / "good.cer").write_bytes(issue().cer())
    (here / "soon.cer").write_bytes(issue(days=3).cer())
    result = cert("check", "good.cer", "soon.cer")
    assert result.exit_code == 20
    assert len(result.stdout.splitlines()) == 3
    assert cert("check", "good.cer", "none.cer").exit_code == 2


def test_check_without_a_file_takes_the_connection_s(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.pfx").write_bytes(issue(days=3).pfx(PASSWORD))
    base = "TenantId=contoso.com;ClientId=11111111-2222-3333-4444-555555555555;GroupOrUserId=a@contoso.com;"
    monkeypatch.setenv(
        "DRIVEQL_CONNECTION_STRING", base + "CertificatePath=a.pfx;CertificatePassword=env:CERT_PASSWORD"
    )
    assert cert("check").exit_code == 20
    monkeypatch.setenv("DRIVEQL_CONNECTION_STRING", base + "ClientSecret=x")
    result = cert("check")
    assert result.exit_code == 2
    assert "does not sign in with a certificate" in result.stderr

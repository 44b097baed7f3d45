"""`driveql connect` against a real local tenant: scripted, and typed on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from tests.cli.tenant import PASSWORD, Tenant, tenant

from driveql.connection import ConnectionStore, settings_from

STEPS = [
    "Key readable",
    "Certificate valid",
    "Token received",
    "Permissions",
    "Owner found",
    "Drive found",
    "First page read",
]
ALL = {"User.ReadBasic.All", "Group.ReadBasic.All", "Sites.Read.All", "Files.Read.All"}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Tenant]:
    with tenant(tmp_path, ALL) as running:
        yield running


@pytest.fixture
def files_only(tmp_path: Path) -> Iterator[Tenant]:
    with tenant(tmp_path, {"Files.Read.All"}) as running:
        yield running


def stored(where: Tenant) -> ConnectionStore:
    return ConnectionStore(where.directory / "connections.toml")


def answer(process: pexpect.spawn, *pairs: tuple[str, str]) -> None:
    for question, text in pairs:
        process.expect_exact(question)
        process.sendline(text)


def test_scripted_add_list_show_test_remove(demo: Tenant) -> None:
    added = demo.run("connect", "add", "work", "--from-string", demo.string, "--test")
    assert added.exit_code == 0, added.output
    assert all(step in added.stdout for step in STEPS)
    (row,) = demo.records("connect", "list")
    assert (row["name"], row["sign_in"], row["owner"], row["fault"]) == (
        "work",
        "certificate",
        "/users/alice@contoso.com",
        None,
    )
    shown = demo.records("connect", "show", "work")[0]
    assert shown["CertificatePassword"] == "env:APP_PASSWORD"
    text = demo.run("connect", "show", "work", "--connection-string").stdout.strip()
    by_text = settings_from(text, environ={"DRIVEQL_CONNECTIONS": "none"})
    assert by_text == settings_from(environ=demo.environment, **shown)
    steps = demo.records("connect", "test", "work")
    assert [(step["step"], step["result"]) for step in steps] == [(step, "ok") for step in STEPS]
    assert all(step["seconds"] >= 0 for step in steps)
    assert demo.run("connect", "remove", "work").exit_code == 2
    assert demo.run("connect", "remove", "work", "--yes").exit_code == 0
    assert demo.records("connect", "list") == []


def test_options_for_every_parameter_win_over_the_string(demo: Tenant) -> None:
    result = demo.run(
        "connect", "add", "work", "--from-string", demo.string, "--retry-count-max", "2", "--cloud", "GLOBAL",
        "--read-only", "yes", "--extra-headers", "X-A:1", "--certificate-path", "relative.pfx",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    kept = stored(demo).get("work")
    assert (kept["RetryCountMax"], kept["Cloud"], kept["ReadOnly"]) == ("2", "global", "yes")
    assert Path(str(kept["CertificatePath"])).is_absolute()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tenant-id", "common"], "an application cannot sign in to 'common'"),
        (["--group-or-user-id", ""], "blank means my self"),
        (["--client-id", "x"], "ClientId: it is not an id"),
        (["--client-secret", "env:X"], "together with CertificatePath"),
        (["--certificate-password", PASSWORD], "a secret is not stored in clear"),
        (["--proxy", "http://u:hunter2@proxy:1"], "a secret is not stored in clear"),
        (["--storage-mode", "Pkcs11"], "not available yet in this version"),
    ],
)
def test_what_cannot_work_is_not_stored(demo: Tenant, words: list[str], said: str) -> None:
    string = demo.string
    if "--tenant-id" in words:
        string = string.replace(f"TokenUrl={demo.parameters['TokenUrl']};", "")
    result = demo.run("connect", "add", "work", "--from-string", string, *words)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "hunter2" not in result.output
    assert stored(demo).names() == []


def test_a_secret_in_clear_is_the_person_s_own_decision(demo: Tenant) -> None:
    words = ["connect", "add", "work", "--from-string", demo.string, "--certificate-password", PASSWORD]
    assert demo.run(*words, "--store-secrets-in-clear").exit_code == 0
    assert stored(demo).get("work")["CertificatePassword"] == PASSWORD
    assert demo.records("connect", "show", "work")[0]["CertificatePassword"] == "***"
    result = demo.run("connect", "show", "work", "--connection-string")
    assert result.exit_code == 2
    assert "stored in clear" in result.stderr


def test_a_name_is_taken_once(demo: Tenant) -> None:
    assert demo.run("connect", "add", "work", "--from-string", demo.string).exit_code == 0
    again = demo.run("connect", "add", "work", "--from-string", demo.string)
    assert again.exit_code == 2
    assert "--replace" in again.stderr
    assert demo.run("connect", "add", "work", "--from-string", demo.string, "--replace").exit_code == 0
    missing = demo.run("connect", "test", "wrok")
    assert missing.exit_code == 2
    assert "Did you mean work?" in missing.stderr
    assert demo.run("connect", "test", "work", "--connection", "other").exit_code == 2


def test_a_connection_that_fails_its_test_is_not_stored(demo: Tenant) -> None:
    demo.application.certificates.clear()
    result = demo.run("connect", "add", "work", "--from-string", demo.string, "--test", "--json")
    assert result.exit_code == 3
    steps = {step["step"]: step for step in map(json.loads, result.stdout.splitlines())}
    assert steps["Token received"]["code"] == "AADSTS700027"
    assert "Upload the public .cer file" in steps["Token received"]["hint"]
    assert steps["First page read"]["result"] == "skipped"
    assert stored(demo).names() == []


def test_a_file_in_which_others_can_read_is_refused(demo: Tenant) -> None:
    demo.run("connect", "add", "work", "--from-string", demo.string)
    stored(demo).path.chmod(0o644)
    result = demo.run("connect", "test", "work")
    assert result.exit_code == 2
    assert "chmod 600" in result.stderr


def test_a_stored_connection_with_a_fault_is_listed_with_it(demo: Tenant) -> None:
    stored(demo).put("old", {"ClientId": "x"})
    (row,) = demo.records("connect", "list")
    assert row["fault"].startswith("ClientId: it is not an id")
    assert "Fault" in demo.run("connect", "list").stdout or "fault" in demo.run("connect", "list").stdout


@pytest.mark.parametrize(
    ("change", "failed", "code", "said"),
    [
        ({"CertificatePath": "/none.pfx"}, "Key readable", 2, "There is no file"),
        ({"CertificatePassword": "plain:wrong"}, "Key readable", 2, "password is wrong"),
        ({"GroupOrUserId": "/users/nobody@contoso.com"}, "Owner found", 4, "nobody@contoso.com"),
        (
            {"GroupOrUserId": "/users/nobody@contoso.com", "DriveId": "b!none"},
            "Owner found",
            4,
            "nobody@contoso.com",
        ),
        ({"DriveId": "b!" + "A" * 64}, "Drive found", 4, "AAAA"),
        (
            {"ClientId": "11111111-2222-3333-4444-555555555555"},
            "Token received",
            3,
            "the tenant does not know this application",
        ),
    ],
)
def test_each_step_fails_by_itself(
    demo: Tenant, change: dict[str, str], failed: str, code: int, said: str
) -> None:
    string = "".join(f"{name}={value};" for name, value in (demo.parameters | change).items())
    result = demo.run("connect", "test", "--connection-string", string, "--json")
    steps = [json.loads(line) for line in result.stdout.splitlines()]
    first = next(step for step in steps if step["result"] == "failed")
    assert (first["step"], result.exit_code) == (failed, code)
    assert said in first["detail"]
    assert [step["step"] for step in steps] == STEPS


def test_without_the_right_to_look_up_owners_files_are_still_reached(files_only: Tenant) -> None:
    result = files_only.run("connect", "test", "--connection-string", files_only.string, "--json")
    steps = {step["step"]: step for step in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 0
    assert steps["Owner found"]["result"] == "warning"
    assert "User.ReadBasic.All" in steps["Owner found"]["hint"]
    assert steps["First page read"]["result"] == "ok"


def test_dialogue_with_lists(demo: Tenant) -> None:
    process = demo.terminal(
        "connect",
        "add",
        "work",
        "--graph-url",
        demo.running.graph_url,
        "--token-url",
        demo.parameters["TokenUrl"],
    )
    answer(
        process,
        ("Application (client) id", "not an id"),
        ("32 hexadecimal digits", ""),
        ("Application (client) id", demo.application.client_id),
        ("Certificate file", "missing.pfx"),
        ("There is no file", ""),
        ("Certificate file", "app.pfx"),
        ("Its password", "wrong"),
        ("password is wrong", ""),
        ("Its password", "env:APP_PASSWORD"),
        ("Whose drive", "s"),
    )
    process.expect_exact("/sites/contoso.sharepoint.com:/sites/Operations/Osaka")
    answer(
        process, ("Number or value", ""), ("Whose drive", "me"), ("no 'my self'", ""), ("Whose drive", "g")
    )
    process.expect(r"(\d+)  Finance \(.*?\)")
    answer(process, ("Number or value", process.match[1]))
    process.expect_exact("(documentLibrary)")
    answer(process, ("Number or value", "1"))
    process.expect_exact("Stored 'work'")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
    kept = stored(demo).get("work")
    assert str(kept["GroupOrUserId"]).startswith("/groups/")
    assert str(kept["DriveId"]).startswith("b!")
    assert kept["CertificatePassword"] == "env:APP_PASSWORD"
    assert demo.run("connect", "test", "work").exit_code == 0


def test_dialogue_without_the_right_to_list(files_only: Tenant) -> None:
    process = files_only.terminal(
        "connect",
        "add",
        "work",
        "--from-string",
        files_only.string.partition("CertificatePassword")[0] + "CertificatePassword=" + PASSWORD,
    )
    answer(process, ("Whose drive", "u"))
    process.expect_exact("may not list users: that needs the permission User.ReadBasic.All")
    answer(
        process,
        ("Number or value", ""),
        ("Whose drive", "alice@contoso.com"),
        ("Number or value (blank: the owner's default drive)", ""),
    )
    answer(process, ("Keep the CertificatePassword in this computer's keyring?", "n"))
    process.expect_exact("will be asked for at each use")
    process.expect_exact("Stored 'work'")
    process.expect(pexpect.EOF)
    process.close()
    kept = stored(files_only).get("work")
    assert kept["CertificatePassword"] == "prompt"
    assert "DriveId" not in kept
    assert PASSWORD not in stored(files_only).path.read_text(encoding="utf-8")
    asked = files_only.terminal("connect", "test", "work")
    asked.expect("(?i)certificate password")
    asked.sendline(PASSWORD)
    asked.expect_exact("First page read")
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 0


def test_dialogue_left_with_control_c_stores_nothing(demo: Tenant) -> None:
    process = demo.terminal("connect", "add", "work")
    process.expect_exact("Tenant")
    process.sendintr()
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 130
    assert stored(demo).names() == []


def test_dialogue_goes_on_when_signing_in_fails(demo: Tenant) -> None:
    demo.application.enabled = False
    process = demo.terminal(
        "connect", "add", "work", "--from-string", demo.string.partition("GroupOrUserId")[0]
    )
    process.expect_exact("the application is disabled")
    answer(process, ("Go on and type the rest?", "y"), ("Whose drive", "alice@contoso.com"))
    process.expect_exact("Stored 'work'")
    process.expect(pexpect.EOF)
    assert stored(demo).get("work")["GroupOrUserId"] == "alice@contoso.com"

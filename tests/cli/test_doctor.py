"""`driveql doctor` finds what is wrong: each fault is made for real and named by the right step."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.tenant import Tenant, tenant

from graph_emulator.faults import Fault, Refuse


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Tenant]:
    with tenant(tmp_path, {"User.ReadBasic.All", "Files.Read.All"}) as running:
        yield running


def examine(where: Tenant, **change: str) -> tuple[int, dict[str, dict], dict[str, str]]:
    string = "".join(f"{name}={value};" for name, value in (where.parameters | change).items())
    result = where.run("doctor", "--connection-string", string, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    steps = {line["step"]: line for line in lines if "step" in line}
    return (
        result.exit_code,
        steps,
        {line["permission"]: line["features"] for line in lines if "permission" in line},
    )


def test_a_healthy_connection(demo: Tenant) -> None:
    code, steps, missing = examine(demo)
    assert code == 0
    assert {step["result"] for step in steps.values()} == {"ok"}
    assert list(steps)[:5] == ["Proxy", "Names resolved", "Sign-in host reached", "Graph reached", "Clock"]
    assert "write files" in missing["Files.ReadWrite.All"]
    assert "list users" not in str(missing)


@pytest.mark.parametrize(
    ("shift", "result", "said"),
    [
        (120, "warning", "behind"),
        (-120, "warning", "ahead of"),
        (1200, "failed", "behind"),
        (-1200, "failed", "ahead of"),
    ],
)
def test_a_clock_that_is_off(demo: Tenant, shift: int, result: str, said: str) -> None:
    demo.emulator.clock.advance(shift)
    code, steps, _ = examine(demo)
    assert steps["Clock"]["result"] == result
    assert said in steps["Clock"]["detail"]
    assert (code == 0) == (result == "warning")
    if result == "failed":
        assert steps["Token received"]["code"] == "AADSTS700024"
        assert "clock" in steps["Token received"]["hint"]


def test_a_tenant_that_does_not_exist(demo: Tenant) -> None:
    code, steps, _ = examine(demo, TokenUrl=f"{demo.running.login_url}/nowhere.example.com/oauth2/v2.0/token")
    assert code == 3
    assert steps["Sign-in host reached"]["code"] == "AADSTS90002"
    assert "Check the tenant" in steps["Sign-in host reached"]["hint"]


def test_a_name_that_does_not_resolve(demo: Tenant) -> None:
    code, steps, _ = examine(demo, GraphUrl="https://graph.driveql.invalid", RetryMode="None")
    assert code == 8
    assert "graph.driveql.invalid could not be resolved" in steps["Names resolved"]["detail"]
    assert steps["Graph reached"]["result"] == "failed"


def test_a_port_on_which_nobody_listens(demo: Tenant) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    code, steps, _ = examine(demo, GraphUrl=f"http://127.0.0.1:{port}", RetryMode="None")
    assert code == 8
    assert steps["Sign-in host reached"]["result"] == "ok"
    assert steps["Graph reached"]["result"] == "failed"


def test_something_else_than_graph_in_between(demo: Tenant) -> None:
    demo.emulator.faults.add(Fault(Refuse(503), target="/v1.0/me"))
    code, steps, _ = examine(demo)
    assert code == 0
    assert steps["Graph reached"]["result"] == "warning"
    assert "503" in steps["Graph reached"]["detail"]


def test_an_untrusted_certificate_and_a_trusted_one(tmp_path: Path) -> None:
    from graph_emulator import Emulator

    emulator = Emulator(seed="none")
    with emulator.serve_in_thread(tls_port=0) as running:
        urls = {
            "TokenUrl": f"{running.tls_login_url}/{emulator.tenant.domain}/oauth2/v2.0/token",
            "GraphUrl": running.tls_graph_url,
        }
        where = Tenant(emulator, running, emulator.register_application("x"), None, tmp_path)
        secret = emulator.add_secret(where.application)
        change = urls | {
            "RetryMode": "None",
            "ClientSecret": secret,
            "CertificatePath": "",
            "CertificatePassword": "",
        }
        code, steps, _ = examine(where, **change)
        assert code == 8
        assert "CaBundle" in steps["Sign-in host reached"]["hint"]
        code, steps, _ = examine(where, **change, CaBundle=str(running.ca_path))
        assert "its TLS certificate is trusted" in steps["Graph reached"]["detail"]
        assert steps["Secret readable"]["result"] == "ok"
        assert steps["Permissions"]["result"] == "failed"
        assert "Grant" in steps["Permissions"]["hint"] or "grant" in steps["Permissions"]["hint"]
        assert steps["First page read"]["result"] == "skipped"
        assert code == 3


def test_the_proxy_that_is_in_use_is_named_without_its_password(demo: Tenant) -> None:
    _, steps, _ = examine(demo, Proxy="http://user:hunter2@127.0.0.1:9", RetryMode="None")
    assert "http://***@127.0.0.1:9 (from Proxy)" in steps["Proxy"]["detail"]
    assert "hunter2" not in str(steps)
    demo.extra = {"HTTP_PROXY": "http://user:hunter2@127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
    _, steps, _ = examine(demo, RetryMode="None")
    assert "(from HTTP_PROXY)" in steps["Proxy"]["detail"]
    assert "hunter2" not in str(steps)
    _, steps, _ = examine(demo, Proxy="none")
    assert steps["Proxy"]["detail"] == "none"
    assert steps["First page read"]["result"] == "ok"

"""The emulator over real sockets, and as a command."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.emulator.conftest import Asker
from yarl import URL

from graph_emulator import Emulator
from graph_emulator.faults import Drop, Truncate
from graph_emulator.running import Running
from graph_emulator.store import Drive


async def raw(running: Running, head: str, body: bytes = b"") -> bytes:
    """Send bytes as they stand and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_the_target_arrives_as_it_was_sent(emulator: Emulator, drive: Drive) -> None:
    drive.put_file("/a b/h#%2F é.txt", b"x")
    token = Asker(emulator).token
    head = f"Host: graph.microsoft.com\nAuthorization: Bearer {token}\nConnection: close\n"
    async with emulator.serve() as running:
        for path in (
            f"//drives/{drive.id}/items/root%3A%2Fa%20b%2Fh%23%252F%20%C3%A9.txt%3A",
            f"/drives/{drive.id}/root:/a%20b/h%23%252F%20%c3%a9.txt",
        ):
            answer = await raw(running, f"GET /v1.0{path} HTTP/1.1\n{head}")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            assert "h#%2F é.txt".encode() in answer
        absolute = f"GET http://graph.microsoft.com/v1.0/drives/{drive.id}/root:/a%20b HTTP/1.1\n{head}"
        assert (await raw(running, absolute)).startswith(b"HTTP/1.1 200")


async def test_a_client_that_leaves_in_the_middle_is_one_line_and_no_error(
    emulator: Emulator, drive: Drive, caplog: pytest.LogCaptureFixture
) -> None:
    # More than all buffers on the way hold, so that the emulator is still writing when the client leaves.
    drive.put_file("/big.bin", b"x" * 64_000_000)
    ask = Asker(emulator)
    caplog.set_level(logging.INFO)
    async with emulator.serve() as running, aiohttp.ClientSession() as http:
        address = f"{running.graph_url}/v1.0/drives/{drive.id}/root:/big.bin:/content"
        answer = await http.get(address, headers={"Authorization": f"Bearer {ask.token}"})
        await answer.content.readexactly(1000)
        answer.close()
        async with asyncio.timeout(60):
            while not caplog.records:  # noqa: ASYNC110 - a log record sets no event
                await asyncio.sleep(0.01)
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "left in the middle of the answer to GET /" in caplog.text
    assert "?" not in caplog.records[0].getMessage()
    assert "Traceback" not in caplog.text


async def test_streams_of_any_length(emulator: Emulator, drive: Drive) -> None:
    ask = Asker(emulator)
    data = os.urandom(9_000_000)
    async with emulator.serve() as running, aiohttp.ClientSession() as http:
        base = f"{running.graph_url}/v1.0/drives/{drive.id}/root:/big.bin:"
        headers = {"Authorization": f"Bearer {ask.token}"}

        async def pieces() -> Any:
            for start in range(0, len(data), 1_000_000):
                yield data[start : start + 1_000_000]

        async with http.put(f"{base}/content", data=pieces(), headers=headers) as answer:
            assert answer.status == 201
        async with http.get(f"{base}/content", headers=headers, allow_redirects=False) as answer:
            location = answer.headers["Location"]
            assert (answer.status, location.split("/")[2]) == (302, f"localhost:{running.port}")
        async with http.get(URL(location, encoded=True)) as answer:
            assert await answer.read() == data
        async with http.get(URL(location, encoded=True), headers={"Range": "bytes=8999990-"}) as answer:
            assert (answer.status, await answer.read()) == (206, data[-10:])
        async with http.head(URL(location, encoded=True)) as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, "9000000")


async def test_broken_answers_are_broken_on_the_wire(emulator: Emulator, drive: Drive) -> None:
    ask = Asker(emulator)
    drive.put_file("/ten.bin", b"0123456789")
    head = f"Host: x\nAuthorization: Bearer {ask.token}\nConnection: close\n"
    async with emulator.serve() as running:
        url = emulator.world.links.download_url("", drive.item("/ten.bin"), int(emulator.clock.now()) + 60)
        emulator.faults.add(Truncate(4), route="_content")
        answer = await raw(running, f"GET {url} HTTP/1.1\nHost: x\n")
        assert answer.endswith(b"\r\n\r\n0123")
        assert b"Content-Length: 10" in answer
        emulator.faults.add(Drop(), method="DELETE")
        assert await raw(running, f"DELETE /v1.0/drives/{drive.id}/root:/ten.bin HTTP/1.1\n{head}") == b""
        emulator.faults.assert_consumed()
    assert drive.tree() == {}


async def test_an_upload_that_breaks_off_leaves_nothing(
    emulator: Emulator, drive: Drive, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ask = Asker(emulator)
    headers = {"Authorization": f"Bearer {ask.token}"}
    async with emulator.serve() as running, aiohttp.ClientSession() as http:
        address = f"{running.graph_url}/v1.0/drives/{drive.id}/root:/x.bin:/createUploadSession"
        async with http.post(address, headers=headers) as answer:
            upload = (await answer.json())["uploadUrl"]
        path = URL(upload).raw_path
        content, sign = (
            f"/v1.0/drives/{drive.id}/root:/y.bin:/content",
            f"Authorization: Bearer {ask.token}\n",
        )
        announced = "Content-Length: 1000"
        for target, more, length, begun in (
            (path, "Content-Range: bytes 0-999/1000\n", announced, b"only this"),
            (content, sign, announced, b"only this"),
            (content, sign, "Transfer-Encoding: chunked", b"3e8\r\nonly this"),
        ):
            _, writer = await asyncio.open_connection("127.0.0.1", running.port)
            head = f"PUT {target} HTTP/1.1\nHost: localhost\n{length}\n{more}\n"
            writer.write(head.replace("\n", "\r\n").encode() + begun)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        async with http.get(upload) as answer:
            assert (await answer.json())["nextExpectedRanges"] == ["0-"]
        async with http.put(
            upload, data=b"x" * 1000, headers={"Content-Range": "bytes 0-999/1000"}
        ) as answer:
            assert answer.status == 201
    assert set(drive.tree()) == {"/x.bin"}
    assert [record.levelname for record in caplog.records] == ["INFO"] * 3
    assert all("left in the middle of PUT /" in each.getMessage() for each in caplog.records)
    assert path.rpartition("/")[2] not in caplog.text
    assert "Traceback" not in caplog.text


async def test_tls_and_proxy_lead_the_real_names_here(emulator: Emulator, drive: Drive) -> None:
    drive.put_file("/a.txt", b"through")
    application = emulator.register_application("app", {"Files.Read.All"})
    secret = emulator.add_secret(application)
    form = {"grant_type": "client_credentials", "client_id": application.client_id, "client_secret": secret}
    form["scope"] = "https://graph.microsoft.com/.default"
    async with emulator.serve(proxy_port=0) as running:
        context = ssl.create_default_context(cafile=str(running.ca_path))
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector, proxy=running.proxy_url) as http:
            login = f"https://login.microsoftonline.com/{emulator.tenant.tenant_id}/oauth2/v2.0/token"
            async with http.post(login, data=form) as answer:
                token = (await answer.json())["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            base = f"https://graph.microsoft.com/v1.0/drives/{drive.id}/root:/a.txt"
            async with http.get(base, headers=headers) as answer:
                url = (await answer.json())["@microsoft.graph.downloadUrl"]
            assert url.startswith("https://contoso-my.sharepoint.com/")
            async with http.get(url) as answer:
                assert await answer.read() == b"through"
        direct = f"{running.tls_graph_url}/v1.0/drives/{drive.id}"
        async with aiohttp.ClientSession() as http, http.get(direct, headers=headers, ssl=context) as answer:
            assert answer.status == 200
    assert emulator.leaks == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("https://graph.microsoft.com/v1.0/drives/{id}", 200),
        ("https://graph.microsoft.com/v1.0/drives/{id}/root/unknown", 501),
        ("https://graph.microsoft.com/beta/drives/{id}", 501),
        ("https://graph.microsoft.com{content}", 501),
        ("https://contoso-my.sharepoint.com{content}", 200),
        ("https://contoso.sharepoint.com/v1.0/drives/{id}", 501),
        ("https://login.microsoftonline.com/v1.0/drives/{id}", 501),
        ("http://127.0.0.1:1/v1.0/drives/{id}", 200),
        ("http://127.0.0.1:1/", 501),
    ],
)
def test_a_host_serves_its_own_service_alone(
    emulator: Emulator, drive: Drive, address: str, status: int
) -> None:
    ask = Asker(emulator)
    item = drive.put_file("/a.txt", b"x")
    content = emulator.world.links.download_url("", item, int(emulator.clock.now()) + 60)
    answer = ask("GET", address.format(id=drive.id, content=content))
    assert answer.status == status, answer.body
    assert "Date" in answer.headers
    assert ("request-id" in answer.headers) or "login" in address


def test_admin_routes(emulator: Emulator, drive: Drive) -> None:
    ask = Asker(emulator)

    def admin(method: str, path: str, body: Any = None) -> Any:
        answer = ask(method, f"http://x/_admin{path}", json=body)
        assert answer.status == 200, answer.body
        return answer.json

    assert admin("GET", "")["tenants"][0]["users"] == ["alice@contoso.com"]
    fault = {"effect": {"kind": "drop"}, "method": "GET"}
    assert len(admin("POST", "/faults", [fault])["pending"]) == 1
    assert admin("DELETE", "/faults")["pending"] == []
    ask("GET", f"/drives/{drive.id}")
    assert admin("GET", "/requests")["requests"][-1]["route"] == "/drives/{drive-id}"
    assert admin("DELETE", "/requests") == {}
    assert admin("GET", "/requests")["requests"] == []
    assert admin("GET", "/leaks") == {"leaks": []}
    before = emulator.clock.now()
    assert admin("POST", "/clock/advance", {"seconds": 60})["now"] == before + 60
    made = admin(
        "POST", "/applications", {"display_name": "x", "permissions": ["Files.Read.All"], "secret": True}
    )
    application = emulator.tenant.applications[made["client_id"]]
    assert application.permissions == {"Files.Read.All"}
    assert application.secrets[0].value == made["client_secret"]
    for method, path, body, status in (
        ("GET", "/nothing", None, 404),
        ("POST", "/faults", {"effect": {"kind": "none"}}, 400),
        ("POST", "/clock/advance", {}, 400),
        ("POST", "/applications", {"client_id": "x"}, 400),
    ):
        assert ask(method, f"http://x/_admin{path}", json=body).status == status


def test_a_failure_of_the_emulator_is_loud(
    emulator: Emulator, drive: Drive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ask = Asker(emulator)
    monkeypatch.setattr(Drive, "resolve", lambda *_: 1 / 0)
    answer = ask("GET", f"/drives/{drive.id}/root")
    assert (answer.status, answer.code) == (500, "generalException")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to the process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command(tmp_path: Path, number: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "graph_emulator",
        "--proxy-port",
        "0",
        "--state",
        str(tmp_path / "state"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        ask_admin = URL(line["admin_url"])
        assert ask_admin.host == "127.0.0.1"
        assert Path(line["certificate_path"]).is_file()
        assert Path(line["ca_certificate"]).is_file()
        parts = dict(part.partition("=")[::2] for part in line["connection_string"].split(";"))
        assert parts["TokenUrl"] == line["token_url"]
        assert parts["GroupOrUserId"] == f"/users/{line['user']}" == "/users/alice@contoso.com"
        assert parts["DriveId"] == line["drive_id"]
        assert parts["CertificatePassword"] == line["certificate_password"]
        assert line["tls_graph_url"] == line["tls_login_url"]
        assert line["proxy_url"].startswith("http://127.0.0.1:")
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert not Path(line["ca_certificate"]).exists()
    assert list((tmp_path / "state").rglob("tenant.json"))


def test_the_command_says_what_is_wrong() -> None:
    command = [sys.executable, "-m", "graph_emulator", "--seed", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the seed 'nonsense'" in done.stderr

"""Any request goes to the connection's own host, with everything that other requests have; no other host is asked."""

from __future__ import annotations

import pytest
from tests.support import local_tenant

from driveql import errors
from driveql.drive.generic import Part, multipart
from graph_emulator import faults


async def test_paths_and_own_urls_are_asked_and_paged() -> None:
    async with local_tenant() as tenant:
        for number in range(25):
            tenant.emulator.tenant.add_user(f"user{number}")
        answer = await tenant.drive.request("GET", "/users?$top=5&$select=id")
        assert answer.status == 200
        assert len(answer.json()["value"]) == 5
        own = f"{tenant.running.graph_url}/v1.0/users?$top=5"
        assert len([user async for user in tenant.drive.objects(own)]) == 26
        assert len([user async for user in tenant.drive.objects("users?$top=7")]) == 26
        alone = [user async for user in tenant.drive.objects(f"/drives/{tenant.drive_id}")]
        assert [drive["id"] for drive in alone] == [tenant.drive_id]
        tenant.emulator.faults.add(faults.NotJson(text='{"value": 3}'), target=r"/users\?", nth=2)
        with pytest.raises(errors.ProtocolError, match="page 2 of the listing is not a collection"):
            [user async for user in tenant.drive.objects("users?$top=7")]
        tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), target="/users")
        assert (await tenant.drive.request("get", "users")).status == 200
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/v1.0/users", "http://127.0.0.1:1/v1.0/users", "https://graph.microsoft.com/v1.0/users",
        "/users\r\nX: y", "/users list", "/a\\b", "//evil.example/users://x",
    ],
)  # fmt: skip
async def test_no_other_host_is_asked_and_no_header_smuggled(target: str) -> None:
    async with local_tenant() as tenant:
        with pytest.raises(errors.InvalidPathError):
            await tenant.drive.request("GET", target)
        assert not tenant.emulator.requests


async def test_what_cannot_be_sent_is_refused_before() -> None:
    async with local_tenant() as tenant:
        for arguments in (
            {"method": "BREW", "target": "/users"},
            {"method": "POST", "target": "/users", "json": {}, "body": b""},
            {"method": "GET", "target": "/users", "headers": {"authorization": "Bearer x"}},
        ):
            with pytest.raises(errors.InvalidPathError):
                await tenant.drive.request(**arguments)
        assert not tenant.emulator.requests
        with pytest.raises(errors.NotSupportedByServerError):
            await tenant.drive.request("GET", "/planner/tasks")


def test_a_multipart_body_is_as_rfc_2387_has_it() -> None:
    content, kind = multipart(
        [Part(b"{}", "application/json", "metadata"), Part(b"\x00bytes", content_id="content")], "xyz"
    )
    assert kind == "multipart/related; boundary=xyz"
    assert content == (
        b"--xyz\r\nContent-ID: <metadata>\r\nContent-Type: application/json\r\n\r\n{}\r\n"
        b"--xyz\r\nContent-ID: <content>\r\nContent-Type: application/octet-stream\r\n\r\n\x00bytes\r\n--xyz--\r\n"
    )
    with pytest.raises(errors.InvalidPathError):
        multipart([Part(b"", "text/plain\r\nX: y")], "xyz")
    with pytest.raises(errors.InvalidPathError):
        multipart([Part(b"has xyz in it")], "xyz")

"""Content: stored with PUT, read at a pre-authenticated address that refuses tokens and expires."""

from __future__ import annotations

from typing import Any

import pytest

from graph_emulator import Clock, Emulator
from graph_emulator.store import Drive


@pytest.fixture
def url(ask: Any, drive: Drive) -> str:
    """The pre-authenticated address of ten bytes."""
    drive.put_file("/ten.bin", b"0123456789")
    return str(ask("GET", f"/drives/{drive.id}/root:/ten.bin:/content").headers["Location"])


def test_put_creates_then_replaces(ask: Any, drive: Drive) -> None:
    address = f"/drives/{drive.id}/root:/new/deep/a%23b.txt:/content"
    made = ask("PUT", address, data=b"one", headers={"Content-Type": "application/json"})
    again = ask("PUT", address, data=[b"tw", b"o!"])
    assert (made.status, again.status) == (201, 200)
    assert made.json["id"] == again.json["id"]
    assert [answer.json["cTag"][-2] for answer in (made, again)] == ["1", "2"]
    item = drive.item("/new/deep/a#b.txt")
    assert item.content is not None
    assert item.content.read() == b"two!"
    assert [version.content.read() for version in item.history] == [b"one"]
    by_id = ask("PUT", f"/drives/{drive.id}/items/{item.id}/content", data=b"")
    assert (by_id.status, by_id.json["size"], by_id.json["file"]) == (200, 0, {"mimeType": "text/plain"})
    child = ask("PUT", f"/drives/{drive.id}/items/{drive.root.id}:/x.txt:/content", data=b"x")
    assert (child.status, drive.item("/x.txt").size) == (201, 1)


def test_conflicts(ask: Any, drive: Drive) -> None:
    drive.put_file("/Report.tar.gz", b"x")
    drive.create_folder("/folder")
    address = f"/drives/{drive.id}/root:/report.TAR.gz:/content?@microsoft.graph.conflictBehavior="
    assert ask("PUT", f"{address}fail", data=b"y").code == "nameAlreadyExists"
    assert ask("PUT", f"{address}rename", data=b"y").json["name"] == "report.TAR 1.gz"
    assert ask("PUT", f"{address}replace", data=b"yy").json["name"] == "Report.tar.gz"
    assert ask("PUT", f"/drives/{drive.id}/root:/folder:/content", data=b"y").status == 409
    assert ask("PUT", f"/drives/{drive.id}/root:/Report.tar.gz/x:/content", data=b"y").status == 409
    assert (
        ask("PUT", f"/drives/{drive.id}/root:/none:/content", data=b"", headers={"If-Match": "x"}).status
        == 404
    )
    assert ask("PUT", f"/drives/{drive.id}/root/content", data=b"y").status == 409


def test_the_quota_is_kept(ask: Any, emulator: Emulator) -> None:
    drive = emulator.tenant.add_user("small", quota_total=10).drive
    assert drive is not None
    address = f"/drives/{drive.id}/root:/a:/content"
    assert ask("PUT", address, data=b"x" * 10).status == 201
    for headers in ({}, {"Content-Length": "11"}):
        full = ask("PUT", address, data=b"x" * 11, headers=headers)
        assert (full.status, full.code) == (507, "quotaLimitReached")
    assert ask("PUT", address, data=b"x" * 9).status == 200
    assert ask("GET", f"/drives/{drive.id}").json["quota"]["remaining"] == 1
    large = ask("PUT", address, headers={"Content-Length": "262144001"})
    assert large.status == 413


def test_the_address_stands_on_another_origin(ask: Any, drive: Drive, url: str, asker: Any) -> None:
    assert url.startswith("http://localhost:80/_content/")
    tls = asker(ask.emulator, "https://graph.microsoft.com")
    location = tls("GET", f"/drives/{drive.id}/root:/ten.bin:/content").headers["Location"]
    assert location.startswith("https://contoso-my.sharepoint.com/_content/")
    assert ask("GET", url).body == tls("GET", location).body == b"0123456789"


@pytest.mark.parametrize(
    ("written", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
    ],
)
def test_ranges(
    ask: Any, url: str, written: str, status: int, body: bytes | None, content_range: str | None
) -> None:
    answer = ask("GET", url, headers={"Range": written})
    assert (answer.status, answer.headers.get("Content-Range")) == (status, content_range)
    assert body is None or answer.body == body


def test_validators(ask: Any, drive: Drive, url: str) -> None:
    tag = drive.item("/ten.bin").etag
    assert ask("GET", url).headers["ETag"] == tag
    assert ask("GET", url, headers={"If-None-Match": tag}).status == 304
    assert ask("GET", url, headers={"If-Range": tag, "Range": "bytes=0-0"}).status == 206
    assert ask("GET", url, headers={"If-Range": '"old"', "Range": "bytes=0-0"}).status == 200
    address = f"/drives/{drive.id}/root:/ten.bin:/content"
    assert ask("GET", address, headers={"If-None-Match": tag}).status == 304
    assert ask("GET", address, headers={"If-Match": '"old"'}).status == 412
    assert ask("HEAD", url).body == b""


def test_a_token_that_leaks_is_refused_and_recorded(ask: Any, emulator: Emulator, url: str) -> None:
    assert ask("GET", url, token=True).status == 401
    assert len(emulator.leaks) == 1
    assert "tempauth" not in "".join(emulator.leaks)


def test_addresses_expire_and_cannot_be_made_up(ask: Any, drive: Drive, clock: Clock, url: str) -> None:
    other = drive.put_file("/other.bin", b"secret")
    assert ask("GET", url.replace(drive.item("/ten.bin").id, other.id)).status == 401
    assert ask("GET", url + "x").status == 401
    assert ask("GET", url.partition("?")[0]).status == 401
    clock.advance(3599)
    assert ask("GET", url).status == 200
    clock.advance(1)
    assert ask("GET", url).status == 401
    drive.delete(drive.item("/ten.bin"))
    assert ask("GET", url.partition("?")[0]).status == 401


def test_folders_have_no_content(ask: Any, drive: Drive) -> None:
    assert ask("GET", f"/drives/{drive.id}/root/content").status == 400


def test_the_log_holds_no_secret(ask: Any, emulator: Emulator, url: str) -> None:
    ask("GET", url)
    proof = url.partition("tempauth=")[2]
    assert proof
    assert not any(proof in record.target for record in emulator.requests)


def test_large_contents_lie_in_files_that_go_away(drive: Drive) -> None:
    data = bytes(range(256)) * 20_000
    item = drive.put_file("/large.bin", data)
    assert item.content is not None
    path = item.content.path
    assert path is not None
    assert path.stat().st_size == len(data)
    assert item.content.read(255, 258) == b"\xff\x00\x01"
    drive.contents.close()
    assert not path.exists()

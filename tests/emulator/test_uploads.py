"""Upload sessions: every answer to a fragment, and the session's life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from tests.emulator.conftest import Asker

from graph_emulator import Clock, Emulator, Request
from graph_emulator.store import Drive

UNIT = 327_680


def session(ask: Any, drive: Drive, name: str = "big.bin", **body: Any) -> str:
    answer = ask("POST", f"/drives/{drive.id}/root:/{name}:/createUploadSession", json=body)
    assert answer.status == 200, answer.body
    assert answer.json["nextExpectedRanges"] == ["0-"]
    return str(answer.json["uploadUrl"])


def send(ask: Any, url: str, first: int, data: bytes, total: int, **headers: str) -> Any:
    span = {"Content-Range": f"bytes {first}-{first + len(data) - 1}/{total}"}
    return ask("PUT", url, data=[data[:1000], data[1000:]], headers={**span, **headers})


def test_a_file_arrives_in_fragments(ask: Any, drive: Drive) -> None:
    times = {"createdDateTime": "2020-01-01T00:00:00Z", "lastModifiedDateTime": "2020-01-02T00:00:00Z"}
    url = session(ask, drive, "a/b.bin", item={"fileSystemInfo": times, "description": "d", "name": "b.bin"})
    data = bytes(range(256)) * (UNIT * 2 // 256) + b"end"
    first = send(ask, url, 0, data[:UNIT], len(data))
    assert (first.status, first.json["nextExpectedRanges"]) == (202, [f"{UNIT}-{len(data) - 1}"])
    assert "expirationDateTime" in first.json
    assert ask("GET", url).json["nextExpectedRanges"] == [f"{UNIT}-{len(data) - 1}"]
    with pytest.raises(KeyError):
        drive.item("/a/b.bin")
    last = send(ask, url, UNIT, data[UNIT:], len(data))
    assert (last.status, last.json["size"], last.json["fileSystemInfo"]) == (201, len(data), times)
    item = drive.item("/a/b.bin")
    assert item.content is not None
    assert item.content.read() == data
    assert (item.version, item.history, item.description) == (1, [], "d")
    assert ask("GET", url).status == 404


def test_open_ranges_are_played_too(ask: Any, drive: Drive, emulator: Emulator) -> None:
    emulator.behaviour.closed_ranges = False
    answer = send(ask, session(ask, drive), 0, bytes(UNIT), UNIT + 1)
    assert answer.json["nextExpectedRanges"] == [f"{UNIT}-"]


@pytest.mark.parametrize(
    ("span", "size", "status", "code", "inner", "words"),
    [
        (None, UNIT, 400, "invalidRequest", None, "missing or malformed"),
        ("bytes 0-/5", UNIT, 400, "invalidRequest", None, "missing or malformed"),
        (f"bytes {UNIT}-{UNIT - 1}/{3 * UNIT}", 0, 400, "invalidRequest", None, "missing or malformed"),
        (f"bytes {UNIT}-{2 * UNIT - 1}/{UNIT}", UNIT, 400, "invalidRequest", None, "missing or malformed"),
        (
            f"bytes {UNIT}-{2 * UNIT - 1}/{4 * UNIT}",
            UNIT,
            400,
            "invalidRequest",
            None,
            f"for {3 * UNIT} total bytes",
        ),
        (
            f"bytes 0-{UNIT - 1}/{3 * UNIT}",
            UNIT,
            416,
            "invalidRange",
            "fragmentOverlap",
            "already been received",
        ),
        (f"bytes 1-{UNIT}/{3 * UNIT}", UNIT, 416, "invalidRange", "fragmentOverlap", "overlaps"),
        (
            f"bytes {2 * UNIT}-{3 * UNIT - 1}/{3 * UNIT}",
            UNIT,
            416,
            "invalidRange",
            "fragmentOutOfOrder",
            "contiguous",
        ),
        (
            f"bytes {UNIT}-{2 * UNIT - 1}/{3 * UNIT}",
            UNIT - 1,
            400,
            "invalidRequest",
            "fragmentLengthMismatch",
            "length",
        ),
        (
            f"bytes {UNIT}-{2 * UNIT - 1}/{3 * UNIT}",
            UNIT + 1,
            400,
            "invalidRequest",
            "fragmentLengthMismatch",
            "length",
        ),
        (f"bytes {UNIT}-{2 * UNIT - 2}/{3 * UNIT}", UNIT - 1, 400, "invalidRequest", None, "320 KiB"),
    ],
)
def test_a_fragment_that_does_not_fit_changes_nothing(
    ask: Any, drive: Drive, span: str | None, size: int, status: int, code: str, inner: str | None, words: str
) -> None:
    url = session(ask, drive)
    assert send(ask, url, 0, bytes(UNIT), 3 * UNIT).status == 202
    headers = {"Content-Range": span} if span is not None else {}
    answer = ask("PUT", url, data=bytes(size), headers=headers)
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["error"]["innerError"].get("code") == inner
    assert words in answer.json["error"]["message"]
    assert ask("GET", url).json["nextExpectedRanges"] == [f"{UNIT}-{3 * UNIT - 1}"]


def test_a_fragment_of_60_mib_is_too_large(ask: Any, drive: Drive) -> None:
    total = 62_914_560
    span = {"Content-Range": f"bytes 0-{total - 1}/{total}"}
    refused = ask("PUT", session(ask, drive), data=b"", headers=span)
    assert refused.json["error"]["innerError"]["code"] == "maxFragmentLengthExceeded"


def test_a_token_is_refused_and_recorded(ask: Any, drive: Drive, emulator: Emulator) -> None:
    url = session(ask, drive)
    assert send(ask, url, 0, b"x", 1, Authorization=f"Bearer {ask.token}").status == 401
    assert len(emulator.leaks) == 1
    assert send(ask, url, 0, b"x", 1).status == 201


def test_sessions_are_cancelled_and_expire(ask: Any, drive: Drive, clock: Clock) -> None:
    url = session(ask, drive)
    assert ask("DELETE", url).status == 204
    for method in ("GET", "DELETE", "PUT"):
        gone = ask(method, url)
        assert (gone.status, gone.json["error"]["innerError"]["code"]) == (404, "uploadSessionNotFound")
    url = session(ask, drive)
    clock.advance(24 * 3600 - 1)
    assert send(ask, url, 0, bytes(UNIT), 2 * UNIT).status == 202
    clock.advance(24 * 3600 - 1)
    assert ask("GET", url).status == 200
    clock.advance(1)
    assert ask("GET", url).status == 404


@pytest.mark.parametrize(("conflict", "status"), [("fail", 409), ("replace", 200), ("rename", 201)])
def test_a_conflict_appears_with_the_last_fragment(
    ask: Any, drive: Drive, conflict: str, status: int
) -> None:
    url = session(ask, drive, item={"@microsoft.graph.conflictBehavior": conflict})
    taken = drive.put_file("/BIG.bin", b"first")
    answer = send(ask, url, 0, b"second", 6)
    assert answer.status == status
    if conflict == "fail":
        assert answer.code == "nameAlreadyExists"
        assert ask("GET", url).status == 200
    else:
        assert answer.json["name"] == ("BIG.bin" if conflict == "replace" else "big 1.bin")
        assert (answer.json["id"] == taken.id) == (conflict == "replace")


def test_the_default_for_a_taken_name_is_played_both_ways(ask: Any, drive: Drive, emulator: Emulator) -> None:
    drive.put_file("/big.bin", b"first")
    assert send(ask, session(ask, drive), 0, b"second", 6).status == 200
    emulator.behaviour.session_conflict = "fail"
    assert send(ask, session(ask, drive), 0, b"third", 5).status == 409


def test_a_deferred_commit_waits_for_an_empty_post(ask: Any, drive: Drive) -> None:
    url = session(ask, drive, deferCommit=True)
    assert ask("POST", url).json["error"]["innerError"]["code"] == "uploadSessionIncomplete"
    complete = send(ask, url, 0, b"all", 3)
    assert (complete.status, complete.json["nextExpectedRanges"]) == (202, [])
    assert ask("POST", url, data=b"x").status == 400
    assert ask("POST", url).status == 201
    assert drive.item("/big.bin").size == 3


def test_what_a_session_cannot_be_made_for(ask: Any, drive: Drive, emulator: Emulator) -> None:
    drive.put_file("/a.txt", b"x")
    drive.create_folder("/folder")
    small = emulator.tenant.add_user("small", quota_total=10).drive
    assert small is not None
    post = [
        (drive, "root:/folder:", {}, {}, 400),
        (drive, "root", {}, {}, 400),
        (drive, "root:/a.txt/b.bin:", {}, {}, 409),
        (drive, "root:/a%7Cb:", {}, {}, 400),
        (drive, "root:/x.bin:", {"item": {"fileSize": 0}}, {}, 400),
        (drive, "root:/x.bin:", {"item": {"shoeSize": 1}}, {}, 501),
        (drive, "root:/x.bin:", {"item": {"@microsoft.graph.conflictBehavior": "x"}}, {}, 400),
        (drive, "root:/a.txt:", {}, {"If-Match": '"old"'}, 412),
        (small, "root:/x.bin:", {"item": {"fileSize": 11}}, {}, 507),
    ]
    for where, place, body, headers, status in post:
        address = f"/drives/{where.id}/{place}/createUploadSession"
        assert ask("POST", address, json=body, headers=headers).status == status, place
    url = str(ask("POST", f"/drives/{small.id}/root:/x.bin:/createUploadSession").json["uploadUrl"])
    assert send(ask, url, 0, bytes(11), 11).status == 507


async def test_what_comes_together_is_taken_one_after_the_other(drive: Drive, emulator: Emulator) -> None:
    """Two last fragments and a cancellation at the same time: one wins, and the others find the session gone."""
    application = emulator.register_application("app", {"Files.ReadWrite.All"})
    headers = CIMultiDict({"Authorization": f"Bearer {emulator.identity.mint(emulator.tenant, application)}"})
    address = f"/v1.0/drives/{drive.id}/root:/x.bin:/createUploadSession"
    made = await emulator.handle(Request("POST", "http://localhost", address, headers))
    assert isinstance(made.body, bytes)
    target = urlsplit(orjson.loads(made.body)["uploadUrl"]).path

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(4):
            await asyncio.sleep(0)
            yield b"x"

    span = CIMultiDict({"Content-Range": "bytes 0-3/4"})
    requests = [Request("PUT", "http://localhost", target, span.copy(), slowly) for _ in range(2)]
    requests.append(Request("DELETE", "http://localhost", target))
    answers = await asyncio.gather(*(emulator.handle(request) for request in requests))
    assert [answer.status for answer in answers] == [201, 404, 404]
    assert drive.tree()["/x.bin"][0] == 4


def test_a_declared_size_is_binding(ask: Any, drive: Drive) -> None:
    url = session(ask, drive, item={"fileSize": 3})
    assert "for 3 total bytes" in send(ask, url, 0, b"four", 4).json["error"]["message"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), max_size=8), st.integers(1, UNIT))
def test_only_what_comes_in_order_is_taken(moves: list[tuple[int, int]], tail: int) -> None:
    """Against a model: a fragment counts if it begins where the last one ended, and only then."""
    emulator = Emulator("none")
    drive = emulator.tenant.add_user("u").drive
    assert drive is not None
    ask = Asker(emulator)
    total = 4 * UNIT + tail
    source = b"".join(bytes([index % 251]) * UNIT for index in range(5))[:total]
    url = session(ask, drive)
    received = 0
    for start, length in [*moves, *((index, 1) for index in range(5))]:
        first, last = start * UNIT, min((start + length) * UNIT, total)
        if first >= last:
            continue
        answer = send(ask, url, first, source[first:last], total)
        if received == total:
            assert answer.status == 404
        elif first == received:
            received = last
            assert answer.status == (201 if last == total else 202)
        else:
            assert answer.status == 416
    assert received == total
    content = drive.item("/big.bin").content
    assert content is not None
    assert content.read() == source

"""$batch: each request inside is answered, charged, refused and broken on its own, in no order but that of dependsOn."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from graph_emulator import Emulator
from graph_emulator.faults import Drop, Refuse
from graph_emulator.store import Drive


def get(identifier: str, url: str, *needs: str) -> dict[str, Any]:
    return {"id": identifier, "method": "GET", "url": url, **({"dependsOn": list(needs)} if needs else {})}


def send(ask: Any, *requests: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Send a batch and return the answers by id, in the order they came."""
    answer = ask("POST", "/$batch", json={"requests": list(requests)})
    assert answer.status == 200, answer.body
    return {each["id"]: each for each in answer.json["responses"]}


def test_every_kind_of_body(ask: Any, drive: Drive) -> None:
    root = f"/drives/{drive.id}/root"
    json, text = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
    data = bytes(range(256))
    new = {"id": "new", "method": "POST", "url": f"{root}/children", "headers": json}
    put = {"id": "put", "method": "PUT", "url": f"{root}:/b.bin:/content", "headers": text}
    answers = send(
        ask,
        {**new, "body": {"name": "a", "folder": {}}},
        {**put, "body": base64.b64encode(data).decode()},
    )
    assert {name: each["status"] for name, each in answers.items()} == {"put": 201, "new": 201}
    assert answers["new"]["body"]["name"] == "a"
    assert drive.item("/b.bin").content.read() == data
    answers = send(
        ask,
        get("content", f"{root}:/b.bin:/content"),
        get("none", f"{root}:/none"),
        {"id": "gone", "method": "DELETE", "url": f"{root}:/a"},
        get("count", "/users/$count"),
    )
    assert answers["content"]["status"] == 302
    assert ask("GET", answers["content"]["headers"]["location"]).body == data
    assert answers["none"]["body"]["error"]["code"] == "itemNotFound"
    assert (answers["gone"]["status"], answers["gone"]["body"]) == (204, None)
    assert answers["count"]["status"] == 400  # its ConsistencyLevel header is missing
    counted = send(ask, {**get("c", "users/$count"), "headers": {"ConsistencyLevel": "eventual"}})["c"]
    assert base64.b64decode(counted["body"]) == b"1"


@pytest.mark.parametrize(
    ("order", "expected"), [("reversed", "54321"), ("kept", "12345"), ("shuffled", None)]
)
def test_order(ask: Any, drive: Drive, emulator: Emulator, order: str, expected: str | None) -> None:
    emulator.behaviour.batch_order = order
    requests = [get(str(number), f"/drives/{drive.id}") for number in range(1, 6)]
    found = "".join(send(ask, *requests))
    assert sorted(found) == sorted("12345")
    assert found == (expected or "".join(send(ask, *requests)))
    assert found != "12345" or order == "kept"
    inner = [record for record in emulator.requests if record.batched]
    assert {record.route for record in inner} == {"/drives/{drive-id}"}
    assert not emulator.requests[-1].batched
    chain = [get("a", "/users"), get("b", "/users", "a"), get("c", "/users", "b"), get("d", "/users", "a")]
    done = list(send(ask, *chain))
    assert done.index("a") < done.index("b") < done.index("c")
    assert done.index("a") < done.index("d")


def test_a_failed_dependency(ask: Any, drive: Drive) -> None:
    answers = send(
        ask,
        get("1", "/users/nobody"),
        get("2", f"/drives/{drive.id}", "1"),
        get("3", f"/drives/{drive.id}", "2"),
        get("4", f"/drives/{drive.id}"),
    )
    assert {name: each["status"] for name, each in answers.items()} == {
        "1": 404,
        "2": 424,
        "3": 424,
        "4": 200,
    }


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [get(str(number), "/users") for number in range(21)],
        [get("1", "/users"), get("1", "/groups")],
        [get("1", "/users", "2")],
        [get("1", "/users", "1")],
        [get("1", "/users", "2"), get("2", "/users", "1")],
        [{"method": "GET", "url": "/users"}],
        [{"id": 1, "method": "GET", "url": "/users"}],
        [{"id": "1", "url": "/users"}],
        [{"id": "1", "method": "TRACE", "url": "/users"}],
        [{"id": "1", "method": "GET"}],
        [{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/users"}],
        [{"id": "1", "method": "POST", "url": "/users", "body": {"a": 1}}],
        [{"id": "1", "method": "PUT", "url": "/x", "body": "%", "headers": {"Content-Type": "text/plain"}}],
        [{"id": "1", "method": "PUT", "url": "/x", "body": {}, "headers": {"Content-Type": "text/plain"}}],
        [{"id": "1", "method": "GET", "url": "/x", "headers": ["x"]}],
        [{"id": "1", "method": "GET", "url": "/x", "dependsOn": "1"}],
        ["x"],
        None,
    ],
)
def test_malformed_batches(ask: Any, emulator: Emulator, requests: Any) -> None:
    answer = ask("POST", "/$batch", json={"requests": requests})
    assert answer.status == 400, answer.body
    assert answer.code == ("MaximumValueExceeded" if requests and len(requests) > 20 else "BadRequest")
    assert not any(record.batched for record in emulator.requests)


def test_each_request_is_charged_on_its_own(ask: Any, drive: Drive, emulator: Emulator) -> None:
    emulator.throttle.files_per_minute = 3
    requests = [get(str(number), f"/drives/{drive.id}") for number in range(5)]
    answers = send(ask, *requests)
    assert sorted(each["status"] for each in answers.values()) == [200, 200, 200, 429, 429]
    refused = next(each for each in answers.values() if each["status"] == 429)
    assert int(refused["headers"]["Retry-After"]) > 0
    assert ask("POST", "/$batch", json={"requests": requests[:1]}).status == 200


def test_faults_find_the_requests_inside(ask: Any, drive: Drive, emulator: Emulator) -> None:
    emulator.faults.add(Refuse(429, retry_after=7), route=r"/drives/\{drive-id\}$", nth=2)
    emulator.faults.add(Drop(), route="/users")
    answers = send(ask, get("1", f"/drives/{drive.id}"), get("2", f"/drives/{drive.id}"), get("3", "/users"))
    emulator.faults.assert_consumed()
    assert {name: each["status"] for name, each in answers.items()} == {"3": 504, "2": 200, "1": 429}
    assert answers["1"]["headers"]["Retry-After"] == "7"
    emulator.faults.add(Refuse(503), route=r"/\$batch")
    assert ask("POST", "/$batch", json={"requests": [get("1", "/users")]}).status == 503


def test_permissions_and_routes_hold_inside(ask: Any, drive: Drive, emulator: Emulator) -> None:
    narrow = emulator.register_application("narrow", {"User.Read.All"})
    ask.token = emulator.identity.mint(emulator.tenant, narrow)
    answers = send(
        ask,
        get("users", "/users"),
        get("drive", f"/drives/{drive.id}"),
        get("unknown", "/planner/tasks"),
        {**get("batch", "/$batch"), "method": "POST"},
        {**get("token", f"/drives/{drive.id}"), "headers": {"Authorization": "Bearer other"}},
    )
    statuses = {name: each["status"] for name, each in answers.items()}
    assert statuses == {"users": 200, "drive": 403, "unknown": 501, "batch": 400, "token": 403}
    assert ask("POST", "/$batch", json={"requests": [get("1", "/users")]}, token=False).status == 401

"""copy: accepted at once, made when it is due, told by a monitor that wants no token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.emulator.conftest import Asker

from graph_emulator import Behaviour, Clock, Emulator
from graph_emulator.store import Drive


def start(ask: Any, drive: Drive, path: str, query: str = "", **body: Any) -> str:
    """Start a copy and return its monitor's address."""
    answer = ask("POST", f"/drives/{drive.id}/root:{path}:/copy{query}", json=body)
    assert (answer.status, answer.body) == (202, b""), answer.body
    return str(answer.headers["Location"])


def watched(ask: Any, monitor: str) -> dict[str, Any]:
    """Return what the monitor says in the end."""
    while True:
        answer = ask("GET", monitor)
        if answer.json["status"] in ("completed", "failed"):
            return dict(answer.json)
        assert answer.status == 202
        assert 0 <= answer.json["percentageComplete"] < 100


def reference(item: Any) -> dict[str, str]:
    return {"driveId": item.drive.id, "id": item.id}


def test_a_file_is_copied_when_the_monitor_says_so(ask: Any, drive: Drive, emulator: Emulator) -> None:
    drive.put_file("/a.txt", b"one")
    drive.put_file("/a.txt", b"two")
    monitor = start(ask, drive, "/a.txt", name="b.txt", parentReference=reference(drive.root))
    assert monitor.startswith("http://localhost:80/_monitor/")
    first = ask("GET", monitor)
    assert (first.status, first.json["status"], first.json["operation"]) == (202, "inProgress", "ItemCopy")
    assert drive.resolve(["b.txt"]) is None
    done = ask("GET", monitor)
    assert (done.status, done.json["status"], done.json["percentageComplete"]) == (200, "completed", 100.0)
    made = drive.item("/b.txt")
    assert done.json["resourceId"] == made.id
    assert (made.size, made.history, made.current_version) == (3, [], 1)
    assert ask("GET", monitor).json == done.json
    assert emulator.requests[-1].target == "/_monitor/..."
    assert emulator.requests[-1].route == "/_monitor"


def test_a_token_sent_to_the_monitor_is_a_leak(ask: Any, drive: Drive, emulator: Emulator) -> None:
    drive.put_file("/a.txt", b"x")
    monitor = start(ask, drive, "/a.txt", name="b.txt")
    assert ask("GET", monitor, token=True).status == 401
    assert len(emulator.leaks) == 1
    assert ask("GET", f"{monitor}x").status == 404
    assert ask("DELETE", monitor).status == 501


def test_folders_go_to_another_drive(ask: Any, drive: Drive, emulator: Emulator) -> None:
    for path in ("/a/b/1.txt", "/a/b/2.txt", "/a/3.txt"):
        drive.put_file(path, path.encode())
    drive.create_folder("/a/empty")
    other = emulator.tenant.add_user("bob").drive
    assert other is not None
    target = other.create_folder("/in")
    assert watched(ask, start(ask, drive, "/a", parentReference=reference(target)))["status"] == "completed"
    assert other.tree() == {f"/in{path}": entry for path, entry in drive.tree().items()}
    assert other.item("/in/a/empty").is_folder
    children = start(ask, drive, "/a", parentReference=reference(other.root), childrenOnly=True)
    assert watched(ask, children)["resourceId"] == other.root.id
    assert {"/b/1.txt", "/b/2.txt", "/3.txt"} < other.tree().keys()
    by_path = start(ask, drive, "/a/3.txt", parentReference={"path": f"/drives/{other.id}/root:/in"})
    assert watched(ask, by_path)["status"] == "completed"
    everything = ask(
        "POST",
        f"/drives/{drive.id}/root/copy",
        json={"parentReference": reference(target), "childrenOnly": True},
    )
    assert watched(ask, everything.headers["Location"])["error"]["code"] == "nameAlreadyExists"


@pytest.mark.parametrize(
    ("query", "names", "status"),
    [
        ("", ["a.txt", "b.txt"], "failed"),
        ("?@microsoft.graph.conflictBehavior=fail", ["a.txt", "b.txt"], "failed"),
        ("?@microsoft.graph.conflictBehavior=rename", ["a.txt", "b 1.txt", "b.txt"], "completed"),
        ("?%40microsoft.graph.conflictBehavior=replace", ["a.txt", "b.txt"], "completed"),
    ],
)
def test_a_name_that_is_taken(ask: Any, drive: Drive, query: str, names: list[str], status: str) -> None:
    drive.put_file("/a.txt", b"source")
    before = drive.put_file("/b.txt", b"b").id
    done = watched(ask, start(ask, drive, "/a.txt", query, name="b.txt"))
    assert done["status"] == status
    assert [item.name for item in drive.root.walk()] == names
    if status == "failed":
        assert done["error"]["code"] == "nameAlreadyExists"
    elif "replace" in query:
        assert (drive.item("/b.txt").size, drive.item("/b.txt").id != before) == (6, True)


def test_renamed_copies_do_not_take_each_others_names(ask: Any, drive: Drive) -> None:
    for path in ("/from/a", "/from/a 1", "/to/a"):
        drive.put_file(path, path.encode())
    body = {"parentReference": reference(drive.item("/to")), "childrenOnly": True}
    done = watched(ask, start(ask, drive, "/from", "?@microsoft.graph.conflictBehavior=rename", **body))
    assert done["status"] == "completed"
    held = {item.name: item.content.read() for item in drive.item("/to").walk()}
    assert held == {"a": b"/to/a", "a 1": b"/from/a", "a 1 1": b"/from/a 1"}


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/a", {"parentReference": {"id": "01AAAAAA"}}, 404, "itemNotFound"),
        ("/a", {"parentReference": {"driveId": "b!none"}}, 404, "itemNotFound"),
        ("/a", {"parentReference": {"path": "/drive/root:/none"}}, 404, "itemNotFound"),
        ("/a", {"parentReference": {"path": "/drive/root:/a/b"}}, 400, "invalidRequest"),
        ("/none", {"name": "b"}, 404, "itemNotFound"),
        ("/a", {"name": "a:b"}, 400, "invalidRequest"),
        ("/a/b/c.txt", {"childrenOnly": True}, 400, "invalidRequest"),
        ("/a", {"childrenOnly": True, "name": "x"}, 400, "invalidRequest"),
        ("/a", {"parentReference": "x"}, 400, "invalidRequest"),
        ("/a", {"parentReference": {"path": "/drive/root:/a/b/c.txt"}}, 400, "invalidRequest"),
        ("/a", {"somethingElse": 1}, 501, "notImplemented"),
        ("/", {"name": "x"}, 400, "invalidRequest"),
    ],
)
def test_what_is_refused_at_once(
    ask: Any, drive: Drive, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    drive.put_file("/a/b/c.txt", b"x")
    answer = ask("POST", f"/drives/{drive.id}/root:{path}:/copy", json=body)
    assert (answer.status, answer.code) == (status, code)


def test_what_only_the_monitor_tells(ask: Any, drive: Drive, emulator: Emulator) -> None:
    """Nothing is there of a copy that fails."""
    drive.put_file("/a/b.txt", bytes(100))
    small = emulator.tenant.add_user("bob", quota_total=150).drive
    assert small is not None
    assert (
        watched(ask, start(ask, drive, "/a", parentReference=reference(small.root)))["status"] == "completed"
    )
    full = watched(ask, start(ask, drive, "/a", parentReference=reference(small.root), name="c"))
    assert full["error"]["code"] == "quotaLimitReached"
    deep = drive.create_folder(f"/{'d' * 200}/{'e' * 193}")
    long = watched(ask, start(ask, drive, "/a", parentReference=reference(deep)))
    assert long["error"]["code"] == "invalidRequest"
    assert list(deep.walk()) == []
    assert [item.name for item in small.root.walk()] == ["a", "b.txt"]
    monitor = start(ask, drive, "/a", name="z")
    drive.delete(drive.item("/a"))
    assert watched(ask, monitor)["error"]["code"] == "itemNotFound"


@pytest.mark.parametrize("status", [200, 202, 303])
def test_how_being_done_is_told(ask: Any, drive: Drive, emulator: Emulator, status: int) -> None:
    emulator.behaviour.copy_done_status = status
    emulator.behaviour.copy_polls = 3
    drive.put_file("/a.txt", b"x")
    monitor = start(ask, drive, "/a.txt", name="b.txt")
    assert [ask("GET", monitor).json["status"] for _ in range(2)] == ["notStarted", "inProgress"]
    done = ask("GET", monitor)
    assert (done.status, done.json["status"]) == (status, "completed")
    if status == 303:
        assert ask("GET", done.headers["Location"]).json["name"] == "b.txt"
    failed = watched(ask, start(ask, drive, "/a.txt", name="b.txt"))
    assert failed["status"] == "failed"


def test_a_copy_that_nobody_watches_is_made_in_the_end(
    ask: Any, drive: Drive, clock: Clock, emulator: Emulator
) -> None:
    emulator.behaviour.copy_polls = 10**9
    drive.put_file("/a.txt", b"x")
    monitor = start(ask, drive, "/a.txt", name="b.txt")
    assert ask("GET", monitor).json == {
        "operation": "ItemCopy",
        "percentageComplete": 0.0,
        "status": "notStarted",
    }
    clock.advance(15)
    assert ask("GET", monitor).json["percentageComplete"] == 50.0
    assert ask("GET", f"/drives/{drive.id}/root:/b.txt").status == 404
    clock.advance(15)
    assert ask("GET", f"/drives/{drive.id}/root:/b.txt").status == 200


def test_version_history_is_copied_on_request(ask: Any, drive: Drive) -> None:
    for size in (1, 2, 3):
        drive.put_file("/a.txt", bytes(size))
    folder = drive.create_folder("/to")
    watched(
        ask, start(ask, drive, "/a.txt", parentReference=reference(folder), includeAllVersionHistory=True)
    )
    copied = ask("GET", f"/drives/{drive.id}/root:/to/a.txt:/versions").json["value"]
    assert [(each["id"], each["size"]) for each in copied] == [("3.0", 3), ("2.0", 2), ("1.0", 1)]


def test_copies_under_way_survive_a_restart(tmp_path: Path) -> None:
    emulator = Emulator("none", state=tmp_path, behaviour=Behaviour(copy_polls=3))
    drive = emulator.tenant.add_user("alice").drive
    assert drive is not None
    drive.put_file("/a.txt", b"x")
    ask = Asker(emulator)
    done, waiting = (start(ask, drive, "/a.txt", name=f"{name}.txt") for name in ("b", "c"))
    last = watched(ask, done)
    assert ask("GET", waiting).json["status"] == "notStarted"
    emulator.save()
    again = Emulator("none", state=tmp_path, behaviour=Behaviour(copy_polls=3))
    ask = Asker(again)
    assert ask("GET", done).json == last
    assert watched(ask, waiting)["status"] == "completed"
    assert set(again.tenant.drives[drive.id].tree()) == {"/a.txt", "/b.txt", "/c.txt"}

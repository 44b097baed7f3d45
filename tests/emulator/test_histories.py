"""Any history of writing, deleting, restoring, copying and checking out leaves a drive that adds up, and can be kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Asker

from graph_emulator import Behaviour, Emulator
from graph_emulator.state_items import drive_record
from graph_emulator.store import Drive, Item

PLACES = ["/a.txt", "/b.txt", "/f", "/f/a.txt", "/f/g", "/f/g/c.txt"]
STEPS = """
put put put folder delete delete permanentDelete restore copy copy restoreVersion deleteVersion checkout checkin
discardCheckout times rename poll
"""
CONFLICTS = ("fail", "replace", "rename")
KNOWN = {200, 201, 202, 204, 400, 404, 409, 412, 423}


class History:
    """Two applications that work on one drive."""

    def __init__(self, state: Path) -> None:
        self.emulator = Emulator("none", state=state, behaviour=Behaviour(copy_polls=1))
        drive = self.emulator.tenant.add_user("alice").drive
        assert drive is not None
        self.drive: Drive = drive
        self.askers = [Asker(self.emulator), Asker(self.emulator)]
        self.monitors: list[str] = []

    def step(self, verb: str, place: str, other: str, number: int) -> None:
        ask, conflict = self.askers[number % 2], CONFLICTS[number % 3]
        item = f"/drives/{self.drive.id}/root:{place}:"
        behaviour = f"?@microsoft.graph.conflictBehavior={conflict}"
        there = self.drive.resolve([part for part in other.split("/") if part])
        parent = {"driveId": self.drive.id, "id": there.id if there is not None else "01NONE"}
        if verb == "put":
            answer = ask("PUT", f"{item}/content{behaviour}", data=bytes(number))
        elif verb == "folder":
            answer = ask(
                "POST", f"/drives/{self.drive.id}/root/children{behaviour}", json={"name": "f", "folder": {}}
            )
        elif verb == "delete":
            answer = ask("DELETE", item)
        elif verb == "restore":
            gone = next(self.drive.in_bin(), None)
            identifier = gone.id if gone is not None else "01NONE"
            answer = ask("POST", f"/drives/{self.drive.id}/items/{identifier}/restore{behaviour}", json={})
        elif verb == "copy":
            answer = ask("POST", f"{item}/copy{behaviour}", json={"parentReference": parent})
            self.monitors += [answer.headers["Location"]] if answer.status == 202 else []
        elif verb == "poll":
            if not self.monitors:
                return
            answer = ask("GET", self.monitors.pop())
        elif verb == "restoreVersion":
            answer = ask("POST", f"{item}/versions/{number}.0/restoreVersion")
        elif verb == "deleteVersion":
            answer = ask("DELETE", f"{item}/versions/{number}.0")
        elif verb == "times":
            times = {"lastModifiedDateTime": "2020-01-01T00:00:00Z"}
            answer = ask("PATCH", item, json={"fileSystemInfo": times})
        elif verb == "rename":
            answer = ask("PATCH", f"{item}{behaviour}", json={"name": other.rpartition("/")[2]})
        else:
            answer = ask("POST", f"{item}/{verb}", json={})
        assert answer.status in KNOWN, (verb, answer.status, answer.body)


def adds_up(drive: Drive) -> None:
    """Compare what the drive keeps count of with what is there."""
    reached = [drive.root, *drive.root.walk()]
    assert {item.id for item in reached} == drive.items.keys()
    assert not drive.items.keys() & drive.deleted.keys()
    for item in reached:
        if item.children is not None:
            assert item.size == sum(child.size for child in item.children)
            assert all(child.parent is item for child in item.children)
        else:
            labels_descend(item)
    heads = list(drive.in_bin())
    assert drive.quota_deleted == sum(head.size for head in heads)
    below = {item.id for head in heads for item in (head, *head.walk())}
    assert below == {item.id for item in drive.deleted.values() if not item.purged}
    numbers = [item.sequence for item in (*reached[1:], *drive.deleted.values())]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers, default=0) <= drive.sequence


def labels_descend(item: Item) -> None:
    numbers = [version.number for version in (*item.history, item.current())]
    assert numbers == sorted(set(numbers))


STEP = st.tuples(
    st.sampled_from(STEPS.split()),
    st.sampled_from(PLACES),
    st.sampled_from(["/", *PLACES]),
    st.integers(0, 6),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, min_size=5, max_size=30))
def test_any_history_adds_up_and_can_be_kept(steps: list[tuple[str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as state:
        history = History(Path(state))
        for step in steps:
            history.step(*step)
            adds_up(history.drive)
        history.emulator.save()
        again = Emulator("none", state=state).tenant.drives[history.drive.id]
        adds_up(again)
        assert drive_record(again) == drive_record(history.drive)


SEGMENTS = """
versions versions/1.0 versions/1.0/content versions/current versions/x/restoreVersion copy restore permanentDelete
checkout checkin discardCheckout delta delta(token='latest') delta(token='e30') content
"""
NAMES = "id method url headers body dependsOn parentReference driveId path name childrenOnly requests comment"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "root", "/drive/root:/a"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=3)
    ),
    max_leaves=5,
)
URLS = st.sampled_from(SEGMENTS.split()).map(lambda each: f"/drives/DRIVE/root:/a.txt:/{each}")
REQUEST = st.fixed_dictionaries(
    {"id": st.sampled_from("123"), "method": st.sampled_from(["GET", "POST", "PUT", "DELETE"]), "url": URLS},
    optional={
        "headers": st.just({"Content-Type": "application/json"}) | VALUES,
        "body": VALUES,
        "dependsOn": st.lists(st.sampled_from("123"), max_size=1) | VALUES,
    },
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(REQUEST, max_size=3) | VALUES,
    REQUEST,
    st.sampled_from(["", "?token=x", "?$top=1", "?$expand=x"]),
)
def test_no_request_makes_the_emulator_fail(batch: Any, single: dict[str, Any], query: str) -> None:
    emulator = Emulator("none")
    drive = emulator.tenant.add_user("alice").drive
    assert drive is not None
    drive.put_file("/a.txt", b"text")
    ask = Asker(emulator)

    def here(request: Any) -> Any:
        if isinstance(request, dict) and isinstance(request.get("url"), str):
            return {**request, "url": request["url"].replace("DRIVE", quote(drive.id))}
        return request

    one = here(single)
    answer = ask(one["method"], one["url"] + query, json=one.get("body"))
    assert answer.status in KNOWN | {302, 403, 501}, answer.body
    requests = [here(each) for each in batch] if isinstance(batch, list) else batch
    answer = ask("POST", "/$batch", json={"requests": requests})
    assert answer.status in (200, 400), answer.body
    for inner in answer.json.get("responses", ()):
        assert inner["status"] in KNOWN | {302, 403, 424, 501}, inner

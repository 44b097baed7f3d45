"""Any history of changes elsewhere, own writes, steps of the clock and questions: an answer is one state of the drive, at most as
old as its time to live, and after an own write no older than that.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sql.conftest import SqlTenant

from driveql.errors import NotFoundError
from driveql.sql.dbapi import Connection

TTL = 60.0
State = frozenset[tuple[str, str]]
FOLDERS = ("/H", "/H/a", "/H/b", "/H/a/c")
FILES = tuple(f"{folder}/{name}.txt" for folder in FOLDERS for name in ("x", "y"))

_steps = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(FILES)),
    st.tuples(st.just("remove"), st.sampled_from((*FILES, *FOLDERS[1:]))),
    st.tuples(st.just("move"), st.sampled_from(("/H/a", "/H/b", *FILES))),
    st.tuples(st.just("own put"), st.sampled_from(FILES)),
    st.tuples(st.just("own remove"), st.sampled_from(FILES)),
    st.tuples(st.just("clock"), st.sampled_from(("1", "30", "59", "60", "61", "200", "-1", "-30", "-100"))),
    st.tuples(st.just("everything"), st.just("")),
    st.tuples(st.just("everything"), st.just("")),
    st.tuples(st.just("folder"), st.sampled_from(FOLDERS)),
    st.tuples(st.just("tree"), st.sampled_from(FOLDERS)),
    st.tuples(st.just("item"), st.sampled_from(FILES)),
    st.tuples(st.just("content"), st.sampled_from(FILES)),
)


@dataclass
class History:
    """The drive's states in order, and what the clock read during each."""

    reader: Connection
    writer: Connection
    drive: Any
    now: float = field(default_factory=time.time)
    states: list[State] = field(default_factory=list)
    read: list[set[float]] = field(default_factory=list)
    floor: int = 0
    numbers: int = 0

    def note(self) -> None:
        """Note the state that the drive is in now."""
        found: set[tuple[str, str]] = set()
        with contextlib.suppress(Exception):
            top = self.drive.item("/H")
            for item in top.walk():
                if item.content is not None:
                    found.add((item.path, item.content.read().decode()))
        self.states.append(frozenset(found))
        self.read.append({self.now})

    def possible(self) -> list[State]:
        """Return the states that an answer may be."""
        last = len(self.states) - 1
        return [
            state
            for number, state in enumerate(self.states)
            if number == last
            or (number >= self.floor and any(0 <= self.now - moment < TTL for moment in self.read[number]))
        ]

    def step(self, what: str, argument: str) -> None:
        """Do one step of the history."""
        written = 0
        match what:
            case "put":
                self.numbers += 1
                self.drive.put_file(argument, f"{self.numbers:04}".encode())
            case "remove":
                with contextlib.suppress(Exception):
                    self.drive.delete(self.drive.item(argument))
            case "move":
                with contextlib.suppress(Exception):
                    self.numbers += 1
                    item = self.drive.item(argument)
                    self.drive.move(item, self.drive.item("/H"), f"m{self.numbers}.{item.name}")
            case "own put":
                self.numbers += 1
                sql = "INSERT INTO items (path, content, conflict) VALUES (?, ?, 'replace')"
                with contextlib.suppress(Exception):
                    written = self.writer.execute(sql, [argument, f"{self.numbers:04}"]).rowcount
            case "own remove":
                written = self.writer.execute("DELETE FROM files WHERE path = ?", [argument]).rowcount
            case "clock":
                self.now += float(argument)
                self.read[-1].add(self.now)
                return
            case _:
                self.ask(what, argument)
                return
        self.note()
        if written:
            self.floor = len(self.states) - 1

    def ask(self, what: str, argument: str) -> None:
        """Ask for names, and hold the answer against the states."""
        if what == "content":
            self.ask_content(argument)
            return
        condition = {
            "everything": "lower(path) LIKE '/h/%'",
            "folder": f"parent_path = '{argument}'",
            "tree": f"path LIKE '{argument}/%'",
            "item": f"path = '{argument}'",
        }[what]
        found = {
            row[0] for row in self.reader.execute(f"SELECT path FROM files WHERE {condition}").fetchall()
        }
        expected = [
            {
                path
                for path, _ in state
                if what == "everything"
                or (what == "folder" and path.rpartition("/")[0] == argument)
                or (what == "tree" and path.startswith(f"{argument}/"))
                or (what == "item" and path == argument)
            }
            for state in self.possible()
        ]
        assert found in expected, (what, argument, found)

    def ask_content(self, path: str) -> None:
        """Ask for what a file holds, likewise."""
        possible: set[str | None] = {dict(state).get(path) for state in self.possible()}
        sql = f"SELECT content FROM read_text('onedrive:{path}')"
        content: str | None = None
        with contextlib.suppress(NotFoundError):
            content = self.reader.execute(sql).fetchall()[0][0]
        assert content in possible


@pytest.fixture(scope="module", params=["memory", "file"])
def connections(
    request: pytest.FixtureRequest, tenant: SqlTenant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Connection, Connection, Any]]:
    user = tenant.emulator.tenant.add_user(f"history-{request.param}", "History")
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("DRIVEQL_CACHE", str(tmp_path_factory.mktemp("caches")))
        options = {
            "cache_mode": "all", "cache_ttl": TTL, "cache_storage": request.param,
            "group_or_user_id": f"/users/{user.user_principal_name}",
        }  # fmt: skip
        # Own writes by another connection of the same identity: the reader's own would have it walk by folders from then on.
        reader, writer = (stack.enter_context(tenant.connect(**options)) for _ in range(2))
        yield reader, writer, user.drive


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_steps, min_size=3, max_size=25))
def test_answers_are_states_of_the_drive(
    connections: tuple[Connection, Connection, Any], steps: list[tuple[str, str]]
) -> None:
    reader, writer, drive = connections
    history = History(reader, writer, drive)
    for connection in (reader, writer):
        view = connection.session().tenant.cached
        assert view is not None
        cache = view.onedrive.cache
        cache.clock = lambda: history.now
        storage = cache.settings.cache_storage
        store = cache.store(storage)
        store.clock = cache.clock
        store.clear()
        # A write long ago, as for the clock: the listing by changes is taken where nothing was written in this history.
        store.drop(["drives"])
    history.now += 1000
    with contextlib.suppress(Exception):
        drive.delete(drive.item("/H"))
    for path in FILES[:3]:
        drive.put_file(path, b"0000")
    history.note()
    for what, argument in steps:
        history.step(what, argument)
    assert len(history.states) == len(history.read)

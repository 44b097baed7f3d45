"""The store on its own: whole answers or none, private files, and nothing of a damaged file is believed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driveql.cache.answers import DIRECTORY, DRIVES, Answer
from driveql.cache.blocks import FileVersion
from driveql.cache.store import Store

MOST = 1 << 20
FILE = FileVersion("drive", "item", "ctag 10")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answer(question: str = "q", body: bytes = b"body", columns: tuple[str, ...] | None = ("a",)) -> Answer:
    return Answer(question, DRIVES, columns, 1000.0, None, [body, b"second page"])


def kept(store: Store, one: Answer) -> bool:
    return store.keep(one, store.ticket(one.scope), MOST)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "identity" / "cache.db", {"tenant": "contoso"})


def test_an_answer_with_more_columns_serves_a_question_for_fewer(store: Store) -> None:
    wide = answer(columns=("a", "b", "c"))
    assert kept(store, wide)
    assert store.find("q", ["b"]) == wide
    assert store.find("q", ["b", "d"]) is None
    assert store.find("q", None) is None
    assert store.find("other", ["b"]) is None
    assert kept(store, answer(body=b"newer", columns=("a", "b", "c", "d")))
    found = store.find("q", ["a"])
    assert found is not None
    assert found.pages[0] == b"newer"
    contents = store.contents()
    assert contents is not None
    assert contents.answers == 1, "the narrower answer is superseded"


def test_what_was_written_meanwhile_keeps_an_answer_out(store: Store) -> None:
    ticket = store.ticket(DRIVES)
    store.drop([DRIVES])
    assert not store.keep(answer(), ticket, MOST)
    assert store.find("q", ["a"]) is None
    elsewhere = store.ticket(DIRECTORY)
    store.drop([DRIVES])
    users = Answer("users", DIRECTORY, None, 1000.0, None, [b"x"])
    assert store.keep(users, elsewhere, MOST)
    store.drop([DRIVES])
    assert store.find("users", None) == users
    before = store.ticket(DIRECTORY)
    store.clear()
    assert not store.keep(users, before, MOST)
    assert store.find("users", None) is None


def test_an_answer_under_way_does_not_survive_that_the_file_was_thrown_away(store: Store) -> None:
    ticket = store.ticket(DRIVES)
    store.drop([DRIVES])
    store.database.discard("a test")
    assert not store.keep(answer(), ticket, MOST)


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    clock = Clock()
    store = Store(tmp_path / "i" / "cache.db", clock=clock)
    body = os.urandom(100_000)
    for number in range(5):
        clock.now += 1
        store.keep(answer(f"q{number}", body), store.ticket(DRIVES), 450_000)
        clock.now += 1
        store.find("q0", ["a"])
        store.keep_piece(FileVersion("drive", f"i{number}", "v"), 0, body[:1000], 450_000)
    contents = store.contents()
    assert contents is not None
    assert contents.bytes <= 450_000
    assert store.find("q0", ["a"]) is not None, "it was used all the time"
    assert store.find("q1", ["a"]) is None
    assert not store.keep(answer("big", b"x" * 300_000), store.ticket(DRIVES), 450_000)


def test_one_file_takes_half_of_the_room_at_most(store: Store) -> None:
    for number in range(20):
        store.keep_piece(FILE, number * 100_000, os.urandom(100_000), MOST)
    assert kept(store, answer())
    contents = store.contents()
    assert contents is not None
    assert 400_000 < contents.bytes <= MOST // 2 + 1000
    assert len(store.pieces(FILE, 0, 2_000_000)) == 5


def test_nothing_is_left_of_what_was_cleared(store: Store) -> None:
    body = os.urandom(50_000)
    assert kept(store, answer(body=body))
    store.keep_piece(FILE, 0, body, MOST)
    store.clear()
    path = store.database.path
    assert path is not None
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert len(left) < 200_000
    assert not any(body[start : start + 64] in left for start in range(0, 50_000, 64))


def test_folder_and_files_are_the_users_alone(store: Store) -> None:
    assert kept(store, answer())
    assert store.database.path is not None
    folder = store.database.path.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    found = list(folder.iterdir())
    assert found
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}


def test_a_file_that_others_may_read_is_not_used(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    assert kept(store, answer())
    path = store.database.path
    assert path is not None
    store.database.close()
    path.chmod(0o644)
    assert Store(path).find("q", ["a"]) is None
    assert "other users" in caplog.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_other_openings_notice_that_the_file_is_another_one(store: Store) -> None:
    assert store.database.path is not None
    other = Store(store.database.path)
    assert kept(store, answer())
    assert other.find("q", ["a"]) is not None
    other.database.discard("a test")
    assert store.find("q", ["a"]) is None
    assert kept(other, answer())
    assert store.find("q", ["a"]) is not None


@pytest.mark.parametrize("damage", [b"", b"not a database at all", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_thrown_away_with_a_warning(
    store: Store, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert kept(store, answer())
    path = store.database.path
    assert path is not None
    store.database.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(damage)
    fresh = Store(path)
    assert fresh.find("q", ["a"]) is None
    assert ("thrown away" in caplog.text) is bool(damage)
    assert kept(fresh, answer())
    assert fresh.find("q", ["a"]) == answer()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_changed_byte_is_ever_believed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cache") / "cache.db"
    store = Store(path)
    one = answer(body=bytes(range(256)) * 20)
    assert kept(store, one)
    store.keep_piece(FILE, 0, b"0123456789" * 500, MOST)
    store.database.close()
    content = bytearray(path.read_bytes())
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
        content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    damaged = Store(path)
    found = damaged.find("q", ["a"])
    assert found is None or found == one
    assert damaged.pieces(FILE, 0, 5000) in ([], [(0, b"0123456789" * 500)])
    assert kept(damaged, one)
    assert damaged.find("q", ["a"]) == one
    damaged.database.close()


def write_for_ever(path: str, ready: str) -> None:
    store = Store(Path(path))
    number = 0
    while True:
        number += 1
        body = str(number).encode() * 40_000
        store.keep(answer(body=body), store.ticket(DRIVES), 1 << 24)
        store.keep_piece(FileVersion("drive", "item", str(number)), 0, body, 1 << 24)
        if number == 2:
            Path(ready).touch()


def test_a_kill_in_the_middle_of_a_write_leaves_nothing_half_visible(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "i" / "cache.db"
    for round_ in range(3):
        ready = tmp_path / f"ready{round_}"
        writer = context.Process(target=write_for_ever, args=(str(path), str(ready)))
        writer.start()
        while not ready.exists():
            assert writer.is_alive()
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        store = Store(path)
        found = store.find("q", ["a"])
        assert found is not None
        number = found.pages[0][: len(found.pages[0]) // 40_000]
        assert found.pages[0] == number * 40_000
        assert kept(store, answer())
        assert store.find("q", ["a"]) == answer()
        store.database.close()


_WRITER = """
import sys
from pathlib import Path
from driveql.cache.answers import DRIVES, Answer
from driveql.cache.store import Store
store = Store(Path(sys.argv[1]))
for number in range(60):
    body = sys.argv[2].encode() * (1000 + number)
    store.keep(Answer("q", DRIVES, None, 1.0, None, [body, body]), store.ticket(DRIVES), 1 << 24)
    found = store.find("q", None)
    if found is not None:
        assert len(set(found.pages)) == 1 and len(set(found.pages[0])) == 1
    if number % 20 == 7:
        store.drop([DRIVES])
"""


def test_processes_use_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "i" / "cache.db"
    command = [sys.executable, "-W", "error", "-c", _WRITER, str(path)]
    writers = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in "abc"]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, b"")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_its_own_way_to_the_file_and_no_memory_of_its_parents(store: Store) -> None:
    memory = Store(None)
    assert kept(store, answer())
    assert kept(memory, answer())
    child = os.fork()
    if child == 0:
        seen = store.find("q", ["a"]) == answer() and memory.find("q", ["a"]) is None
        store.drop([DRIVES])
        os._exit(0 if seen else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.find("q", ["a"]) is None
    assert memory.find("q", ["a"]) == answer()

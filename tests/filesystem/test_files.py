"""Open files: one version or an error when read, whole or not at all when written."""

from __future__ import annotations

import collections
import contextlib
import errno
import gc
import io
import os
import pickle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driveql import errors
from driveql.drive.upload import Upload
from driveql.filesystem import OneDriveFileSystem
from driveql.filesystem.readahead import WHOLE_BYTES, ScanCache
from graph_emulator import faults

from .conftest import Tenant

BIG = os.urandom(1 << 20) * 12
BLOCK = 1 << 20


def ranges_asked(tenant: Tenant) -> int:
    return len([each for each in tenant.requests("GET") if "_content" in each])


def test_reading_moving_and_lines(tenant: Tenant) -> None:
    tenant.store.put_file("/a.txt", b"one\ntwo\nthree")
    with tenant.fs.open("/a.txt") as file:
        assert file.read(3) == b"one"
        assert file.seek(-5, io.SEEK_END) == 8
        assert file.read() == b"three"
        assert file.read() == b""
        file.seek(0)
        assert file.readlines() == [b"one\n", b"two\n", b"three"]
        assert file.info()["size"] == file.size == 13
        with pytest.raises(ValueError, match="write mode"):
            file.write(b"x")
    with tenant.fs.open("/a.txt", "r", encoding="utf-8") as text:
        assert list(text) == ["one\n", "two\n", "three"]
    assert tenant.fs.head("/a.txt", 3) == b"one"
    assert tenant.fs.tail("/a.txt", 5) == b"three"


def test_a_small_file_is_one_request_and_a_scan_reads_in_blocks(tenant: Tenant) -> None:
    tenant.store.put_file("/small", BIG[:WHOLE_BYTES])
    tenant.store.put_file("/big", BIG)
    tenant.emulator.requests.clear()
    with tenant.fs.open("/small") as file:
        while file.read(100_000):
            pass
    assert ranges_asked(tenant) == 1
    tenant.emulator.requests.clear()
    parts = []
    with tenant.fs.open("/big", block_size=4 * BLOCK) as file:
        while part := file.read(100_000):
            parts.append(part)
    assert b"".join(parts) == BIG
    assert ranges_asked(tenant) <= 5


def test_a_read_somewhere_costs_little_more_than_itself(tenant: Tenant) -> None:
    tenant.store.put_file("/big", BIG)
    with tenant.fs.open("/big") as file:
        file.seek(5_000_000)
        assert file.read(1000) == BIG[5_000_000:5_001_000]
        file.seek(-8, io.SEEK_END)
        assert file.read(8) == BIG[-8:]
        assert file.cache.total_requested_bytes < 200_000


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(BIG)), st.integers(0, 3 * BLOCK)), min_size=1, max_size=6))
def test_any_reads_of_a_large_file_are_its_bytes(tenant: Tenant, reads: list[tuple[int, int]]) -> None:
    if not tenant.fs.exists("/big"):
        tenant.store.put_file("/big", BIG)
    with tenant.fs.open("/big", block_size=BLOCK) as file:
        for position, length in reads:
            file.seek(position)
            assert file.read(length) == BIG[position : position + length]
            assert file.read(1000) == BIG[position + length : position + length + 1000]


@given(
    st.integers(0, 3 * WHOLE_BYTES),
    st.lists(st.tuples(st.integers(0, 3 * WHOLE_BYTES), st.integers(0, WHOLE_BYTES)), max_size=8),
)
@settings(max_examples=50, deadline=None)
def test_the_cache_gives_what_the_file_has(size: int, reads: list[tuple[int, int]]) -> None:
    content = BIG[:size]
    cache = ScanCache(BLOCK, lambda start, end: content[start:end], size)
    for start, length in reads:
        assert cache._fetch(start, start + length) == content[start : start + length]


@pytest.mark.parametrize("cache_type", ["none", "readahead", "bytes", "onedrive"])
def test_other_caches_of_fsspec_work_too(tenant: Tenant, cache_type: str) -> None:
    tenant.store.put_file("/big", BIG[: 5 << 20])
    with tenant.fs.open("/big", cache_type=cache_type, block_size=BLOCK) as file:
        file.seek(3_000_000)
        assert file.read(10) == BIG[3_000_000:3_000_010]


@pytest.mark.parametrize("cache_type", ["onedrive", "readahead", "none"])
def test_a_file_that_changes_under_the_reader_is_an_error_never_a_mixture(
    tenant: Tenant, cache_type: str
) -> None:
    tenant.store.put_file("/big", BIG)
    with tenant.fs.open("/big", block_size=BLOCK, cache_type=cache_type) as file:
        assert file.read(1000) == BIG[:1000]
        tenant.store.put_file("/big", BIG[::-1])
        with pytest.raises(OSError, match="changed while it was read") as caught:
            collections.deque(iter(lambda: file.read(500_000), b""), maxlen=0)
        assert isinstance(caught.value.__cause__, errors.ItemChangedError)


def test_a_small_file_that_changes_before_it_is_read_is_an_error(tenant: Tenant) -> None:
    tenant.store.put_file("/small", b"old content")
    with tenant.fs.open("/small") as file:
        tenant.store.put_file("/small", b"new content")
        with pytest.raises(OSError):
            file.read()


def test_opening_looks_at_the_file_as_it_is_now(tenant: Tenant) -> None:
    tenant.store.put_file("/a", b"old")
    tenant.fs.ls("/")
    tenant.store.put_file("/a", b"newer")
    with tenant.fs.open("/a") as file:
        assert file.read() == b"newer"


@pytest.mark.parametrize("size", [0, 1, 5 * 1024 * 1024, 20 * 1024 * 1024 + 7])
def test_what_is_written_is_there_when_the_file_is_closed_and_not_before(tenant: Tenant, size: int) -> None:
    content = (BIG * 2)[:size]
    with tenant.fs.open("/new/folder/a.bin", "wb") as file:
        for start in range(0, size, 1_000_000):
            file.write(content[start : start + 1_000_000])
        assert not tenant.store.tree()
    assert tenant.fs.cat_file("/new/folder/a.bin") == content
    sessions = [each for each in tenant.requests("POST") if "createUploadSession" in each]
    assert len(sessions) == (1 if size > 4 * 1024 * 1024 else 0)


def test_text_and_compression(tenant: Tenant) -> None:
    with tenant.fs.open("/a.txt.gz", "wt", compression="infer", encoding="utf-8") as file:
        file.write("Übersicht\n")
    with tenant.fs.open("/a.txt.gz", "rt", compression="infer", encoding="utf-8") as file:
        assert file.read() == "Übersicht\n"
    gc.collect()
    assert tenant.fs.cat_file("/a.txt.gz")[:2] == b"\x1f\x8b"


def test_an_exception_throws_away_what_was_written(tenant: Tenant) -> None:
    tenant.store.put_file("/a", b"before")
    for mode, compression in (("wb", None), ("w", None), ("wb", "gzip"), ("wt", "gzip"), ("wb", "bz2")):
        with contextlib.suppress(RuntimeError), tenant.fs.open("/a", mode, compression=compression) as file:
            file.write(
                BIG[: 5 << 20] if mode == "wb" and not compression else "text" if "b" not in mode else b"x"
            )
            raise RuntimeError
        assert file.closed
    gc.collect()
    assert tenant.fs.cat_file("/a") == b"before"
    assert tenant.requests("PUT") == []
    file = tenant.fs.open("/a", "wb")
    file.write(b"half")
    with pytest.warns(ResourceWarning, match="never closed"):
        del file
    assert tenant.fs.cat_file("/a") == b"before"


def test_a_discarded_file_stays_discarded_when_it_is_closed(tenant: Tenant) -> None:
    file = tenant.fs.open("/a", "wb")
    file.write(b"half")
    file.discard()
    file.close()
    assert tenant.store.tree() == {}


def test_exclusive_creation(tenant: Tenant) -> None:
    first, second = tenant.fs.open("/a", "xb"), tenant.fs.open("/a", "xb")
    first.write(b"first")
    second.write(b"second")
    first.close()
    with pytest.raises(FileExistsError):
        second.close()
    with pytest.raises(FileExistsError):
        tenant.fs.open("/a", "xb")
    assert tenant.fs.cat_file("/a") == b"first"


@pytest.mark.parametrize("size", [3, 5 * 1024 * 1024])
def test_appending_adds_to_what_was_opened(tenant: Tenant, size: int) -> None:
    before = b"x" * size
    tenant.fs.pipe_file("/a", before)
    versions = tenant.store.item("/a").version
    with tenant.fs.open("/a", "ab") as file:
        assert file.tell() == size
        file.write(b"-more")
    assert tenant.fs.cat_file("/a") == before + b"-more"
    assert tenant.store.item("/a").version == versions + 1
    with tenant.fs.open("/a", "a", encoding="utf-8", newline="") as file:
        file.write("ü\n")
    assert tenant.fs.cat_file("/a") == before + "-moreü\n".encode()
    tenant.emulator.requests.clear()
    tenant.fs.open("/a", "ab").close()
    assert tenant.requests("PUT") == tenant.requests("POST") == []
    with tenant.fs.open("/new", "ab") as file:
        file.write(b"made")
    assert tenant.fs.cat_file("/new") == b"made"


@pytest.mark.parametrize("size", [3, 5 * 1024 * 1024])
def test_appending_to_what_another_changed_is_an_error_and_loses_nothing(tenant: Tenant, size: int) -> None:
    tenant.fs.pipe_file("/a", b"x" * size)
    file = tenant.fs.open("/a", "ab")
    file.write(b"mine")
    tenant.store.put_file("/a", b"theirs")
    with pytest.raises(OSError, match="changed") as changed:
        file.close()
    assert changed.value.errno == errno.ESTALE
    assert tenant.fs.cat_file("/a") == b"theirs"
    made = tenant.fs.open("/new", "ab")
    made.write(b"mine")
    tenant.store.put_file("/new", b"theirs")
    with pytest.raises(OSError, match="changed"):
        made.close()
    assert tenant.fs.cat_file("/new") == b"theirs"


def test_a_lost_answer_to_an_append_is_settled_by_looking(tenant: Tenant) -> None:
    tenant.fs.pipe_file("/a", b"one")
    fault: Any = tenant.emulator.faults.add(faults.Drop(), method="PUT", target="/content")
    with tenant.filesystem().open("/a", "ab") as file:
        file.write(b"-two")
    assert fault.fired
    assert tenant.fs.cat_file("/a") == b"one-two"


def test_appending_to_an_archive_is_refused(tenant: Tenant) -> None:
    with pytest.raises(NotImplementedError, match="zip"):
        tenant.fs.open("/a.zip", "ab", compression="infer")


def test_what_cannot_be_opened(tenant: Tenant) -> None:
    tenant.store.put_file("/d/a", b"x")
    with pytest.raises(FileNotFoundError):
        tenant.fs.open("/nothing")
    with pytest.raises(IsADirectoryError):
        tenant.fs.open("/d")
    file = tenant.fs.open("/d", "wb")
    with pytest.raises(OSError):
        file.close()
    assert set(tenant.store.tree()) == {"/d/a"}


def test_a_transaction_is_all_or_nothing(tenant: Tenant) -> None:
    fs = tenant.fs
    with fs.transaction:
        for name in ("/t/a", "/t/b"):
            with fs.open(name, "wb") as file:
                file.write(name.encode())
        assert not fs.exists("/t/a")
    assert fs.cat("/t/*") == {"/t/a": b"/t/a", "/t/b": b"/t/b"}
    with contextlib.suppress(RuntimeError), fs.transaction, fs.open("/t/c", "wb") as file:
        file.write(BIG)
        raise RuntimeError
    fs.start_transaction()
    file = fs.open("/t/d", "wb")
    file.write(b"d")
    file.close()
    fs.transaction.complete(commit=False)
    assert fs.find("/t", refresh=True) == ["/t/a", "/t/b"]
    assert not fs._intrans


def test_a_file_being_read_survives_pickling(tenant: Tenant) -> None:
    tenant.store.put_file("/a.txt", b"0123456789")
    fs = OneDriveFileSystem(**tenant.parameters)
    again = pickle.loads(pickle.dumps(fs))
    assert again.cat_file("/a.txt") == b"0123456789"
    with fs.open("/a.txt") as file:
        file.seek(4)
        copy = pickle.loads(pickle.dumps(file))
    with copy:
        assert copy.read() == b"456789"


def test_a_file_system_on_an_open_connection_says_that_it_cannot_be_pickled(tenant: Tenant) -> None:
    with pytest.raises(TypeError, match="parameters or name"):
        pickle.dumps(tenant.fs)


def test_a_change_while_a_large_append_is_sent_is_told(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.fs.pipe_file("/a", b"x" * (5 << 20))
    original = Upload._send_all

    async def late(self: Upload, url: str, offset: int) -> Any:
        # Somebody else writes after the session began, which its guard does not see.
        tenant.store.put_file("/a", b"theirs")
        return await original(self, url, offset)

    monkeypatch.setattr(Upload, "_send_all", late)
    file = tenant.fs.open("/a", "ab")
    file.write(b"mine")
    with pytest.raises(OSError, match=r"their change is version 2\.0"):
        file.close()

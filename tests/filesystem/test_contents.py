"""Bytes by name: ranges as Python's slices, whole files verified, transfers with progress, odd names untouched."""

from __future__ import annotations

import io
import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest
from fsspec.callbacks import Callback
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driveql.filesystem import OneDriveFileSystem
from driveql.filesystem.contents import bounds, merged

from .conftest import Tenant

CONTENT = os.urandom(100_000)
ODD_NAMES = [
    "h#a.txt", "100%.csv", "a%20b.txt", "a+b&c=d.txt", "it's.txt", "Übersicht ß.txt", "日本語.csv", "😀 emoji.txt",
    "semi;colon,comma.txt", "(paren) [bracket] {brace}.txt", "at@sign!.txt", "tilde~caret^.txt", "$dollar.txt",
    "two  spaces.txt",
]  # fmt: skip

edges = st.one_of(st.none(), st.integers(-120_000, 120_000))


@given(edges, edges, st.integers(0, 1000))
def test_bounds_are_those_of_a_slice(start: int | None, end: int | None, size: int) -> None:
    first, last = bounds(start, end, size)
    assert bytes(size)[first:last] == bytes(size)[start:end]
    assert 0 <= first <= last <= size


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50)), max_size=20), st.integers(0, 40))
def test_merged_ranges_cover_all_and_lie_apart(spans: list[tuple[int, int]], gap: int) -> None:
    wanted = [(start, start + length) for start, length in spans]
    blocks = merged(wanted, gap)
    assert all(any(a <= start and end <= b for a, b in blocks) for start, end in wanted)
    assert all(after[0] > before[1] + gap for before, after in itertools.pairwise(blocks))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(edges, edges), min_size=1, max_size=5))
def test_any_ranges_are_the_right_bytes(tenant: Tenant, ranges: list[tuple[int | None, int | None]]) -> None:
    if not tenant.fs.exists("/a.bin"):
        tenant.fs.pipe_file("/a.bin", CONTENT)
    starts, ends = zip(*ranges, strict=True)
    got = tenant.fs.cat_ranges(["/a.bin"] * len(ranges), list(starts), list(ends), max_gap=1000)
    assert got == [CONTENT[start:end] for start, end in ranges]
    assert tenant.fs.cat_file("/a.bin", *ranges[0]) == CONTENT[slice(*ranges[0])]


def test_near_ranges_are_one_request_and_a_missing_file_is_its_own_error(tenant: Tenant) -> None:
    tenant.store.put_file("/a.bin", CONTENT)
    tenant.emulator.requests.clear()
    got = tenant.fs.cat_ranges(
        ["/a.bin", "/none", "/a.bin", "/a.bin"], [0, 0, 500, 99_000], [100, 1, 600, None]
    )
    assert [got[0], *got[2:]] == [CONTENT[:100], CONTENT[500:600], CONTENT[99_000:]]
    assert isinstance(got[1], FileNotFoundError)
    assert len([each for each in tenant.requests() if "_content" in each]) == 2
    with pytest.raises(FileNotFoundError):
        tenant.fs.cat_ranges(["/a.bin", "/none"], 0, 10, on_error="raise")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_with_an_odd_name_is_that_file_and_no_other(tenant: Tenant, name: str, tmp_path: Path) -> None:
    tenant.store.put_file("/odd/h", b"what a client that forgets to encode # would get")
    fs, path = tenant.fs, f"/odd/{name}"
    with fs.open(f"onedrive://{path}", "wb") as file:
        file.write(name.encode())
    assert fs.cat_file(path) == name.encode()
    assert path in fs.ls("/odd", detail=False)
    assert fs.glob(path) == [path]
    assert fs.info(path)["size"] == len(name.encode())
    fs.get(path, str(tmp_path / "local"))
    assert (tmp_path / "local").read_bytes() == name.encode()
    fs.mv(path, f"/odd/moved {name}")
    assert fs.find("/odd") == sorted(["/odd/h", f"/odd/moved {name}"])
    fs.rm(f"/odd/moved {name}")
    assert set(tenant.store.tree()) == {"/odd/h"}


def test_cat_of_several_and_of_a_folder(tenant: Tenant) -> None:
    for number in range(3):
        tenant.store.put_file(f"/c/{number}", str(number).encode())
    assert tenant.fs.cat("/c/*") == {"/c/0": b"0", "/c/1": b"1", "/c/2": b"2"}
    with pytest.raises(IsADirectoryError):
        tenant.fs.cat_file("/c")


def test_pipe_and_put_of_any_kind_and_size(tenant: Tenant, tmp_path: Path) -> None:
    big = os.urandom(5 * 1024 * 1024)
    for number, value in enumerate((b"", bytearray(b"abc"), memoryview(b"abc"), big)):
        tenant.fs.pipe_file(f"/deep/er/{number}", value)
        assert tenant.fs.cat_file(f"/deep/er/{number}") == bytes(value)
    with pytest.raises(TypeError):
        tenant.fs.pipe_file("/text", "not bytes")
    (tmp_path / "local.bin").write_bytes(big)
    os.utime(tmp_path / "local.bin", (1_700_000_000, 1_700_000_000))
    seen = Callback()
    tenant.fs.put_file(str(tmp_path / "local.bin"), "/up.bin", callback=seen, keep_times=True)
    assert (seen.size, seen.value) == (len(big), len(big))
    assert tenant.fs.modified("/up.bin").timestamp() == 1_700_000_000
    seen = Callback()
    tenant.fs.get_file("/up.bin", str(tmp_path / "new" / "down.bin"), callback=seen)
    assert (seen.size, seen.value) == (len(big), len(big))
    assert (tmp_path / "new" / "down.bin").read_bytes() == big
    target = io.BytesIO()
    tenant.fs.get_file("/up.bin", target)
    assert target.getvalue() == big
    with pytest.raises(FileExistsError):
        tenant.fs.put_file(str(tmp_path / "local.bin"), "/up.bin", mode="create")
    with pytest.raises(FileNotFoundError):
        tenant.fs.put_file(str(tmp_path / "missing"), "/x")


def test_a_target_that_cannot_be_written_says_which(tenant: Tenant, tmp_path: Path) -> None:
    tenant.store.put_file("/a", b"x")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        tenant.fs.get_file("/a", str(tmp_path / "file" / "below"))


def test_threads_share_a_file_system(tenant: Tenant) -> None:
    def work(number: int) -> bool:
        path, content = f"/threads/{number}", os.urandom(1000 + number)
        tenant.fs.pipe_file(path, content)
        with tenant.fs.open(path) as file:
            return bool(file.read() == content and tenant.fs.cat_file(path, 5, 10) == content[5:10])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(32)))
    assert len(tenant.fs.ls("/threads")) == 32


def test_threads_share_an_open_file(tenant: Tenant) -> None:
    content = os.urandom(6 << 20)
    tenant.store.put_file("/big", content)

    def work(number: int) -> bool:
        start = number * 190_000
        with tenant.fs.open("/big", block_size=1 << 20) as file:
            file.seek(start)
            own = file.read(1000)
        return bool(own == shared.cache._fetch(start, start + 1000) == content[start : start + 1000])

    with tenant.fs.open("/big", block_size=1 << 20) as shared, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(24)))


def test_one_lookup_of_the_drive_serves_all_who_ask_at_once(tenant: Tenant) -> None:
    for number in range(20):
        tenant.store.put_file(f"/{number}", b"x")
    fresh = tenant.filesystem()
    tenant.emulator.requests.clear()
    assert len(fresh.cat([f"/{number}" for number in range(20)])) == 20
    assert len([each for each in tenant.requests() if each.partition("?")[0].endswith("/drive")]) == 1


def test_both_protocols_are_ours_and_options_are_connection_parameters(tenant: Tenant) -> None:
    tenant.store.put_file("/a.txt", b"content")
    for protocol in ("onedrive", "driveql"):
        with fsspec.open(f"{protocol}:///a.txt", **tenant.parameters) as file:
            assert file.read() == b"content"
        found, path = fsspec.core.url_to_fs(f"{protocol}:///a.txt", **tenant.parameters)
        assert isinstance(found, OneDriveFileSystem)
        assert path == "/a.txt"
        assert found.unstrip_protocol(path) == "onedrive:///a.txt"
    assert fsspec.filesystem("onedrive", **tenant.parameters) is fsspec.filesystem(
        "onedrive", **tenant.parameters
    )
    secret = tenant.parameters["client_secret"].removeprefix("plain:")
    kept = fsspec.filesystem("onedrive", **tenant.parameters)
    assert secret not in repr(kept)
    assert secret not in str(kept.to_dict(include_password=False))
    with pytest.raises(ValueError, match="not both"):
        OneDriveFileSystem(drive=tenant.fs.onedrive, client_id="x")


async def test_in_the_callers_own_loop(tenant: Tenant) -> None:
    tenant.store.put_file("/d/a.txt", b"content")
    fs = tenant.filesystem(asynchronous=True)
    assert await fs._cat_file("/d/a.txt") == b"content"
    assert [name async for name, _, _ in fs._walk("/")] == ["/", "/d"]
    await fs._pipe_file("/d/b.txt", b"more")
    assert await fs._find("/") == ["/d/a.txt", "/d/b.txt"]
    await fs.aclose()


def test_a_read_only_connection_refuses_before_any_request(tenant: Tenant, tmp_path: Path) -> None:
    tenant.store.put_file("/a.txt", b"x")
    (tmp_path / "f").write_bytes(b"x")
    fs = OneDriveFileSystem(**tenant.parameters, read_only=True)
    assert fs.cat_file("/a.txt") == b"x"
    tenant.emulator.requests.clear()
    writes = (
        lambda: fs.pipe_file("/b", b""), lambda: fs.put_file(str(tmp_path / "f"), "/b"), lambda: fs.mkdir("/d"),
        lambda: fs.makedirs("/d", exist_ok=True), lambda: fs.rm_file("/a.txt"), lambda: fs.rm("/a.txt"),
        lambda: fs.mv("/a.txt", "/b"), lambda: fs.cp_file("/a.txt", "/b"), lambda: fs.touch("/a.txt"),
        lambda: fs.rmdir("/d"), lambda: fs.open("/b", "wb"),
    )  # fmt: skip
    for write in writes:
        with pytest.raises(PermissionError, match="ReadOnly"):
            write()
    assert not [each for each in tenant.requests() if not each.startswith("GET")]
    assert set(tenant.store.tree()) == {"/a.txt"}

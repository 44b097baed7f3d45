"""Downloads and uploads give the right bytes or a clear error, and leave nothing half done, whatever breaks on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support import local_tenant

from driveql import errors
from driveql.errors import DriveqlError, IntegrityError, ItemChangedError
from graph_emulator import faults

CONTENT = bytes(range(256)) * 4096 + b"tail"  # a megabyte and a bit
BIG = os.urandom(1 << 16) * 96  # 6 MiB: an upload session


@pytest.mark.parametrize(
    "fault",
    [
        faults.Truncate(bytes=0),
        faults.Truncate(bytes=1),
        faults.Truncate(bytes=300_000),
        faults.DropBefore(),
        faults.ExpiredUrl(401),
        faults.ExpiredUrl(403),
        faults.ExpiredUrl(404),
        faults.Refuse(429, retry_after=0),
        faults.Refuse(503, retry_after=0),
    ],
    ids=repr,
)
async def test_a_download_outlives_a_fault_at_its_content(fault: faults.Effect, tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.bin", CONTENT)
        tenant.emulator.faults.add(fault, target="_content")
        await tenant.handle.download("/a.bin", tmp_path / "a.bin")
        assert (tmp_path / "a.bin").read_bytes() == CONTENT
        assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
        tenant.emulator.faults.assert_consumed()
        assert not tenant.emulator.leaks


async def test_a_server_that_ignores_the_range_is_understood(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.bin", CONTENT)
        tenant.emulator.faults.add(faults.Truncate(bytes=500_000), target="_content")
        tenant.emulator.faults.add(faults.IgnoreRange(), target="_content")
        assert await tenant.handle.read("/a.bin") == CONTENT
        tenant.emulator.faults.assert_consumed()


async def test_a_file_that_changes_under_way_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.bin", CONTENT)
        tenant.emulator.faults.add(faults.Truncate(bytes=500_000), target="_content")
        item = await tenant.handle.item("/a.bin")
        tenant.store_drive.put_file("/a.bin", CONTENT[::-1])
        with pytest.raises((ItemChangedError, IntegrityError)):
            await tenant.handle.download(item, tmp_path / "a.bin")
        assert not list(tmp_path.iterdir())


async def test_a_download_that_never_succeeds_gives_up_and_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"old")
    async with local_tenant(retry_count_max=2) as tenant:
        tenant.store_drive.put_file("/a.bin", CONTENT)
        fault = tenant.emulator.faults.add(faults.DropBefore(), target="_content", count=None)
        with pytest.raises(DriveqlError, match="3 tries"):
            await tenant.handle.download("/a.bin", tmp_path / "a.bin")
        assert fault.fired == 3
        assert (tmp_path / "a.bin").read_bytes() == b"old"
        assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("size", [0, 1, 160, 327_680, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1])
async def test_any_size_goes_up_and_comes_down(size: int, tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        content = os.urandom(size)
        (tmp_path / "source").write_bytes(content)
        os.utime(tmp_path / "source", (1_700_000_000, 1_700_000_000))
        item = await tenant.handle.upload("/up.bin", tmp_path / "source")
        assert item.size == size
        assert await tenant.handle.read("/up.bin") == content
        if size:
            assert item.modified is not None
            assert item.modified.timestamp() == 1_700_000_000
        assert not tenant.emulator.leaks


@pytest.mark.parametrize(
    "fault",
    [
        faults.DropBefore(),
        faults.Drop(),
        faults.Truncate(bytes=3),
        faults.Refuse(429, retry_after=0),
        faults.Refuse(503, retry_after=0),
        faults.Refuse(416),
        faults.Refuse(404),
        faults.ExpiredUrl(403),
    ],
    ids=repr,
)
@pytest.mark.parametrize("nth", [1, 2])
async def test_an_upload_session_outlives_a_fault_at_any_fragment(fault: faults.Effect, nth: int) -> None:
    async with local_tenant() as tenant:
        tenant.emulator.faults.add(fault, method="PUT", target="_upload", nth=nth)
        upload = await tenant.upload("/big.bin", BIG, fragment_bytes=4 * 1024 * 1024)
        assert upload.size == len(BIG)
        assert await tenant.handle.read("/big.bin") == BIG
        tenant.emulator.faults.assert_consumed()
        assert not tenant.emulator.leaks
        assert [path for path in tenant.store_drive.tree() if "~tmp" in path] == []


async def test_an_upload_that_fails_for_good_is_cancelled_and_nothing_appears() -> None:
    async with local_tenant(retry_count_max=1) as tenant:
        tenant.emulator.faults.add(faults.Refuse(507), method="PUT", target="_upload")
        with pytest.raises(errors.QuotaExceededError):
            await tenant.handle.upload("/big.bin", BIG)
        assert tenant.store_drive.tree() == {}
        deletes = [
            entry for entry in tenant.emulator.requests if "DELETE" in str(entry) and "_upload" in str(entry)
        ]
        assert len(deletes) == 1
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("content", [b"small", BIG], ids=["put", "session"])
async def test_conflict_behaviour_is_kept_by_both_ways_up(content: bytes) -> None:
    async with local_tenant() as tenant:
        await tenant.handle.upload("/a.txt", b"first")
        with pytest.raises(errors.AlreadyExistsError):
            await tenant.handle.upload("/a.txt", content, conflict="fail")
        assert await tenant.handle.read("/a.txt") == b"first"
        renamed = await tenant.handle.upload("/a.txt", content, conflict="rename")
        assert renamed.name != "a.txt"
        await tenant.handle.upload("/a.txt", content, conflict="replace")
        assert await tenant.handle.read("/a.txt") == content


async def test_a_folder_whose_creation_was_answered_with_nothing_is_still_found() -> None:
    async with local_tenant() as tenant:
        tenant.emulator.faults.add(faults.EmptyBody(201), method="POST", route="children$")
        folder = await tenant.handle.create_folder("/new")
        assert folder.is_folder
        tenant.emulator.faults.assert_consumed()


async def test_a_deletion_whose_answer_was_lost_is_a_deletion() -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"x")
        tenant.emulator.faults.add(faults.Drop(), method="DELETE")
        await tenant.handle.delete("/a.txt")
        assert await tenant.handle.find("/a.txt") is None
        tenant.emulator.faults.assert_consumed()


breaks = st.lists(
    st.one_of(
        st.builds(faults.Truncate, bytes=st.integers(0, len(CONTENT))),
        st.just(faults.DropBefore()),
        st.just(faults.ExpiredUrl(403)),
        st.just(faults.Refuse(503, retry_after=0)),
    ),
    max_size=4,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(breaks, st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)))
async def test_any_range_under_any_faults_is_the_right_bytes(
    plan: list[faults.Effect], one: int, two: int
) -> None:
    start, end = min(one, two), max(one, two)
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.bin", CONTENT)
        for number, fault in enumerate(plan):
            tenant.emulator.faults.add(fault, target="_content", nth=number + 1)
        assert await tenant.handle.read("/a.bin", start, end) == CONTENT[start:end]


@pytest.mark.parametrize("content", [b"small", BIG], ids=["put", "session"])
async def test_a_guarded_upload_replaces_only_the_version_it_was_told(content: bytes) -> None:
    async with local_tenant() as tenant:
        first = await tenant.handle.upload("/a.txt", b"first")
        second = await tenant.handle.upload("/a.txt", b"second", if_match=first.etag)
        with pytest.raises(ItemChangedError):
            await tenant.handle.upload("/a.txt", content, if_match=first.etag)
        assert await tenant.handle.read("/a.txt") == b"second"
        await tenant.handle.upload("/a.txt", content, if_match=second.etag)
        assert await tenant.handle.read("/a.txt") == content


async def test_a_range_is_never_two_versions() -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.bin", CONTENT)
        item = await tenant.handle.item("/a.bin")
        tenant.emulator.faults.add(faults.Truncate(bytes=300_000), target="_content")
        reading = tenant.handle.reading(item, 0, 900_000)
        chunks = reading.chunks()
        first = await chunks.__anext__()
        assert CONTENT.startswith(first)
        tenant.store_drive.put_file("/a.bin", CONTENT[::-1])
        with pytest.raises(ItemChangedError):
            [chunk async for chunk in chunks]
        tenant.emulator.faults.assert_consumed()

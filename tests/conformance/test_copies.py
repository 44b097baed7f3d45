"""Copies made by the service: of files and folders, within and across drives, watched to their end whatever the monitor does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import local_tenant

from driveql import errors
from driveql.errors import DriveqlError
from driveql.graph import monitor
from graph_emulator import faults


@pytest.mark.parametrize("final", [200, 202, 303])
async def test_a_file_is_copied_and_found(final: int) -> None:
    async with local_tenant() as tenant:
        tenant.emulator.behaviour.copy_done_status = final
        tenant.store_drive.put_file("/a.txt", b"content")
        tenant.store_drive.create_folder("/there")
        seen: list[float] = []
        copied = await tenant.handle.copy("/a.txt", "/there/b.txt", progress=seen.append)
        assert copied.path == "/there/b.txt"
        assert await tenant.handle.read("/there/b.txt") == b"content"
        assert set(tenant.store_drive.tree()) == {"/a.txt", "/there/b.txt"}
        assert not tenant.emulator.leaks


async def test_a_folder_goes_with_all_in_it_also_to_another_drive() -> None:
    async with local_tenant() as tenant:
        bob = tenant.emulator.tenant.add_user("bob")
        for number in range(12):
            tenant.store_drive.put_file(f"/tree/{number % 3}/{number}.txt", str(number).encode())
        other = await tenant.drive.drive(drive_id=bob.drive.id)
        copied = await tenant.handle.copy("/tree", "/copy", target=other)
        assert copied.is_folder
        assert copied.drive_id == bob.drive.id
        wanted = {
            path.replace("/tree", "/copy", 1): entry for path, entry in tenant.store_drive.tree().items()
        }
        assert bob.drive.tree() == wanted


async def test_a_taken_name_fails_is_replaced_or_renamed() -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"new")
        tenant.store_drive.put_file("/b.txt", b"old")
        with pytest.raises(errors.AlreadyExistsError):
            await tenant.handle.copy("/a.txt", "/b.txt")
        assert await tenant.handle.read("/b.txt") == b"old"
        renamed = await tenant.handle.copy("/a.txt", "/b.txt", conflict="rename")
        assert renamed.name not in {"a.txt", "b.txt"}
        await tenant.handle.copy("/a.txt", "/b.txt", conflict="replace")
        assert await tenant.handle.read("/b.txt") == b"new"
        with pytest.raises(errors.NotFoundError):
            await tenant.handle.copy("/a.txt", "/missing/b.txt")
        with pytest.raises(errors.InvalidPathError):
            await tenant.handle.copy("/a.txt", "/CON")


@pytest.mark.parametrize(
    "fault",
    [
        faults.DropBefore(),
        faults.Drop(),
        faults.Refuse(429, retry_after=0),
        faults.Refuse(503),
        faults.Refuse(500),
    ],
    ids=repr,
)
async def test_a_monitor_that_stumbles_is_asked_again(fault: faults.Effect) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"content")
        tenant.emulator.faults.add(fault, target="_monitor")
        assert (await tenant.handle.copy("/a.txt", "/b.txt")).path == "/b.txt"
        tenant.emulator.faults.assert_consumed()


async def test_a_copy_that_is_not_done_in_time_says_that_it_goes_on() -> None:
    async with local_tenant() as tenant:
        tenant.emulator.behaviour.copy_polls = 1000
        tenant.store_drive.put_file("/a.txt", b"content")
        with pytest.raises(errors.RequestTimeoutError, match="goes on"):
            await tenant.handle.copy("/a.txt", "/b.txt", timeout=0.4)


async def test_a_copy_whose_answer_was_lost_is_not_asked_for_twice() -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"content")
        await tenant.drive.session.access_token()
        fault = tenant.emulator.faults.add(faults.Drop(), method="POST", route="copy$", count=3)
        with pytest.raises(errors.ConnectionLostError, match="not safe to repeat"):
            await tenant.handle.copy("/a.txt", "/b.txt", conflict="rename")
        assert fault.fired == 1


bodies = st.none() | st.dictionaries(
    st.sampled_from(["status", "percentageComplete", "resourceId", "error", "id", "statusDescription"]),
    st.none()
    | st.sampled_from(["completed", "failed", "inProgress", "notStarted"])
    | st.text(max_size=4)
    | st.integers(),
)


@given(st.sampled_from([200, 202, 303]), st.none() | st.text(max_size=9), bodies)
def test_any_answer_of_a_monitor_is_understood_or_an_error_of_ours(
    status: int, location: str | None, body: object
) -> None:
    try:
        found = monitor.read(status, location, body)
    except DriveqlError:
        return
    assert isinstance(found, monitor.Progressing | monitor.Completed | monitor.Failed)

"""Versions, check-out and the recycle bin, the same over plain HTTP and over TLS through a proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.graph.item_records import Version
from graph_emulator import faults

CONTENTS = [b"first", b"the second", bytes(range(256)) * 300, b"now"]
FILE = "/Reports/a b#1.csv"


@pytest_asyncio.fixture(params=["http", "tls through a proxy"])
async def tenant(request: pytest.FixtureRequest) -> AsyncIterator[LocalTenant]:
    listen = {} if request.param == "http" else {"tls_port": 0, "proxy_port": 0}
    async with local_tenant(listen=listen) as local:
        for content in CONTENTS:
            local.store_drive.put_file(FILE, content)
        yield local
        assert not local.emulator.leaks


async def versions(tenant: LocalTenant, item: str = FILE) -> list[Version]:
    return [known async for page in tenant.handle.versions.list(item) for known in page]


async def test_every_version_is_listed_and_read(tenant: LocalTenant, tmp_path: Path) -> None:
    listed = await versions(tenant)
    assert [known.id for known in listed] == ["4.0", "3.0", "2.0", "1.0"]
    assert [known.size for known in listed] == [len(content) for content in reversed(CONTENTS)]
    assert all(known.modified is not None and known.modified_by for known in listed)
    for known, content in zip(listed, reversed(CONTENTS), strict=True):
        assert await tenant.handle.versions.read(FILE, known) == content
        assert await tenant.handle.versions.read(FILE, known.id) == content
    seen: list[tuple[int, int]] = []
    target = tmp_path / "old.csv"
    record = await tenant.handle.versions.download(
        FILE, "3.0", target, progress=lambda done, size: seen.append((done, size))
    )
    assert target.read_bytes() == CONTENTS[2]
    assert record.id == "3.0"
    assert seen[-1] == (len(CONTENTS[2]), len(CONTENTS[2]))
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
    assert (await tenant.handle.versions.get(FILE)).id == "4.0"


async def test_a_service_that_gives_the_current_versions_content_is_understood_too(
    tenant: LocalTenant,
) -> None:
    tenant.emulator.behaviour.current_version_content = True
    assert await tenant.handle.versions.read(FILE, "4.0") == CONTENTS[3]
    assert await tenant.handle.versions.read(FILE, "current") == CONTENTS[3]


async def test_an_earlier_version_is_brought_back_as_a_new_one(tenant: LocalTenant) -> None:
    before = await tenant.handle.item(FILE)
    now = await tenant.handle.versions.restore(FILE, "2.0")
    assert now.id == before.id
    assert now.etag != before.etag
    assert await tenant.handle.read(FILE) == CONTENTS[1]
    assert [known.id for known in await versions(tenant)] == ["5.0", "4.0", "3.0", "2.0", "1.0"]
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.versions.restore(FILE, "77.0")
    with pytest.raises(errors.BadRequestError):
        await tenant.handle.versions.restore(FILE, "5.0")


async def test_a_version_is_removed_but_never_the_current_one(tenant: LocalTenant) -> None:
    listed = await versions(tenant)
    await tenant.handle.versions.delete(FILE, listed[2])
    assert [known.id for known in await versions(tenant)] == ["4.0", "3.0", "1.0"]
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.versions.delete(FILE, listed[2])
    with pytest.raises(errors.BadRequestError):
        await tenant.handle.versions.delete(FILE, listed[0])
    assert await tenant.handle.read(FILE) == CONTENTS[3]


async def test_folders_and_what_is_missing_have_no_versions(tenant: LocalTenant, tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidPathError, match="folder"):
        await tenant.handle.versions.download("/Reports", "1.0", tmp_path / "x")
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.versions.read(FILE, "9.0")
    # Written a moment ago, so that it would be waited for if the file itself were not found.
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.versions.read(await tenant.handle.upload(FILE, b"new"), "9.0")
    assert len([one for one in tenant.emulator.requests if one.target.endswith("/versions/9.0")]) == 2
    with pytest.raises(errors.NotFoundError):
        await versions(tenant, "/nothing")
    assert not list(tmp_path.iterdir())


async def test_a_checked_out_file_is_given_back_with_a_version_or_as_it_was(tenant: LocalTenant) -> None:
    checkout = tenant.handle.checkout
    assert not await checkout.is_checked_out(FILE)
    with pytest.raises(errors.ApiError):
        await checkout.check_in(FILE)
    await checkout.check_out(FILE)
    assert await checkout.is_checked_out(FILE)
    await tenant.handle.upload(FILE, b"draft")
    await checkout.check_in(FILE, "The new figures", publish=True)
    assert not await checkout.is_checked_out(FILE)
    assert await tenant.handle.read(FILE) == b"draft"
    await checkout.check_out(await tenant.handle.item(FILE))
    await tenant.handle.upload(FILE, b"a mistake")
    await checkout.discard(FILE)
    assert await tenant.handle.read(FILE) == b"draft"
    assert not await checkout.is_checked_out(FILE)
    with pytest.raises(errors.InvalidPathError):
        await checkout.check_out(await tenant.handle.item("/Reports"))


async def test_a_check_out_of_somebody_is_not_waited_for_but_a_passing_lock_is(tenant: LocalTenant) -> None:
    def sent() -> int:
        return sum(one.target.endswith("/checkout") for one in tenant.emulator.requests)

    tenant.emulator.faults.add(faults.Locked(), method="POST", route="checkout$", count=3)
    await tenant.handle.checkout.check_out(FILE)
    tenant.emulator.faults.assert_consumed()
    assert sent() == 4
    with pytest.raises(errors.LockedError, match="checked out"):
        await tenant.handle.checkout.check_out(FILE)
    assert sent() == 5
    tenant.emulator.faults.add(faults.Locked(), method="POST", route="checkin$")
    await tenant.handle.checkout.check_in(FILE)
    tenant.emulator.faults.assert_consumed()


async def test_what_was_deleted_comes_back_with_all_that_was_in_it(tenant: LocalTenant) -> None:
    folder = await tenant.handle.item("/Reports")
    await tenant.handle.delete(folder)
    assert await tenant.handle.find(FILE) is None
    listed = [entry async for page in tenant.handle.recycle_bin.list() for entry in page]
    assert [entry.name for entry in listed] == ["Reports"]
    assert listed[0].deleted is not None
    back = await tenant.handle.recycle_bin.restore(folder)
    assert back.id == folder.id
    assert await tenant.handle.read(FILE) == CONTENTS[3]
    assert not [entry async for page in tenant.handle.recycle_bin.list() for entry in page]


async def test_a_deleted_item_comes_back_elsewhere_under_another_name(tenant: LocalTenant) -> None:
    await tenant.handle.create_folder("/Archive")
    file = await tenant.handle.item(FILE)
    await tenant.handle.delete(file)
    await tenant.handle.upload(FILE, b"a newcomer")
    with pytest.raises(errors.AlreadyExistsError):
        await tenant.handle.recycle_bin.restore(f"id:{file.id}")
    back = await tenant.handle.recycle_bin.restore(f"id:{file.id}", folder="/Archive", name="old.csv")
    assert back.id == file.id
    assert back.path == "/Archive/old.csv"
    assert await tenant.handle.read("/Archive/old.csv") == CONTENTS[3]
    for wrong in (FILE, "id:"):
        with pytest.raises(errors.InvalidPathError, match="no path"):
            await tenant.handle.recycle_bin.restore(wrong)
    with pytest.raises(errors.InvalidPathError):
        await tenant.handle.recycle_bin.restore(f"id:{file.id}", name="a/b")
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.recycle_bin.restore("id:01NOTHING")


async def test_a_permanent_deletion_leaves_nothing_to_restore(tenant: LocalTenant) -> None:
    file = await tenant.handle.item(FILE)
    with pytest.raises(errors.ItemChangedError):
        await tenant.handle.recycle_bin.delete_permanently(
            FILE, if_match='"{00000000-0000-0000-0000-000000000000},1"'
        )
    await tenant.handle.recycle_bin.delete_permanently(FILE, if_match=file.etag)
    assert await tenant.handle.find(FILE) is None
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.recycle_bin.restore(file)
    with pytest.raises(errors.NotFoundError):
        await tenant.handle.recycle_bin.delete_permanently(file)
    with pytest.raises(errors.InvalidPathError):
        await tenant.handle.recycle_bin.delete_permanently("/")

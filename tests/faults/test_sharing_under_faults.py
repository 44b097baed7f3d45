"""Every request of sharing, versions, recycle bin, check-out, metadata, renditions and subscriptions outlives what can go wrong.

Each operation is done once to count its requests. Then, for each of them and each fault, it is done again on a fresh file:
the outcome must be the same, it must have happened once, and the fault must have been consumed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.graph.models import DriveItem
from graph_emulator import faults
from graph_emulator.store.lists import Column

FAULTS: list[faults.Effect] = [
    faults.Refuse(429, retry_after=0),
    faults.DropBefore(),
    faults.Drop(),
]


class Case:
    """A file with three versions in a tenant, and what an operation on it needs."""

    def __init__(self, tenant: LocalTenant, number: int, directory: Path) -> None:
        self.tenant, self.handle = tenant, tenant.handle
        self.path = f"/f{number}/a#.docx"
        for content in (b"one", b"two!", b"three"):
            tenant.store_drive.put_file(self.path, content)
        self.target = directory / f"{number}.out"
        self.bob = f"bob@{tenant.emulator.tenant.domain}"

    @property
    def stored(self) -> Any:
        return self.tenant.store_drive.item(self.path)

    async def permissions(self) -> list[Any]:
        pages = self.handle.sharing.permissions(self.path)
        return [known async for page in pages for known in page if not known.is_inherited]


async def list_permissions(case: Case) -> object:
    return [known.roles for known in await case.permissions()]


async def make_link(case: Case) -> object:
    link = await case.handle.sharing.create_link(case.path)
    return link.link_type, [known.link_type for known in await case.permissions()].count("view")


async def make_secret_link(case: Case) -> object:
    link = await case.handle.sharing.create_link(case.path, scope="anonymous", password="plain:secret")
    return link.has_password, [known.link_type for known in await case.permissions()].count("view")


async def invite(case: Case) -> object:
    result = await case.handle.sharing.invite(case.path, [case.bob], send_invitation=False)
    return result.complete, [known.concerns(case.bob) for known in await case.permissions()].count(True)


async def change_and_revoke(case: Case) -> object:
    [outcome] = await case.handle.sharing.invite(case.path, [case.bob], send_invitation=False)
    assert outcome.permission is not None
    changed = await case.handle.sharing.update_roles(case.path, outcome.permission.id, ["write"])
    await case.handle.sharing.revoke(case.path, outcome.permission.id)
    return changed.roles, [known.concerns(case.bob) for known in await case.permissions()].count(True)


async def take_off_a_link(case: Case) -> object:
    link = await case.handle.sharing.create_link(case.path, scope="users", recipients=[case.bob])
    left = await case.handle.sharing.revoke_grants(case.path, link.id, [case.bob])
    return left, len(await case.permissions())


async def resolve(case: Case) -> object:
    item = await case.handle.item(case.path)
    assert item.web_url is not None
    return (await case.handle.sharing.resolve(item.web_url)).name


async def download_version(case: Case) -> object:
    record = await case.handle.versions.download(case.path, "2.0", case.target)
    return record.id, case.target.read_bytes(), await case.handle.versions.read(case.path, "3.0")


async def restore_version(case: Case) -> object:
    item = await case.handle.versions.restore(case.path, "1.0")
    return item.size, case.stored.content.size, len(case.stored.history)


async def delete_version(case: Case) -> object:
    await case.handle.versions.delete(case.path, "2.0")
    return len(case.stored.history)


async def bring_back(case: Case) -> object:
    item = await case.handle.item(case.path)
    await case.handle.delete(item)
    return (await case.handle.recycle_bin.restore(item)).path == case.path, case.stored is not None


async def delete_for_good(case: Case) -> object:
    item = await case.handle.item(case.path)
    await case.handle.recycle_bin.delete_permanently(item, if_match=item.etag)
    return await case.handle.find(case.path)


async def check_out_and_in(case: Case) -> object:
    await case.handle.checkout.check_out(case.path)
    held = await case.handle.checkout.is_checked_out(case.path)
    await case.handle.checkout.check_in(case.path, "done")
    await case.handle.checkout.check_out(case.path)
    await case.handle.checkout.discard(case.path)
    return held, await case.handle.checkout.is_checked_out(case.path)


async def write_fields(case: Case) -> object:
    before = await case.handle.metadata.read(case.path)
    kept = await case.handle.metadata.write(case.path, {"Status": "x"}, if_match=before.etag)
    return kept["Status"], (await case.handle.metadata.read(case.path)).fields["Status"]


async def pictures_and_pdf(case: Case) -> object:
    pictures = await case.handle.renditions.thumbnails(case.path)
    await case.handle.renditions.download_thumbnail(case.path, case.target, size="small")
    picture = case.target.read_bytes()[:4]
    await case.handle.renditions.convert(case.path, case.target)
    preview = await case.handle.renditions.preview(case.path)
    return len(pictures), picture, case.target.read_bytes()[:5], preview.get_url is not None


OPERATIONS: list[Callable[[Case], Awaitable[object]]] = [
    list_permissions,
    make_link,
    make_secret_link,
    invite,
    change_and_revoke,
    take_off_a_link,
    resolve,
    download_version,
    restore_version,
    delete_version,
    bring_back,
    delete_for_good,
    check_out_and_in,
    write_fields,
    pictures_and_pdf,
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
async def test_every_request_of_an_operation_outlives_a_passing_fault(
    operation: Callable[[Case], Awaitable[object]], tmp_path: Path
) -> None:
    async with local_tenant() as tenant:
        tenant.emulator.tenant.add_user("bob", "Bob")
        tenant.store_drive.library.columns.append(Column("Status"))
        await tenant.drive.session.access_token()
        before = len(tenant.emulator.requests)
        expected = await operation(Case(tenant, 0, tmp_path))
        requests = len(tenant.emulator.requests) - before
        assert requests >= 1
        number = 0
        for fault in FAULTS:
            for nth in range(1, requests + 1):
                number += 1
                tenant.emulator.faults.clear()
                case = Case(tenant, number, tmp_path)
                tenant.emulator.faults.add(fault, nth=nth)
                assert await operation(case) == expected, (fault, nth)
                tenant.emulator.faults.assert_consumed()
        assert not tenant.emulator.leaks


NEW_ITEM: list[Callable[[LocalTenant, DriveItem, Path], Awaitable[object]]] = [
    lambda tenant, item, _: tenant.handle.sharing.create_link(item),
    lambda tenant, item, _: tenant.handle.sharing.invite(item, [f"bob@{tenant.emulator.tenant.domain}"]),
    lambda tenant, item, _: _all(tenant.handle.sharing.permissions(item)),
    lambda tenant, item, _: _all(tenant.handle.versions.list(item)),
    lambda tenant, item, _: tenant.handle.checkout.check_out(item),
    lambda tenant, item, _: tenant.handle.metadata.read(item),
    lambda tenant, item, _: tenant.handle.renditions.thumbnails(item),
    lambda tenant, item, directory: tenant.handle.renditions.convert(item, directory / "a.pdf"),
    lambda tenant, item, directory: tenant.handle.versions.download(item, "1.0", directory / "a"),
]


async def _all(pages: Any) -> object:
    return [page async for page in pages]


@pytest.mark.parametrize("number", range(len(NEW_ITEM)))
async def test_an_item_written_a_moment_ago_is_waited_for(number: int, tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.emulator.tenant.add_user("bob", "Bob")
        planned = tenant.emulator.faults.add(
            faults.NotFoundAfterCreate(requests=2), method="PUT", route="content$"
        )
        item = await tenant.handle.upload("/new.docx", b"x")
        await NEW_ITEM[number](tenant, item, tmp_path)
        tenant.emulator.faults.assert_consumed()
        assert isinstance(planned.effect, faults.NotFoundAfterCreate)
        assert all(hidden.requests_left == 0 for hidden in planned.effect.hidden)
        assert sum(record.status == 404 for record in tenant.emulator.requests) == 2


async def test_an_old_item_that_is_gone_is_not_waited_for() -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/old.txt", b"x", modified=1_600_000_000)
        item = await tenant.handle.item("/old.txt")
        raw = item.raw | dict.fromkeys(("createdDateTime", "lastModifiedDateTime"), "2020-01-01T00:00:00Z")
        await tenant.handle.delete(item)
        before = len(tenant.emulator.requests)
        with pytest.raises(errors.NotFoundError):
            await tenant.handle.sharing.create_link(DriveItem.from_json(raw))
        assert len(tenant.emulator.requests) == before + 1


async def test_an_invitation_by_mail_whose_answer_was_lost_is_not_sent_again() -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"x")
        tenant.emulator.tenant.add_user("bob", "Bob")
        await tenant.drive.session.access_token()
        fault = tenant.emulator.faults.add(faults.Drop(), method="POST", count=2)
        with pytest.raises(errors.ConnectionLostError, match="not safe to repeat"):
            await tenant.handle.sharing.invite("/a.txt", [f"bob@{tenant.emulator.tenant.domain}"])
        assert fault.fired == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.Truncate(bytes=1000),
        faults.ExpiredUrl(401),
        faults.ExpiredUrl(404),
        faults.IgnoreRange(),
        faults.Refuse(503, retry_after=0),
    ],
    ids=repr,
)
async def test_a_versions_bytes_are_that_versions_whatever_breaks(
    fault: faults.Effect, tmp_path: Path
) -> None:
    old, new = bytes(range(256)) * 1000, bytes(reversed(range(256))) * 1000
    async with local_tenant() as tenant:
        for content in (old, new):
            tenant.store_drive.put_file("/a.bin", content)
        tenant.emulator.faults.add(faults.Truncate(bytes=500), target="_content")
        second = 1 if isinstance(fault, faults.IgnoreRange) else 2  # the first has no range to ignore
        tenant.emulator.faults.add(fault, target="_content", nth=second)
        await tenant.handle.versions.download("/a.bin", "1.0", tmp_path / "a.bin")
        assert (tmp_path / "a.bin").read_bytes() == old
        tenant.emulator.faults.assert_consumed()
        assert not tenant.emulator.leaks


async def test_a_version_that_never_comes_leaves_nothing_behind(tmp_path: Path) -> None:
    async with local_tenant(retry_count_max=2) as tenant:
        for content in (b"one", b"two"):
            tenant.store_drive.put_file("/a.txt", content)
        fault = tenant.emulator.faults.add(faults.DropBefore(), target="_content", count=None)
        with pytest.raises(errors.ConnectionLostError, match="3 tries"):
            await tenant.handle.versions.download("/a.txt", "1.0", tmp_path / "a.txt")
        assert fault.fired == 3
        assert not list(tmp_path.iterdir())


async def test_a_restoring_that_never_succeeds_says_how_often_it_was_tried() -> None:
    async with local_tenant(retry_count_max=2) as tenant:
        for content in (b"one", b"two"):
            tenant.store_drive.put_file("/a.txt", content)
        fault = tenant.emulator.faults.add(faults.DropBefore(), route="restoreVersion", count=None)
        with pytest.raises(errors.ConnectionLostError, match="3 tries"):
            await tenant.handle.versions.restore("/a.txt", "1.0")
        assert fault.fired == 3
        assert await tenant.handle.read("/a.txt") == b"two"


async def test_without_retries_a_lost_answer_is_told_at_once() -> None:
    async with local_tenant(retry_mode="None") as tenant:
        for content in (b"one", b"two"):
            tenant.store_drive.put_file("/a.txt", content)
        fault = tenant.emulator.faults.add(faults.DropBefore(), route="restoreVersion", count=None)
        with pytest.raises(errors.ConnectionLostError):
            await tenant.handle.versions.restore("/a.txt", "1.0")
        assert fault.fired == 1

"""The synchronous parts are the asynchronous ones: the same names and parameters, and the same results."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

import pytest
from tests.support import local_tenant

from driveql.drive import (
    blocking,
    blocking_parts,
    checkout,
    metadata,
    recycle,
    renditions,
    sharing,
    subscriptions,
    versions,
)
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive

PAIRS = [
    (blocking_parts.Sharing, sharing.Sharing),
    (blocking_parts.Versions, versions.Versions),
    (blocking_parts.RecycleBin, recycle.RecycleBin),
    (blocking_parts.CheckOut, checkout.CheckOut),
    (blocking_parts.Renditions, renditions.Renditions),
    (blocking_parts.Metadata, metadata.Metadata),
    (blocking_parts.Subscriptions, subscriptions.Subscriptions),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=lambda part: part.__module__)
def test_names_and_parameters_are_the_same(ours: type, theirs: type) -> None:
    def public(kind: type) -> dict[str, list[inspect.Parameter]]:
        return {
            name: list(inspect.signature(value).parameters.values())
            for name, value in vars(kind).items()
            if inspect.isfunction(value) and name[0] != "_"
        }

    assert public(theirs)
    assert public(ours) == public(theirs)


def test_every_part_of_a_drive_has_its_synchronous_one() -> None:
    parts = {name for name, value in vars(DriveHandle).items() if isinstance(value, property)}
    assert parts == {"sharing", "versions", "recycle_bin", "checkout", "renditions", "metadata"}
    made = blocking.BlockingDrive(DriveHandle(None, "b!1"))  # type: ignore[arg-type]
    assert {type(getattr(made, name)) for name in parts} == {ours for ours, _ in PAIRS} - {
        blocking_parts.Subscriptions
    }
    assert isinstance(vars(OneDrive)["subscriptions"], property)


async def test_a_day_with_the_synchronous_api(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        bob = f"bob@{tenant.emulator.tenant.domain}"
        tenant.emulator.tenant.add_user("bob", "Bob")
        tenant.store_drive.put_file("/a/b.docx", b"one")

        def work() -> None:
            with blocking.OneDrive(tenant.settings) as connection:
                drive = connection.drive()
                link = drive.sharing.create_link("/a/b.docx")
                assert link.link_url is not None
                assert connection.resolve(link.link_url).path == "/a/b.docx"
                assert drive.sharing.invite("/a/b.docx", [bob]).complete
                assert len(list(drive.sharing.permissions("/a/b.docx"))) >= 2
                drive.sharing.revoke("/a/b.docx", link.id)
                drive.upload("/a/b.docx", b"two")
                assert [known.id for known in drive.versions.list("/a/b.docx")] == ["2.0", "1.0"]
                drive.versions.download("/a/b.docx", "1.0", tmp_path / "old")
                assert drive.versions.restore("/a/b.docx", "1.0").size == 3
                drive.checkout.check_out("/a/b.docx")
                assert drive.checkout.is_checked_out("/a/b.docx")
                drive.checkout.discard("/a/b.docx")
                drive.renditions.convert("/a/b.docx", tmp_path / "b.pdf")
                assert drive.metadata.read("/a/b.docx").fields["FileLeafRef"] == "b.docx"
                item = drive.item("/a/b.docx")
                drive.delete(item)
                assert [entry.name for entry in drive.recycle_bin.list()] == ["b.docx"]
                assert drive.recycle_bin.restore(item).id == item.id

        await asyncio.to_thread(work)
        assert (tmp_path / "old").read_bytes() == b"one"
        assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF-")

"""Whatever breaks on the way: the right bytes or a clear error, and nothing half done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.faults.random_plans import CaptivePortal, OtherSize

from driveql.filesystem import OneDriveFileSystem
from graph_emulator import faults

from .conftest import Tenant

BIG = os.urandom(1 << 20) * 6
BREAKS = [
    faults.Truncate(bytes=0),
    faults.Truncate(bytes=300_000),
    faults.DropBefore(),
    faults.ExpiredUrl(401),
    faults.ExpiredUrl(404),
    faults.IgnoreRange(),
    faults.Refuse(429, retry_after=0),
    faults.Refuse(503, retry_after=0),
]


@pytest.mark.parametrize("fault", BREAKS, ids=repr)
def test_an_open_file_outlives_a_fault(tenant: Tenant, fault: faults.Effect) -> None:
    tenant.store.put_file("/big", BIG)
    tenant.emulator.faults.add(fault, target="_content", nth=2)
    with tenant.fs.open("/big", block_size=1 << 20) as file:
        parts = iter(lambda: file.read(400_000), b"")
        assert b"".join(parts) == BIG
    tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("fault", [each for each in BREAKS if each.kind != "ignore_range"], ids=repr)
def test_ranges_outlive_a_fault(tenant: Tenant, fault: faults.Effect) -> None:
    tenant.store.put_file("/big", BIG)
    tenant.emulator.faults.add(fault, target="_content")
    starts = [0, 2_000_000, 5_000_000]
    got = tenant.fs.cat_ranges(["/big"] * 3, starts, [start + 500_000 for start in starts])
    assert got == [BIG[start : start + 500_000] for start in starts]
    tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("size", [3000, len(BIG)])
@pytest.mark.parametrize(
    "fault", [CaptivePortal(), OtherSize(), faults.EmptyPage(), faults.EmptyBody()], ids=repr
)
@pytest.mark.parametrize("nth", [1, 2])
def test_what_is_not_the_file_is_never_read_as_its_bytes(
    tenant: Tenant, fault: faults.Effect, nth: int, size: int
) -> None:
    tenant.store.put_file("/big", BIG[:size])
    planned = tenant.emulator.faults.add(fault, target="_content", nth=nth)
    with tenant.fs.open("/big", block_size=1 << 20) as file:
        try:
            assert file.read(700) == BIG[:700]
            assert file.read(1_500_000) == BIG[:size][700:1_500_700]
        except OSError:
            assert planned.fired
    assert planned.fired or size == 3000


@pytest.mark.parametrize("status", [429, 503])
def test_throttled_metadata_is_asked_again(tenant: Tenant, status: int) -> None:
    tenant.store.put_file("/d/a", b"x")
    for method, target in (("GET", "children"), ("GET", r"/root\b"), ("PUT", "content")):
        tenant.emulator.faults.add(faults.Refuse(status, retry_after=0), method=method, target=target)
    assert tenant.fs.find("/") == ["/d/a"]
    tenant.fs.pipe_file("/d/b", b"y")
    assert tenant.fs.cat("/d/*") == {"/d/a": b"x", "/d/b": b"y"}
    tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize(
    "fault",
    [faults.DropBefore(), faults.Drop(), faults.Refuse(503, retry_after=0), faults.Refuse(404)],
    ids=repr,
)
def test_a_written_file_outlives_a_fault_at_its_fragments(tenant: Tenant, fault: faults.Effect) -> None:
    tenant.emulator.faults.add(fault, method="PUT", target="_upload")
    with tenant.fs.open("/big", "wb") as file:
        file.write(BIG)
    assert tenant.fs.cat_file("/big") == BIG
    tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("content", [b"small", BIG], ids=["put", "session"])
def test_what_cannot_be_stored_is_an_error_and_leaves_what_was_there(tenant: Tenant, content: bytes) -> None:
    tenant.store.put_file("/a", b"before")
    tenant.emulator.faults.add(faults.Refuse(507), method="PUT")
    file = tenant.fs.open("/a", "wb")
    file.write(content)
    with pytest.raises(OSError, match="full"):
        file.close()
    assert file.closed
    assert tenant.fs.cat_file("/a") == b"before"
    assert [path for path in tenant.store.tree() if path != "/a"] == []
    tenant.emulator.faults.assert_consumed()


def test_a_transaction_whose_commit_fails_says_so_and_ends(tenant: Tenant) -> None:
    fs = tenant.fs
    tenant.emulator.faults.add(faults.Refuse(507), method="PUT")
    file = None
    with pytest.raises(OSError, match="full"), fs.transaction:  # noqa: PT012 - the end of the block raises
        file = fs.open("/a", "wb")
        file.write(b"x")
        file.close()
    assert not fs._intrans
    assert tenant.store.tree() == {}
    fs.pipe_file("/b", b"x")
    assert set(tenant.store.tree()) == {"/b"}
    tenant.emulator.faults.assert_consumed()


def test_a_download_that_fails_leaves_the_local_file(tenant: Tenant, tmp_path: Path) -> None:
    tenant.store.put_file("/a", BIG)
    (tmp_path / "a").write_bytes(b"before")
    tenant.emulator.faults.add(faults.DropBefore(), target="_content", count=None)
    with pytest.raises(ConnectionError):
        tenant.fs.get_file("/a", str(tmp_path / "a"))
    tenant.emulator.faults.assert_consumed()
    assert (tmp_path / "a").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_pattern_or_a_bulk_read_with_one_failure_is_a_failure(tenant: Tenant, tmp_path: Path) -> None:
    for number in range(5):
        tenant.store.put_file(f"/d/{number}/x.csv", b"x")
    fs = tenant.fs
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", route="children", nth=3)
    with pytest.raises(PermissionError):
        fs.glob("/d/*/*.csv")
    tenant.emulator.faults.add(faults.Refuse(403), target="_content", nth=3, count=None)
    with pytest.raises(PermissionError):
        fs.get("/d", str(tmp_path / "d"), recursive=True)
    with pytest.raises(PermissionError):
        fs.cat("/d/*/x.csv")
    tenant.emulator.faults.assert_consumed()


def test_an_expired_token_is_renewed(tenant: Tenant) -> None:
    tenant.store.put_file("/a", b"x")
    tenant.emulator.faults.add(
        faults.Refuse(401, code="InvalidAuthenticationToken"), method="GET", target="/root"
    )
    assert tenant.fs.cat_file("/a") == b"x"
    tenant.emulator.faults.assert_consumed()


def test_a_wrong_secret_is_a_refusal_that_says_so(tenant: Tenant) -> None:
    fs = OneDriveFileSystem(**{**tenant.parameters, "client_secret": "plain:wrong"}, skip_instance_cache=True)
    with pytest.raises(PermissionError, match="AADSTS"):
        fs.ls("/")
    with pytest.raises(PermissionError):
        fs.exists("/a")

"""A large upload continues in its session: after a broken run, after a kill; never with another source; never orphaned."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.drive import files, journal
from driveql.drive.journal import JournalEntry
from driveql.graph import upload_plan
from graph_emulator import faults

CONTENT = os.urandom(1 << 20) * 5 + b"end"


@pytest_asyncio.fixture
async def tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalTenant]:
    monkeypatch.setenv("DRIVEQL_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(files, "JOURNALED_BYTES", 1)
    # Small fragments, so that a small file has many.
    monkeypatch.setattr(upload_plan, "fragment_size", lambda wanted: 327_680)
    (tmp_path / "source.bin").write_bytes(CONTENT)
    async with local_tenant(retry_count_max=0) as local:
        yield local
        assert not local.emulator.leaks


def _kept(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "state" / "uploads").glob("*") if path.suffix != ".lock"]


async def _broken_off(tenant: LocalTenant, tmp_path: Path) -> None:
    tenant.emulator.faults.add(faults.DropBefore(), method="PUT", target="_upload", nth=10)
    with pytest.raises(errors.ConnectionLostError):
        await tenant.handle.upload("/up.bin", tmp_path / "source.bin")
    tenant.emulator.faults.assert_consumed()


def _fragments(tenant: LocalTenant) -> int:
    return sum(entry.method == "PUT" and "_upload" in entry.target for entry in tenant.emulator.requests)


async def test_what_a_broken_upload_sent_is_not_sent_again(tenant: LocalTenant, tmp_path: Path) -> None:
    await _broken_off(tenant, tmp_path)
    assert tenant.store_drive.tree() == {}
    kept = _kept(tmp_path)
    assert len(kept) == 1
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700
    before = _fragments(tenant)
    item = await tenant.handle.upload("/up.bin", tmp_path / "source.bin")
    assert item.size == len(CONTENT)
    assert await tenant.handle.read("/up.bin") == CONTENT
    assert _fragments(tenant) - before < 10
    assert _kept(tmp_path) == []


async def test_a_source_that_changed_meanwhile_is_begun_anew(tenant: LocalTenant, tmp_path: Path) -> None:
    await _broken_off(tenant, tmp_path)
    changed = CONTENT[::-1]
    (tmp_path / "source.bin").write_bytes(changed)
    os.utime(tmp_path / "source.bin", (1_700_000_000, 1_700_000_000))
    await tenant.handle.upload("/up.bin", tmp_path / "source.bin")
    assert await tenant.handle.read("/up.bin") == changed


async def test_a_session_that_is_gone_is_begun_anew(tenant: LocalTenant, tmp_path: Path) -> None:
    await _broken_off(tenant, tmp_path)
    entry = _kept(tmp_path)[0]
    entry.write_text(entry.read_text().replace("/_upload/", "/_upload/gone-"))
    await tenant.handle.upload("/up.bin", tmp_path / "source.bin")
    assert await tenant.handle.read("/up.bin") == CONTENT


async def test_a_final_refusal_cancels_the_session_and_forgets_it(
    tenant: LocalTenant, tmp_path: Path
) -> None:
    tenant.emulator.faults.add(faults.Refuse(507), method="PUT", target="_upload", nth=3)
    with pytest.raises(errors.QuotaExceededError):
        await tenant.handle.upload("/up.bin", tmp_path / "source.bin")
    assert _kept(tmp_path) == []
    assert any(entry.method == "DELETE" and "_upload" in entry.target for entry in tenant.emulator.requests)
    assert len(tenant.emulator.world.uploads) == 0


async def test_a_source_that_shrinks_while_it_is_sent_is_told_as_that(
    tenant: LocalTenant, tmp_path: Path
) -> None:
    def shrink(sent: int, total: int) -> None:
        if 0 < sent < total:
            os.truncate(tmp_path / "source.bin", 400_000)

    with pytest.raises(errors.LocalFileError, match="shorter"):
        await tenant.handle.upload("/up.bin", tmp_path / "source.bin", progress=shrink)
    assert tenant.store_drive.tree() == {}


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "upload_url": 7}', "\x00\xff"]
)
def test_an_entry_that_is_not_ours_is_not_believed(content: str, tmp_path: Path) -> None:
    (tmp_path / "entry.json").write_text(content)
    assert JournalEntry(tmp_path / "entry.json", {}).remembered() is None


def test_a_second_upload_of_the_same_does_without_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVEQL_STATE", str(tmp_path / "state"))
    (tmp_path / "a").write_bytes(b"x")
    with (
        journal.entry(tmp_path / "a", "/t", "fail") as first,
        journal.entry(tmp_path / "a", "/t", "fail") as second,
    ):
        assert first is not None
        assert second is None


CHILD = """
import asyncio, sys
from pathlib import Path
from driveql.connection import settings_from
from driveql.drive import files
from driveql.drive.onedrive import OneDrive
from driveql.graph import upload_plan
files.JOURNALED_BYTES = 1
upload_plan.fragment_size = lambda wanted: 327_680
async def main():
    async with OneDrive(settings_from(sys.argv[1], environ={})) as drive:
        own = await drive.drive()
        print("begun", flush=True)
        await own.upload("/up.bin", Path(sys.argv[2]))
        print("done", flush=True)
asyncio.run(main())
"""


async def test_killed_again_and_again_the_bytes_are_right(tenant: LocalTenant, tmp_path: Path) -> None:
    tenant.emulator.faults.add(faults.Delay(seconds=0.03), target="_upload", method="PUT", count=None)
    settings = tenant.settings
    connection = (
        f"TokenUrl={settings.token_url};GraphUrl={settings.graph_url};ClientId={settings.client_id};"
        f"ClientSecret={{{tenant.secret}}};GroupOrUserId={settings.group_or_user_id};Proxy="
    )
    chance, kills, done = random.Random(11), 0, False
    while not done:
        assert kills < 60, "the upload never gets to its end"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, connection, str(tmp_path / "source.bin"),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        await process.stdout.readline()
        try:
            await asyncio.wait_for(process.wait(), 0.05 + chance.random() * 0.25 + kills * 0.05)
            done = b"done" in await process.stdout.read()
            assert done, (await process.stderr.read()).decode()
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
            await process.wait()
            kills += 1
            assert set(tenant.store_drive.tree()) <= {"/up.bin"}
    assert kills >= 2
    assert await tenant.handle.read("/up.bin") == CONTENT
    assert set(tenant.store_drive.tree()) == {"/up.bin"}
    assert _kept(tmp_path) == []

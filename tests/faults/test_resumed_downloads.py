"""A large download continues where it was broken off: by the same process, by another after a kill, never across versions."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support import LocalTenant, local_tenant

from driveql.drive import partial
from driveql.drive.download import Download
from driveql.errors import ConnectionLostError, IntegrityError, ItemChangedError, LocalFileError
from graph_emulator import faults

CONTENT = os.urandom(3_000_001)
CUT = {"range_bytes": 400_000, "resumable_bytes": 1_000_000, "connections": 3}


async def _download(tenant: LocalTenant, target: Path) -> None:
    item = await tenant.handle.item("/big.bin")
    await Download(item, target, tenant.handle.reading, **CUT).run()


async def test_ranges_in_parallel_make_the_whole(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        await _download(tenant, tmp_path / "big.bin")
        assert (tmp_path / "big.bin").read_bytes() == CONTENT
        assert [path.name for path in tmp_path.iterdir()] == ["big.bin"]
        assert sum("_content" in entry.target for entry in tenant.emulator.requests) == 8
        assert not tenant.emulator.leaks


@pytest.mark.parametrize(
    "fault",
    [
        faults.Truncate(bytes=1000),
        faults.DropBefore(),
        faults.ExpiredUrl(403),
        faults.Refuse(429, retry_after=0),
    ],
    ids=repr,
)
@pytest.mark.parametrize("nth", [1, 3, 8])
async def test_a_fault_in_any_range_is_outlived(fault: faults.Effect, nth: int, tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        tenant.emulator.faults.add(fault, target="_content", nth=nth)
        await _download(tenant, tmp_path / "big.bin")
        assert (tmp_path / "big.bin").read_bytes() == CONTENT
        tenant.emulator.faults.assert_consumed()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("resumable", [1_000_000, 1 << 40], ids=["ranges", "one stream"])
async def test_the_hash_that_is_stated_is_compared(algorithm: str, resumable: int, tmp_path: Path) -> None:
    right = hashlib.new(algorithm, CONTENT).hexdigest().upper()
    cut = {**CUT, "resumable_bytes": resumable}
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        item = replace(await tenant.handle.item("/big.bin"), quick_xor_hash=None)
        wrong = replace(item, **{f"{algorithm}_hash": right[::-1]})
        with pytest.raises(IntegrityError, match="SHA-"):
            await Download(wrong, tmp_path / "big.bin", tenant.handle.reading, **cut).run()
        assert list(tmp_path.iterdir()) == []
        item = replace(item, **{f"{algorithm}_hash": right})
        await Download(item, tmp_path / "big.bin", tenant.handle.reading, **cut).run()
        assert (tmp_path / "big.bin").read_bytes() == CONTENT


async def test_what_a_failed_download_had_is_not_fetched_again(tmp_path: Path) -> None:
    async with local_tenant(retry_count_max=0) as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        tenant.emulator.faults.add(faults.DropBefore(), target="_content", nth=7)
        with pytest.raises(ConnectionLostError):
            await _download(tenant, tmp_path / "big.bin")
        assert not (tmp_path / "big.bin").exists()
        assert len(list(tmp_path.iterdir())) == 2
        before = tenant.drive.session.statistics.bytes_received
        await _download(tenant, tmp_path / "big.bin")
        assert (tmp_path / "big.bin").read_bytes() == CONTENT
        assert tenant.drive.session.statistics.bytes_received - before < len(CONTENT) / 2
        assert [path.name for path in tmp_path.iterdir()] == ["big.bin"]


async def test_a_new_version_is_begun_anew(tmp_path: Path) -> None:
    async with local_tenant(retry_count_max=0) as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        tenant.emulator.faults.add(faults.DropBefore(), target="_content", nth=7)
        with pytest.raises(ConnectionLostError):
            await _download(tenant, tmp_path / "big.bin")
        tenant.store_drive.put_file("/big.bin", CONTENT[::-1])
        await _download(tenant, tmp_path / "big.bin")
        assert (tmp_path / "big.bin").read_bytes() == CONTENT[::-1]


async def test_a_change_under_way_is_never_a_mixture(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        item = await tenant.handle.item("/big.bin")
        tenant.emulator.faults.add(faults.Truncate(bytes=10), target="_content", nth=5)

        def change(done: int, total: int) -> None:
            if done > total // 3 and tenant.store_drive.item("/big.bin").content.size == len(CONTENT):
                tenant.store_drive.put_file("/big.bin", CONTENT[:-1])

        with pytest.raises((ItemChangedError, IntegrityError)):
            await Download(item, tmp_path / "big.bin", tenant.handle.reading, change, **CUT).run()
        assert not (tmp_path / "big.bin").exists()


async def test_damage_to_the_part_file_is_found_by_the_hash(tmp_path: Path) -> None:
    async with local_tenant(retry_count_max=0) as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        tenant.emulator.faults.add(faults.DropBefore(), target="_content", nth=7)
        with pytest.raises(ConnectionLostError):
            await _download(tenant, tmp_path / "big.bin")
        part = next(path for path in tmp_path.iterdir() if path.suffix == ".part")
        state = json.loads(next(path for path in tmp_path.iterdir() if path.suffix == ".json").read_text())
        with part.open("r+b") as file:
            file.seek(state["done"][0][0])
            byte = file.read(1)
            file.seek(state["done"][0][0])
            file.write(bytes([byte[0] ^ 1]))
        with pytest.raises(IntegrityError):
            await _download(tenant, tmp_path / "big.bin")
        assert not list(tmp_path.iterdir())
        await _download(tenant, tmp_path / "big.bin")
        assert (tmp_path / "big.bin").read_bytes() == CONTENT


async def test_two_processes_do_not_write_one_part(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        item = await tenant.handle.item("/big.bin")
        with (
            partial.opened(tmp_path / "big.bin", item),
            pytest.raises(LocalFileError, match="Another process"),
        ):
            await _download(tenant, tmp_path / "big.bin")


@pytest.mark.parametrize(
    "state", ["", "{}", "[]", '{"format": 1, "done": [[0, 99999999]]}', '{"format": 9}', "\x00"]
)
async def test_a_state_that_is_not_ours_is_not_believed(state: str, tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        target = tmp_path / "big.bin"
        partial._part_path(target).write_bytes(b"something else")
        partial._state_path(target).write_text(state)
        await _download(tenant, target)
        assert target.read_bytes() == CONTENT


CHILD = """
import asyncio, sys
from pathlib import Path
from driveql.connection import settings_from
from driveql.drive import download
from driveql.drive.onedrive import OneDrive
download._SAVE_BYTES, download._SAVE_SECONDS = 100_000, 0.0
async def main():
    async with OneDrive(settings_from(sys.argv[1], environ={})) as drive:
        handle = await drive.drive()
        item = await handle.item("/big.bin")
        print("begun", flush=True)
        await download.Download(item, Path(sys.argv[2]), handle.reading,
                                range_bytes=200_000, resumable_bytes=1, connections=2).run()
        print("done", flush=True)
asyncio.run(main())
"""


async def test_killed_again_and_again_the_bytes_are_right(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/big.bin", CONTENT)
        tenant.emulator.faults.add(faults.Delay(seconds=0.04), target="_content", count=None)
        settings = tenant.settings
        connection = (
            f"TokenUrl={settings.token_url};GraphUrl={settings.graph_url};ClientId={settings.client_id};"
            f"ClientSecret={{{tenant.secret}}};GroupOrUserId={settings.group_or_user_id};Proxy="
        )
        chance, kills, done = random.Random(7), 0, False
        while not done:
            assert kills < 60, "the download never gets to its end"
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                CHILD,
                connection,
                str(tmp_path / "big.bin"),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            assert process.stdout is not None
            await process.stdout.readline()
            try:
                await asyncio.wait_for(process.wait(), 0.03 + chance.random() * 0.25 + kills * 0.05)
                done = b"done" in await process.stdout.read()
                assert process.stderr is not None
                assert done, (await process.stderr.read()).decode()
            except TimeoutError:
                process.send_signal(signal.SIGKILL)
                await process.wait()
                kills += 1
                assert not (tmp_path / "big.bin").exists() or (tmp_path / "big.bin").read_bytes() == CONTENT
        assert kills >= 2
        assert (tmp_path / "big.bin").read_bytes() == CONTENT
        assert [path.name for path in tmp_path.iterdir()] == ["big.bin"]

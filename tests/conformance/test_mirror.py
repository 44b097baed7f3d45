"""A mirror makes one side the other, either way; interrupted and repeated it is finished; what fails is told."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest
from tests.support import LocalTenant, local_tenant

from driveql.drive.mirror import Mirror
from driveql.graph.mirror_plan import MirrorRules
from graph_emulator import faults

ALL = MirrorRules(delete=True, compare="hash", max_delete=1000)


def local_files(directory: Path) -> dict[str, bytes]:
    return {
        f"/{path.relative_to(directory).as_posix()}": path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


async def remote_files(tenant: LocalTenant, folder: str) -> dict[str, bytes]:
    paths = [path for path in tenant.store_drive.tree() if path.startswith(f"{folder}/")]
    return {path.removeprefix(folder): await tenant.handle.read(path) for path in paths}


def scatter(directory: Path, chance: random.Random) -> None:
    for _ in range(chance.randint(3, 12)):
        path = directory.joinpath(
            *chance.choices(["a", "b", "c d", "#x%"], k=chance.randint(0, 2)), f"f{chance.randint(0, 9)}.txt"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(chance.randint(0, 400)))
        _long_ago(path)


def _long_ago(path: Path) -> None:
    """What is mirrored as soon as it was written is read again by the next run, to be sure."""
    os.utime(path, (path.stat().st_mtime - 3600, path.stat().st_mtime - 3600))


async def test_up_and_down_and_again(tmp_path: Path) -> None:
    chance = random.Random(3)
    async with local_tenant() as tenant:
        here, there = tmp_path / "here", tmp_path / "there"
        here.mkdir()
        for turn in range(4):
            scatter(here, chance)
            if turn:
                next(path for path in here.rglob("*") if path.is_file()).unlink()
            up = tenant.handle.mirror("/backup", here, upward=True, rules=ALL)
            assert not [outcome for outcome in await up.run() if outcome.error]
            assert await remote_files(tenant, "/backup") == local_files(here)
            down = tenant.handle.mirror("/backup", there, upward=False, rules=ALL)
            assert not [outcome for outcome in await down.run() if outcome.error]
            assert local_files(there) == local_files(here)
            for folder, upward in ((here, True), (there, False)):
                again = tenant.handle.mirror("/backup", folder, upward=upward, rules=MirrorRules(delete=True))
                assert await again.plan() == []
                thorough = tenant.handle.mirror("/backup", folder, upward=upward, rules=ALL)
                assert not any(outcome.done for outcome in await thorough.run())


async def test_a_second_run_costs_only_the_look(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        scatter(tmp_path, random.Random(5))
        mirror = tenant.handle.mirror("/backup", tmp_path, upward=True)
        await mirror.run()
        before = len(tenant.emulator.requests)
        assert await mirror.run() == []
        methods = {entry.method for entry in list(tenant.emulator.requests)[before:]}
        assert methods == {"GET"}


@pytest.mark.parametrize("upward", [True, False])
@pytest.mark.parametrize("state", [None, "state.sqlite"])
async def test_a_change_within_the_same_second_is_seen(
    upward: bool, state: str | None, tmp_path: Path
) -> None:
    directory, told, source = tmp_path / "here", tmp_path / state if state else None, tmp_path / "a.txt"
    directory.mkdir()
    # Later than any clock says now, so that it is carried over soon after its time however slow this machine is.
    moment = time.time() + 3600

    async def changed(content: bytes) -> None:
        source.write_bytes(content)
        os.utime(source, (moment, moment))
        if upward:
            shutil.copy2(source, directory)
        else:
            await tenant.handle.upload("/backup/a.txt", source)

    async with local_tenant() as tenant:
        await tenant.handle.create_folder("/backup")
        for content in (b"one", b"two"):
            await changed(content)
            mirror = tenant.handle.mirror("/backup", directory, upward=upward, state=told)
            assert [outcome.done for outcome in await mirror.run()] == [True]
            assert (directory / "a.txt").read_bytes() == await tenant.handle.read("/backup/a.txt") == content


async def test_a_plan_changes_nothing(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        scatter(tmp_path, random.Random(5))
        tenant.store_drive.put_file("/backup/old.txt", b"x")
        steps = await tenant.handle.mirror("/backup", tmp_path, upward=True, rules=ALL).plan()
        assert {step.kind for step in steps} >= {"copy", "delete"}
        assert set(tenant.store_drive.tree()) == {"/backup/old.txt"}


async def test_what_fails_is_told_and_nothing_is_deleted_after_it(tmp_path: Path) -> None:
    async with local_tenant(retry_count_max=0) as tenant:
        (tmp_path / "a.txt").write_bytes(b"a")
        (tmp_path / "b.txt").write_bytes(b"b")
        (tmp_path / "CON").write_bytes(b"a name that OneDrive refuses")
        (tmp_path / "link").symlink_to(tmp_path / "a.txt")
        tenant.store_drive.put_file("/backup/old.txt", b"x")
        tenant.emulator.faults.add(faults.Refuse(507), method="PUT")
        told = []
        mirror = tenant.handle.mirror("/backup", tmp_path, upward=True, rules=ALL, told=told.append)
        outcomes = await mirror.run()
        assert outcomes == told
        by_path = {outcome.step.path: outcome for outcome in outcomes}
        assert sorted(path for path, outcome in by_path.items() if outcome.error) in (
            ["CON", "a.txt", "old.txt"], ["CON", "b.txt", "old.txt"],
        )  # fmt: skip
        assert by_path["link"].step.kind == "skip"
        assert "/backup/old.txt" in tenant.store_drive.tree()
        tenant.emulator.faults.assert_consumed()
        (tmp_path / "CON").unlink()
        assert all(outcome.error is None for outcome in await mirror.run())
        assert await remote_files(tenant, "/backup") == {"/a.txt": b"a", "/b.txt": b"b"}


async def test_a_link_in_the_target_is_not_a_way_out(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/d/sub/a.txt", b"x")
        (tmp_path / "outside").mkdir()
        (tmp_path / "target").mkdir()
        (tmp_path / "target" / "sub").symlink_to(tmp_path / "outside")
        outcomes = await tenant.handle.mirror("/d", tmp_path / "target", upward=False).run()
        assert [outcome.step.path for outcome in outcomes if outcome.error]
        assert list((tmp_path / "outside").iterdir()) == []


async def test_with_the_feed_of_changes_a_second_look_costs_next_to_nothing(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        for number in range(60):
            tenant.store_drive.put_file(f"/d/{number % 20}/{number}.txt", b"x" * number)
        tenant.store_drive.put_file("/elsewhere/x.txt", b"x")
        target, state = tmp_path / "target", tmp_path / "state.db"

        def mirror() -> Mirror:
            return tenant.handle.mirror("/d", target, upward=False, rules=ALL, state=state)

        assert not [outcome for outcome in await mirror().run() if outcome.error]
        assert await remote_files(tenant, "/d") == local_files(target)
        tenant.store_drive.put_file("/d/1/1.txt", b"changed")
        await tenant.handle.move("/d/2", "/d/renamed")
        await tenant.handle.delete("/d/3")
        await tenant.handle.move("/elsewhere/x.txt", "/d/moved in.txt")
        before = len(tenant.emulator.requests)
        plan = await mirror().plan()
        looked = list(tenant.emulator.requests)[before:]
        assert len(looked) <= 3
        assert {step.kind for step in plan} >= {"replace", "delete", "create_folder"}
        assert not [outcome for outcome in await mirror().run() if outcome.error]
        assert await remote_files(tenant, "/d") == local_files(target)
        up = tenant.handle.mirror("/d", target, upward=True, rules=ALL, state=state)
        (target / "up.txt").write_bytes(b"up")
        assert [outcome.step.path for outcome in await up.run() if outcome.done] == ["up.txt"]


async def test_sides_that_differ_in_letter_case_are_the_same_files(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/d/Report.TXT", b"same")
        (tmp_path / "report.txt").write_bytes(b"same")
        outcomes = await tenant.handle.mirror("/d", tmp_path, upward=True, rules=ALL).run()
        assert not any(outcome.done or outcome.error for outcome in outcomes)
        (tmp_path / "report.txt").write_bytes(b"other")
        await tenant.handle.mirror("/d", tmp_path, upward=True, rules=ALL).run()
        assert list((await remote_files(tenant, "/d")).values()) == [b"other"]

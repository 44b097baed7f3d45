"""The feed of changes: complete, in order, durable; whatever breaks, a consumer's copy becomes the drive's own state."""

from __future__ import annotations

import random
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support import LocalTenant, local_tenant

from driveql import errors
from driveql.drive.changes import ChangeFeed, ItemChange
from driveql.errors import ConfigurationError, ConnectionLostError
from graph_emulator import faults


class Copy:
    """A consumer that keeps paths by id, as a person following the feed would."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {}

    def apply(self, change: ItemChange) -> None:
        if change.kind != "changed":
            self.paths.pop(change.id, None)
            return
        assert change.path is not None
        if change.old_path is not None:
            for identifier, path in self.paths.items():
                if path.startswith(change.old_path + "/"):
                    self.paths[identifier] = change.path + path[len(change.old_path) :]
        self.paths[change.id] = change.path

    async def follow(self, feed: ChangeFeed) -> int:
        count = 0
        async for page in feed.pages():
            for change in page.changes:
                self.apply(change)
            page.confirm()
            count += len(page.changes)
        return count


def truth(tenant: LocalTenant) -> set[str]:
    return {item.path for item in tenant.store_drive.root.walk() if item is not tenant.store_drive.root}


async def test_a_feed_begins_with_everything_and_goes_on_with_what_changed(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        for number in range(23):
            tenant.store_drive.put_file(f"/a/{number % 3}/{number}.txt", b"x")
        copy, feed = Copy(), tenant.handle.changes(tmp_path / "feed.db", page_size=7)
        assert await copy.follow(feed) == 23 + 4
        assert set(copy.paths.values()) == truth(tenant)
        assert await copy.follow(feed) == 0
        await tenant.handle.move("/a/0", "/b")
        await tenant.handle.delete("/a/1")
        await tenant.handle.upload("/a/2/new.txt", b"new")
        await copy.follow(feed)
        assert set(copy.paths.values()) == truth(tenant)
        feed.close()
        assert stat.S_IMODE((tmp_path / "feed.db").stat().st_mode) == 0o600


async def test_a_page_that_was_not_confirmed_comes_again_after_a_crash(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        for number in range(10):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        feed = tenant.handle.changes(tmp_path / "feed.db", page_size=4)
        pages = feed.pages()
        first = await pages.__anext__()
        first.confirm()
        second = await pages.__anext__()
        lost = {change.id for change in second.changes}
        assert lost
        await pages.aclose()
        feed.close()  # the process ends before the second page is confirmed
        again = tenant.handle.changes(tmp_path / "feed.db", page_size=4)
        seen: list[str] = []
        async for page in again.pages():
            seen += [change.id for change in page.changes]
            page.confirm()
        assert lost <= set(seen)
        assert len(seen) == len(set(seen)) == 10 - len(first.changes)
        again.close()


async def test_a_page_must_be_confirmed_before_the_next_and_once(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        for number in range(10):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        feed = tenant.handle.changes(tmp_path / "feed.db", page_size=4)
        with pytest.raises(ConfigurationError, match="not confirmed"):
            async for _ in feed.pages():
                pass
        async for page in feed.pages():
            page.confirm()
            with pytest.raises(ConfigurationError, match="confirmed before"):
                page.confirm()
        feed.close()


async def test_exactly_once_into_a_table_of_the_consumers_own(tmp_path: Path) -> None:
    async with local_tenant(retry_count_max=0) as tenant:
        for number in range(12):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")
        crashes = 0
        for attempt in range(20):
            feed = tenant.handle.changes(tmp_path / "feed.db", page_size=3)
            try:
                async for page in feed.pages():
                    rows = [(change.id, change.path) for change in page.changes]

                    def write(
                        database: sqlite3.Connection,
                        rows: list[tuple[str, str | None]] = rows,
                        attempt: int = attempt,
                    ) -> None:
                        database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT, path TEXT)")
                        database.executemany("INSERT INTO events VALUES (?, ?)", rows)
                        if attempt < 3 and rows:
                            raise KeyError("the consumer fails in the middle")

                    page.confirm(write)
                break
            except KeyError:
                crashes += 1
            finally:
                feed.close()
        assert crashes == 3
        with sqlite3.connect(tmp_path / "feed.db") as database:
            events = database.execute("SELECT id, path FROM events").fetchall()
        database.close()
        assert len(events) == len({event[0] for event in events}) == 12


async def test_a_cursor_that_is_too_old_lists_anew_and_tells_what_is_gone(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        for number in range(8):
            tenant.store_drive.put_file(f"/f/{number}.txt", b"x")
        copy, feed = Copy(), tenant.handle.changes(tmp_path / "feed.db", page_size=4)
        await copy.follow(feed)
        await tenant.handle.delete("/f/3.txt")
        await tenant.handle.upload("/f/9.txt", b"x")
        tenant.emulator.faults.add(
            faults.Refuse(410, "resyncRequired", inner=("resyncChangesApplyDifferences",)), route="delta"
        )
        await copy.follow(feed)
        tenant.emulator.faults.assert_consumed()
        assert set(copy.paths.values()) == truth(tenant)
        assert await copy.follow(feed) == 0
        feed.close()


async def test_the_other_kind_of_resync_says_missing_instead_of_deleted(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"x")
        tenant.store_drive.put_file("/b.txt", b"x")
        feed = tenant.handle.changes(tmp_path / "feed.db")
        await Copy().follow(feed)
        await tenant.handle.delete("/a.txt")
        tenant.emulator.faults.add(
            faults.Refuse(410, "resyncRequired", inner=("resyncChangesUploadDifferences",)), route="delta"
        )
        kinds = {}
        async for page in feed.pages():
            assert page.resync == "upload"
            kinds |= {change.path: change.kind for change in page.changes}
            page.confirm()
        assert kinds == {"/b.txt": "changed", "/a.txt": "missing"}
        feed.close()


async def test_latest_and_a_time_begin_there(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/old.txt", b"x", modified=1_000_000_000)
        copy, feed = Copy(), tenant.handle.changes(tmp_path / "latest.db", start="latest")
        assert await copy.follow(feed) == 0
        await tenant.handle.upload("/new.txt", b"x")
        assert await copy.follow(feed) == 1
        feed.close()
        since = tenant.handle.changes(tmp_path / "since.db", start=datetime.now(UTC) - timedelta(hours=1))
        copy = Copy()
        await copy.follow(since)
        assert "/new.txt" in copy.paths.values()
        since.close()


async def test_the_state_of_another_drive_is_refused(tmp_path: Path) -> None:
    async with local_tenant() as tenant:
        bob = tenant.emulator.tenant.add_user("bob")
        tenant.handle.changes(tmp_path / "feed.db").close()
        other = await tenant.drive.drive(drive_id=bob.drive.id)
        with pytest.raises(ConfigurationError, match="another feed"):
            other.changes(tmp_path / "feed.db")
        (tmp_path / "not.db").write_bytes(b"not a database" * 100)
        with pytest.raises(errors.LocalFileError):
            other.changes(tmp_path / "not.db")


@pytest.mark.parametrize("seed", range(8))
async def test_after_any_history_the_copy_is_the_drive(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    async with local_tenant(retry_count_max=0) as tenant:
        behaviour = tenant.emulator.behaviour
        behaviour.delta_repeats = bool(seed & 1)
        behaviour.delta_deleted_names = behaviour.delta_deleted_ctags = bool(seed & 2)
        copy = Copy()
        for number in range(8):
            files, folders = (
                sorted(tenant.store_drive.tree()),
                sorted(truth(tenant) - set(tenant.store_drive.tree())),
            )
            action = chance.choice(["put", "put", "folder", "move", "delete", "follow", "break"])
            target = f"{chance.choice(['', *folders])}/n{number}"
            if action == "put":
                tenant.store_drive.put_file(f"{target}.txt", b"x")
            elif action == "folder":
                await tenant.handle.create_folder(target)
            elif action == "move" and (files or folders):
                source = chance.choice(files + folders)
                if not target.startswith(source + "/") and len(target.split("/")) < 20:
                    await tenant.handle.move(source, target)
            elif action == "delete" and (files or folders):
                await tenant.handle.delete(chance.choice(files + folders))
            elif action in {"follow", "break"}:
                feed = tenant.handle.changes(tmp_path / "feed.db", page_size=chance.randint(1, 5))
                if action == "break":
                    tenant.emulator.faults.clear()
                    tenant.emulator.faults.add(faults.DropBefore(), route="delta", nth=chance.randint(1, 3))
                try:
                    await copy.follow(feed)
                except ConnectionLostError:
                    pass
                finally:
                    tenant.emulator.faults.clear()
                    feed.close()
        feed = tenant.handle.changes(tmp_path / "feed.db")
        await copy.follow(feed)
        assert set(copy.paths.values()) == truth(tenant)
        assert all(feed.path(identifier) == path for identifier, path in copy.paths.items())
        for method in ("children", "delta"):
            pages = [page async for page in tenant.handle.walk(method=method)]
            assert {item.id: item.path for page in pages for item in page} == copy.paths
        feed.close()


async def test_the_blocking_feed_is_confirmed_from_the_callers_thread(tmp_path: Path) -> None:
    import asyncio

    from driveql.drive import blocking

    async with local_tenant() as tenant:
        for number in range(5):
            tenant.store_drive.put_file(f"/{number}.txt", b"x")

        def follow() -> list[str | None]:
            with blocking.OneDrive(tenant.settings) as drive:
                found = []
                for page in drive.drive().changes(tmp_path / "feed.db", page_size=2):
                    found += [change.path for change in page.changes]
                    page.confirm()
                return found

        assert sorted(map(str, await asyncio.to_thread(follow))) == [f"/{number}.txt" for number in range(5)]
        assert await asyncio.to_thread(follow) == []

"""The cache of SQL: what it saves in requests, what it never keeps, and what makes it forget; against the emulator's counts."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.connection import settings_from
from driveql.filesystem import OneDriveFileSystem
from driveql.sql.dbapi import Connection
from driveql.transport.portal import portal
from graph_emulator import faults

Connect = Callable[..., Connection]
LONG = 1000.0


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cached(
    tenant: SqlTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> Iterator[Connect]:
    """Connections with a cache of this test's own."""
    monkeypatch.setenv("DRIVEQL_CACHE", str(tmp_path / "caches"))
    with contextlib.ExitStack() as stack:

        def opened(mode: str = "metadata", **more: Any) -> Connection:
            connection = stack.enter_context(tenant.connect(cache_mode=mode, **more))
            view = connection.session().tenant.cached
            assert view is not None
            view.onedrive.cache.clock = clock
            return connection

        yield opened


def rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(sql).fetchall(), key=str)


def names(connection: Connection, where: str = "true") -> list[str]:
    return [row[0] for row in rows(connection, f"SELECT name FROM files WHERE {where}")]


METADATA = (
    "SELECT name, size FROM files",
    "SELECT name FROM files LIMIT 3",
    "SELECT name FROM files WHERE parent_path = '/Notes'",
    "SELECT path FROM items WHERE path LIKE '/Reports/%'",
    "SELECT name, size FROM items WHERE path = '/Notes/todo.md'",
    "SELECT name FROM items i JOIN (SELECT id AS wanted FROM folders WHERE path = '/Notes') ON i.parent_reference_id = wanted",
    "SELECT display_name FROM users",
    "SELECT display_name FROM users WHERE department = 'Finance'",
    "SELECT display_name FROM groups",
    "SELECT display_name FROM sites",
    "SELECT name FROM drives",
    "SELECT name FROM files WHERE owner = '/users/bruno@contoso.com'",
)
CONTENTS = (
    "SELECT count(*), sum(quantity) FROM read_csv('onedrive:/Reports/2026/*.csv')",
    "SELECT content FROM read_text('onedrive:/Notes/todo.md')",
)


@pytest.mark.parametrize("storage", ["memory", "file"])
def test_the_same_question_again_sends_nothing(tenant: SqlTenant, cached: Connect, storage: str) -> None:
    connection = cached("all", cache_storage=storage)
    for sql in (*METADATA, *CONTENTS):
        first = rows(connection, sql)
        tenant.asked()
        tenant.emulator.requests.clear()
        assert rows(connection, sql) == first, sql
        assert not tenant.emulator.requests, sql
        assert first, sql


def test_a_file_serves_the_next_connection_and_no_other_identity(tenant: SqlTenant, cached: Connect) -> None:
    with cached("all", cache_storage="file") as first:
        found = [rows(first, sql) for sql in (METADATA[0], METADATA[3], CONTENTS[0])]
    second = cached("all", cache_storage="file")
    tenant.emulator.requests.clear()
    assert [rows(second, sql) for sql in (METADATA[0], METADATA[3], CONTENTS[0])] == found
    assert not tenant.emulator.requests
    bruno = cached("all", cache_storage="file", group_or_user_id="/users/bruno@contoso.com")
    assert rows(bruno, METADATA[0])
    assert tenant.asked()
    with_header = cached("all", cache_storage="file", extra_headers="Prefer:apiversion=2.1")
    assert rows(with_header, METADATA[0]) == found[0]
    assert tenant.asked()


def test_without_a_mode_nothing_is_kept(tenant: SqlTenant, cached: Connect, tmp_path: Path) -> None:
    connection = cached("none", cache_storage="file")
    for _ in range(2):
        rows(connection, METADATA[2])
        assert tenant.asked()
    assert not (tmp_path / "caches").exists()


def test_fewer_columns_are_served_and_more_are_asked(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached()
    rows(connection, "SELECT name, size, e_tag FROM files")
    tenant.asked()
    rows(connection, "SELECT size FROM files WHERE name LIKE '%.csv'")
    assert tenant.asked() == []
    rows(connection, "SELECT name, web_url FROM files")
    assert len(tenant.asked()) == 1
    rows(connection, "SELECT size FROM files")
    assert tenant.asked() == []


def test_after_its_time_a_whole_drive_costs_what_changed(
    tenant: SqlTenant, cached: Connect, clock: Clock
) -> None:
    connection = cached(cache_ttl=60)
    tenant.drive.put_file("/Fresh/a/one.txt", b"1")
    before = names(connection)
    tenant.drive.put_file("/Fresh/a/two.txt", b"2")
    clock.now += 59
    assert names(connection) == before
    tenant.asked()
    clock.now += 1
    assert names(connection) == sorted([*before, "two.txt"])
    (asked,) = tenant.asked()
    assert "delta" in asked
    assert "token=" in asked
    folder = tenant.drive.item("/Fresh/a")
    tenant.drive.move(folder, tenant.drive.root, "moved")
    clock.now += 60
    assert names(connection, "path LIKE '/moved/%' OR name = 'nothing'") == ["one.txt", "two.txt"]
    assert len(tenant.asked()) == 1
    assert names(connection, "lower(path) = '/moved/one.txt'") == ["one.txt"]
    assert tenant.asked() == []
    tenant.drive.delete(folder)
    clock.now += 60
    assert names(connection) == [name for name in before if name != "one.txt"]
    assert len(tenant.asked()) == 1
    clock.now -= 1
    assert names(connection) == [name for name in before if name != "one.txt"]
    assert len(tenant.asked()) == 1, "what comes from the future is not believed"


def test_a_drive_is_listed_anew_where_the_service_says_so(
    tenant: SqlTenant, cached: Connect, clock: Clock
) -> None:
    connection = cached()
    before = names(connection)
    clock.now += LONG
    tenant.emulator.faults.add(faults.Refuse(410, code="resyncRequired"), method="GET", target="/delta")
    tenant.asked()
    assert names(connection) == before
    assert len(tenant.asked()) == 2


def test_the_connections_own_writes_show_at_once(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached("all")
    view = connection.session().tenant.cached
    assert view is not None
    onedrive = view.onedrive
    questions = ("true", "parent_path = '/Own'", "path = '/Own/a.txt'", "path LIKE '/Own/%'")
    tenant.drive.put_file("/Own/a.txt", b"old")

    def seen() -> list[bool]:
        return ["a.txt" in names(connection, where) for where in questions]

    def content() -> list[tuple[Any, ...]]:
        return rows(connection, "SELECT content FROM read_text('onedrive:/Own/a.txt')")

    assert (seen(), content()) == ([True] * 4, [("old",)])
    connection.execute("DELETE FROM items WHERE path = '/Own/a.txt'")
    assert seen() == [False] * 4
    handle = portal().call(onedrive.drive())
    portal().call(handle.upload("/Own/a.txt", b"new"))
    assert (seen(), content()) == ([True] * 4, [("new",)])
    files = OneDriveFileSystem(drive=onedrive, skip_instance_cache=True)
    files.mv("/Own/a.txt", "/Own/b.txt")
    assert seen() == [False] * 4
    connection.execute("CALL copy_item(path => '/Own/b.txt', to_path => '/Own/a.txt')")
    assert (seen(), content()) == ([True] * 4, [("new",)])
    files.rm("/Own/a.txt")
    assert seen() == [False] * 4


def test_a_write_elsewhere_in_the_tenant_leaves_the_directory_known(
    tenant: SqlTenant, cached: Connect
) -> None:
    connection = cached()
    people = rows(connection, METADATA[6])
    connection.execute("INSERT INTO items (path, content) VALUES ('/Own/c.txt', 'x')")
    tenant.asked()
    assert rows(connection, METADATA[6]) == people
    assert tenant.asked() == []


def test_another_processes_write_makes_the_file_forget(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached(cache_storage="file")
    before = names(connection)
    kept = {name: value for name, value in os.environ.items() if name != "DRIVEQL_CONNECTIONS"}
    string = ";".join(
        f"{name.replace('_', '')}={{{value}}}" for name, value in tenant.parameters.items() if value
    )
    subprocess.run(
        [sys.executable, "-m", "driveql.cli.main", "put", "-q", "-", "onedrive:/Notes/from outside.txt"],
        input=b"hello", env={**kept, "DRIVEQL_CONNECTION_STRING": string, "NO_PROXY": "*"},
        check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    tenant.asked()
    assert names(connection) == sorted([*before, "from outside.txt"])
    assert not any("/root/delta" in target for target in tenant.asked()), (
        "the change listing may lag behind the write"
    )


def test_what_says_who_has_access_is_always_asked(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached("all")
    for sql in (
        "SELECT * FROM permissions WHERE path = '/Notes/todo.md'",
        "SELECT id FROM versions WHERE path = '/Notes/todo.md'",
        "SELECT display_name FROM group_members WHERE group_id = '{group}'",
        "SELECT id FROM changes",
        "SELECT id FROM subscriptions",
        "SELECT name FROM lists",
    ):
        group = rows(connection, "SELECT id FROM groups")[0][0]
        for _ in range(2):
            tenant.asked()
            rows(connection, sql.format(group=group))
            assert tenant.asked(), sql


def test_a_write_finds_its_rows_without_the_cache(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached()
    tenant.drive.put_file("/Stale/a.txt", b"1")
    assert names(connection, "parent_path = '/Stale'") == ["a.txt"]
    tenant.drive.put_file("/Stale/b.txt", b"2")
    assert names(connection, "parent_path = '/Stale'") == ["a.txt"]
    connection.execute("UPDATE files SET name = 'c.txt' WHERE parent_path = '/Stale' AND name = 'b.txt'")
    assert names(connection, "parent_path = '/Stale'") == ["a.txt", "c.txt"]


def test_errors_and_listings_broken_off_are_not_kept(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached(retry_mode="None")
    tenant.emulator.faults.add(faults.Refuse(503), method="GET", target="/children")
    with pytest.raises(Exception, match="GET /drives"):
        rows(connection, METADATA[2])
    assert len(rows(connection, METADATA[2])) >= 2
    assert rows(connection, "SELECT name FROM files WHERE path = '/Notes/not yet.txt'") == []
    tenant.drive.put_file("/Notes/not yet.txt", b"x")
    assert len(rows(connection, "SELECT name FROM files WHERE path = '/Notes/not yet.txt'")) == 1
    for number in range(3):
        tenant.drive.put_file(f"/Broken/{number}.txt", b"x")
    assert (
        len(connection.execute("SELECT name FROM files WHERE parent_path = '/Broken' LIMIT 1").fetchall())
        == 1
    )
    assert len(names(connection, "parent_path = '/Broken'")) == 3


def test_contents_are_of_the_version_that_the_metadata_names(
    tenant: SqlTenant, cached: Connect, clock: Clock
) -> None:
    connection = cached("all", cache_ttl=60)
    sql = "SELECT content FROM read_text('onedrive:/Versions/a.txt')"
    tenant.drive.put_file("/Versions/a.txt", b"first")
    assert rows(connection, sql) == [("first",)]
    tenant.drive.put_file("/Versions/a.txt", b"other")
    assert rows(connection, sql) == [("first",)], "as old as the metadata, and no older"
    clock.now += 60
    assert rows(connection, sql) == [("other",)]
    clock.now += 60
    tenant.asked()
    tenant.emulator.requests.clear()
    assert rows(connection, sql) == [("other",)]
    assert len(tenant.emulator.requests) == 1, "a look at the item, and no byte of content"


def test_of_a_changed_file_no_mixture_is_read(tenant: SqlTenant, cached: Connect) -> None:
    connection = cached("all", cache_storage="file")
    view = connection.session().tenant.cached
    assert view is not None
    tenant.drive.put_file("/Mixture/a.bin", b"a" * 5000)
    rows(connection, METADATA[2])

    async def read(start: int, end: int) -> bytes:
        drive = await view.drive()
        return await drive.opened(await drive.item("/Mixture/a.bin")).read(start, end)

    assert portal().call(read(1000, 3000)) == b"a" * 2000
    tenant.drive.put_file("/Mixture/a.bin", b"b" * 5000)
    tenant.emulator.requests.clear()
    assert portal().call(read(1500, 2500)) == b"a" * 1000
    assert not tenant.emulator.requests
    with pytest.raises(errors.ItemChangedError, match="changed") as raised:
        portal().call(read(0, 4000))
    assert "Run the statement again" in str(raised.value)
    assert portal().call(read(0, 4000)) == b"b" * 4000
    assert rows(connection, "SELECT content FROM read_text('onedrive:/Mixture/a.bin')") == [("b" * 5000,)]


def test_a_statement_may_have_its_own_mode_and_time(tenant: SqlTenant, cached: Connect, clock: Clock) -> None:
    connection = cached("none")
    sql = METADATA[2]

    def asks() -> bool:
        tenant.asked()
        rows(connection, sql)
        return bool(tenant.asked())

    connection.execute("SET driveql.cache = 'metadata'")
    assert [asks(), asks()] == [True, False]
    connection.execute("SET driveql.cache_ttl = 60")
    clock.now += 60
    assert [asks(), asks()] == [True, False]
    connection.execute("RESET driveql.cache")
    assert [asks(), asks()] == [True, True]
    connection.execute("SET driveql.cache = 'ALL'")
    assert not asks()
    connection.execute("RESET driveql.cache_ttl")
    clock.now += 299
    assert not asks()
    for wrong in ("cache = 'some'", "cache_ttl = 0", "cache_ttl = 'soon'", "cache_size = 1"):
        with pytest.raises(Exception, match=r"driveql\.?"):
            connection.execute(f"SET driveql.{wrong}")


def test_strangers_statements_and_given_credentials_have_memory_alone(
    tenant: SqlTenant, cached: Connect, tmp_path: Path
) -> None:
    with tenant.connect(untrusted=True, cache_mode="all", cache_storage="file") as stranger:
        assert rows(stranger, METADATA[2])
        tenant.asked()
        assert rows(stranger, METADATA[2])
        assert tenant.asked() == []
    assert not (tmp_path / "caches").exists()
    from driveql.sql import connect

    settings = settings_from(environ={}, **tenant.parameters, cache_mode="all", cache_storage="file")
    with pytest.raises(errors.ParameterError, match="CacheStorage"):
        connect(settings=settings, credential=object_that_signs_in())


def object_that_signs_in() -> object:
    class Credential:
        def get_token(self, *_: str, **__: Any) -> Any:
            raise AssertionError("nothing is sent")

    return Credential()


def test_explain_says_how_old_an_answer_is(tenant: SqlTenant, cached: Connect, clock: Clock) -> None:
    connection = cached(cache_ttl=60)
    sql = "SELECT name FROM files"
    assert "from the cache" not in str(connection.explain(sql))
    names(connection)
    tenant.asked()
    clock.now += 40
    assert "from the cache, 40 s old: list everything in" in str(connection.explain(sql))
    clock.now += 40
    assert "from the cache, 80 s old, and what changed since asked of Graph: list" in str(
        connection.explain(sql)
    )
    assert "from the cache" not in str(connection.explain("DELETE FROM files WHERE name = 'x'"))
    rows(connection, METADATA[6])
    assert "from the cache, 0 s old: list users" in str(connection.explain(METADATA[6]))
    rows(connection, METADATA[4])
    assert "from the cache, 0 s old: get one item" in str(connection.explain(METADATA[4]))


def test_no_secret_lies_in_the_file(tenant: SqlTenant, cached: Connect, tmp_path: Path) -> None:
    connection = cached("all", cache_storage="file")
    for sql in (*METADATA, *CONTENTS, "SELECT * FROM items", "SELECT * FROM drives"):
        rows(connection, sql)
    view = connection.session().tenant.cached
    assert view is not None
    token = portal().call(view.onedrive.session.access_token()).value
    (file,) = tmp_path.glob("caches/*/cache.db")
    with contextlib.closing(sqlite3.connect(file)) as database:
        bodies = [zlib.decompress(row[0]) for row in database.execute("SELECT body FROM pages")]
        facts = str(database.execute("SELECT * FROM facts").fetchall())
    raw = b"".join(path.read_bytes() for path in file.parent.iterdir())
    secret = tenant.parameters["client_secret"].removeprefix("plain:")
    everything = raw + facts.encode() + b"".join(bodies)
    assert len(bodies) > 10
    for forbidden in ("downloadUrl", "tempauth", "Bearer", secret, token, token.partition(".")[2]):
        assert forbidden.encode() not in everything, forbidden

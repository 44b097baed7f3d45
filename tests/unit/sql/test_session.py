"""The engine over a tenant in memory: rows, streaming, errors, cancellation, contents."""

from __future__ import annotations

import io
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.sql.memory import LoopThread, MemoryDrive, MemoryTenant, loop_thread

from driveql.errors import DriveqlError, NotFoundError, PermissionDeniedError, ProtocolError, SqlError
from driveql.filesystem.blocks import Blocks
from driveql.filesystem.readahead import BLOCK_BYTES, TAIL_BYTES
from driveql.graph.paging import Page
from driveql.sql.dataset import GraphDataset
from driveql.sql.plans import Defaults
from driveql.sql.ranged_file import RangedFile
from driveql.sql.session import Session
from driveql.sql.tables import TABLES

ALICE = "/users/alice@contoso.com"


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    with loop_thread() as thread:
        yield thread


@pytest.fixture
def drive() -> MemoryDrive:
    drive = MemoryDrive("b!a")
    drive.add("/Reports")
    for month in range(1, 6):
        drive.add(f"/Reports/{month}.csv", f"month,amount\n{month},{month * 10}\n".encode())
    drive.add("/Reports/Old")
    drive.add("/Reports/Old/0.csv", b"month,amount\n0,5\n")
    drive.add("/a b#1%.txt", b"hello", createdDateTime="2024-05-01T10:00:00.1234567Z", eTag='"x,1"')
    return drive


@pytest.fixture
def session(loop: LoopThread, drive: MemoryDrive) -> Iterator[Session]:
    session = Session(MemoryTenant(drives_={ALICE: drive}), loop, Defaults(ALICE, None))
    yield session
    session.close()


def rows(session: Session, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in session.execute(sql, parameters).table().to_pylist()]


def test_requests_asked_for(session: Session, drive: MemoryDrive) -> None:
    def asked(sql: str) -> list[str]:
        drive.asked.clear()
        session.execute(sql).table()
        return drive.asked

    assert asked("SELECT name FROM items WHERE path = '/Reports/1.csv'") == ["item /Reports/1.csv"]
    assert asked("SELECT name FROM items WHERE id = 'b!a-1'") == ["item id:b!a-1"]
    assert asked("SELECT name FROM items WHERE parent_path = '/Reports/Old'") == ["children /Reports/Old"]
    assert asked("SELECT name FROM items WHERE path LIKE '/Reports/Old/%'") == ["walk /Reports/Old"]
    assert asked("SELECT name FROM items WHERE parent_path = '/Nowhere'") == []
    assert asked("SELECT name FROM items LIMIT 2") == ["children /"]
    assert asked("SELECT name FROM items WHERE path = 'x' AND id = 'y'") == []
    assert asked("SELECT 1") == []


def test_one_item_found_by_two_spellings_is_one_row(session: Session) -> None:
    sql = "SELECT path FROM items WHERE path IN ('/Reports', '/REPORTS', '/reports')"
    assert rows(session, sql) == [("/Reports",)]
    sql = "SELECT name FROM items WHERE parent_path IN ('/Reports/Old', '/reports/old')"
    assert rows(session, sql) == [("0.csv",)]


def test_equality_regards_case_although_graph_does_not(session: Session) -> None:
    assert rows(session, "SELECT path FROM items WHERE path = '/reports/1.CSV'") == []
    assert rows(session, "SELECT path FROM items WHERE lower(path) = '/reports/1.csv'") == [
        ("/Reports/1.csv",)
    ]


def test_values_have_their_types(session: Session) -> None:
    sql = "SELECT size, is_folder, created_date_time, e_tag, description, owner FROM items WHERE name LIKE 'a b#1%'"
    (row,) = rows(session, sql)
    assert row[2].isoformat() == "2024-05-01T10:00:00.123456+00:00"
    assert (row[0], row[1], *row[3:]) == (5, False, '"x,1"', None, ALICE)


def test_a_value_of_another_type_is_the_servers_fault(session: Session, drive: MemoryDrive) -> None:
    drive.add("/bad", b"", webUrl=5)
    with pytest.raises(ProtocolError, match="webUrl"):
        session.execute("SELECT web_url FROM items").table()
    assert len(rows(session, "SELECT name FROM items")) == 10


def test_catalogue(session: Session) -> None:
    tables = dict(rows(session, "SELECT table_name, TABLE_COMMENT FROM information_schema.tables"))
    assert set(tables) == set(TABLES)
    assert tables["items"] == TABLES["items"].description
    sql = "SELECT column_name, COLUMN_COMMENT FROM information_schema.columns WHERE table_name = 'drives'"
    assert dict(rows(session, sql)) == {c.name: c.description for c in TABLES["drives"].columns}
    described = {row[0]: row[1] for row in rows(session, "DESCRIBE items")}
    assert described["size"] == "BIGINT"
    assert described["created_date_time"] == "TIMESTAMP WITH TIME ZONE"


def test_rows_stream(loop: LoopThread) -> None:
    drive = MemoryDrive("b!a", page_size=50)
    for number in range(20_000):
        drive.items[f"/{number}"] = {
            "id": str(number),
            "name": str(number),
            "parentReference": {"path": "/root:"},
        }
    session = Session(MemoryTenant(drives_={ALICE: drive}), loop, Defaults(ALICE, None))
    try:
        result = session.execute("SELECT id, name, path FROM items WHERE name <> 'x'")
        assert result.next_batch() is not None
        assert len(drive.asked) < 200
        result.close()
        session.execute("SELECT 1").table()
        assert len(drive.asked) < 200
        counted = session.execute("SELECT count(*) FROM items").table()
        assert counted.column(0).to_pylist() == [20_000]
    finally:
        session.close()


def test_a_result_nobody_has_read_is_kept_for_its_reader(session: Session) -> None:
    first = session.execute("SELECT name FROM files WHERE parent_path = '/Reports'")
    second = session.execute("SELECT count(*) FROM folders")
    assert second.table().column(0).to_pylist() == [2]
    assert first.table().num_rows == 5


def test_a_result_nobody_holds_is_given_up(loop: LoopThread) -> None:
    drive = MemoryDrive("b!a", page_size=10)
    for number in range(20_000):
        drive.items[f"/{number}"] = {
            "id": str(number),
            "name": str(number),
            "parentReference": {"path": "/root:"},
        }
    session = Session(MemoryTenant(drives_={ALICE: drive}), loop, Defaults(ALICE, None))
    try:
        assert session.execute("SELECT * FROM items").next_batch() is not None
        assert rows(session, "SELECT 1") == [(1,)]
        assert len(drive.asked) < 500
        assert rows(session, "SELECT count(*) FROM items") == [(20_000,)]
    finally:
        session.close()


class _Refusing(MemoryTenant):
    def users(self, **_: Any) -> AsyncIterator[Page]:
        return self._refuse()

    async def _refuse(self) -> AsyncIterator[Page]:
        for number in range(3):
            yield Page([{"id": str(number)}])
        raise PermissionDeniedError(
            "The application may not list users.", status=403, code="Authorization_RequestDenied"
        )


def test_errors_of_a_scan_arrive_as_they_were_raised(loop: LoopThread) -> None:
    session = Session(_Refusing(), loop, Defaults(ALICE, None))
    try:
        with pytest.raises(PermissionDeniedError) as raised:
            session.execute("SELECT count(*) FROM users").table()
        assert (raised.value.status, raised.value.code) == (403, "Authorization_RequestDenied")
        assert rows(session, "SELECT 1") == [(1,)]
    finally:
        session.close()


def test_an_owner_without_a_drive_is_an_error(session: Session) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        session.execute("SELECT * FROM items WHERE owner = '/users/nobody@contoso.com'").table()


class _Endless(MemoryTenant):
    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.ended = threading.Event()

    def users(self, **_: Any) -> AsyncIterator[Page]:
        return self._wait()

    async def _wait(self) -> AsyncIterator[Page]:
        import asyncio

        self.begun.set()
        try:
            await asyncio.Event().wait()
            yield Page([])
        finally:
            self.ended.set()


def test_a_statement_that_waits_for_graph_can_be_cancelled(loop: LoopThread) -> None:
    tenant = _Endless()
    session = Session(tenant, loop, Defaults(ALICE, None))

    def cancel() -> None:
        tenant.begun.wait()
        session.interrupt()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        with pytest.raises(SqlError) as raised:
            session.execute("SELECT count(*) FROM users").table()
        assert raised.value.code == "cancelled"
        assert tenant.ended.wait(5)
        assert rows(session, "SELECT 2") == [(2,)]
    finally:
        canceller.join()
        session.close()


def test_contents_by_glob(session: Session, drive: MemoryDrive) -> None:
    sql = "SELECT sum(amount) FROM read_csv('onedrive:/Reports/*.csv')"
    assert rows(session, sql) == [(150,)]
    assert sum(asked.startswith("read") for asked in drive.asked) == 5
    sql = """SELECT i.name, c.amount FROM read_csv('onedrive:/reports/**.csv', filename=true) c
             JOIN items i ON c.filename = 'onedrive://' || i.path"""
    assert len(rows(session, sql)) == 6
    assert rows(session, "SELECT content FROM read_text('onedrive:/a b#1%.txt')") == [("hello",)]


def test_a_missing_file_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError, match=r"onedrive:///Nothing/\*\.csv"):
        session.execute("SELECT * FROM read_csv('onedrive:/Nothing/*.csv')")


def test_an_error_of_the_engine_in_the_middle_of_a_result_is_the_engines(session: Session) -> None:
    result = session.execute(
        "SELECT (CASE WHEN range < 90000 THEN 1 ELSE 999 END)::UTINYINT FROM range(100000)"
    )
    with pytest.raises(SqlError) as raised:
        result.table()
    assert raised.value.code is None
    assert "out of range" in str(raised.value)


def test_the_engine_does_not_read_pythons_variables(session: Session) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(SqlError, match="secret"):
        session.execute("SELECT * FROM secret")
    assert secret.num_rows == 1


def test_the_dataset_serves_pyarrow_itself(session: Session) -> None:
    dataset = GraphDataset(TABLES["items"], session.tenant)
    table = dataset.to_table(columns=["name"], filter=pc.field("parent_path") == "/Reports")
    assert sorted(table.column("name").to_pylist()) == ["1.csv", "2.csv", "3.csv", "4.csv", "5.csv", "Old"]
    assert dataset.count_rows() == 9
    assert dataset.head(2, columns=["id"]).num_rows == 2


@pytest.mark.parametrize("size", [0, 1000, 3 * BLOCK_BYTES + 17])
def test_ranged_file_is_the_file(session: Session, drive: MemoryDrive, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    raw = drive.add("/big.bin", content)

    class Item:
        id, name, path, is_folder, modified = raw["id"], "big.bin", "/big.bin", False, None

        def __init__(self) -> None:
            self.size, self.raw = size, raw

    with RangedFile(session.tenant, Item(), drive.opened(Item()), Blocks()) as file:
        assert file.read(10) == content[:10]
        assert file.read(100_000) == content[10:100_010]
        file.seek(-5, io.SEEK_END) if size else None
        assert file.read() == content[-5:]
        file.seek(0)
        pieces = []
        while piece := file.read(1_000_003):
            pieces.append(piece)
        assert b"".join(pieces) == content


def test_a_read_elsewhere_fetches_little(session: Session, drive: MemoryDrive) -> None:
    size = 16 * BLOCK_BYTES
    drive.add("/big.bin", bytes(size))
    drive.asked.clear()
    session.execute("SELECT size FROM read_blob('onedrive:/big.bin')").table()
    name = session.engine.contents.glob("onedrive:///big.bin")[0]
    drive.asked.clear()
    with session.engine.contents.open(name) as file:
        for position in (size - 100, 1_000_000, 20_000_000):
            file.seek(position)
            file.read(50)
    fetched = [asked.removeprefix("read ").split("-") for asked in drive.asked]
    assert len(fetched) == 3
    assert sum(int(end) - int(start) for start, end in fetched) <= 2 * 64 * 1024 + TAIL_BYTES


def test_explain_asks_nothing(session: Session, drive: MemoryDrive) -> None:
    from driveql.sql.explain import explain

    drive.asked.clear()
    found = explain(session, "SELECT name FROM items WHERE path LIKE '/Reports/%' AND size > ? LIMIT 5", [10])
    assert drive.asked == []
    (table,) = found.tables
    assert "walk /Reports" in str(found)
    assert '"size" > 10' in str(found)
    assert table.plan.select == ("id", "root", "folder", "name", "parentReference", "size")
    assert len(rows(session, "SELECT name FROM items WHERE path LIKE '/Reports/%'")) == 7
    joined = explain(
        session, "SELECT * FROM users u JOIN files f ON f.name = u.id WHERE u.mail IN ('a', 'b')"
    )
    assert [table.table for table in joined.tables] == ["users", "files"] or {"users", "files"} == {
        table.table for table in joined.tables
    }
    assert "mail eq 'a' or mail eq 'b'" in str(joined)
    assert dict(rows(session, "SELECT table_name, TABLE_COMMENT FROM information_schema.tables"))["items"]


def test_errors_leave_nothing_behind(session: Session) -> None:
    for wrong in ("SELEC 1", "SELECT nix FROM items", "SELECT * FROM nix", "", "SELECT 1; SELECT 2"):
        with pytest.raises(DriveqlError):
            session.execute(wrong)
    assert rows(session, "SELECT count(*) FROM items WHERE parent_path = '/Reports'") == [(6,)]

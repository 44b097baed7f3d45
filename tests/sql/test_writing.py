"""INSERT, UPDATE and DELETE on items: what the rows say is what the tenant holds."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import dbapi
from driveql.sql.dbapi import Connection
from driveql.sql.writing import writer
from driveql.sql.writing.audit import AuditLog
from graph_emulator import faults


def stored(tenant: SqlTenant, path: str) -> Any:
    """The store's item at a path, or None."""
    try:
        return tenant.drive.item(path)
    except KeyError:
        return None


def content(tenant: SqlTenant, path: str) -> bytes | None:
    """What the tenant's store holds at a path; None for nothing and for a folder."""
    item = stored(tenant, path)
    return None if item is None or item.is_folder else item.content.read(0, item.content.size)


def outcomes(connection: Connection, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    rows = connection.execute(sql, parameters).fetchall()
    return [(row[0], row[2], row[3], row[4]) for row in rows]


def test_insert_makes_folders_and_files(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    local = tmp_path / "local.bin"
    local.write_bytes(b"from this machine")
    sql = """INSERT INTO items (path, is_folder, content, local_path) VALUES
             ('/W1/A/x.txt', false, 'text ü'::blob, NULL), ('/W1/A', true, NULL, NULL), ('/W1', true, NULL, NULL),
             ('/W1/local.bin', NULL, NULL, ?)"""
    sql = sql.replace("'text ü'::blob", "encode('text ü')")
    cursor = connection.execute(sql, [str(local)])
    assert cursor.rowcount == 4
    assert [column[0] for column in cursor.description or ()] == [
        "path", "id", "action", "outcome", "error_code", "error_message", "request_id",
    ]  # fmt: skip
    rows = {row[0]: row[1:4] for row in cursor.fetchall()}
    assert set(rows) == {"/W1", "/W1/A", "/W1/A/x.txt", "/W1/local.bin"}
    assert rows["/W1"][1:] == ("create_folder", "done")
    assert rows["/W1/A/x.txt"] == (tenant.drive.item("/W1/A/x.txt").id, "upload", "done")
    assert content(tenant, "/W1/A/x.txt") == "text ü".encode()
    assert content(tenant, "/W1/local.bin") == b"from this machine"


def test_insert_from_a_query_and_what_exists(tenant: SqlTenant, connection: Connection) -> None:
    connection.execute("CREATE TABLE made AS SELECT range AS n FROM range(5)")
    sql = "INSERT INTO files BY NAME SELECT '/W2-' || n || '.txt' AS path, n::varchar AS content FROM made"
    assert connection.execute(sql).rowcount == 5
    assert content(tenant, "/W2-3.txt") == b"3"
    with pytest.raises(errors.WriteError) as raised:
        connection.execute(sql)
    assert isinstance(raised.value, dbapi.OperationalError)
    assert [row["outcome"] for row in raised.value.outcomes] == ["failed"] * 5
    assert isinstance(raised.value.__cause__, errors.AlreadyExistsError)
    sql = "INSERT {} INTO items (path, content) VALUES ('/W2-3.txt', 'new'), ('/W2-9.txt', 'nine') RETURNING path, outcome, size"
    skipped = connection.execute(sql.format("OR IGNORE")).fetchall()
    assert skipped == [("/W2-3.txt", "skipped", 1), ("/W2-9.txt", "done", 4)]
    replaced = connection.execute(sql.format("OR REPLACE")).fetchall()
    assert replaced == [("/W2-3.txt", "done", 3), ("/W2-9.txt", "done", 4)]
    sql = "INSERT INTO items (path, content, conflict) VALUES ('/W2-3.txt', 'copy', 'rename') RETURNING path"
    ((renamed,),) = connection.execute(sql).fetchall()
    assert renamed != "/W2-3.txt"
    assert content(tenant, renamed) == b"copy"
    with pytest.raises(errors.AlreadyExistsError) as alone:
        connection.execute("INSERT INTO items (path, content) VALUES ('/W2-3.txt', 'x')")
    assert isinstance(alone.value, dbapi.IntegrityError)


def test_a_failure_in_the_middle_hides_nothing(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/W3/b.txt", b"there already")
    cursor = connection.cursor()
    with pytest.raises(errors.WriteError, match="1 of 3"):
        cursor.execute(
            """INSERT INTO items (parent_path, name, content)
               VALUES ('/W3', 'a.txt', 'a'), ('/W3', 'b.txt', 'b'), ('/W3', 'c.txt', 'c')"""
        )
    rows = {row[0]: (row[3], row[4], row[6] is not None) for row in cursor.fetchall()}
    assert rows == {
        "/W3/a.txt": ("done", None, False),
        "/W3/b.txt": ("failed", "nameAlreadyExists", True),
        "/W3/c.txt": ("done", None, False),
    }
    assert [content(tenant, f"/W3/{name}.txt") for name in "abc"] == [b"a", b"there already", b"c"]
    assert cursor.rowcount == 2


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("INSERT INTO items (path, content) VALUES ('/W4/ok.txt', 'x'), ('/W4/b?d', 'x')", errors.InvalidPathError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok.txt', 'x'), ('/w4/OK.TXT', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok.txt', 'x'), ('onedrive:/W4/OK.txt', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok.txt', 'x'), ('/W4/b', NULL)", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok.txt', 1)", errors.SqlSyntaxError),
        ("INSERT INTO items (path, local_path) VALUES ('/W4/ok.txt', '/nowhere/x')", errors.LocalFileError),
        ("INSERT INTO items (path, is_folder, content) VALUES ('/W4', true, 'x')", errors.SqlSyntaxError),
        ("INSERT INTO folders (path, content) VALUES ('/W4', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, conflict, content) VALUES ('/W4/ok', 'maybe', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content) SELECT '/W4/ok.txt'", errors.SqlSyntaxError),
        ("INSERT INTO items VALUES ('/W4/ok.txt')", errors.SqlNotSupportedError),
        ("INSERT INTO items (path, content, is_folder) VALUES ('/W4/ok.txt', 'x', 'yes')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok.txt', 'x'), ('/W4/slash/', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content) VALUES (4, 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (parent_path, name, content) VALUES ('/Notes', 'a/ok.txt', 'x')", errors.InvalidPathError),
        ("INSERT OR REPLACE INTO items (parent_path, name, content) VALUES ('/Notes/todo.md', '', 'x')", errors.InvalidPathError),
        ("INSERT INTO items (parent_path, name, content) VALUES (NULL, 'ok.txt', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (parent_path, name, content) VALUES (4, 'ok.txt', 'x')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content, owner) VALUES ('/ok.txt', 'x', NULL), ('/b', 'x', 'none')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content, owner) VALUES ('/ok.txt', 'x', '')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content, owner) VALUES ('/ok.txt', 'x', 4)", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content, drive_id) VALUES ('/ok.txt', 'x', '')", errors.SqlSyntaxError),
        ("INSERT INTO items (path, content, drive_id) VALUES ('onedrive:/ok.txt', 'x', 'b!1')", errors.SqlSyntaxError),
        ("CALL delete_item('/Notes/todo.md', owner => '')", errors.SqlSyntaxError),
        ("CALL delete_item(id => '')", errors.SqlSyntaxError),
        ("CALL delete_item('/Notes/todo.md', if_match => ' ')", errors.SqlSyntaxError),
        ("CALL copy_item('', '/Reports/all')", errors.SqlSyntaxError),
        ("CALL move_item('/Notes/todo.md', to_path => '/Lost/')", errors.SqlSyntaxError),
        ("CALL upload_file('pyproject.toml', '/Lost/')", errors.SqlSyntaxError),
        ("CALL delete_item('/Notes/todo.md', drive_id => '')", errors.SqlSyntaxError),
        ("COPY (SELECT 1) TO 'onedrive:/W4/ok/'", errors.InvalidPathError),
        ("COPY (SELECT 1) TO 'onedrive:/W4/ok.ods'", errors.SqlNotSupportedError),
        ("COPY (SELECT 1) TO 'onedrive:/W4/ok.csv' (HEADER, HEADER false)", errors.SqlSyntaxError),
        ("INSERT INTO items (path, size) VALUES ('/W4/ok.txt', 1)", errors.SqlNotSupportedError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok', 'x') ON CONFLICT DO UPDATE SET a = 1", errors.SqlNotSupportedError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok', 'x') RETURNING nix", errors.SqlError),
        ("INSERT INTO items (path, content) VALUES ('/W4/ok', error('no'))", errors.SqlError),
        ("UPDATE items SET name = 'a/b' WHERE path = '/Notes/todo.md'", errors.InvalidPathError),
        ("UPDATE items SET parent_path = '' WHERE path = '/Notes/todo.md'", errors.SqlSyntaxError),
        ("UPDATE items SET path = 'onedrive:/todo.md' WHERE path = '/Notes/todo.md'", errors.SqlSyntaxError),
        ("INSERT INTO list_items (list, title) VALUES (4, 'x')", errors.SqlSyntaxError),
        ("INSERT INTO list_items (list, title, Since) VALUES ('x', 'x', DATE 'infinity')", errors.SqlNotSupportedError),
        ("INSERT INTO list_items (list, title, Since) VALUES ('x', 'x', INTERVAL 1 DAY)", errors.SqlSyntaxError),
        ("COPY (SELECT DATE 'infinity' AS a) TO 'onedrive:/W4/ok.xlsx'", errors.SqlNotSupportedError),
        ("UPDATE items SET name = NULL WHERE path = '/Notes/todo.md'", errors.SqlSyntaxError),
        ("UPDATE items SET size = 1 WHERE path = '/Notes/todo.md'", errors.SqlNotSupportedError),
        ("UPDATE items SET name = v.n FROM (VALUES ('a'), ('b')) v(n) WHERE path = '/Notes/todo.md'", errors.SqlSyntaxError),
        ("UPDATE items SET name = 'x'", errors.SqlNotSupportedError),
        ("DELETE FROM items", errors.SqlNotSupportedError),
        ("DELETE FROM items WHERE path = '/Notes/todo.md' RETURNING ?", errors.SqlError),
        ("DELETE FROM items WHERE path = '/Notes/todo.md' RETURNING", errors.SqlSyntaxError),
        ("DELETE FROM users WHERE mail = 'x'", errors.SqlNotSupportedError),
        ("EXPLAIN CALL delete_item('/Notes/todo.md')", errors.SqlNotSupportedError),
        ("WITH d AS (DELETE FROM items WHERE path = '/Notes/todo.md' RETURNING path) FROM d", errors.SqlNotSupportedError),
        ("PREPARE d AS DELETE FROM items WHERE path = '/Notes/todo.md'", errors.SqlNotSupportedError),
        ("PREPARE d AS INSERT INTO items (path, content) VALUES ('/W4/ok', 'x')", errors.SqlNotSupportedError),
        ("COPY items FROM 'onedrive:/Reports/2026/sales-2026-01.csv'", errors.SqlNotSupportedError),
        ("EXPORT DATABASE 'onedrive:/W4'", errors.SqlNotSupportedError),
    ],
)  # fmt: skip
def test_a_statement_with_a_wrong_row_changes_nothing(
    tenant: SqlTenant, connection: Connection, sql: str, error: type[Exception]
) -> None:
    before = sorted(connection.execute("SELECT path, e_tag FROM items").fetchall())
    with pytest.raises(error):
        connection.execute(sql)
    assert sorted(connection.execute("SELECT path, e_tag FROM items").fetchall()) == before


def test_returning_tells_whose_a_new_item_is(tenant: SqlTenant, connection: Connection) -> None:
    sql = """INSERT OR REPLACE INTO items (path, content, owner)
             VALUES ('/W19.txt', 'x', NULL), ('/W19b.txt', 'x', 'bruno@contoso.com') RETURNING path, owner"""
    assert sorted(connection.execute(sql).fetchall()) == [
        ("/W19.txt", "/users/alice@contoso.com"),
        ("/W19b.txt", "/users/bruno@contoso.com"),
    ]


def test_returning_counts_and_what_it_cannot_compute_takes_no_rows_away(
    tenant: SqlTenant, connection: Connection
) -> None:
    sql = "INSERT INTO items (path, content) VALUES ('/W18/a.txt', 'a'), ('/W18/b.txt', 'b') RETURNING count(*), max(size)"
    assert connection.execute(sql).fetchall() == [(2, 1)]
    cursor = connection.cursor()
    with pytest.raises(errors.SqlError, match="was carried out, but RETURNING"):
        cursor.execute("UPDATE items SET description = 'x' WHERE parent_path = '/W18' RETURNING name::INT")
    assert [(row[0], row[3]) for row in cursor.fetchall()] == [("/W18/a.txt", "done"), ("/W18/b.txt", "done")]


def test_a_transaction_does_not_hold_for_onedrive_and_says_so(
    tenant: SqlTenant, connection: Connection
) -> None:
    connection.execute("CREATE TABLE kept (n INT)")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO kept VALUES (1)")
    cursor = connection.execute("INSERT INTO main.items (path, content) VALUES ('/W17.txt', 'x')")
    assert ["at once" in str(warning) for _, warning in cursor.messages] == [True]
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]
    assert content(tenant, "/W17.txt") == b"x"
    assert connection.execute("DELETE FROM main.items WHERE path = '/W17.txt'").messages == []


def test_rows_say_where_items_are_after_the_folder_above_was_renamed_too(
    tenant: SqlTenant, connection: Connection
) -> None:
    tenant.drive.put_file("/W15/F/G/deep.txt", b"x")
    sql = "UPDATE items SET name = upper(name) || '2' WHERE path LIKE '/W15/%' RETURNING path, parent_path"
    rows = connection.execute(sql).fetchall()
    told = connection.execute("SELECT path, parent_path FROM items WHERE path LIKE '/W15/%'").fetchall()
    assert sorted(rows) == sorted(told) == [
        ("/W15/F2", "/W15"), ("/W15/F2/G2", "/W15/F2"), ("/W15/F2/G2/DEEP.TXT2", "/W15/F2/G2"),
    ]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_log_that_ends_in_the_middle_takes_no_rows_away(
    tenant: SqlTenant, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = AuditLog.begin

    def then_full(log: AuditLog, *arguments: Any) -> None:
        begin(log, *arguments)
        with Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), log._file)

    monkeypatch.setattr(AuditLog, "begin", then_full)
    connection.execute(f"SET driveql.audit_log = '{tmp_path / 'log'}'")
    cursor = connection.cursor()
    with pytest.raises(errors.LocalFileError, match="No space left"):
        cursor.execute(
            "INSERT INTO items BY NAME SELECT '/W16/' || range || '.txt' AS path, 'x' AS content FROM range(20)"
        )
    states = {row[0]: row[3] for row in cursor.fetchall()}
    assert len(states) == 20
    assert "not_tried" in states.values()
    for path, state in states.items():
        assert state != "done" or content(tenant, path) == b"x"
        assert state not in {"failed", "not_tried"} or content(tenant, path) is None


def test_update_renames_moves_and_describes(tenant: SqlTenant, connection: Connection) -> None:
    for name in ("a", "b", "c"):
        tenant.drive.put_file(f"/W5/From/{name}.txt", name.encode())
    connection.execute("INSERT INTO folders (path) VALUES ('/W5/To')")
    sql = """UPDATE items AS i SET name = upper(i.name), description = ? WHERE i.parent_path = ?
             RETURNING i.path, description, outcome"""
    assert sorted(connection.execute(sql, ["said", "/W5/From"]).fetchall()) == [
        (f"/W5/From/{name}.TXT", "said", "done") for name in "ABC"
    ]
    tenant.asked()
    sql = "UPDATE files SET parent_path = '/W5/To' WHERE parent_path = '/W5/From'"
    assert outcomes(connection, sql) == [(f"/W5/To/{name}.TXT", "update", "done", None) for name in "ABC"]
    assert sum(asked == "/$batch" for asked in tenant.asked()) == 1
    assert content(tenant, "/W5/To/B.TXT") == b"b"
    connection.execute("CREATE TABLE names AS SELECT 'A.TXT' AS old, 'one.txt' AS new")
    sql = "UPDATE items SET path = '/W5/' || n.new FROM names n WHERE parent_path = '/W5/To' AND name = n.old"
    assert outcomes(connection, sql) == [("/W5/one.txt", "update", "done", None)]
    with pytest.raises(errors.NotFoundError):
        connection.execute("UPDATE items SET parent_path = '/Nowhere' WHERE path = '/W5/one.txt'")
    assert content(tenant, "/W5/one.txt") == b"a"


def test_delete_takes_a_folder_with_all_in_it_once(tenant: SqlTenant, connection: Connection) -> None:
    for number in range(30):
        tenant.drive.put_file(f"/W6/F/{number}.txt", b"x")
    tenant.drive.put_file("/W6/keep.txt", b"x")
    tenant.asked()
    sql = "DELETE FROM items WHERE path LIKE '/W6/F%' RETURNING path, outcome, size"
    rows = connection.execute(sql).fetchall()
    assert len(rows) == 31
    assert {row[1] for row in rows} == {"done"}
    assert stored(tenant, "/W6/F") is None
    assert content(tenant, "/W6/keep.txt") == b"x"
    assert sum(asked.startswith("/$batch") for asked in tenant.asked()) == 1
    assert connection.execute("DELETE FROM items WHERE path = '/W6/nothing'").fetchall() == []


def test_a_condition_on_the_etag_holds_until_the_change(
    tenant: SqlTenant, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.drive.put_file("/W7.txt", b"one")
    ((etag,),) = connection.execute("SELECT e_tag FROM items WHERE path = '/W7.txt'").fetchall()
    insert, update, original = writer._WORK["items"]

    async def late(*arguments: Any) -> None:
        # Somebody else writes between the query and the change.
        tenant.drive.put_file("/W7.txt", b"two")
        await original(*arguments)

    monkeypatch.setitem(writer._WORK, "items", (insert, update, late))
    with pytest.raises(errors.ItemChangedError):
        connection.execute("DELETE FROM items WHERE path = '/W7.txt' AND e_tag = ?", [etag])
    assert content(tenant, "/W7.txt") == b"two"


def test_executemany_tries_all(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/W8-1.txt", b"there already")
    cursor = connection.cursor()
    sets = [(f"/W8-{number}.txt", str(number)) for number in range(3)]
    with pytest.raises(errors.AlreadyExistsError):
        cursor.executemany("INSERT INTO items (path, content) VALUES (?, ?)", sets)
    assert [(row[0], row[3]) for row in cursor.fetchall()] == [
        ("/W8-0.txt", "done"), ("/W8-1.txt", "failed"), ("/W8-2.txt", "done"),
    ]  # fmt: skip
    cursor.executemany("DELETE FROM items WHERE path = :path", [{"path": path} for path, _ in sets])
    assert cursor.rowcount == 3


def test_read_only_refuses_before_any_request(tenant: SqlTenant) -> None:
    with tenant.connect(read_only=True) as connection:
        tenant.emulator.requests.clear()
        for sql in (
            "INSERT INTO items (path, content) VALUES ('/RO', 'x')",
            "UPDATE items SET name = 'x' WHERE path = '/Notes/todo.md'",
            "DELETE FROM items WHERE path = '/Notes/todo.md'",
        ):
            with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
                connection.execute(sql)
        assert not tenant.emulator.requests


def test_dry_run_changes_nothing(tenant: SqlTenant, connection: Connection) -> None:
    connection.execute("SET driveql.dry_run = true")
    sql = "INSERT INTO items (path, content) VALUES ('/Dry.txt', 'x')"
    assert outcomes(connection, sql) == [("/Dry.txt", "upload", "planned", None)]
    sql = "UPDATE items SET name = 'y.md' WHERE path = '/Notes/todo.md'"
    assert outcomes(connection, sql) == [("/Notes/todo.md", "update", "planned", None)]
    assert outcomes(connection, "DELETE FROM items WHERE path = '/Notes/todo.md'")[0][2] == "planned"
    assert stored(tenant, "/Dry.txt") is None
    assert content(tenant, "/Notes/todo.md") is not None
    connection.execute("RESET driveql.dry_run")
    assert outcomes(connection, sql.replace("y.md", "todo.md"))[0][2] == "done"
    for wrong in ("SET driveql.dry_run = perhaps", "SET driveql.colour = 1", "SET driveql.dry_run = 1 + 1"):
        with pytest.raises(errors.SqlError):
            connection.execute(wrong)


def test_audit_log(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    log = tmp_path / "writes.jsonl"
    log.write_text("")
    log.chmod(0o644)
    connection.execute(f"SET driveql.audit_log = '{log}'")
    connection.execute("INSERT INTO items (path, content) VALUES ('/Audit.txt', 'secret content')")
    with pytest.raises(errors.AlreadyExistsError):
        connection.execute("INSERT INTO items (path, content) VALUES ('/Audit.txt', 'secret content')")
    connection.execute("DELETE FROM items WHERE path = '/Audit.txt'")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["begin", "row", "end"] * 3
    assert [line["outcome"] for line in lines if line["event"] == "row"] == ["done", "failed", "done"]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "secret content" not in log.read_text()
    connection.execute(f"SET driveql.audit_log = '{tmp_path / 'nowhere' / 'x'}'")
    with pytest.raises(errors.LocalFileError, match="audit log"):
        connection.execute("INSERT INTO items (path, content) VALUES ('/Audit.txt', 'x')")
    assert stored(tenant, "/Audit.txt") is None


def test_a_cancelled_write_tells_how_far_it_came(tenant: SqlTenant, connection: Connection) -> None:
    cursor = connection.cursor()
    values = ", ".join(f"('/W9-{number:02}.txt', 'x')" for number in range(40))
    planned = tenant.emulator.faults
    # Rows are taken in order: when the first of these is held, those before are done, and none is left to try the last.
    planned.add(faults.Delay(seconds=600), target="/W9-2", count=None)
    ended = threading.Event()

    def cancel_when_one_is_held() -> None:
        while not planned.consumed() and not ended.wait(0.01):
            pass
        connection.cancel()

    watcher = threading.Thread(target=cancel_when_one_is_held)
    watcher.start()
    try:
        with pytest.raises(dbapi.OperationalError) as raised:
            cursor.execute(f"INSERT INTO items (path, content) VALUES {values}")
    finally:
        ended.set()
        watcher.join()
        planned.clear()
    assert isinstance(raised.value, errors.SqlError)
    assert raised.value.code == "cancelled"
    assert "rows tell" in (raised.value.hint or "")
    rows = cursor.fetchall()
    assert len(rows) == 40
    for row in rows:
        held = content(tenant, row[0]) == b"x"
        assert row[3] == "unknown" or held is (row[3] == "done"), row
    assert {"done", "unknown", "not_tried"} == {row[3] for row in rows}
    assert connection.execute("SELECT 7").fetchall() == [(7,)]

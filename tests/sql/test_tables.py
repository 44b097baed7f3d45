"""The tables over a tenant behind real sockets: their rows, and the requests they cost."""

from __future__ import annotations

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import dbapi
from driveql.sql.dbapi import Connection
from graph_emulator import faults


def test_directory(connection: Connection) -> None:
    sql = "SELECT user_principal_name, department FROM users WHERE user_type = 'Member' ORDER BY 1"
    assert connection.execute(sql).fetchall()[:2] == [
        ("alice@contoso.com", "Finance"),
        ("bruno@contoso.com", "Sales"),
    ]
    sql = """SELECT g.display_name, count(*) FROM groups g JOIN group_members m ON m.group_id = g.id
             GROUP BY ALL ORDER BY 1"""
    assert dict(connection.execute(sql).fetchall())["Finance"] == 2
    assert ("Sales",) in connection.execute("SELECT display_name FROM sites").fetchall()
    (drive,) = connection.execute("SELECT name, owner, quota_used FROM drives").fetchall()
    assert drive[:2] == ("OneDrive", "/users/alice@contoso.com")
    assert drive[2] > 10_000


def test_items_files_and_folders(connection: Connection) -> None:
    folders = connection.execute("SELECT path FROM folders ORDER BY path").fetchall()
    assert folders == [("/Notes",), ("/Reports",), ("/Reports/2026",), ("/Settings",)]
    files = connection.execute("SELECT count(*), min(size), max(file_mime_type) FROM files").fetchone()
    assert files is not None
    assert files[:2] == (9, 0)
    items = connection.execute("SELECT count(*) FROM items WHERE is_folder").fetchone()
    assert items == (4,)
    sql = "SELECT parent_path, name, created_date_time IS NOT NULL FROM items WHERE path = '/Notes/todo.md'"
    assert connection.execute(sql).fetchall() == [("/Notes", "todo.md", True)]


@pytest.mark.parametrize(
    ("sql", "requests"),
    [
        ("SELECT size FROM items WHERE path = '/Notes/todo.md'", 1),
        ("SELECT size FROM items WHERE parent_path = '/Notes' AND name = 'todo.md'", 1),
        ("SELECT name FROM items WHERE parent_path = '/Reports/2026'", 1),
        ("SELECT name FROM items WHERE path IN ('/Notes', '/Reports', '/None')", 3),
        ("SELECT name FROM items WHERE path LIKE '/Reports/2026/%' AND size > 0", 2),
        ("SELECT name FROM items WHERE path = 'no path'", 0),
        ("SELECT name FROM items LIMIT 1", 1),
        ("SELECT count(*) FROM items", 1),
        ("SELECT id FROM users WHERE mail = 'ALICE@contoso.com'", 1),
        ("SELECT id FROM users WHERE display_name LIKE 'A%'", 1),
        ("SELECT name FROM drives", 1),
    ],
)
def test_requests(tenant: SqlTenant, connection: Connection, sql: str, requests: int) -> None:
    connection.execute("SELECT name FROM items WHERE path = '/Notes'").fetchall()
    tenant.asked()
    connection.execute(sql).fetchall()
    assert len(tenant.asked()) == requests


def test_columns_become_select_and_names_are_encoded_once(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/Odd/h#a & 100% + 'x'.txt", b"odd")
    tenant.asked()
    sql = "SELECT size FROM items WHERE path = ?"
    assert connection.execute(sql, ["/Odd/h#a & 100% + 'x'.txt"]).fetchall() == [(3,)]
    (asked,) = [target for target in tenant.asked() if "root:" in target]
    assert "$select=id,root,folder,parentReference,name,size" in asked.replace("%24", "$").replace("%2C", ",")
    sql = "SELECT path FROM items WHERE parent_path = '/Odd'"
    assert connection.execute(sql).fetchall() == [("/Odd/h#a & 100% + 'x'.txt",)]


def test_filter_text_reaches_graph_unharmed(connection: Connection) -> None:
    sql = "SELECT user_principal_name FROM users WHERE surname = ?"
    assert connection.execute(sql, ["O'Neill"]).fetchall() == [("dmitri@contoso.com",)]
    assert connection.execute(sql, ["o'neill"]).fetchall() == []


def test_other_owners_and_drives(connection: Connection) -> None:
    sql = "SELECT owner, count(*) FROM files WHERE owner IN (?, ?) GROUP BY 1 ORDER BY 1"
    owners = ["/users/alice@contoso.com", "/users/bruno@contoso.com"]
    found = connection.execute(sql, owners).fetchall()
    assert [row[0] for row in found] == owners
    sql = "SELECT id FROM drives WHERE owner = '/groups/' || (SELECT id FROM groups WHERE display_name = 'Finance')"
    of_the_group = connection.execute(sql).fetchall()
    group = connection.execute("SELECT id FROM groups WHERE display_name = 'Finance'").fetchone()
    assert group is not None
    drive = connection.execute("SELECT id FROM drives WHERE owner = ?", [f"/groups/{group[0]}"]).fetchone()
    assert of_the_group == [drive]
    assert drive is not None
    found = connection.execute("SELECT path FROM folders WHERE drive_id = ? ORDER BY 1", drive).fetchall()
    assert found[:2] == [("/Invoices",), ("/Ledger",)]


def test_an_owner_may_be_a_bare_address(connection: Connection) -> None:
    sql = "SELECT DISTINCT owner FROM items WHERE owner = 'bruno@contoso.com'"
    assert connection.execute(sql).fetchall() == [("bruno@contoso.com",)]
    sql = "SELECT owner, name FROM drives WHERE owner = 'bruno@contoso.com'"
    assert connection.execute(sql).fetchall() == [("bruno@contoso.com", "OneDrive")]


def test_a_file_has_nothing_in_it(connection: Connection) -> None:
    sql = "SELECT count(*) FROM items WHERE {} '/Notes/todo.md{}"
    assert connection.execute(sql.format("parent_path =", "'")).fetchall() == [(0,)]
    assert connection.execute(sql.format("path LIKE", "/%'")).fetchall() == [(0,)]


def test_an_owner_nobody_knows_is_an_error_with_its_code(connection: Connection) -> None:
    with pytest.raises(errors.NotFoundError) as raised:
        connection.execute("SELECT * FROM items WHERE owner = '/users/nobody@contoso.com'")
    assert isinstance(raised.value, dbapi.OperationalError)
    assert raised.value.status == 404
    assert raised.value.request_id
    with pytest.raises(errors.ParameterError) as wrong:
        connection.execute("SELECT * FROM items WHERE owner = 'alice'")
    assert isinstance(wrong.value, dbapi.InterfaceError)
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_permission_that_is_missing_is_said(tenant: SqlTenant) -> None:
    application = tenant.emulator.register_application("little", {"Files.Read.All"})
    secret = tenant.emulator.add_secret(application)
    with tenant.connect(client_id=application.client_id, client_secret=f"plain:{secret}") as connection:
        assert connection.execute("SELECT count(*) FROM items").fetchone() is not None
        with pytest.raises(errors.DriveqlError) as raised:
            connection.execute("SELECT * FROM users").fetchall()
        assert isinstance(raised.value, errors.PermissionDeniedError | errors.ConsentMissingError)
        assert isinstance(raised.value, dbapi.Error)


@pytest.mark.parametrize(
    "fault",
    [faults.Refuse(429, retry_after=0), faults.Drop(), faults.Truncate(bytes=20), faults.EmptyPage()],
    ids=repr,
)
def test_a_listing_under_faults_has_all_its_rows(
    tenant: SqlTenant, connection: Connection, fault: object
) -> None:
    connection.execute("SELECT name FROM items WHERE path = '/Notes'").fetchall()
    tenant.emulator.faults.add(fault, method="GET", target="/children")
    assert (
        len(connection.execute("SELECT name FROM files WHERE parent_path = '/Reports/2026'").fetchall()) == 6
    )
    tenant.emulator.faults.assert_consumed()
    tenant.emulator.faults.clear()


def test_a_listing_that_fails_in_the_middle_fails(tenant: SqlTenant, connection: Connection) -> None:
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", target="/children", count=99)
    try:
        with pytest.raises(errors.PermissionDeniedError):
            connection.execute("SELECT count(*) FROM items WHERE path LIKE '/Reports/%'").fetchall()
    finally:
        tenant.emulator.faults.clear()


def test_a_listing_that_never_ends_is_refused(tenant: SqlTenant, connection: Connection) -> None:
    tenant.emulator.faults.add(faults.RepeatedNextLink(), method="GET", target="/children", count=99)
    try:
        with pytest.raises(errors.ProtocolError):
            connection.execute("SELECT count(*) FROM items WHERE parent_path = '/Reports/2026'").fetchall()
    finally:
        tenant.emulator.faults.clear()


def test_explain_over_the_connection(tenant: SqlTenant, connection: Connection) -> None:
    tenant.asked()
    found = connection.explain("SELECT name FROM files WHERE path LIKE '/Reports/%' LIMIT 3")
    assert tenant.asked() == []
    assert "walk /Reports" in str(found)
    rows = connection.execute(
        "EXPLAIN SELECT name FROM users WHERE mail = 'x' AND name <> 'y'".replace("name", "surname")
    )
    assert [row[0] for row in rows.fetchall()] == ["driveql", "physical_plan"]
    rows = connection.execute("EXPLAIN ANALYZE SELECT count(*) FROM items").fetchall()
    assert [row[0] for row in rows] == ["driveql", "analyzed_plan"]

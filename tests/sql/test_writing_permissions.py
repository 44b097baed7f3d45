"""INSERT, UPDATE and DELETE on permissions: what the rows say is who has access."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from graph_emulator import faults

OWN = "SELECT kind, roles, link_type, granted_to_emails FROM permissions WHERE path = ? AND NOT is_inherited ORDER BY kind, roles"


@pytest.fixture
def own(connection: Connection) -> Any:
    """What an item grants by itself."""
    return lambda path: connection.execute(OWN, [path]).fetchall()


def test_people_are_invited_and_links_made(tenant: SqlTenant, connection: Connection, own: Any) -> None:
    item = tenant.drive.put_file("/Perm/a.txt", b"a")
    tenant.drive.put_file("/Perm/b.txt", b"b")
    sql = """INSERT INTO permissions (path, item_id, recipients, roles, link_type, link_scope, expiration_date_time)
             VALUES (NULL, ?, ['bruno@contoso.com', 'emi@contoso.com'], ['write'], NULL, NULL, NULL),
                    ('/Perm/a.txt', NULL, NULL, NULL, 'edit', 'organization', TIMESTAMPTZ '2099-01-31 00:00:00Z'),
                    ('onedrive:/Perm/b.txt', NULL, ['emi@contoso.com'], NULL, NULL, NULL, NULL)
             RETURNING path, action, outcome, roles, granted_to_emails, link_type, year(expiration_date_time), id IS NOT NULL"""
    cursor = connection.execute(sql, [item.id])
    assert cursor.rowcount == 4
    assert cursor.fetchall() == [
        ("/Perm/a.txt", "invite", "done", ["write"], ["bruno@contoso.com"], None, None, True),
        ("/Perm/a.txt", "invite", "done", ["write"], ["emi@contoso.com"], None, None, True),
        ("/Perm/a.txt", "create_link", "done", ["write"], [], "edit", 2099, True),
        ("/Perm/b.txt", "invite", "done", ["read"], ["emi@contoso.com"], None, None, True),
    ]
    assert own("/Perm/a.txt") == [
        ("grant", ["write"], None, ["bruno@contoso.com"]),
        ("grant", ["write"], None, ["emi@contoso.com"]),
        ("link", ["write"], "edit", []),
    ]


def test_roles_are_changed_and_access_is_taken_away(
    tenant: SqlTenant, connection: Connection, own: Any
) -> None:
    for name in "ab":
        tenant.drive.put_file(f"/Perm2/{name}.txt", b"x")
    connection.execute(
        "CREATE TABLE files_of AS SELECT '/Perm2/' || n || '.txt' AS path FROM (VALUES ('a'), ('b')) v(n)"
    )
    connection.execute(
        "INSERT INTO permissions BY NAME SELECT path, 'bruno@contoso.com' AS recipients, 'read' AS roles FROM files_of"
    )
    where = "parent_path = '/Perm2' AND kind = 'grant' AND NOT is_inherited"
    tenant.asked()
    sql = f"UPDATE permissions SET roles = 'write' WHERE {where} RETURNING path, roles, granted_to_emails, outcome"
    assert sorted(connection.execute(sql).fetchall()) == [
        (f"/Perm2/{name}.txt", ["write"], ["bruno@contoso.com"], "done") for name in "ab"
    ]
    assert sum(asked.startswith("/$batch") for asked in tenant.asked()) == 1
    where += " AND list_contains(granted_to_emails, 'bruno@contoso.com')"
    sql = f"DELETE FROM permissions WHERE {where} RETURNING path, outcome"
    assert sorted(connection.execute(sql).fetchall()) == [(f"/Perm2/{name}.txt", "done") for name in "ab"]
    assert own("/Perm2/a.txt") == []


def test_what_is_inherited_is_refused_before_sending(
    tenant: SqlTenant, connection: Connection, own: Any
) -> None:
    tenant.drive.put_file("/Perm3/In/a.txt", b"x")
    connection.execute("INSERT INTO permissions (path, recipients) VALUES ('/Perm3', 'bruno@contoso.com')")
    tenant.asked()
    for sql in (
        "DELETE FROM permissions WHERE path = '/Perm3/In/a.txt'",
        "UPDATE permissions SET roles = 'write' WHERE path LIKE '/Perm3%'",
    ):
        with pytest.raises(errors.SqlNotSupportedError, match="inherited") as refused:
            connection.execute(sql)
        assert "NOT is_inherited" in (refused.value.hint or "")
    assert not any(asked.startswith("/$batch") for asked in tenant.asked())
    assert own("/Perm3")[0][1] == ["read"]


def test_everybody_left_out_has_a_row(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/Perm4.txt", b"x")
    cursor = connection.cursor()
    with pytest.raises(errors.WriteError, match="2 of 4"):
        cursor.execute(
            """INSERT INTO permissions (path, recipients) VALUES ('/Perm4.txt', ['bruno@contoso.com', 'x@nowhere.example']),
               ('/Perm4-missing.txt', ['bruno@contoso.com']), ('/Perm4.txt', ['emi@contoso.com'])
               RETURNING path, outcome, error_code"""
        )
    assert [row[:2] for row in cursor.fetchall()] == [
        ("/Perm4.txt", "done"), ("/Perm4.txt", "failed"), ("/Perm4-missing.txt", "failed"), ("/Perm4.txt", "done"),
    ]  # fmt: skip
    fault: Any = tenant.emulator.faults.add(faults.Refuse(403), method="POST", target="/invite")
    try:
        with pytest.raises(errors.WriteError):
            cursor.execute(
                "INSERT INTO permissions (path, recipients) VALUES ('/Perm4.txt', ['bruno@contoso.com', 'emi@contoso.com'])"
            )
    finally:
        tenant.emulator.faults.clear()
    assert fault.fired
    assert [(row[3], row[4]) for row in cursor.fetchall()] == [("failed", "accessDenied")] * 2


@pytest.mark.parametrize(
    "values",
    ["(recipients) VALUES ('a@b.c')", "(path, item_id, recipients) VALUES ('/x', 'y', 'a@b.c')", "(path) VALUES ('/x')",
     "(path, recipients, roles) VALUES ('/x', 'a@b.c', 'king')", "(path, link_type, roles) VALUES ('/x', 'view', 'read')",
     "(path, link_type) VALUES ('/x', 'peep')", "(path, link_type, link_scope) VALUES ('/x', 'view', 'world')",
     "(path, link_type, recipients) VALUES ('/x', 'view', 'a@b.c')", "(path, recipients, message) VALUES ('/x', 'a@b.c', 'hi')",
     "(path, recipients, expiration_date_time) VALUES ('/x', 'a@b.c', TIMESTAMP '2099-01-01')",
     "(path, recipients, expiration_date_time) VALUES ('/x', 'a@b.c', TIMESTAMPTZ '2001-01-01 00:00:00Z')",
     "(path, recipients, send_invitation) VALUES ('/x', 'a@b.c', 'yes')", "(path, recipients) VALUES (1, 'a@b.c')",
     "(path, recipients) VALUES ('/ok', ['a@b.c']), ('/x', ['a@b.c', 'a@b.c'])",
     "(path, recipients) VALUES ('/x', 4)", "(path, recipients) VALUES ('/x', [4])",
     "(path, recipients, roles) VALUES ('/x', 'a@b.c', [])", "(path, recipients, roles) VALUES ('/x', 'a@b.c', '')",
     "(path, recipients, owner) VALUES ('/ok', 'a@b.c', NULL), ('/x', 'a@b.c', 'none')",
     "(path, recipients, owner) VALUES ('onedrive:/x', 'a@b.c', '/users/emi@contoso.com')"],
)  # fmt: skip
def test_a_wrong_row_changes_nothing(tenant: SqlTenant, connection: Connection, values: str) -> None:
    connection.execute("SELECT id FROM items WHERE path = '/x'").fetchall()
    tenant.asked()
    with pytest.raises(errors.SqlSyntaxError):
        connection.execute(f"INSERT INTO permissions {values}")
    assert tenant.asked() == []


def test_read_only_dry_run_and_audit(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    tenant.drive.put_file("/Perm5.txt", b"x")
    insert = (
        "INSERT INTO permissions (path, link_type, password) VALUES ('/Perm5.txt', 'view', 'plain:sesame')"
    )
    with tenant.connect(read_only=True) as read_only:
        tenant.emulator.requests.clear()
        for sql in (
            insert,
            "UPDATE permissions SET roles = 'read' WHERE path = '/Perm5.txt'",
            "DELETE FROM permissions WHERE path = '/Perm5.txt'",
        ):
            with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
                read_only.execute(sql)
        assert not tenant.emulator.requests
    connection.execute("SET driveql.dry_run = true")
    many = (
        "INSERT INTO permissions (path, recipients) VALUES ('/Perm5.txt', ['a@contoso.com', 'b@contoso.com'])"
    )
    assert [row[3] for row in connection.execute(many).fetchall()] == ["planned", "planned"]
    connection.execute("SET driveql.dry_run = false")
    log = tmp_path / "log.jsonl"
    connection.execute(f"SET driveql.audit_log = '{log}'")
    ((outcome, has_password),) = connection.execute(f"{insert} RETURNING outcome, has_password").fetchall()
    assert (outcome, has_password) == ("done", True)
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()] == ["begin", "row", "end"]
    assert "sesame" not in log.read_text()

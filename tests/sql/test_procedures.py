"""CALL: each procedure once, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.drive.generic import Part
from driveql.sql.dbapi import Connection
from driveql.sql.writing.procedures import PROCEDURES
from driveql.sql.writing.transfer_procedures import _parts

_GIVEN = {"method": "GET", "values": '{"Title": "x"}'}


def called(connection: Connection, sql: str, parameters: Any = None) -> dict[str, Any]:
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    ((*row,),) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def content(tenant: SqlTenant, path: str) -> bytes:
    item = tenant.drive.item(path)
    return bytes(item.content.read(0, item.content.size))


def test_files_there_and_back(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    local = tmp_path / "a.txt"
    local.write_bytes(b"local")
    row = called(connection, "CALL create_folder('/P1/In/Deep')")
    assert (row["path"], row["outcome"]) == ("/P1/In/Deep", "done")
    row = called(connection, "CALL upload_file(?, '/P1/a.txt')", [str(local)])
    assert (row["path"], row["action"], row["id"]) == (
        "/P1/a.txt",
        "upload_file",
        tenant.drive.item("/P1/a.txt").id,
    )
    with pytest.raises(errors.AlreadyExistsError):
        connection.execute("CALL upload_file(?, '/P1/a.txt')", [str(local)])
    local.write_bytes(b"newer")
    connection.execute(
        "CALL upload_file(local_path => $f, path => '/P1/a.txt', conflict => 'replace')", {"f": str(local)}
    )
    assert content(tenant, "/P1/a.txt") == b"newer"
    target = tmp_path / "back.txt"
    row = called(connection, "CALL download_file('/P1/a.txt', ?)", [str(target)])
    assert (row["local_path"], row["size"], target.read_bytes()) == (str(target), 5, b"newer")
    with pytest.raises(errors.LocalFileError, match="already"):
        connection.execute("CALL download_file('/P1/a.txt', ?)", [str(target)])
    assert (
        called(connection, "CALL download_file('/P1/a.txt', ?, overwrite => true)", [str(target)])["size"]
        == 5
    )


def test_copy_move_rename_delete_restore(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/P2/a.txt", b"one")
    assert (
        called(connection, "CALL copy_item(path => '/P2/a.txt', to_path => '/P2/b.txt')")["path"]
        == "/P2/b.txt"
    )
    assert called(connection, "CALL rename_item('/P2/b.txt', 'c' || '.txt')")["path"] == "/P2/c.txt"
    connection.execute("CALL create_folder('/P2/To')")
    row = called(
        connection, "CALL move_item(id => ?, to_path => '/P2/To/d.txt')", [tenant.drive.item("/P2/c.txt").id]
    )
    assert row["path"] == "/P2/To/d.txt"
    assert content(tenant, "/P2/To/d.txt") == b"one"
    gone = called(connection, "CALL delete_item('/P2/To/d.txt')")
    with pytest.raises(KeyError):
        tenant.drive.item("/P2/To/d.txt")
    back = called(connection, "CALL restore_item(?, folder => '/P2', name => 'e.txt')", [gone["id"]])
    assert (back["path"], back["id"]) == ("/P2/e.txt", gone["id"])
    connection.execute("CALL delete_item('/P2/e.txt', permanently => true)")
    with pytest.raises(errors.NotFoundError):
        connection.execute("CALL restore_item(?)", [gone["id"]])


def test_sharing_and_check_out(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/P3.docx", b"one")
    link = called(connection, "CALL create_link('/P3.docx', type => 'edit')")
    assert link["link_url"].startswith("https://")
    assert link["link_type"] == "edit"
    sql = "CALL invite('/P3.docx', recipients => ['bruno@contoso.com'], roles => 'write', send_invitation => false)"
    people = connection.execute(
        "SELECT mail FROM users WHERE mail IS NOT NULL AND mail NOT LIKE 'alice%'"
    ).fetchall()
    cursor = connection.execute(sql.replace("bruno@contoso.com", people[0][0]))
    (row,) = cursor.fetchall()
    assert row[3] == "done"
    assert row[7] == people[0][0]
    for permission in (row[8], link["permission_id"]):
        assert called(connection, "CALL revoke_permission('/P3.docx', ?)", [permission])["outcome"] == "done"
    with pytest.raises(errors.NotFoundError):
        connection.execute("CALL revoke_permission('/P3.docx', ?)", [row[8]])
    assert called(connection, "CALL check_out('/P3.docx')")["outcome"] == "done"
    assert called(connection, "CALL check_in('/P3.docx', comment => 'done; really')")["outcome"] == "done"


def test_everybody_left_out_has_a_row(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/P4.txt", b"one")
    cursor = connection.cursor()
    with pytest.raises(errors.WriteError):
        cursor.execute(
            "CALL invite('/P4.txt', recipients => ['x@nowhere.example', 'y@nowhere.example'], send_invitation => false)"
        )
    assert [(row[3], row[7]) for row in cursor.fetchall()] == [
        ("failed", "x@nowhere.example"), ("failed", "y@nowhere.example"),
    ]  # fmt: skip


def test_generic_request(tenant: SqlTenant, connection: Connection) -> None:
    row = called(
        connection, "CALL generic_request('GET', '/users?$top=1&$select=id', headers => {'Prefer': 'x'})"
    )
    assert row["status"] == 200
    assert len(json.loads(row["body"])["value"]) == 1
    tenant.drive.put_file("/P5.txt", b"one")
    address = f"/drives/{tenant.drive.id}/root:/P5.txt"
    row = called(connection, "CALL generic_request('PATCH', ?, json => {'name': 'P5b.txt'})", [address])
    assert json.loads(row["body"])["name"] == "P5b.txt"
    with pytest.raises(errors.InvalidPathError):
        connection.execute("CALL generic_request('GET', 'https://elsewhere.example/x')")


@pytest.mark.parametrize(
    "call",
    ["upload_file('/tmp/x')", "delete_item()", "delete_item('/a', id => 'b')", "delete_item('/a', colour => 1)",
     "delete_item('/a', path => '/b')", "delete_item(path => 1)", "delete_item('/a', permanently => 'yes')",
     "delete_item(path => '/a', 'b')", "copy_item('/Notes/todo.md', '/x', conflict => 'maybe')",
     "create_link('/a', type => 'wrong')", "create_link('/a', scope => 'all')",
     "create_link('/a', expires => timestamp '2030-01-01')", "check_in('/a', 'b', true, 'c', 'd')",
     "generic_request('GET', '/x', headers => 'nothing')"],
)  # fmt: skip
def test_wrong_arguments_are_refused(tenant: SqlTenant, connection: Connection, call: str) -> None:
    tenant.asked()
    with pytest.raises(errors.SqlSyntaxError):
        connection.execute(f"CALL {call}")
    assert tenant.asked() == []


def test_read_only_and_dry_run(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    tenant.drive.put_file("/P6.txt", b"one")
    tenant.drive.put_file("/P6d/one.txt", b"one")
    with tenant.connect(read_only=True) as read_only:
        tenant.asked()
        for name, procedure in PROCEDURES.items():
            arguments = ", ".join(
                f"{a.name} => '{_GIVEN.get(a.name, '/P6.txt')}'" for a in procedure.arguments
                if a.required or a.name == "path"
            )  # fmt: skip
            if not procedure.writes({"method": "GET"}):
                continue
            with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
                read_only.execute(f"CALL {name}({arguments})")
        assert tenant.asked() == []
        assert called(read_only, "CALL download_file('/P6.txt', ?)", [str(tmp_path)])["outcome"] == "done"
        assert called(read_only, "CALL generic_request('GET', '/users?$top=1')")["status"] == 200
        read_only.execute("CALL sync(?, '/P6d', direction => 'down')", [str(tmp_path / "mirror")])
        with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
            read_only.execute("CALL generic_request('DELETE', '/x')")
    connection.execute("SET driveql.dry_run = true")
    assert called(connection, "CALL delete_item('/P6.txt')")["outcome"] == "planned"
    assert content(tenant, "/P6.txt") == b"one"


def test_a_link_is_told_in_no_row_and_no_log(connection: Connection, tmp_path: Path) -> None:
    link = "https://contoso-my.sharepoint.com/:t:/g/personal/alice_contoso_com/secretpart"
    connection.execute(f"SET driveql.audit_log = '{tmp_path / 'log'}'")
    for sql in (
        f"CALL delete_item('{link}')",
        f"INSERT INTO permissions (path, recipients) VALUES ('{link}', 'emi@contoso.com')",
        f"INSERT INTO items (path, content) VALUES ('{link}', 'x')",
        f"COPY (SELECT 1) TO '{link}'",
    ):
        cursor = connection.cursor()
        with pytest.raises(errors.DriveqlError) as refused:
            cursor.execute(sql)
        assert "secretpart" not in str(refused.value) + str(cursor.description and cursor.fetchall())
    assert (tmp_path / "log").read_text().count("[link]") >= 4
    assert "secretpart" not in (tmp_path / "log").read_text()


def test_other_calls_are_duckdbs(connection: Connection) -> None:
    assert connection.execute("CALL range(3)").fetchall() == [(0,), (1,), (2,)]


def test_a_request_of_several_parts(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/P8/there.txt", b"there")
    address = f"/drives/{tenant.drive.id}/root:/P8:/children"
    sql = """CALL generic_request('POST', ?, parts => [
        {'content': '{"name": "made.txt", "file": {}, "@content.sourceUrl": "cid:content"}',
         'content_type': 'application/json', 'content_id': 'metadata'},
        {'content': 'some text', 'content_type': 'text/plain', 'content_id': 'content'}])"""
    # The emulator takes this request in JSON alone, and says that this is none.
    with pytest.raises(errors.BadRequestError, match="JSON request payload"):
        connection.execute(sql, [address])
    given = [{"content": "{}", "content_type": "application/json", "content_id": "m"}, {"content": b"x"}]
    assert _parts(given) == [Part(b"{}", "application/json", "m"), Part(b"x")]
    for wrong in ("'[1]'", "[{'content': 1}]", "[{'text': 'x'}]", "'{}'"):
        with pytest.raises(errors.SqlSyntaxError, match="parts"):
            connection.execute(f"CALL generic_request('POST', '/x', parts => {wrong})")


@pytest.mark.parametrize(
    ("called", "meant"), [("share", "create_link, invite"), ("mkdir", "create_folder"), ("copy", "copy_item")]
)
def test_a_name_that_no_procedure_has_leads_to_those_that_may_be_meant(
    connection: Connection, called: str, meant: str
) -> None:
    for _ in range(2):
        with pytest.raises(errors.SqlError) as raised:
            connection.execute(f"CALL {called}('/P3.docx')")
        assert str(raised.value).startswith(f"There is no procedure {called}.")
        assert raised.value.hint == f"Perhaps {meant}. docs/procedures.md lists all procedures."

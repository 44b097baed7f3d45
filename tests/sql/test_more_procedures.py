"""CALL, second part: versions, check-out, metadata, other drives, renditions, sharing, mirroring, subscriptions, recycle bin."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant
from tests.sql.test_procedures import called, content

from driveql import errors
from driveql.sql.dbapi import Connection
from driveql.transport.portal import portal
from driveql.transport.receiver import Receiver


def rows(connection: Connection, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def bruno(tenant: SqlTenant) -> Any:
    """The drive of another user."""
    users = tenant.emulator.tenant.users.values()
    return next(user for user in users if user.user_principal_name.startswith("bruno@")).drive


def test_versions(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    for text in (b"one", b"two!", b"three"):
        tenant.drive.put_file("/V.txt", text)
    target = tmp_path / "old.txt"
    row = called(connection, "CALL download_version('/V.txt', '1.0', ?)", [str(target)])
    assert (row["size"], target.read_bytes()) == (3, b"one")
    with pytest.raises(errors.LocalFileError, match="already"):
        connection.execute("CALL download_version('/V.txt', '2.0', ?)", [str(target)])
    assert called(connection, "CALL delete_version('/V.txt', '1.0')")["outcome"] == "done"
    assert called(connection, "CALL restore_version('/V.txt', '2.0')")["path"] == "/V.txt"
    assert content(tenant, "/V.txt") == b"two!"
    listed = connection.execute("SELECT id FROM versions WHERE path = '/V.txt' ORDER BY id").fetchall()
    assert listed == [("2.0",), ("3.0",), ("4.0",)]
    with pytest.raises(errors.NotFoundError):
        connection.execute("CALL restore_version('/V.txt', '9.0')")


def test_a_check_out_is_discarded_and_metadata_set(tenant: SqlTenant, connection: Connection) -> None:
    item = tenant.drive.put_file("/M.docx", b"before")
    connection.execute("CALL check_out('/M.docx')")
    connection.execute("CALL discard_check_out('/M.docx')")
    with pytest.raises(errors.ApiError):
        connection.execute("CALL discard_check_out('/M.docx')")
    assert content(tenant, "/M.docx") == b"before"
    row = called(connection, "CALL set_metadata('/M.docx', values => {'Title': 'Plan'})")
    assert json.loads(row["fields"])["Title"] == "Plan"
    assert item.drive.library.fields[item.id]["Title"] == "Plan"
    with pytest.raises(errors.ItemChangedError):
        connection.execute("CALL set_metadata('/M.docx', {'Title': 'x'}, if_match => '\"stale,1\"')")
    with pytest.raises(errors.SqlSyntaxError, match="values"):
        connection.execute("CALL set_metadata('/M.docx', values => '[1]')")


def test_another_drive(tenant: SqlTenant, connection: Connection, bruno: Any, tmp_path: Path) -> None:
    file = tenant.drive.put_file("/X/a.txt", b"mine")
    folder = bruno.put_file("/X/In/old.txt", b"old").parent
    row = called(
        connection,
        "CALL copy_item(id => ?, to_folder => 'id:' || ?, to_drive_id => ?, name => 'copy.txt')",
        [file.id, folder.id, bruno.id],
    )
    assert row["path"] == "/X/In/copy.txt"
    row = called(
        connection, "CALL move_item('/X/a.txt', to_path => 'onedrive://bruno@contoso.com/X/moved.txt')"
    )
    assert (row["path"], row["outcome"]) == ("/X/moved.txt", "done")
    assert bruno.item("/X/moved.txt").content.read(0, 4) == b"mine"
    with pytest.raises(KeyError):
        tenant.drive.item("/X/a.txt")
    sql = "CALL rename_item(path => '/X/moved.txt', name => 'n.txt', owner => '/users/bruno@contoso.com')"
    assert called(connection, sql)["path"] == "/X/n.txt"
    sql = "CALL copy_item(path => '/X/n.txt', to_folder => '/X/In', drive_id => ?)"
    assert called(connection, sql, [bruno.id])["path"] == "/X/In/n.txt"
    local = tmp_path / "up.txt"
    local.write_bytes(b"up")
    connection.execute("CALL upload_file(?, '/X/up.txt', drive_id => ?)", [str(local), bruno.id])
    assert bruno.item("/X/up.txt").size == 2
    tenant.asked()
    for wrong in (
        "copy_item('/X/n.txt')",
        "copy_item('/X/n.txt', to_path => '/a', to_folder => '/b')",
        "copy_item('/X/n.txt', to_path => '/a', name => 'b')",
        "delete_item('onedrive:/X/n.txt', drive_id => 'x')",
        "delete_item('/X/n.txt', drive_id => 'x', owner => '/users/a@b')",
    ):
        with pytest.raises(errors.SqlSyntaxError):
            connection.execute(f"CALL {wrong}")
    assert tenant.asked() == []


def test_renditions(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    tenant.drive.put_file("/R.docx", b"text")
    pdf, picture = tmp_path / "r.pdf", tmp_path / "r.jpg"
    assert called(connection, "CALL convert_file('/R.docx', ?)", [str(pdf)])["local_path"] == str(pdf)
    assert pdf.read_bytes().startswith(b"%PDF-")
    tenant.drive.put_file("/R.jpg", b"\xff\xd8\xff picture")
    row = called(connection, "CALL download_thumbnail('/R.jpg', ?, size => 'small')", [str(picture)])
    assert row["width"] > 0
    assert picture.stat().st_size > 0
    assert called(connection, "CALL preview('/R.docx')")["get_url"].startswith("http")
    with pytest.raises(errors.LocalFileError, match="already"):
        connection.execute("CALL convert_file('/R.docx', ?)", [str(pdf)])


def test_sharing(tenant: SqlTenant, connection: Connection) -> None:
    item = tenant.drive.put_file("/S.txt", b"shared")
    link = called(
        connection,
        "CALL create_link('/S.txt', scope => 'users', recipients => ['bruno@contoso.com', 'emi@contoso.com'])",
    )
    taken = rows(connection, "CALL revoke_grants('/S.txt', ?, 'emi@contoso.com')", [link["permission_id"]])
    assert [(row["recipient"], row["outcome"]) for row in taken] == [("emi@contoso.com", "done")]
    added = rows(connection, "CALL grant_by_link(?, ['emi@contoso.com'])", [link["link_url"]])
    assert [(row["recipient"], row["outcome"]) for row in added] == [("emi@contoso.com", "done")]
    found = called(connection, "CALL resolve_link(?)", [link["link_url"]])
    assert (found["id"], found["drive_id"], found["is_folder"]) == (item.id, tenant.drive.id, False)
    assert called(connection, "CALL resolve_link('onedrive:/S.txt')")["path"] == "/S.txt"
    connection.execute("CALL invite('/S.txt', 'bruno@contoso.com', send_invitation => false)")
    ((permission,),) = connection.execute(
        "SELECT id FROM permissions WHERE path = '/S.txt' AND kind = 'grant' AND NOT is_inherited"
    ).fetchall()
    row = called(connection, "CALL update_permission('/S.txt', ?, roles => 'write')", [permission])
    assert row["roles"] == "write"


def test_a_directory_is_mirrored(tenant: SqlTenant, connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"a")
    os.utime(tmp_path / "in" / "a.txt", (1_700_000_000, 1_700_000_000))
    tenant.drive.put_file("/Sync/old.txt", b"old")
    sql = "CALL sync(?, '/Sync', delete => true)"
    connection.execute("SET driveql.dry_run = true")
    planned = {row["path"]: (row["action"], row["outcome"]) for row in rows(connection, sql, [str(tmp_path)])}
    assert planned == {
        "/Sync/in": ("create_folder", "planned"),
        "/Sync/in/a.txt": ("copy", "planned"),
        "/Sync/old.txt": ("delete", "planned"),
    }
    assert content(tenant, "/Sync/old.txt") == b"old"
    connection.execute("SET driveql.dry_run = false")
    done = rows(connection, sql, [str(tmp_path)])
    assert {(row["action"], row["outcome"]) for row in done} == {
        ("create_folder", "done"), ("copy", "done"), ("delete", "done"),
    }  # fmt: skip
    assert content(tenant, "/Sync/in/a.txt") == b"a"
    assert rows(connection, sql, [str(tmp_path)]) == []
    down = tmp_path / "down"
    rows(connection, "CALL sync(?, '/Sync', direction => 'down')", [str(down)])
    assert (down / "in" / "a.txt").read_bytes() == b"a"
    for wrong in ("direction => 'left'", "compare => 'eyes'", "max_delete => 1"):
        with pytest.raises(errors.SqlSyntaxError):
            connection.execute(f"CALL sync(?, '/Sync', {wrong})", [str(tmp_path)])
    with pytest.raises(errors.LocalFileError):
        connection.execute("CALL sync('/nowhere/at/all', '/Sync')")


def test_subscriptions(tenant: SqlTenant, connection: Connection) -> None:
    receiver = Receiver()
    portal().call(receiver.__aenter__())
    try:
        with pytest.raises(errors.ConfigurationError, match="https"):
            connection.execute("CALL create_subscription('http://elsewhere.example/x')")
        made = called(connection, "CALL create_subscription(?, minutes => 60)", [receiver.url])
        assert made["client_state"]
        later = called(connection, "CALL renew_subscription(?, 120)", [made["id"]])
        assert later["expires"] > made["expires"]
        assert called(connection, "CALL delete_subscription(?)", [made["id"]])["outcome"] == "done"
        with pytest.raises(errors.NotFoundError):
            connection.execute("CALL delete_subscription(?)", [made["id"]])
    finally:
        portal().call(receiver.__aexit__(None, None, None))


def test_the_recycle_bin_is_listed(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/Gone.txt", b"gone")
    gone = called(connection, "CALL delete_item('/Gone.txt')")
    assert "Gone.txt" in [row["path"] for row in rows(connection, "CALL list_recycle_bin()")]
    back = called(connection, "CALL restore_item(?, drive_id => ?)", [gone["id"], tenant.drive.id])
    assert back["path"] == "/Gone.txt"


@pytest.mark.parametrize(
    ("call", "instead"),
    [("delete_items('/a')", "delete_item"), ("rename('/a', 'b')", "rename_item"), ("checkout('/a')", "check_out"),
     ("versions_restore('/a')", "restore_version"), ("share('/a')", None)],
)  # fmt: skip
def test_an_unknown_procedure_is_answered_with_those_there_are(
    connection: Connection, call: str, instead: str | None
) -> None:
    with pytest.raises(errors.SqlError) as refused:
        connection.execute(f"CALL {call}")
    assert instead is None or instead in (refused.value.hint or "")

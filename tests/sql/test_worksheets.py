"""The sheets of workbooks, and whole files as text and bytes, which is DuckDB's own work over the file system."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection


@pytest.fixture(scope="module", autouse=True)
def workbooks(tenant: SqlTenant) -> None:
    for name, sheets in {"a": ["Plan", "Hidden", "Übersicht"], "b": ["Plan"]}.items():
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
            for title in sheets:
                sheet = book.add_worksheet(title)
                sheet.write(0, 0, title)
                if title == "Hidden":
                    sheet.hide()
        tenant.drive.put_file(f"/Books/{name}.xlsx", content.getvalue())
    tenant.drive.put_file("/Books/broken.xls", b"no workbook")


def test_sheets(connection: Connection) -> None:
    sql = "SELECT number, name, kind, is_visible FROM worksheets('onedrive:/Books/a.xlsx') ORDER BY number"
    assert connection.execute(sql).fetchall() == [
        (1, "Plan", "worksheet", True),
        (2, "Hidden", "worksheet", False),
        (3, "Übersicht", "worksheet", True),
    ]
    sql = "SELECT filename, count(*) FROM worksheets('onedrive:/Books/*.xlsx') GROUP BY 1 ORDER BY 1"
    assert connection.execute(sql).fetchall() == [
        ("onedrive:///Books/a.xlsx", 3),
        ("onedrive:///Books/b.xlsx", 1),
    ]
    sql = "SELECT w.name FROM worksheets(['onedrive:/Books/b.xlsx', 'onedrive:/Books/a.xlsx']) w WHERE w.number = 1"
    assert connection.execute(sql).fetchall() == [("Plan",), ("Plan",)]


def test_what_is_no_workbook_and_what_is_no_path(connection: Connection) -> None:
    with pytest.raises(errors.SqlError, match="workbook"):
        connection.execute("SELECT * FROM worksheets('onedrive:/Books/broken.xls')")
    with pytest.raises(errors.NotFoundError):
        connection.execute("SELECT * FROM worksheets('onedrive:/Books/none.xlsx')")
    with pytest.raises(errors.SqlSyntaxError, match="one path"):
        connection.execute("SELECT * FROM worksheets('a.xlsx', sheet = 1)")
    with pytest.raises(errors.SqlNotSupportedError, match="literal"):
        connection.execute("SELECT * FROM worksheets(lower('A'))")


def test_whole_files_as_text_and_as_bytes(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/Texts/a.txt", "äöü\n".encode())
    tenant.drive.put_file("/Texts/b.txt", b"b")
    sql = "SELECT filename, content, size FROM read_text('onedrive:/Texts/*.txt') ORDER BY filename"
    assert connection.execute(sql).fetchall() == [
        ("onedrive:///Texts/a.txt", "äöü\n", 7),
        ("onedrive:///Texts/b.txt", "b", 1),
    ]
    sql = "SELECT content FROM read_blob('onedrive:/Texts/a.txt')"
    assert connection.execute(sql).fetchall() == [("äöü\n".encode(),)]

"""The sheets of workbooks, and whole files as text and bytes, which is DuckDB's own work over the file system."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from driveql.sql.reading import workbook_file


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


def spreadsheet(rows: list[list[tuple[str, object]]]) -> bytes:
    """An OpenDocument spreadsheet of one sheet named Plan; each cell is its type and value."""
    from odf.opendocument import OpenDocumentSpreadsheet  # type: ignore[import-untyped]
    from odf.table import Table, TableCell, TableRow  # type: ignore[import-untyped]
    from odf.text import P  # type: ignore[import-untyped]

    document, table = OpenDocumentSpreadsheet(), Table(name="Plan")
    for row in rows:
        line = TableRow()
        for kind, value in row:
            named = {"float": "value", "date": "datevalue", "boolean": "booleanvalue"}
            cell = TableCell(valuetype=kind, **({named[kind]: value} if kind in named else {}))
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def test_open_document_spreadsheets(tenant: SqlTenant, connection: Connection) -> None:
    heading = [("string", name) for name in ("name", "pieces", "share", "day", "open")]
    first = [("string", "ä"), ("float", 3), ("float", 0.5), ("date", "2026-05-04"), ("boolean", "true")]
    second = [("string", "b"), ("float", 4), ("float", 2), ("date", "2026-05-05"), ("boolean", "false")]
    tenant.drive.put_file("/Sheets/plan.ods", spreadsheet([heading, first, second]))
    cursor = connection.execute(
        "SELECT *, typeof(pieces), typeof(day) FROM read_xlsx('onedrive:/Sheets/plan.ods', sheet = 'plan')"
    )
    assert cursor.fetchall() == [
        ("ä", 3, 0.5, date(2026, 5, 4), True, "BIGINT", "DATE"),
        ("b", 4, 2.0, date(2026, 5, 5), False, "BIGINT", "DATE"),
    ]
    sql = "SELECT * FROM read_xlsx('onedrive:/Sheets/plan.ods', range = 'B2:C3')"
    assert connection.execute(sql).fetchall() == [(3, 0.5), (4, 2.0)]


def test_workbooks_that_cannot_be_read_are_left_out_and_told_of(connection: Connection) -> None:
    sql = """SELECT A, file_name, file_size > 0 FROM read_xlsx(['onedrive:/Books/*.xls', 'onedrive:/Books/b.xlsx'],
             header = false, file_columns = true, on_file_error = 'skip')"""
    cursor = connection.execute(sql)
    assert cursor.fetchall() == [("Plan", "b.xlsx", True)]
    assert [str(warning) for _, warning in cursor.messages] == [
        "skipped onedrive:///Books/broken.xls: cannot be read as a workbook: Cannot detect file format"
    ]
    with pytest.raises(errors.SqlError, match="broken"):
        connection.execute("SELECT * FROM read_xlsx('onedrive:/Books/broken.xls', on_file_error = 'skip')")
    with pytest.raises(errors.SqlNotSupportedError, match="'fail' or 'skip'"):
        connection.execute("SELECT * FROM read_xlsx('onedrive:/Books/b.xlsx', on_file_error = 'log')")


def test_a_workbook_in_an_archive(tenant: SqlTenant, connection: Connection) -> None:
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/plan.ods", spreadsheet([[("string", "x")], [("float", 7)]]))
    tenant.drive.put_file("/Sheets/packed.zip", packed.getvalue())
    sql = "SELECT x FROM read_xlsx('onedrive:/Sheets/packed.zip/in/*.ods')"
    assert connection.execute(sql).fetchall() == [(7,)]


def test_what_is_too_large_is_refused(
    tenant: SqlTenant, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.drive.put_file("/Sheets/large.ods", spreadsheet([[("float", n)] * 10 for n in range(20)]))
    monkeypatch.setattr(workbook_file, "CELLS", 100)
    with pytest.raises(errors.SqlError, match=r"more than 100 cells(?s:.*)range = 'A1"):
        connection.execute("SELECT * FROM read_xlsx('onedrive:/Sheets/large.ods')")
    sql = "SELECT count(*) FROM read_xlsx('onedrive:/Sheets/large.ods', range = 'A11:J20', header = false)"
    assert connection.execute(sql).fetchall() == [(10,)]
    monkeypatch.setattr(workbook_file, "UNPACKED_BYTES", 1000)
    with pytest.raises(errors.SqlError, match="bytes when it is unpacked"):
        connection.execute("SELECT * FROM read_xlsx('onedrive:/Sheets/large.ods')")
    tenant.emulator.requests.clear()
    monkeypatch.setattr(workbook_file, "FILE_BYTES", 1000)
    with pytest.raises(errors.SqlError, match="up to 1,000 are read"):
        connection.execute("SELECT * FROM read_xlsx('onedrive:/Sheets/large.ods')")
    assert not [record for record in tenant.emulator.requests if "_content" in record.target]

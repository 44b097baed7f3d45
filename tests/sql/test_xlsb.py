"""Binary workbooks: cells of every kind, dates in either system, read where they lie in OneDrive."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from tests.sql import xlsb_writer
from tests.sql.conftest import SqlTenant
from tests.sql.xlsb_writer import Error, Formula, Shared

from driveql.sql.dbapi import Connection
from driveql.sql.reading.xlsb_dates import with_dates
from driveql.sql.workbook_call import WorkbookCall
from driveql.sql.workbooks import read_sheet

BINARY: list[list[xlsb_writer.Cell]] = [
    ["name", Shared("kind"), "whole", "part", "day", "at", "hour", "open", "sum"],
    [
        "Ann é𝄞",
        Shared("a"),
        1,
        0.5,
        date(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5),
        time(6, 30),
        True,
        Formula(7.5),
    ],
    [
        None,
        Shared("b"),
        -3,
        1 / 3,
        date(1999, 12, 31),
        datetime(1999, 12, 31, 23, 59, 59),
        time(0, 0, 1),
        False,
    ],
    ["x", Shared("a"), 1 << 28, -12.25, Error(0x2A)],
]


@pytest.mark.parametrize("since_1904", [False, True])
def test_binary_workbooks(tenant: SqlTenant, connection: Connection, since_1904: bool) -> None:
    sheets = {"First": [["only"]], "Plan": BINARY, "Quiet": []}
    content = xlsb_writer.workbook(sheets, hidden=["Quiet"], since_1904=since_1904)
    tenant.drive.put_file("/Binary/x.xlsb", content)
    listed = connection.execute(
        "SELECT name, is_visible FROM worksheets('onedrive:/Binary/x.xlsb')"
    ).fetchall()
    assert listed == [("First", True), ("Plan", True), ("Quiet", False)]
    found = connection.execute("SELECT * FROM read_xlsx('onedrive:/Binary/x.xlsb', sheet = 'Plan')")
    assert [row[:2] for row in found.description or ()] == [
        ("name", "VARCHAR"), ("kind", "VARCHAR"), ("whole", "BIGINT"), ("part", "DOUBLE"), ("day", "DATE"),
        ("at", "TIMESTAMP"), ("hour", "TIME"), ("open", "BOOLEAN"), ("sum", "DOUBLE"),
    ]  # fmt: skip
    assert found.fetchall() == [
        ("Ann é𝄞", "a", 1, 0.5, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5), time(6, 30), True, 7.5),
        (
            None,
            "b",
            -3,
            1 / 3,
            date(1999, 12, 31),
            datetime(1999, 12, 31, 23, 59, 59),
            time(0, 0, 1),
            False,
            None,
        ),
        ("x", "a", 1 << 28, -12.25, None, None, None, None, None),
    ]
    part = "read_xlsx('onedrive:/Binary/*.xlsb', sheet = 2, range = 'B1:C3', header = true)"
    assert connection.execute(f"SELECT * FROM {part} r").fetchall() == [("a", 1), ("b", -3)]
    assert connection.execute(
        "SELECT * FROM read_xlsx('onedrive:/Binary/x.xlsb', header = false)"
    ).fetchall() == [("only",)]


@given(
    st.lists(
        st.sampled_from([0, -1, 1, 59, 60, 61, 46024, (1 << 19) - 1, 1 << 19, (1 << 29) - 1])
        | st.integers(-(1 << 28), 1 << 28)
    )
)
def test_numbers_of_binary_workbooks_stay_what_they_are(numbers: list[int]) -> None:
    content = xlsb_writer.workbook({"a": [[number] for number in numbers]})
    table = read_sheet("a.xlsb", content, WorkbookCall(0, 0, ("a.xlsb",), header=False))
    assert [row[0] for row in table.rows] == numbers


@given(st.data())
def test_a_binary_worksheet_that_is_cut_short_breaks_nothing(data: st.DataObject) -> None:
    content = xlsb_writer.workbook({"a": [[1, date(2026, 1, 2)], ["x" * 200]]})
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        kept = {name: parts.read(name) for name in parts.namelist()}
    sheet = kept["xl/worksheets/sheet1.bin"]
    kept["xl/worksheets/sheet1.bin"] = sheet[: data.draw(st.integers(0, len(sheet)))]
    short = io.BytesIO()
    with zipfile.ZipFile(short, "w") as parts:
        for name, part in kept.items():
            parts.writestr(name, part)
    with zipfile.ZipFile(io.BytesIO(with_dates(short.getvalue()))) as parts:
        assert len(parts.read("xl/worksheets/sheet1.bin")) == len(kept["xl/worksheets/sheet1.bin"])


def test_what_is_no_binary_workbook_stays_as_it_is() -> None:
    other = io.BytesIO()
    with xlsxwriter.Workbook(other) as book:
        book.add_worksheet().write(0, 0, 46024)
    for content in (other.getvalue(), b"PK", b""):
        assert with_dates(content) == content

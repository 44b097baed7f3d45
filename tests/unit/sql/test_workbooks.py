"""Worksheets read as typed tables, compared with the CSV files that people made of the same workbooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter

from driveql.errors import SqlError
from driveql.sql.reading import sheet_span
from driveql.sql.reading.cell_types import array_of, as_text
from driveql.sql.reading.worksheet import _without_margins, read_sheet
from driveql.sql.workbook_call import WorkbookCall
from driveql.sql.workbooks import table_of


def call(**options: object) -> WorkbookCall:
    return WorkbookCall(0, 0, ("a.xlsx",), **options)  # type: ignore[arg-type]


def workbook(rows: list[list[object]], name: str = "Plan") -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.add_worksheet("Empty")
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, column, cell)
    return content.getvalue()


ROWS: list[list[object]] = [
    ["region", "amount", "share", "day", "open", "note"],
    ["EMEA", 10, 0.5, date(2026, 1, 2), True, "x"],
    ["APAC", 20, 1.25, date(2026, 1, 3), False, None],
    [None, None, None, None, None, 7],
]


def test_columns_have_the_narrowest_type_that_holds_them() -> None:
    table = table_of(call(sheet="plan"), [("a.xlsx", lambda: workbook(ROWS))])
    assert table.schema == pa.schema(
        [
            ("region", pa.string()),
            ("amount", pa.int64()),
            ("share", pa.float64()),
            ("day", pa.date32()),
            ("open", pa.bool_()),
            ("note", pa.string()),
        ]
    )
    assert table.to_pylist()[1] == {
        "region": "APAC", "amount": 20, "share": 1.25, "day": date(2026, 1, 3), "open": False, "note": None,
    }  # fmt: skip
    assert table.column("note").to_pylist() == ["x", None, "7"]


@pytest.mark.parametrize(
    ("options", "names", "rows"),
    [
        ({"sheet": 2, "cells": "A1:B2"}, ["region", "amount"], 1),
        ({"sheet": 2, "cells": "B2:B3"}, ["B"], 2),
        ({"sheet": 2, "cells": "A:A", "header": True}, ["region"], 2),
        ({"sheet": 2, "cells": "D1:H2", "header": True}, ["day", "open", "note", "G", "H"], 1),
        ({"sheet": 2, "header": False}, ["A", "B", "C", "D", "E", "F"], 4),
        ({"sheet": 2, "cells": "B1:C1"}, ["B", "C"], 1),
        ({"sheet": 1}, [], 0),
        ({}, [], 0),
    ],
)
def test_sheet_range_and_header(options: dict[str, object], names: list[str], rows: int) -> None:
    sheet = read_sheet("a.xlsx", workbook(ROWS), call(**options))
    assert sheet.names == names
    assert len(sheet.rows) == rows


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sheet": "Nix"}, "no sheet 'Nix'"),
        ({"sheet": 3}, "no sheet 3"),
        ({"sheet": 2, "cells": "1A"}, "not a range"),
        ({"sheet": 2, "cells": "A0:B2"}, "not a range"),
        ({"sheet": 2, "cells": "B2:A1"}, "ends before it begins"),
    ],
)
def test_what_is_not_there_is_said(options: dict[str, object], message: str) -> None:
    with pytest.raises(SqlError, match=message):
        read_sheet("a.xlsx", workbook(ROWS), call(**options))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04" + b"x" * 100])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(SqlError, match="cannot be read as a workbook"):
        read_sheet("a.xlsx", content, call())


@pytest.mark.parametrize(
    ("row", "options", "names", "rows"),
    [
        (["region", "amount"], {}, ["region", "amount"], 0),
        (["region"], {"cells": "A:A"}, ["region"], 0),
        (["region"], {"header": False}, ["A"], 1),
        (["region"], {"cells": "A1:A1"}, ["A"], 1),
        (["region", "region"], {}, ["A", "B"], 1),
        (["region", None, "amount"], {}, ["A", "B", "C"], 1),
        (["region", 7], {}, ["A", "B"], 1),
    ],
)
def test_a_row_of_text_alone_names_the_columns_of_no_rows(
    row: list[object], options: dict[str, object], names: list[str], rows: int
) -> None:
    sheet = read_sheet("a.xlsx", workbook([row]), call(sheet=2, **options))
    assert (sheet.names, len(sheet.rows)) == (names, rows)
    assert any("header = false" in text for text in sheet.told) == (rows == 0)


def test_reading_stops_where_the_statement_does() -> None:
    content = workbook([[float(number)] for number in range(5000)])

    def stopping(after: int) -> Callable[[], None]:
        left = iter(range(after))

        def check() -> None:
            if next(left, None) is None:
                raise SqlError("stopped", code="cancelled")

        return check

    for after in range(10):
        with pytest.raises(SqlError, match="stopped"):
            table_of(call(sheet=2), [("a.xlsx", lambda: content)], check=stopping(after))
    assert table_of(call(sheet=2), [("a.xlsx", lambda: content)], check=stopping(50)).num_rows == 5000


def test_several_workbooks_are_united_by_column_name() -> None:
    first = workbook([["a", "b"], [1, "x"]])
    second = workbook([["b", "c"], ["y", 2.5]])
    table = table_of(call(sheet=2, filename=True), [("1.xlsx", lambda: first), ("2.xlsx", lambda: second)])
    assert table.to_pylist() == [
        {"a": 1, "b": "x", "c": None, "filename": "1.xlsx"},
        {"a": None, "b": "y", "c": 2.5, "filename": "2.xlsx"},
    ]


def test_columns_are_united_in_any_case_of_their_names() -> None:
    first, second = workbook([["Name", "b"], ["x", 1]]), workbook([["NAME", "c"], ["y", 2]])
    table = table_of(call(sheet=2), [("1.xlsx", lambda: first), ("2.xlsx", lambda: second)])
    assert table.to_pydict() == {"Name": ["x", "y"], "b": [1, None], "c": [None, 2]}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"sheet": 1}, ["A"]),
        ({"sheet": 2, "cells": "C7:D9"}, ["C", "D"]),
        ({"sheet": 2, "cells": "X:X"}, ["X"]),
    ],
)
def test_no_cells_are_no_rows(options: dict[str, object], names: list[str]) -> None:
    table = table_of(call(**options), [("a.xlsx", lambda: workbook(ROWS))])
    assert (table.column_names, table.num_rows) == (names, 0)
    both = [("1.xlsx", lambda: workbook([])), ("2.xlsx", lambda: workbook([["k"], [1]]))]
    assert table_of(call(sheet=2), both).to_pydict() == {"k": [1]}


def test_a_sheet_of_many_rows_takes_time_by_its_rows() -> None:
    rows = [[float(number)] for number in range(100_000)]
    assert len(_without_margins([[None, *row, None] for row in [[None], *rows, [None]]])) == 100_000


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([[None, "a", "b"], [0, 1, 2], [1, 3, 4]], ["A_2", "a", "b"]),
        ([["a", "a", "a_2"], [1, 2, 3]], ["a", "a_3", "a_2"]),
        ([["a", "a", "A", None], [1, 2, 3, 4]], ["a", "a_2", "A_3", "D"]),
        ([["Title", None, None], ["k", "v", "w"], ["x", 1, 2]], ["A", "B", "C"]),
        ([["Title", None], ["k", "v"], [1, 2]], ["A", "B"]),
        ([["x", None, "x"], ["y", "z", "z"]], ["A", "B", "C"]),
        ([[2025, "a"], [1, 2]], ["A", "B"]),
    ],
)
def test_a_header_with_gaps_or_repetitions(rows: list[list[object]], names: list[str]) -> None:
    assert read_sheet("a.xlsx", workbook(rows), call(sheet=2)).names == names


def test_whole_columns_begin_with_the_first_that_is_filled() -> None:
    content = workbook([[None], [None], [None, "a", "b"], [None, 1, 2]])
    sheet = read_sheet("a.xlsx", content, call(sheet=2, cells="B:C"))
    assert (sheet.names, sheet.rows) == (["a", "b"], [[1, 2]])
    assert len(read_sheet("a.xlsx", content, call(sheet=2, cells="B1:C")).rows) == 4


def test_a_chart_has_no_cells() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Plan!$A$1:$A$2"})
        book.add_chartsheet("Chart").set_chart(chart)
        book.add_worksheet("Plan").write_column(0, 0, [1, 2])
    assert len(read_sheet("a.xlsx", content.getvalue(), call()).rows) == 2
    with pytest.raises(SqlError, match=r"a\.xlsx: the sheet 'Chart' is a chart"):
        read_sheet("a.xlsx", content.getvalue(), call(sheet=1))


def test_repeated_and_missing_names_are_made_different() -> None:
    sheet = read_sheet("a.xlsx", workbook([["a", "A", None, 3], [1, 2, 3, 4]]), call(sheet=2, header=True))
    assert sheet.names == ["a", "A_2", "C", "3"]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1.0, None, 3.0], pa.int64()),
        ([1.0, 2.5], pa.float64()),
        ([1e300], pa.float64()),
        ([True, 1.0], pa.string()),
        ([date(2026, 1, 1), datetime(2026, 1, 1, 5)], pa.timestamp("us")),
        ([time(1)], pa.time64("us")),
        ([None], pa.string()),
        ([], pa.string()),
    ],
)
def test_types(cells: list[object], kind: pa.DataType) -> None:
    assert array_of(cells).type == kind
    assert array_of(cells, text=True).type == pa.string()


AS_CSV = [
    "escape",
    "last-column-empty",
    "namespace",
    "skip_empty_lines",
    "twolettercolumns",
    "utf8",
    "xlsx2csv-test-file",
]


@pytest.mark.parametrize("name", AS_CSV)
def test_real_workbooks_have_the_cells_of_their_csv(shared_dir: Path, name: str) -> None:
    content = (shared_dir / "samples" / f"xlsx2csv_{name}.xlsx").read_bytes()
    text = (shared_dir / "samples" / f"xlsx2csv_{name}.csv").read_text(encoding="utf-8")
    sheet = read_sheet(name, content, call(header=False))
    found = [["" if cell is None else as_text(cell).strip() for cell in row] for row in sheet.rows]
    found = [row for row in found if any(row)]
    expected = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(row)]
    if name == "escape":
        assert found == [["Hello\nWorld\t!", "false"]]
        return
    for row, wanted in zip(found, expected, strict=True):
        assert [cell for cell in row if cell] == [cell for cell in wanted if cell]


def test_old_workbooks_are_read_too(shared_dir: Path) -> None:
    content = (shared_dir / "samples" / "macrodata.xls").read_bytes()
    table = table_of(call(sheet="Quarterly"), [("macrodata.xls", lambda: content)])
    assert table.num_rows > 100
    assert pa.float64() in table.schema.types


def spread(*cells: tuple[int, int], blank: tuple[int, int] | None = None) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet("Dense & first").write(0, 0, 1)
        sheet = book.add_worksheet("Far <away>")
        for row, column in cells:
            sheet.write(row, column, 1)
        if blank is not None:
            sheet.write_blank(*blank, None, book.add_format({"bold": True}))
    return content.getvalue()


@pytest.mark.parametrize(
    ("cells", "says"),
    [(None, "has more than 5,000,000 cells"), ("A1:B2", "'Far <away>' span more than 20,000,000")],
)
def test_a_cell_far_away_does_not_end_the_process(cells: str | None, says: str) -> None:
    far = spread((0, 0), (1_048_575, 16_383))
    with pytest.raises(SqlError, match=rf"a\.xlsx.* {says}"):
        read_sheet("a.xlsx", far, call(sheet=2, cells=cells))
    assert read_sheet("a.xlsx", far, call(cells=cells)).rows[0][0] == 1


def test_formats_and_margins_are_no_cells() -> None:
    assert len(read_sheet("a.xlsx", spread((0, 0), blank=(1_048_575, 16_383)), call(sheet=2)).rows) == 1
    assert not sheet_span.exceeds(spread((1_048_570, 16_000), (1_048_575, 16_383)), "Far <away>", 5000)
    assert sheet_span.exceeds(spread((1_048_570, 16_000), (1_048_575, 16_383)), "Far <away>", 2000)

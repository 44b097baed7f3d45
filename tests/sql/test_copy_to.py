"""COPY ... TO 'onedrive:/..': what arrives is read back by other programs than the one that wrote it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from graph_emulator import faults

ROWS = "SELECT range AS n, 'r' || range AS t, range % 3 AS p FROM range(10)"


def content(tenant: SqlTenant, path: str) -> bytes:
    item = tenant.drive.item(path)
    return bytes(item.content.read(0, item.content.size))


def test_csv_json_and_parquet(tenant: SqlTenant, connection: Connection) -> None:
    cursor = connection.execute(f"COPY ({ROWS}) TO 'onedrive:/C1.csv' (FORMAT csv, HEADER)")
    assert cursor.rowcount == 10
    ((path, identifier, *rest),) = cursor.fetchall()
    assert (path, identifier, rest) == (
        "/C1.csv",
        tenant.drive.item("/C1.csv").id,
        ["upload", "done", None, None, None],
    )
    read = list(csv.DictReader(io.StringIO(content(tenant, "/C1.csv").decode())))
    assert read[3] == {"n": "3", "t": "r3", "p": "0"}
    connection.execute(f"COPY ({ROWS}) TO 'onedrive:///C1.json'")
    assert json.loads(content(tenant, "/C1.json").splitlines()[9]) == {"n": 9, "t": "r9", "p": 0}
    sql = "COPY (SELECT range AS n FROM range(:rows)) TO 'onedrive:/C1.parquet' (FORMAT parquet, COMPRESSION zstd)"
    assert connection.execute(sql, {"rows": 7}).rowcount == 7
    assert pq.read_table(io.BytesIO(content(tenant, "/C1.parquet"))).column("n").to_pylist() == list(range(7))
    connection.execute("CREATE TABLE mine AS SELECT 1 AS a, 2 AS b")
    connection.execute("COPY mine (b) TO 'onedrive:/C1b.csv' WITH (FORMAT csv, HEADER false)")
    assert content(tenant, "/C1b.csv") == b"2\n"
    connection.execute("COPY (SELECT path FROM items WHERE path LIKE '/Reports/%') TO 'onedrive:/C1l.csv'")
    assert b"/Reports/2026/sales-2026-01.csv" in content(tenant, "/C1l.csv")
    # A file in place of a table.
    connection.execute("COPY 'onedrive:/C1.csv' TO 'onedrive:/C1f.parquet'")
    copied = connection.execute("SELECT * FROM 'onedrive:/C1f.parquet'").fetchall()
    assert copied == connection.execute("SELECT * FROM 'onedrive:/C1.csv'").fetchall() != []


@pytest.mark.parametrize(
    ("sql", "parameters", "written"),
    [
        ("COPY (SELECT 1 AS a) TO ?", ["onedrive:/C11/x.csv"], b"a\n1\n"),
        ("copy (SELECT ? AS a) TO ? (HEADER false)", ["y", "onedrive:/C11/x.csv"], b"y\n"),
        ("COPY (SELECT $n AS a) TO $p (HEADER false)", {"n": 3, "p": "onedrive:/C11/x.csv"}, b"3\n"),
        ("COPY (SELECT $p AS a) TO :p (HEADER false)", {"p": "onedrive:/C11/x.csv"}, b"onedrive:/C11/x.csv\n"),
        ("COPY (SELECT 'TO ?' AS a, ? AS b) TO $2", [4, "driveql:/C11/x.csv"], None),
    ],
)  # fmt: skip
def test_a_place_may_be_a_parameter(
    tenant: SqlTenant, connection: Connection, sql: str, parameters: Any, written: bytes | None
) -> None:
    if written is None:
        with pytest.raises(errors.SqlError):
            connection.execute(sql, parameters)
        return
    connection.execute(sql, parameters)
    assert content(tenant, "/C11/x.csv") == written


@pytest.mark.parametrize(
    ("sql", "parameters", "told"),
    [
        ("COPY (SELECT 1) TO ?", [7], "a place is a text, not int"),
        ("COPY (SELECT 1) TO ?", None, "no values were given"),
        ("COPY (SELECT ?) TO ?", ["onedrive:/C12.csv"], "2 parameters, and 1 value was given"),
        ("COPY (SELECT 1) TO $p", {"q": 1}, "No value was given for :p"),
        ("COPY (SELECT 1) TO $p", {"p": "onedrive:/C12.csv", "q": 1}, "no parameter :q"),
    ],
)
def test_a_place_that_is_no_text_and_values_that_do_not_fit(
    connection: Connection, sql: str, parameters: Any, told: str
) -> None:
    with pytest.raises(errors.SqlError, match=told):
        connection.execute(sql, parameters)


def test_workbook(tenant: SqlTenant, connection: Connection) -> None:
    sql = """COPY (SELECT 1 AS n, 'x' AS t, date '2024-05-06' AS d, timestamptz '2024-05-06 07:08:09+02' AS w, true AS y,
                   12345678901234567890 AS big, NULL AS nothing, '=1+1' AS formula, 1.25::decimal(5,2) AS m)
             TO 'onedrive:/C2.xlsx' (SHEET 'Plan')"""
    assert connection.execute(sql).rowcount == 1
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(tenant, "/C2.xlsx")))
    assert book.sheet_names == ["Plan"]
    header, row = book.get_sheet_by_index(0).to_python()
    assert header == ["n", "t", "d", "w", "y", "big", "nothing", "formula", "m"]
    day = datetime(2024, 5, 6)
    assert row[:2] == [1.0, "x"]
    assert row[2] in {day.date(), day}
    assert row[3:] == [datetime(2024, 5, 6, 5, 8, 9), True, "12345678901234567890", "", "=1+1", 1.25]
    assert connection.execute("SELECT m FROM read_xlsx('onedrive:/C2.xlsx')").fetchall() == [(1.25,)]
    connection.execute("COPY (SELECT 1 AS n, 'x' AS t WHERE false) TO 'onedrive:/C2-empty.xlsx'")
    cursor = connection.execute("SELECT * FROM 'onedrive:/C2-empty.xlsx'")
    assert [column[0] for column in cursor.description or ()] == ["n", "t"]
    assert cursor.fetchall() == []
    for wrong in (
        "COPY (SELECT 'x'::blob) TO 'onedrive:/C2b.xlsx'",
        "COPY (SELECT repeat('x', 40000)) TO 'onedrive:/C2b.xlsx'",
        "COPY (SELECT 1) TO 'onedrive:/C2b.xlsx' (SHEET 'a/b')",
        "COPY (SELECT 1) TO 'onedrive:/C2b.xlsx' (DELIMITER ';')",
    ):
        with pytest.raises(errors.SqlNotSupportedError):
            connection.execute(wrong)
    with pytest.raises(KeyError):
        tenant.drive.item("/C2b.xlsx")


def test_values_that_excel_has_no_type_for_become_their_text(
    tenant: SqlTenant, connection: Connection
) -> None:
    values = """SELECT INTERVAL '1 day 2 hours' AS a, INTERVAL '14 months -3 days -00:00:01.5' AS b, INTERVAL 0 DAY AS c,
                [DATE '2026-01-01', NULL] AS d, {'b': true, 'n': {'x': 1.5::DECIMAL(4, 2)}} AS e, MAP {'x': [1, 2]} AS f,
                [INTERVAL 1 MONTH] AS g"""
    connection.execute(f"COPY ({values}) TO 'onedrive:/C10.xlsx'")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(tenant, "/C10.xlsx")))
    (told,) = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({values})").fetchall()
    assert book.get_sheet_by_index(0).to_python()[1] == list(told)


def test_partitions(tenant: SqlTenant, connection: Connection) -> None:
    sql = f"COPY ({ROWS}) TO 'onedrive:/C3/parts' (FORMAT parquet, PARTITION_BY (p){{}})"
    cursor = connection.execute(sql.format(""))
    assert cursor.rowcount == 10
    assert [row[0] for row in cursor.fetchall()] == [f"/C3/parts/p={p}/data_0.parquet" for p in range(3)]
    read = "SELECT p, sum(n) FROM read_parquet('onedrive:/C3/parts/**/*.parquet', hive_partitioning = true) GROUP BY p ORDER BY p"
    assert connection.execute(read).fetchall() == [(0, 18), (1, 12), (2, 15)]
    for option in ("", ", OVERWRITE false", ", OVERWRITE_OR_IGNORE 0", ", APPEND false"):
        with pytest.raises(errors.AlreadyExistsError, match="not empty"):
            connection.execute(sql.format(option))
    connection.execute(sql.format(", OVERWRITE_OR_IGNORE"))
    assert connection.execute(read).fetchall() == [(0, 18), (1, 12), (2, 15)]
    tenant.drive.put_file("/C3/parts/p=9/old.parquet", b"old")
    tenant.drive.put_file("/C3/parts/p=1/old.parquet", b"old")
    rows = connection.execute(sql.format(", OVERWRITE")).fetchall()
    assert sorted((row[0], row[2], row[3]) for row in rows) == [
        *((f"/C3/parts/p={p}/{name}", *rest) for p, name, rest in [
            (0, "data_0.parquet", ("upload", "done")),
            (1, "data_0.parquet", ("upload", "done")), (1, "old.parquet", ("delete", "done")),
            (2, "data_0.parquet", ("upload", "done")),
        ]),
        ("/C3/parts/p=9", "delete", "done"),
    ]  # fmt: skip
    assert connection.execute(read).fetchall() == [(0, 18), (1, 12), (2, 15)]
    with pytest.raises(errors.SqlNotSupportedError):
        connection.execute(sql.format(", RETURN_FILES"))


def test_partitions_that_differ_in_case_alone_are_refused(tenant: SqlTenant, connection: Connection) -> None:
    with pytest.raises(errors.SqlNotSupportedError, match="one file in OneDrive"):
        connection.execute(
            "COPY (FROM (VALUES ('a', 1), ('A', 2)) t(p, n)) TO 'onedrive:/C9' (FORMAT csv, PARTITION_BY (p))"
        )
    with pytest.raises(KeyError):
        tenant.drive.item("/C9")


def test_what_is_overwritten_stays_where_an_upload_failed(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/C7/old.csv", b"old")
    fault: Any = tenant.emulator.faults.add(faults.Refuse(507), method="PUT", target="p(=|%3D)1", count=None)
    cursor = connection.cursor()
    try:
        with pytest.raises(errors.WriteError):
            cursor.execute(f"COPY ({ROWS}) TO 'onedrive:/C7' (FORMAT csv, PARTITION_BY (p), OVERWRITE)")
    finally:
        tenant.emulator.faults.clear()
    assert fault.fired
    assert [(row[2], row[3]) for row in cursor.fetchall()] == [
        ("upload", "done"), ("upload", "failed"), ("upload", "done"), ("delete", "not_tried"),
    ]  # fmt: skip
    assert content(tenant, "/C7/old.csv") == b"old"


def test_compression_and_files_of_a_size(tenant: SqlTenant, connection: Connection) -> None:
    connection.execute(f"COPY ({ROWS}) TO 'onedrive:/C8/a.csv.gz' (FORMAT csv)")
    assert gzip.decompress(content(tenant, "/C8/a.csv.gz")).startswith(b"n,t,p\n0,r0,0\n")
    connection.execute(f"COPY ({ROWS}) TO 'onedrive:/C8/a.json.zst' (FORMAT json, COMPRESSION zstd)")
    assert content(tenant, "/C8/a.json.zst")[:4] == b"\x28\xb5\x2f\xfd"
    sql = "COPY (SELECT range AS n, repeat('x', 1000) AS t FROM range(20000)) TO 'onedrive:/C8/many' (FORMAT parquet, {})"
    rows = connection.execute(sql.format("ROW_GROUP_SIZE 4096, FILE_SIZE_BYTES '1KB'")).fetchall()
    assert len(rows) > 1
    read = "SELECT count(*), sum(n) FROM read_parquet('onedrive:/C8/many/*.parquet')"
    assert connection.execute(read).fetchall() == [(20000, 199990000)]


def test_a_query_that_fails_leaves_nothing(tenant: SqlTenant, connection: Connection) -> None:
    tenant.asked()
    with pytest.raises(errors.SqlError):
        connection.execute(
            "COPY (SELECT CASE WHEN range < 90000 THEN 1 ELSE error('x') END FROM range(100000)) TO 'onedrive:/C4.csv'"
        )
    for place in ("onedrive:/", "onedrive:/a?b.csv", "https://contoso-my.sharepoint.com/:x:/g/abc"):
        with pytest.raises(errors.InvalidPathError):
            connection.execute(f"COPY (SELECT 1) TO '{place}' (FORMAT csv)")
    assert tenant.asked() == []


def test_conflict_dry_run_and_read_only(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/C5.csv", b"old")
    with pytest.raises(errors.AlreadyExistsError):
        connection.execute("COPY (SELECT 1) TO 'onedrive:/C5.csv' (FORMAT csv, CONFLICT fail)")
    connection.execute("SET driveql.dry_run = true")
    assert connection.execute("COPY (SELECT 1) TO 'onedrive:/C5.csv'").fetchall()[0][3] == "planned"
    assert content(tenant, "/C5.csv") == b"old"
    connection.execute("SET driveql.dry_run = false")
    connection.execute("COPY (SELECT 1 AS a) TO 'onedrive:/C5.csv'")
    assert content(tenant, "/C5.csv") == b"a\n1\n"
    with tenant.connect(read_only=True) as read_only:
        tenant.asked()
        with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
            read_only.execute("COPY (SELECT 1) TO 'onedrive:/C5.csv'")
        assert tenant.asked() == []


def test_a_refused_upload_leaves_the_others_done(tenant: SqlTenant, connection: Connection) -> None:
    fault: Any = tenant.emulator.faults.add(faults.Refuse(507), method="PUT", target="p(=|%3D)1", count=None)
    cursor = connection.cursor()
    try:
        with pytest.raises(errors.WriteError, match="1 of 3"):
            cursor.execute(f"COPY ({ROWS}) TO 'onedrive:/C6' (FORMAT csv, PARTITION_BY (p))")
    finally:
        tenant.emulator.faults.clear()
    assert fault.fired
    assert [row[3] for row in cursor.fetchall()] == ["done", "failed", "done"]
    assert content(tenant, "/C6/p=2/data_0.csv")
    with pytest.raises(KeyError):
        tenant.drive.item("/C6/p=1/data_0.csv")

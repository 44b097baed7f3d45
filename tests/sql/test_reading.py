"""What the readers do beyond DuckDB's own: parts of JSON, members of archives, the files' items, files that cannot be read."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import struct
import zipfile
from collections.abc import Iterator

import openpyxl
import pytest
import xlsxwriter
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import dbapi
from driveql.sql.dbapi import Connection
from graph_emulator import faults

ROWS = [{"id": number, "name": f"n{number}", "made": {"day": "2026-01-02"}} for number in range(1000)]


@pytest.fixture(scope="module")
def connection(tenant: SqlTenant) -> Iterator[Connection]:
    with tenant.connect() as connection:
        connection.execute("SELECT 1 FROM users LIMIT 1").fetchall()
        yield connection


@pytest.fixture(scope="module", autouse=True)
def planted(tenant: SqlTenant) -> None:
    document = {
        "@odata.context": "x",
        "value": ROWS,
        "none": [],
        "nested": {"a.b": [{"rows": [1, 2]}, {"rows": [3]}]},
    }
    tenant.drive.put_file("/J/odata.json", json.dumps(document).encode())
    tenant.drive.put_file("/J/bom.json", b"\xef\xbb\xbf" + json.dumps(ROWS[:3]).encode())
    tenant.drive.put_file("/J/exact.json", b'{"v": [{"n": 123456789012345678, "d": 0.10}]}')
    tenant.drive.put_file("/J/cut.json", json.dumps(document).encode()[:-500])
    tenant.drive.put_file("/J/lines.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in ROWS))
    tenant.drive.put_file("/J/lines.json.gz", gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    for name, content in {"a": b"x,y\n1,2\n", "b": b"x,y\n3,4\n", "c": b"y,z\n5,6\n"}.items():
        tenant.drive.put_file(f"/Many/{name}.csv", content)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("before.bin", os.urandom(3_000_000))
        archive.writestr("june/Orders.csv", "id,amount\n" + "".join(f"{n},{n}.5\n" for n in range(20_000)))
        archive.writestr("june/more.csv", "id,amount\n-1,0.5\n")
        archive.writestr("doc.json", json.dumps({"rows": [{"a": 1}]}))
        archive.writestr("stored.txt", "plain", zipfile.ZIP_STORED)
        archive.writestr("after.bin", os.urandom(3_000_000))
    tenant.drive.put_file("/Exports/2026.zip", packed.getvalue())
    damaged = bytearray(packed.getvalue())
    damaged[packed.getvalue().index(b"stored.txt") + 10] ^= 1
    tenant.drive.put_file("/Exports/damaged.zip", bytes(damaged))
    modest = bytearray(packed.getvalue())  # its directory announces ten bytes of june/Orders.csv
    struct.pack_into("<I", modest, modest.index(b"june/Orders.csv", modest.index(b"PK\1\2")) - 22, 10)
    tenant.drive.put_file("/Exports/modest.zip", bytes(modest))
    tenant.drive.put_file("/Exports/none.zip", b"no archive")
    tenant.drive.put_file("/Folder.zip/inside.csv", b"q\n7\n")


def rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def test_json_below_a_root(connection: Connection) -> None:
    sql = "SELECT count(*), sum(id), min(made.day)::VARCHAR FROM read_json('onedrive:/J/odata.json', root = '$.value[*]')"
    assert rows(connection, sql) == [(1000, 499500, "2026-01-02")]
    sql = "SELECT json FROM read_json('onedrive:/J/odata.json', root = '$.nested[''a.b''][*].rows[*]')"
    assert [int(str(row[0])) for row in rows(connection, sql)] == [1, 2, 3]
    assert rows(connection, "SELECT count(*) FROM read_json('onedrive:/J/bom.json', root = '$[*]')") == [(3,)]
    sql = "SELECT n, d, filename FROM read_json('onedrive:/J/exact.json', root = '$.v[*]', filename = true)"
    assert rows(connection, sql) == [(123456789012345678, 0.1, "onedrive:///J/exact.json")]
    assert rows(
        connection, "SELECT count(*) FROM read_json('onedrive:/J/odata.json', root = '$.none[*]')"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("root", "error", "says"),
    [
        ("$.values[*]", errors.SqlError, "Names on the way there: @odata.context, value"),
        ("$.value", errors.SqlError, r"Its elements are \$\['value'\]\[\*\]"),
        ("value", errors.SqlNotSupportedError, "a root is"),
        ("$.value[0]", errors.SqlNotSupportedError, "a root is"),
        ("$..value", errors.SqlNotSupportedError, "a root is"),
    ],
)
def test_a_root_that_is_wrong(connection: Connection, root: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        rows(connection, f"SELECT * FROM read_json('onedrive:/J/odata.json', root = '{root}')")


def test_a_document_that_ends_early_is_an_error(connection: Connection) -> None:
    with pytest.raises(errors.SqlError, match="is not a JSON document"):
        rows(connection, "SELECT count(*) FROM read_json('onedrive:/J/cut.json', root = '$.value[*]')")


def test_json_lines_and_compressed_files(connection: Connection) -> None:
    assert rows(connection, "SELECT count(*), max(id) FROM read_json('onedrive:/J/lines.jsonl')") == [
        (1000, 999)
    ]
    assert rows(connection, "SELECT sum(a) FROM 'onedrive:/J/lines.json.gz'") == [(3,)]


def test_zstandard(tenant: SqlTenant, connection: Connection) -> None:
    import pyarrow as pa

    packed = pa.Codec("zstd").compress(b"a,b\n1,2\n3,4\n", asbytes=True)
    tenant.drive.put_file("/Packed/x.csv.zst", packed)
    assert rows(connection, "SELECT sum(a), sum(b) FROM read_csv('onedrive:/Packed/*.csv.zst')") == [(4, 6)]


def test_members_of_an_archive(connection: Connection) -> None:
    sql = "SELECT count(*), sum(amount) FROM read_csv('onedrive:/Exports/2026.zip/JUNE/orders.csv')"
    assert rows(connection, sql) == [(20_000, sum(n + 0.5 for n in range(20_000)))]
    sql = "SELECT filename, min(id) FROM read_csv('onedrive:/Exports/2026.zip/**/*.csv', filename = true) GROUP BY 1 ORDER BY 1"
    assert rows(connection, sql) == [
        ("onedrive:///Exports/2026.zip/june/Orders.csv", 0),
        ("onedrive:///Exports/2026.zip/june/more.csv", -1),
    ]
    sql = "SELECT a, file_name FROM read_json('onedrive:/Exports/202?.zip/doc.json', root = '$.rows[*]', file_columns = true)"
    assert rows(connection, sql) == [(1, "2026.zip")]
    assert rows(connection, "SELECT content FROM read_text('onedrive:/Exports/2026.zip/stored.txt')") == [
        ("plain",)
    ]
    assert rows(connection, "SELECT q FROM read_csv('onedrive:/Folder.zip/inside.csv')") == [(7,)]


def test_names_of_members_as_other_programs_write_them(tenant: SqlTenant, connection: Connection) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, name in enumerate(
            ("in\\back.csv", "in\\empty\\", "list[1].csv", "list1.csv", "../up.csv")
        ):
            archive.writestr(name, "" if name.endswith("\\") else f"x\n{number}\n")
    tenant.drive.put_file("/Exports/names.zip", packed.getvalue())
    every = "SELECT x, filename FROM read_csv('onedrive:/Exports/names.zip/{}', filename = true) ORDER BY x"
    assert rows(connection, every.format("in/**")) == [(0, "onedrive:///Exports/names.zip/in/back.csv")]
    assert rows(connection, every.format("list[1].csv")) == [(2, "onedrive:///Exports/names.zip/list[1].csv")]
    assert rows(connection, every.format("list*.csv")) == [
        (2, "onedrive:///Exports/names.zip/list[1].csv"),
        (3, "onedrive:///Exports/names.zip/list1.csv"),
    ]
    assert rows(connection, every.format("../up.csv")) == [(4, "onedrive:///Exports/names.zip/../up.csv")]


def test_of_an_archive_only_its_directory_and_the_member_are_fetched(
    tenant: SqlTenant, connection: Connection
) -> None:
    statistics = connection.session().tenant.source.session.statistics  # type: ignore[attr-defined]
    tenant.emulator.requests.clear()
    before = statistics.bytes_received
    rows(connection, "SELECT count(*) FROM read_csv('onedrive:/Exports/2026.zip/june/Orders.csv')")
    ranges = [record for record in tenant.emulator.requests if "_content" in record.target]
    assert len(ranges) == 2
    assert statistics.bytes_received - before < 500_000


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        ("2026.zip/none.csv", errors.NotFoundError, "No file matches"),
        ("none.zip/x.csv", errors.SqlError, "cannot be read as a zip archive"),
        ("damaged.zip/stored.txt", errors.SqlError, "damaged"),
        ("modest.zip/june/Orders.csv", errors.SqlError, "more comes than the 10 bytes that its directory"),
    ],
)
def test_archives_that_do_not_have_it(
    connection: Connection, path: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        rows(connection, f"SELECT * FROM read_csv('onedrive:/Exports/{path}')")


def test_patterns_of_many_levels_end(connection: Connection) -> None:
    for place in ("Many", "Exports/2026.zip"):
        for levels in ("**/" * 1000, "**/*/" * 40):
            with pytest.raises(errors.NotFoundError, match="No file matches"):
                rows(connection, f"SELECT * FROM read_csv('onedrive:/{place}/{levels}none')")
    deep = f"SELECT count(*) FROM read_text('onedrive:/Exports/2026.zip/{'**/' * 1000}stored.txt')"
    assert rows(connection, deep) == [(1,)]
    assert rows(connection, f"SELECT count(*) FROM read_csv('onedrive:/{'**/' * 1000}b.csv')") == [(1,)]


def test_columns_of_the_files_items(connection: Connection) -> None:
    sql = """SELECT r.x, r.file_name, i.id = r.file_id, i.e_tag = r.file_e_tag, i.web_url = r.file_web_url,
                    i.last_modified_date_time = r.file_last_modified_date_time, r.file_size, r.filename
             FROM read_csv('onedrive:/Many/[ab].csv', file_columns = true, filename = true) r
             JOIN items i ON i.path = r.file_path WHERE i.parent_path = '/Many' ORDER BY x"""
    assert rows(connection, sql) == [
        (1, "a.csv", True, True, True, True, 8, "onedrive:///Many/a.csv"),
        (3, "b.csv", True, True, True, True, 8, "onedrive:///Many/b.csv"),
    ]
    sql = "SELECT filename, file_size FROM read_text('onedrive:/Many/a.csv', file_columns = true)"
    assert rows(connection, sql) == [("onedrive:///Many/a.csv", 8)]


def test_an_error_shows_no_text_that_nobody_wrote(connection: Connection) -> None:
    with pytest.raises(errors.SqlError, match="also in the file") as raised:
        rows(connection, "FROM read_csv('onedrive:/Many/a.csv', on_file_error = 'skip', filename = 'x')")
    assert "__driveql" not in str(raised.value)


def test_a_file_named_twice_is_read_twice(connection: Connection) -> None:
    named = "['onedrive:/Many/a.csv', 'onedrive:/Many/[ab].csv']"
    for added in ("", ", file_columns = true", ", on_file_error = 'skip'"):
        assert rows(connection, f"SELECT x FROM read_csv({named}{added}) ORDER BY x") == [(1,), (1,), (3,)]


def test_columns_are_united_by_name(connection: Connection) -> None:
    sql = "SELECT x, y, z FROM read_csv('onedrive:/Many/*.csv', union_by_name = true) ORDER BY y"
    assert rows(connection, sql) == [(1, 2, None), (3, 4, None), (None, 5, 6)]


def test_files_that_cannot_be_read_are_left_out_and_told_of(
    tenant: SqlTenant, connection: Connection
) -> None:
    for name, content in {"1": b'[{"a": 1}]', "2": b'[{"a": 2', "3": b'[{"a": 3}]'}.items():
        tenant.drive.put_file(f"/Some/{name}.json", content)
    every = "SELECT a FROM read_json('onedrive:/Some/*.json'{}) ORDER BY a"
    with pytest.raises(errors.SqlError):
        rows(connection, every.format(""))
    cursor = connection.execute(every.format(", on_file_error = 'skip'"))
    assert cursor.fetchall() == [(1,), (3,)]
    ((kind, message),) = cursor.messages
    assert kind is dbapi.Warning
    assert re.match(r"skipped onedrive:///Some/2\.json: .+", str(message))
    assert connection.execute("SELECT 1").messages == []


def test_a_file_that_may_not_be_read_is_left_out_and_a_network_that_fails_is_not(
    tenant: SqlTenant, connection: Connection
) -> None:
    skipping = "SELECT sum(x) FROM read_csv('onedrive:/Many/[ab].csv', on_file_error = 'skip')"
    tenant.emulator.faults.add(faults.Refuse(403), target="a.csv.*tempauth", count=None)
    cursor = connection.execute(skipping)
    assert cursor.fetchall() == [(3,)]
    assert "a.csv" in str(cursor.messages[0][1])
    tenant.emulator.faults.assert_consumed()
    tenant.emulator.faults.clear()
    with tenant.connect(retry_mode="None") as impatient:
        tenant.emulator.faults.add(faults.Refuse(503), target="a.csv.*tempauth", count=None)
        with pytest.raises(errors.UnavailableError):
            impatient.execute(skipping)
    tenant.emulator.faults.clear()


def test_strangers_have_them_too(tenant: SqlTenant) -> None:
    with tenant.connect(untrusted=True) as stranger:
        sql = "SELECT a, file_name FROM read_json('onedrive:/Exports/202?.zip/doc.json', root = '$.rows[*]', file_columns = true)"
        assert rows(stranger, sql) == [(1, "2026.zip")]
        for place in ("onedrive:/../../etc/passwd", "/etc/passwd", "file:///etc/passwd"):
            with pytest.raises(errors.DriveqlError):
                rows(stranger, f"SELECT * FROM read_csv('{place}', on_file_error = 'skip')")


def test_none_that_can_be_read_is_an_error(connection: Connection) -> None:
    with pytest.raises(errors.SqlError, match=r"Many/a\.csv|Parquet|parquet"):
        rows(connection, "SELECT * FROM read_parquet('onedrive:/Many/a.csv', on_file_error = 'skip')")


@pytest.mark.parametrize(
    "call",
    [
        "read_csv('onedrive:/Many/a.csv', root = '$')",
        "read_csv(lower('X'), file_columns = true)",
        "read_csv('onedrive:/Many/a.csv', file_columns = 1)",
        "read_csv('onedrive:/Many/a.csv', on_file_error = 'log')",
        "read_csv('local.csv', file_columns = true)",
        "read_json('onedrive:/J/odata.json', root = '$[*]', format = 'array')",
    ],
)
def test_arguments_that_cannot_be_are_refused_before_any_request(
    tenant: SqlTenant, connection: Connection, call: str
) -> None:
    tenant.emulator.requests.clear()
    with pytest.raises(errors.SqlNotSupportedError):
        connection.execute(f"SELECT * FROM {call}")
    assert tenant.asked() == []


def test_a_file_that_changes_under_a_statement_is_an_error(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/Changing/big.csv", bytes(6_000_000))
    statement = connection.execute("SELECT 1")
    assert statement.fetchall() == [(1,)]
    contents = connection.session().engine.contents
    with contents.open("onedrive:///Changing/big.csv") as file:
        assert file.read(100) == bytes(100)
        tenant.drive.put_file("/Changing/big.csv", bytes(5_999_999) + b"x")
        file.seek(3_000_000)
        with pytest.raises(errors.ItemChangedError, match="changed while it was read"):
            file.read(100)
    with contents.open("onedrive:///Changing/big.csv") as again:
        again.seek(4_000_000)
        with pytest.raises(errors.ItemChangedError):
            again.read(100)


def test_a_csv_file_is_a_table_under_its_own_name(connection: Connection) -> None:
    sql = "SELECT a.x, c.y FROM 'onedrive:/Many/a.csv' JOIN 'onedrive:/Many/b.csv' c ON a.x < c.x"
    assert rows(connection, sql) == [(1, 4)]


@pytest.mark.parametrize("reader", ["read_text", "read_blob", "READ_TEXT"])
@pytest.mark.parametrize("place", ["onedrive:/Many/none.txt", "onedrive:/None/none.txt"])
def test_a_text_that_is_not_there_is_an_error(connection: Connection, reader: str, place: str) -> None:
    with pytest.raises(errors.NotFoundError, match="No file matches"):
        rows(connection, f"SELECT * FROM {reader}('{place}')")
    assert rows(connection, f"SELECT count(*) FROM {reader}('onedrive:/Many/*.none')") == [(0,)]
    assert rows(connection, f"SELECT count(*) FROM glob('{place}')") == [(0,)]


@pytest.fixture(scope="module")
def named_workbook(tenant: SqlTenant) -> str:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Filename", "FILE_NAME"])
        sheet.write_row(1, 0, ["mine", "too"])
    tenant.drive.put_file("/Named/a.xlsx", content.getvalue())
    tenant.drive.put_file("/Named/b.xlsx", b"none")
    return "onedrive:///Named/a.xlsx"


def test_what_is_added_takes_no_column_away(connection: Connection, named_workbook: str) -> None:
    with pytest.raises(errors.SqlError, match=r"column 'filename'(?s:.*)Choose another"):
        rows(connection, f"SELECT * FROM read_xlsx('{named_workbook}', filename = true)")
    sql = f"SELECT filename, book FROM read_xlsx('{named_workbook}', filename = 'book')"
    assert rows(connection, sql) == [("mine", named_workbook)]
    sql = f"SELECT file_name, file_name_1 FROM read_xlsx('{named_workbook}', file_columns = true)"
    assert rows(connection, sql) == [("too", "a.xlsx")]


def test_sheets_of_the_workbooks_that_can_be_read(connection: Connection, named_workbook: str) -> None:
    sql = "SELECT filename, number FROM worksheets('onedrive:/Named/*.xlsx', on_file_error = 'skip')"
    cursor = connection.execute(sql)
    assert cursor.fetchall() == [(named_workbook, 1)]
    assert str(cursor.messages[0][1]).startswith("skipped onedrive:///Named/b.xlsx: ")


@pytest.mark.parametrize("cells", ["A0:B2", "B2:A1", "G!A1", "A1:"])
def test_a_range_that_is_none_is_refused_before_any_request(
    tenant: SqlTenant, connection: Connection, cells: str
) -> None:
    tenant.emulator.requests.clear()
    with pytest.raises(errors.SqlError, match="range"):
        rows(connection, f"SELECT * FROM read_xlsx('onedrive:/Named/a.xlsx', range = '{cells}')")
    assert tenant.asked() == []


def test_cells_that_come_empty_are_told_of(tenant: SqlTenant, connection: Connection) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, value in (("Good", 2), ("Bad", "#N/A")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["a", "b"])
            sheet.write(1, 0, 1)
            sheet.write_formula(1, 1, "=A2*2", None, value)
    tenant.drive.put_file("/Named/errors.xlsx", content.getvalue())
    never = openpyxl.Workbook()
    for row in (["a", "b"], [1, "=A2*2"], [2, "=A3*2"]):
        never.active.append(row)
    content = io.BytesIO()
    never.save(content)
    tenant.drive.put_file("/Named/never.xlsx", content.getvalue())
    found = {}
    for place in ("errors.xlsx', sheet = 'Good", "errors.xlsx', sheet = 'Bad", "never.xlsx"):
        cursor = connection.execute(f"SELECT b FROM read_xlsx('onedrive:/Named/{place}') WHERE a IS NOT NULL")
        found[place[-5:]] = (
            cursor.fetchall(),
            [str(warning).partition(": ")[2] for _, warning in cursor.messages],
        )
    assert found == {
        "'Good": ([(2,)], []),
        " 'Bad": ([(None,)], ["NULL in the sheet 'Bad' are cells with errors such as #N/A: 1"]),
        ".xlsx": (
            [(None,), (None,)],
            [
                "NULL in the sheet 'Sheet' are formulas without a value, which a spreadsheet program stores when it"
                " saves: 2"
            ],
        ),
    }

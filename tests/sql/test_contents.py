"""What is inside the files: real samples in a drive, against the same files read from disk."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection


@pytest.fixture(scope="module", autouse=True)
def uploaded(tenant: SqlTenant, shared_dir: Path) -> None:
    for file in sorted((shared_dir / "samples").iterdir()):
        if file.suffix in {".csv", ".json", ".parquet", ".xlsx", ".gz", ".xls"}:
            tenant.drive.put_file(f"/Samples/{file.name}", file.read_bytes())


def local(sql: str) -> list[tuple[object, ...]]:
    engine = duckdb.connect()
    try:
        found: list[tuple[object, ...]] = engine.execute(sql).fetchall()
        return found
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        ("read_csv", "bokeh_penguins.csv"),
        ("read_csv", "vega_stocks.csv"),
        ("read_csv", "nycflights_airports.csv"),
        ("read_csv", "bokeh_SampleSuperstore.csv.gz"),
        ("read_json", "vega_cars.json"),
        ("read_parquet", "parquet_alltypes_plain.parquet"),
        ("read_parquet", "parquet_list_columns.parquet"),
        ("read_parquet", "parquet_delta_encoding_required_column.parquet"),
    ],
)
def test_files_read_as_they_do_from_disk(
    connection: Connection, samples: Path, reader: str, name: str
) -> None:
    expected = local(f"SELECT * FROM {reader}('{samples / name}')")
    found = connection.execute(f"SELECT * FROM {reader}('onedrive:/Samples/{name}')").fetchall()
    assert len(expected) > 1
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_parquet_against_pyarrow(connection: Connection, samples: Path) -> None:
    expected = pq.read_table(samples / "parquet_alltypes_plain.parquet", columns=["id", "double_col"])
    sql = "SELECT id, double_col FROM 'onedrive:/Samples/parquet_alltypes_plain.parquet'"
    assert connection.execute(sql).fetchall() == [tuple(row.values()) for row in expected.to_pylist()]


def test_globs_join_the_listing(connection: Connection) -> None:
    sql = """SELECT count(DISTINCT s.filename), sum(s.amount) > 0, min(i.size) > 0
             FROM read_csv('onedrive:/Reports/2026/*.csv', filename = true) s
             JOIN items i ON s.filename = 'onedrive://' || i.path WHERE i.parent_path = '/Reports/2026'"""
    assert connection.execute(sql).fetchall() == [(6, True, True)]


def test_another_owner_by_address(connection: Connection) -> None:
    sql = "SELECT count(*) FROM read_csv('onedrive://bruno@contoso.com/Reports/2026/sales-2026-0?.csv')"
    found = connection.execute(sql).fetchone()
    assert found is not None
    assert found[0] > 6
    sql = "SELECT DISTINCT filename FROM read_csv('onedrive://bruno@contoso.com/Reports/2026/*01.csv', filename=true)"
    assert connection.execute(sql).fetchall() == [
        ("onedrive://bruno@contoso.com/Reports/2026/sales-2026-01.csv",)
    ]


def test_read_xlsx(connection: Connection) -> None:
    sql = (
        "SELECT x, y FROM read_xlsx('onedrive:/Samples/xlsx2csv_sheets_order.xlsx', sheet = 'b') WHERE x > 13"
    )
    assert connection.execute(sql).fetchall() == [(14, 2744)]
    sql = "SELECT A FROM read_xlsx('onedrive:/Samples/xlsx2csv_datetime.xlsx', header = false)"
    assert str(connection.execute(sql).fetchall()[0][0]) == "2011-09-15 15:22:00"
    sql = """SELECT filename, count(*) FROM read_xlsx(['onedrive:/Samples/xlsx2csv_utf8.xlsx',
             'onedrive:/Samples/xlsx2csv_float.xlsx'], filename = true, header = false) GROUP BY 1 ORDER BY 1"""
    assert connection.execute(sql).fetchall() == [
        ("onedrive:///Samples/xlsx2csv_float.xlsx", 4),
        ("onedrive:///Samples/xlsx2csv_utf8.xlsx", 5),
    ]
    globbed = connection.execute("SELECT count(*) FROM read_xlsx('onedrive:/Samples/xlsx2csv_sheets*.xlsx')")
    assert globbed.fetchone() == (30,)
    with pytest.raises(errors.NotFoundError):
        connection.execute("SELECT * FROM read_xlsx('onedrive:/Samples/none*.xlsx')")


def test_tables_made_of_files_live_as_long_as_the_connection(connection: Connection) -> None:
    connection.execute(
        "CREATE TEMP TABLE p AS SELECT * FROM read_csv('onedrive:/Samples/bokeh_penguins.csv')"
    )
    connection.execute("CREATE VIEW big AS SELECT path FROM files WHERE size > 50000")
    assert connection.execute("SELECT count(*) FROM p").fetchone() == (344,)
    assert connection.execute("INSERT INTO p SELECT * FROM p LIMIT 5").rowcount == 5
    assert connection.execute("SELECT count(*) FROM big").fetchone() is not None
    described = connection.execute("DESCRIBE big").fetchall()
    assert described[0][:2] == ("path", "VARCHAR")


def test_a_file_that_changes_between_statements_is_read_anew(
    tenant: SqlTenant, connection: Connection
) -> None:
    tenant.drive.put_file("/Changing.csv", b"a\n1\n")
    assert connection.execute("SELECT a FROM 'onedrive:/Changing.csv'").fetchall() == [(1,)]
    tenant.drive.put_file("/Changing.csv", b"a\n22\n")
    assert connection.execute("SELECT a FROM 'onedrive:/Changing.csv'").fetchall() == [(22,)]


def test_parquet_fetches_only_the_chunks_of_its_columns(
    tenant: SqlTenant, connection: Connection, tmp_path: Path
) -> None:
    import pyarrow as pa

    rows = 400_000
    table = pa.table(
        {f"c{n}": pa.array([(i * 7919 * (n + 1)) % 1_000_003 for i in range(rows)]) for n in range(8)}
    )
    pq.write_table(table, tmp_path / "wide.parquet", use_dictionary=False, compression="none")
    content = (tmp_path / "wide.parquet").read_bytes()
    tenant.drive.put_file("/wide.parquet", content)
    session = connection.session().tenant.source.session
    before = session.statistics.bytes_received
    found = connection.execute("SELECT sum(c5) FROM 'onedrive:/wide.parquet'").fetchone()
    assert found == (sum(table.column("c5").to_pylist()),)
    assert session.statistics.bytes_received - before < len(content) / 4


def test_parquet_prunes_row_groups_and_reads_its_directory_in_one_range(
    tenant: SqlTenant, connection: Connection
) -> None:
    import io

    import pyarrow as pa

    rows = 400_000
    content = io.BytesIO()
    table = pa.table({"id": range(rows), "value": [(row * 7919) % 1_000_003 for row in range(rows)]})
    pq.write_table(table, content, row_group_size=rows // 10, use_dictionary=False, compression="none")
    tenant.drive.put_file("/sorted.parquet", content.getvalue())
    statistics = connection.session().tenant.source.session.statistics  # type: ignore[attr-defined]
    connection.execute("SELECT 1 FROM users LIMIT 1").fetchall()

    def cost(sql: str) -> tuple[object, int, int]:
        tenant.emulator.requests.clear()
        before = statistics.bytes_received
        found = connection.execute(sql).fetchone()
        ranges = [record for record in tenant.emulator.requests if "_content" in record.target]
        return found, len(ranges), statistics.bytes_received - before

    found, ranges, _ = cost("SELECT count(*) FROM 'onedrive:/sorted.parquet'")
    assert (found, ranges) == ((rows,), 1)
    found, ranges, fetched = cost(
        "SELECT sum(value) FROM 'onedrive:/sorted.parquet' WHERE id BETWEEN 130000 AND 139999"
    )
    assert found == (sum((row * 7919) % 1_000_003 for row in range(130_000, 140_000)),)
    # The directory, and the chunks of the one row group of ten that these rows are in.
    assert ranges <= 3
    assert fetched < len(content.getvalue()) / 7

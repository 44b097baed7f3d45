"""Rows as Arrow: the stream is lazy, ends early on request, and never ends early without saying so."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import dbapi
from driveql.sql.dbapi import Connection

SQL = "SELECT name, size FROM files WHERE parent_path = '/Reports/2026' ORDER BY name"
LONG = "SELECT range AS a FROM range(1000000)"
LATE = "SELECT CASE WHEN range < 20000 THEN range ELSE error('late') END AS a FROM range(30000)"


@pytest.fixture(scope="module")
def shared(tenant: SqlTenant) -> Iterator[Connection]:
    with tenant.connect() as connection:
        yield connection


def test_whole_results_under_their_names_of_adbc(shared: Connection) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    polars = pytest.importorskip("polars", reason="polars is not installed")
    table = shared.execute(SQL).fetch_arrow_table()
    assert table.num_rows == 6
    assert shared.execute(SQL).fetch_record_batch().read_all().equals(table)
    assert list(shared.execute(SQL).fetch_df()["name"]) == table["name"].to_pylist()
    assert shared.execute(SQL).fetch_polars().equals(polars.from_arrow(table))
    assert isinstance(shared.df(SQL), pandas.DataFrame)
    assert shared.pl(SQL).height == shared.arrow(SQL).num_rows == 6


def test_whoever_takes_arrow_takes_a_cursor(shared: Connection) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    polars = pytest.importorskip("polars", reason="polars is not installed")
    table = shared.arrow(SQL)
    assert pa.table(shared.execute(SQL)).equals(table)
    assert polars.DataFrame(shared.execute(SQL)).equals(polars.from_arrow(table))
    assert pandas.DataFrame.from_arrow(shared.execute(SQL)).shape == (6, 2)
    cursor = shared.execute(SQL)
    with duckdb.connect() as other:
        assert other.execute("SELECT count(*), sum(size) FROM cursor").fetchall() == [
            (6, sum(table["size"].to_pylist()))
        ]
    assert cursor.fetchall() == []


def test_rows_taken_one_by_one_are_not_given_again(shared: Connection) -> None:
    cursor = shared.execute(LONG)
    assert cursor.fetchmany(10)[-1] == (9,)
    reader = cursor.fetch_record_batch()
    assert reader.read_next_batch()["a"][0].as_py() == 10
    assert reader.read_all().num_rows + cursor.fetch_arrow_table().num_rows < 1_000_000
    assert cursor.fetchone() is None


def test_a_stream_let_go_of_stops_its_statement(shared: Connection) -> None:
    cursor = shared.execute(LONG)
    reader = cursor.fetch_record_batch()
    reader.read_next_batch()
    statement = shared.session().tenant.statement
    assert not statement.cancelled
    del reader
    gc.collect()
    assert statement.cancelled
    with pytest.raises(dbapi.Error) as raised:
        cursor.fetchone()
    assert isinstance(raised.value, errors.SqlError)
    assert raised.value.code == "given_up"
    assert shared.execute("SELECT 7").fetchall() == [(7,)]


@pytest.mark.parametrize("how", ["close", "execute"])
def test_a_stream_cut_short_says_so(shared: Connection, how: str) -> None:
    cursor = shared.execute(LONG)
    reader = cursor.fetch_record_batch()
    reader.read_next_batch()
    if how == "close":
        cursor.close()
    else:
        cursor.execute("SELECT 1")
    with pytest.raises(dbapi.Error, match="given up"):
        reader.read_all()


def test_a_stream_outlives_other_statements(shared: Connection) -> None:
    reader = shared.execute(LONG).fetch_record_batch()
    first = reader.read_next_batch().num_rows
    assert shared.execute("SELECT 7").fetchall() == [(7,)]
    shared.commit()
    assert first + reader.read_all().num_rows == 1_000_000


def test_errors_on_the_way_arrive(shared: Connection) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    with pytest.raises(dbapi.Error, match="late") as raised:
        shared.execute(LATE).fetch_record_batch().read_all()
    assert isinstance(raised.value, errors.SqlError)
    for take in (Connection.arrow, Connection.df, Connection.pl):
        with pytest.raises(errors.SqlError, match="late"):
            take(shared, LATE)
    with pytest.raises(polars.exceptions.ComputeError, match="late"):
        polars.DataFrame(shared.execute(LATE))
    with pytest.raises(pa.ArrowInvalid, match="late"):
        pa.table(shared.execute(LATE))


def test_requests_stop_with_the_stream(tenant: SqlTenant) -> None:
    for number in range(400):
        tenant.drive.put_file(f"/Wide/{'long' * 40} {number}.txt", b"1")
    behaviour = tenant.emulator.behaviour
    page_max, behaviour.page_max = behaviour.page_max, 10
    sql = "SELECT * FROM items WHERE parent_path = '/Wide'"
    try:
        with tenant.connect() as connection:
            tenant.asked()
            assert connection.arrow(sql).num_rows == 400
            # What the engine makes ahead of its reader: less than the rows that there are, whatever they take.
            connection.execute("SET streaming_buffer_size = '10KB'")
            whole = len(tenant.asked())
            reader = connection.execute(sql).fetch_record_batch()
            assert reader.read_next_batch().num_rows < 400
            del reader
            connection.execute("SELECT 1")
            assert 0 < len(tenant.asked()) < whole
    finally:
        behaviour.page_max = page_max


def test_no_warning_comes_from_a_stream_that_is_forgotten(shared: Connection) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            shared.execute(LONG).fetch_record_batch().read_next_batch()
        gc.collect()
    assert shared.execute("SELECT 7").fetchall() == [(7,)]

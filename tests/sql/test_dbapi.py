"""PEP 249 as a program meets it."""

from __future__ import annotations

import decimal
import os
import pickle
import sys
import threading
import uuid
import warnings
from datetime import UTC, date, datetime, time, timedelta, timezone

import numpy
import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import dbapi
from driveql.sql.dbapi import Connection


def test_description_and_fetches(connection: Connection) -> None:
    cursor = connection.cursor()
    assert cursor.description is None
    cursor.execute(
        "SELECT name, size, last_modified_date_time FROM files WHERE parent_path = '/Reports/2026'"
    )
    description = cursor.description
    assert description is not None
    assert [column[0] for column in description] == ["name", "size", "last_modified_date_time"]
    assert [
        column[1] == kind
        for column, kind in zip(description, (dbapi.STRING, dbapi.NUMBER, dbapi.DATETIME), strict=True)
    ]
    assert all(len(column) == 7 for column in description)
    assert cursor.rowcount == -1
    first = cursor.fetchone()
    assert first is not None
    assert first[2].tzinfo is not None
    assert len(cursor.fetchmany(2)) == 2
    cursor.arraysize = 1
    assert len(cursor.fetchmany()) == 1
    assert len(list(cursor)) == 2
    assert cursor.fetchone() is None
    assert cursor.fetchmany(5) == []
    assert cursor.fetchall() == []


def test_parameters(connection: Connection) -> None:
    assert connection.execute("SELECT ?, ?", [1, "x'y"]).fetchall() == [(1, "x'y")]
    assert connection.execute("SELECT :a + $b", {"a": 1, "b": 2}).fetchall() == [(3,)]
    assert connection.execute("SELECT ?,?", [1, 2]).fetchall() == [(1, 2)]
    assert connection.execute("SELECT [:a,:b,$a]", {"a": 1, "b": 2}).fetchall() == [([1, 2, 1],)]
    sql = "SELECT name FROM items WHERE parent_path = :folder AND size >= :size"
    assert connection.execute(sql, {"folder": "/Notes", "size": 1}).fetchall() == [("todo.md",)]
    assert connection.execute("SELECT ?, ?", [numpy.int64(5), [numpy.float64(0.5)]]).fetchall() == [
        (5, [0.5])
    ]
    for wrong, values, told in (
        ("SELECT ?", None, "1 parameter, and no values were given"),
        ("SELECT ?", [1, 2], "1 parameter, and 2 values were given"),
        ("SELECT %s", [1], "%s is no parameter"),
        ("SELECT 1", [1], "no parameters, and 1 value was given"),
        ("SELECT ?", {"a": 1}, "given by name"),
        ("SELECT :a", [1], "(:a), and the values were given by position"),
        ("SELECT :a, [1, 2][1:b], $c", {"a": 1, "b": 2}, "No value was given for :c; there are a, b"),
        ("SELECT :a", {"a": 1, "b": 2}, "no parameter :b"),
        (None, None, "A statement is a text, not NoneType"),
    ):
        for run in (connection.execute, connection.explain, connection.analyze)[: 1 if wrong is None else 3]:
            with pytest.raises(dbapi.ProgrammingError) as raised:
                run(wrong, values)  # type: ignore[operator]
            assert told in str(raised.value)
    connection.execute("PREPARE one AS SELECT ?")
    with pytest.raises(dbapi.Error, match="No value was given for the parameter 1"):
        connection.execute("EXECUTE one")
    assert connection.execute("EXECUTE one(5)").fetchall() == [(5,)]


@pytest.mark.parametrize(
    ("sql", "told", "hint"),
    [
        ("SELECT f.nme FROM files f", 'Table "f" does not have a column named "nme"', "DESCRIBE"),
        ("SELECT * FROM read_csv('/R/a.csv')", '"/R/a.csv"', "in OneDrive it would be 'onedrive:/R/a.csv'"),
        ('SELECT 1 FROM files WHERE name = "a.md"', '"a.md" not found', "'a.md' is one, in single quotes"),
        ("SELECT cnt(1)", "cnt", "duckdb_functions()"),
        ("SELECT id FROM list_items WHERE Due = 1", '"Due" not found', "fields->>'Due'"),
        (
            'SELECT id FROM list_items WHERE title = "a b"',
            '"a b" not found',
            "'a b' is one, in single quotes",
        ),
    ],
)
def test_mistakes_are_told_with_what_to_do_next(
    connection: Connection, sql: str, told: str, hint: str
) -> None:
    with pytest.raises(errors.SqlError) as raised:
        connection.execute(sql)
    assert told in raised.value.message
    assert hint in str(raised.value.hint)


def test_python_types(connection: Connection) -> None:
    sql = """SELECT 1, 170141183460469231731687303715884105727::hugeint, 1.50::decimal(4, 2), 'x', true, 'ab'::blob,
             date '2026-01-02', time '01:02:03', timestamp '2026-01-02 03:04:05', timestamptz '2026-01-02 03:04:05+01',
             interval '1 day 2 seconds', '5b5e1f6e-0e53-4a3b-8a0a-5f2c6b1d0a11'::uuid, [1, 2], {'a': 1}, NULL"""
    (row,) = connection.execute(sql).fetchall()
    assert row == (
        1,
        170141183460469231731687303715884105727,
        decimal.Decimal("1.50"),
        "x",
        True,
        b"ab",
        date(2026, 1, 2),
        time(1, 2, 3),
        datetime(2026, 1, 2, 3, 4, 5),
        datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC),
        timedelta(days=1, seconds=2),
        uuid.UUID("5b5e1f6e-0e53-4a3b-8a0a-5f2c6b1d0a11"),
        [1, 2],
        {"a": 1},
        None,
    )


def test_values_that_arrow_does_not_carry(connection: Connection) -> None:
    """Before: -1, a time without its zone, bytes of DuckDB's own making, an OverflowError."""
    day, key = timedelta(days=1), uuid.UUID(int=5)
    expected = {
        "340282366920938463463374607431768211455::uhugeint": 2**128 - 1,
        "timetz '12:34:56+02:30'": time(12, 34, 56, tzinfo=timezone(timedelta(hours=2.5))),
        "'101'::bit": "101",
        "-123456789012345678901234567890123456789012::bignum": -123456789012345678901234567890123456789012,
        "{'a': [1, NULL], 'b': 'x'}::variant": {"a": [1, None], "b": "x"},
        "date '10000-02-29' - 1": "10000-02-28",
        "date '0044-03-15 (BC)'": "0044-03-15 (BC)",
        "'-infinity'::date": "-infinity",
        "time '24:00:00'": "24:00:00",
        "[timestamptz '294246-12-31 23:59:59.5+00', 'infinity', NULL]": [
            "294246-12-31 23:59:59.500000+00",
            "infinity",
            None,
        ],
        f"row(uuid '{key}', '101'::bit)": {"element1": key, "element2": "101"},
        f"{{'u': [uuid '{key}'], 'm': map {{[1]: '11'::bit}}}}": {"u": [key], "m": [([1], "11")]},
        f"map {{'k': {{'h': 5::hugeint, 'u': uuid '{key}', 'd': interval 1 day}}}}": {
            "k": {"h": 5, "u": key, "d": day}
        },
    }
    for text, value in expected.items():
        assert connection.execute(f"SELECT {text} AS a, 2 AS a").fetchall() == [(value, 2)], text
    assert connection.arrow("SELECT {'b': '101'::bit} AS v").to_pylist() == [{"v": {"b": "101"}}]
    kinds = [
        column[1] for column in connection.execute("SELECT [1], time_ns '12:00', 1::bignum").description or ()
    ]
    assert kinds == [dbapi.STRING, dbapi.DATETIME, dbapi.NUMBER]


def test_changes_and_executemany(connection: Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t(a INTEGER, b VARCHAR)")
    assert cursor.description is None
    cursor.executemany("INSERT INTO t VALUES (?, ?)", [(1, "x"), (2, "y"), (3, None)])
    assert cursor.rowcount == 3
    assert cursor.execute("UPDATE t SET b = 'z' WHERE a > 1").rowcount == 2
    assert cursor.execute("INSERT INTO t VALUES (4, 'r') RETURNING a, b").fetchall() == [(4, "r")]
    with pytest.raises(dbapi.ProgrammingError):
        cursor.executemany("SELECT ?", [(1,)])
    cursor.execute("BEGIN")
    cursor.execute("DELETE FROM t")
    connection.rollback()
    assert cursor.execute("SELECT count(*) FROM t").fetchall() == [(4,)]
    connection.commit()
    connection.rollback()


def test_cursors_of_a_connection_share_it(connection: Connection) -> None:
    first, second = connection.cursor(), connection.cursor()
    first.execute("CREATE TEMP TABLE shared AS SELECT range AS a FROM range(10000)")
    first.execute("SELECT a FROM shared ORDER BY a")
    assert first.fetchone() == (0,)
    assert second.execute("SELECT count(*) FROM shared").fetchall() == [(10000,)]
    assert len(first.fetchall()) == 9999


def test_closed_means_closed(tenant: SqlTenant) -> None:
    connection = tenant.connect()
    cursor = connection.cursor()
    with pytest.raises(dbapi.ProgrammingError):
        cursor.fetchone()
    cursor.execute("SELECT 1")
    cursor.close()
    for call in (cursor.fetchone, lambda: cursor.execute("SELECT 1"), lambda: cursor.fetchmany(1)):
        with pytest.raises(dbapi.InterfaceError):
            call()
    other = connection.cursor()
    connection.close()
    connection.close()
    for call in (connection.cursor, connection.commit, lambda: other.execute("SELECT 1")):
        with pytest.raises(dbapi.InterfaceError):
            call()


def test_arrow_pandas_and_polars(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT name, size FROM files WHERE parent_path = '/Reports/2026' ORDER BY name"
    table = connection.arrow(sql)
    assert table.num_rows == 6
    assert table.schema.names == ["name", "size"]
    reader = connection.execute(sql).arrow_reader()
    assert sum(batch.num_rows for batch in reader) == 6
    cursor = connection.execute(sql)
    cursor.fetchone()
    assert cursor.arrow().equals(table.slice(1))
    for package, take in (("pandas", connection.df), ("polars", connection.pl)):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, package, None)
            with pytest.raises(errors.MissingExtraError, match=package) as raised:
                take(sql)
            assert isinstance(raised.value, dbapi.InterfaceError)


def test_frames_where_their_packages_are_installed(connection: Connection) -> None:
    sql = "SELECT name, size FROM files WHERE parent_path = '/Reports/2026' ORDER BY name"
    pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("polars", reason="polars is not installed")
    assert connection.df(sql)["name"].iloc[0] == "sales-2026-01.csv"
    assert connection.pl(sql)["size"].sum() > 0
    odd = "SELECT unnest([9007199254740993, NULL]) AS a, unnest([1, NULL]) AS b, INTERVAL 3 DAY AS c"
    frame = connection.df(f"{odd}, DATE '10000-01-01' AS d")
    assert [str(kind) for kind in frame.dtypes[:3]] == ["Int64", "float64", "timedelta64[us]"]
    assert frame["a"][0] == 9007199254740993
    assert connection.pl(odd)["c"].to_list() == [timedelta(days=3)] * 2
    for what in ("INTERVAL 1 MONTH", "[INTERVAL 1 DAY]", "union_value(a := 1)"):
        with pytest.raises(dbapi.NotSupportedError, match=r"Column v holds .* polars"):
            connection.pl(f"SELECT {what} AS v")


def test_cancel_from_another_thread(tenant: SqlTenant) -> None:
    tenant.emulator.latency = 0.2
    try:
        with tenant.connect() as connection:
            timer = threading.Timer(0.3, connection.cancel)
            timer.start()
            with pytest.raises(dbapi.OperationalError) as raised:
                connection.execute("SELECT count(*) FROM items, range(100000000000)").fetchall()
            timer.join()
            assert isinstance(raised.value, errors.SqlError)
            assert raised.value.code == "cancelled"
            tenant.emulator.latency = 0
            assert connection.execute("SELECT 7").fetchall() == [(7,)]
    finally:
        tenant.emulator.latency = 0


def test_another_process_has_no_part_in_a_connection(connection: Connection) -> None:
    """Before: a forked child waited for ever for threads that it does not have."""
    cursor = connection.execute("SELECT range FROM range(100000)")
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            for work in (lambda: connection.execute("SELECT 1"), cursor.fetchall):
                try:
                    work()
                except dbapi.InterfaceError as error:
                    os.write(writing, f"{error.code} ".encode())  # type: ignore[attr-defined]
            connection.close()
            os.write(writing, b"closed")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"other_process other_process closed"
    os.close(reading)
    os.close(writing)
    assert len(cursor.fetchall()) == 100_000
    with pytest.raises(TypeError, match="connect there"):
        pickle.dumps(cursor)


def test_threads_may_share_a_connection(connection: Connection) -> None:
    found: list[object] = []

    def ask(number: int) -> None:
        found.append(connection.execute("SELECT ?, count(*) FROM files", [number]).fetchall()[0][1])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(map(str, found))) == 1

"""What a connection's statements may use is bounded; whoever asks for more gets an error, never fewer rows."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from tests.sql.conftest import SqlTenant

from driveql.errors import ParameterError, SqlError
from driveql.sql import Limits
from driveql.sql.dbapi import OperationalError
from graph_emulator import faults

ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000000) b"


@pytest.mark.parametrize(
    "wrong", [{"memory": 1}, {"threads": 0}, {"seconds": 0}, {"rows": -1}, {"temporary": -1}]
)
def test_a_limit_out_of_range_is_named(wrong: dict[str, int]) -> None:
    with pytest.raises(ParameterError) as error:
        Limits(**wrong)
    assert next(iter(wrong)) in str(error.value)


def test_a_statement_ends_when_its_time_is_over_and_the_next_one_runs(tenant: SqlTenant) -> None:
    with tenant.connect(limits=Limits(seconds=0.2)) as connection:
        for _ in range(2):
            with pytest.raises(OperationalError) as error:
                connection.execute(ENDLESS)
            assert error.value.code == "timeout"
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_the_time_counts_until_the_last_row(tenant: SqlTenant) -> None:
    with tenant.connect(limits=Limits(seconds=0.2)) as connection:
        cursor = connection.execute("SELECT i FROM range(100000000000) t(i)")
        with pytest.raises(SqlError) as error:
            sum(1 for _ in cursor)
        assert error.value.code == "timeout"


def test_waiting_for_graph_counts(tenant: SqlTenant) -> None:
    with tenant.connect(limits=Limits(seconds=60)) as connection:
        connection.execute("SELECT id FROM users LIMIT 1").fetchall()  # signs in
        connection.session().watch.limits = Limits(seconds=0.2)
        tenant.emulator.faults.add(faults.Delay(5), target="/users")
        with pytest.raises(SqlError) as error:
            connection.execute("SELECT display_name FROM users").fetchall()
        assert error.value.code == "timeout"
    tenant.emulator.faults.assert_consumed()


def test_a_text_that_is_too_long_is_refused_before_anything_reads_it(tenant: SqlTenant) -> None:
    with tenant.connect(untrusted=True, limits=Limits(characters=40)) as connection:
        for take in (connection.execute, connection.explain, connection.analyze):
            with pytest.raises(SqlError) as error:
                take("SELECT 1 FROM users" + " " * 22)
            assert error.value.code == "tooLong"
        assert connection.execute("SELECT 1 FROM range(3)" + " " * 18).fetchall() == [(1,)] * 3


def test_a_type_that_is_too_deep_is_an_error_like_others(tenant: SqlTenant) -> None:
    deep = "[" * 3000 + '"INT"' + "]" * 3000
    with tenant.connect(untrusted=True) as connection, pytest.raises(SqlError) as error:
        connection.execute(f"SELECT from_json('[]', '{deep}')")
    assert error.value.code == "tooDeep"


def test_a_statement_that_fails_is_watched_no_more(tenant: SqlTenant) -> None:
    with tenant.connect(limits=Limits(seconds=3600)) as connection:
        watch = connection.session().watch
        for take in (connection.execute, connection.explain):
            with pytest.raises(SqlError):
                take("SELECT nothing FROM users")
            assert watch._timer is None


def test_more_rows_than_may_are_an_error(tenant: SqlTenant) -> None:
    with tenant.connect(untrusted=True, limits=Limits(rows=3)) as connection:
        assert connection.execute("SELECT * FROM range(3)").arrow().num_rows == 3
        for take in ("fetchall", "arrow"):
            with pytest.raises(SqlError) as error:
                getattr(connection.execute("SELECT * FROM range(4)"), take)()
            assert error.value.code == "tooManyRows"


def test_what_does_not_fit_into_memory_is_refused_and_not_spilled(tenant: SqlTenant) -> None:
    with tenant.connect(untrusted=True, limits=Limits(memory=64 << 20)) as connection:
        with pytest.raises(SqlError) as error:
            connection.execute(
                "SELECT count(*) FROM (SELECT DISTINCT i::VARCHAR || repeat('x', 30) FROM range(4000000) t(i))"
            )
        assert "memory" in str(error.value).lower()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_finished_statement_is_watched_no_more(tenant: SqlTenant) -> None:
    with tenant.connect(limits=Limits(seconds=3600)) as connection:
        watch = connection.session().watch
        cursor = connection.execute("SELECT * FROM range(100000)")
        cursor.fetchone()
        assert watch._timer is not None
        cursor.fetchall()
        assert watch._timer is None
        connection.execute("SELECT * FROM range(100000)").close()
        assert watch._timer is None
        connection.execute("CREATE TABLE t (i INT)")
        assert watch._timer is None


def test_temporary_files_are_bounded_and_given_back(tenant: SqlTenant) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "x\n" + "1\n" * 100_000)
        archive.writestr("b.csv", "x\n" + "2\n" * 200_000)
    tenant.drive.put_file("/Bounded/two.zip", packed.getvalue())
    tenant.drive.put_file("/Bounded/a.json.gz", gzip.compress(b"[" + b'{"a": 1},' * 50_000 + b'{"a": 2}]'))
    one = b'[{"a": [' + b"0," * 200_000 + b"0]}]"
    tenant.drive.put_file("/Bounded/one.json.gz", gzip.compress(one))
    tenant.drive.put_file("/Bounded/rows.csv", b"x\n" + b"1\n" * 200_000)
    with tenant.connect(untrusted=True, limits=Limits(temporary=300_000)) as connection:
        room = connection.session().tenant.temporary
        for statement, named in (
            ("SELECT count(*) FROM read_csv('onedrive:/Bounded/two.zip/b.csv')", "two.zip/b.csv"),
            ("SELECT count(*) FROM read_csv('onedrive:/Bounded/two.zip/*.csv')", "two.zip/b.csv"),
            ("SELECT count(*) FROM read_json('onedrive:/Bounded/a.json.gz', root = '$[*]')", "a.json.gz"),
            ("SELECT * FROM read_json('onedrive:/Bounded/one.json.gz', root = '$[*]')", "one.json.gz"),
            ("COPY (FROM range(100000)) TO 'onedrive:/Bounded/new.csv'", "COPY"),
            ("COPY (FROM range(100000)) TO 'onedrive:/Bounded/new.xlsx'", "COPY"),
            ("COPY (SELECT 1 AS x) TO 'onedrive:/Bounded/rows.csv' (APPEND)", "rows.csv"),
            (
                "INSERT INTO items (path, content) SELECT '/Bounded/new', repeat('x', 400000)",
                "is to be written",
            ),
        ):
            with pytest.raises(SqlError) as error:
                connection.execute(statement)
            assert error.value.code == "tooMuchTemporary"
            assert named in error.value.message
            read = connection.execute("SELECT count(*) FROM read_csv('onedrive:/Bounded/two.zip/a.csv')")
            assert read.fetchall() == [(100_000,)]
            assert room.taken == 200_002
        connection.execute("COPY (SELECT 1) TO 'onedrive:/Bounded/small.csv'").fetchall()
        assert room.taken == 0
    with tenant.connect() as connection:
        found = connection.execute("SELECT name FROM files WHERE parent_path = '/Bounded'").fetchall()
    assert {name for (name,) in found} == {"two.zip", "a.json.gz", "one.json.gz", "rows.csv", "small.csv"}

"""What PEP 249 says and the public compliance tests do not ask."""

from __future__ import annotations

import pickle
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import dbapi
from driveql.sql.dbapi import Connection


@pytest.fixture(scope="module")
def shared(tenant: SqlTenant) -> Iterator[Connection]:
    with tenant.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**62),
        2**100,
        1.5,
        Decimal("12.340"),
        "it's ? :a $b -- /* 'x'",
        b"\x00\xff",
        date(2026, 2, 28),
        time(1, 2, 3, 4),
        datetime(2026, 1, 2, 3, 4, 5, 6),
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        timedelta(days=2, microseconds=5),
        uuid.UUID(int=5),
        [1, None, 3],
        ["a", "b"],
        {"a": 1, "b": "x"},
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_as_it_went_in(shared: Connection, value: object) -> None:
    (found,) = shared.execute("SELECT ?", (value,)).fetchall()
    assert found == (value,)
    assert type(found[0]) is type(value)
    assert shared.execute("SELECT :v, $v", {"v": value}).fetchall() == [(value, value)]


def test_a_zone_is_kept_as_an_instant(shared: Connection) -> None:
    from zoneinfo import ZoneInfo

    local = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Vienna"))
    assert shared.execute("SELECT ?", [local]).fetchone() == (datetime(2026, 7, 1, 10, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("sql", "parameters", "row"),
    [
        ("SELECT '?', ? -- ? :a\n, ? /* ? $b :a */", (1, 2), ("?", 1, 2)),
        ("SELECT ':a', :a, $$ :a ? $$, 'it''s :a'", {"a": 1}, (":a", 1, " :a ? ", "it's :a")),
        ('SELECT :a AS "b:a?"', {"a": 1}, (1,)),
        ("SELECT '12:30'::time::varchar, :a::varchar", {"a": 1}, ("12:30:00", "1")),
        ("SELECT [1, 2, 3][:a], [1, 2, 3][2:$a]", {"a": 3}, (3, [2, 3])),
        ("SELECT ?::varchar || '?'", ["x"], ("x?",)),
    ],
)
def test_marks_in_texts_and_comments_are_no_parameters(
    shared: Connection, sql: str, parameters: object, row: tuple[object, ...]
) -> None:
    assert shared.execute(sql, parameters).fetchall() == [row]  # type: ignore[arg-type]


def test_parameters_of_other_kinds_are_refused_before_anything_runs(shared: Connection) -> None:
    cursor = shared.cursor()
    for wrong in ("ab", b"ab", 5, {1, 2}):
        with pytest.raises(dbapi.ProgrammingError, match="sequence or a mapping"):
            cursor.execute("SELECT ?, ?", wrong)  # type: ignore[arg-type]
    with pytest.raises(dbapi.Error, match="b"):
        cursor.execute("SELECT :a, :b", {"a": 1})


def test_types_of_columns(shared: Connection) -> None:
    cursor = shared.execute(
        "SELECT 1::bigint AS n, 1.5::decimal(9, 2) AS d, true AS b, 'x' AS s, ''::blob AS y, now() AS t,"
        " current_date AS u, uuid() AS g, interval 1 day AS i, '1'::json AS j"
    )
    kinds = [
        dbapi.NUMBER,
        dbapi.NUMBER,
        dbapi.NUMBER,
        dbapi.STRING,
        dbapi.BINARY,
        dbapi.DATETIME,
        dbapi.DATETIME,
    ]
    kinds += [dbapi.STRING, dbapi.DATETIME, dbapi.STRING]
    assert cursor.description is not None
    assert [name for name, *_ in cursor.description] == list("ndbsytugij")
    for (name, type_, *_), kind in zip(cursor.description, kinds, strict=True):
        assert type_ == kind, name
        others = {dbapi.NUMBER, dbapi.STRING, dbapi.BINARY, dbapi.DATETIME, dbapi.ROWID} - {kind}
        assert all(type_ != other for other in others), name


def test_executemany_tells_of_each_row_written(tenant: SqlTenant, shared: Connection) -> None:
    cursor = shared.cursor()
    rows = [("/Many/b.txt", "two"), ("/Many/c.txt", "three")]
    cursor.execute("INSERT INTO items (path, is_folder) VALUES ('/Many', true)")
    cursor.executemany("INSERT INTO items (path, content) VALUES (?, ?)", rows)
    assert cursor.rowcount == 2
    assert [(row[0], row[3]) for row in cursor.fetchall()] == [(path, "done") for path, _ in rows]
    more = [{"p": "/Many/c.txt", "t": "again"}, {"p": "/Many/d.txt", "t": "four"}]
    with pytest.raises(dbapi.IntegrityError) as raised:
        cursor.executemany("INSERT INTO items (path, content) VALUES (:p, :t)", more)
    assert isinstance(raised.value, errors.AlreadyExistsError)
    assert [(row[0], row[3]) for row in cursor.fetchall()] == [
        ("/Many/c.txt", "failed"),
        ("/Many/d.txt", "done"),
    ]
    assert cursor.rowcount == 1
    cursor.execute("SELECT 1")
    cursor.executemany("INSERT INTO items (path, content) VALUES (?, ?)", [])
    assert (cursor.rowcount, cursor.description) == (-1, None)


def test_callproc(shared: Connection) -> None:
    cursor = shared.cursor()
    arguments = ["/Called"]
    assert cursor.callproc("create_folder", arguments) is arguments
    assert [row[3] for row in cursor] == ["done"]
    cursor.callproc("create_folder", {"path": "/Called/below"})
    assert shared.execute("SELECT count(*) FROM folders WHERE path LIKE '/Called%'").fetchone() == (2,)
    cursor.callproc("range", (3,))
    assert cursor.fetchall() == [(0,), (1,), (2,)]
    for name in ("no_such_thing", "range(5); DROP", "a.b", ""):
        with pytest.raises(dbapi.ProgrammingError):
            cursor.callproc(name)
    with pytest.raises(dbapi.ProgrammingError):
        cursor.callproc("create_folder", {"path => '/x', y": 1})
    with pytest.raises(dbapi.ProgrammingError):
        cursor.callproc("create_folder", "/Text")


def test_errors_can_be_sent_to_another_process(shared: Connection) -> None:
    with pytest.raises(dbapi.ProgrammingError) as raised:
        shared.execute("SELEC 1")
    with pytest.raises(errors.NotFoundError) as missing:
        shared.execute("SELECT * FROM read_csv('onedrive:/None.csv')")
    for error in (raised.value, missing.value):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), copy.hint) == (type(error), str(error), error.hint)


def test_commit_and_rollback_end_what_begin_began(shared: Connection) -> None:
    assert shared.autocommit is True
    shared.execute("CREATE OR REPLACE TEMP TABLE ledger (a INTEGER PRIMARY KEY)")
    shared.execute("/* first */ BEGIN TRANSACTION")
    shared.execute("INSERT INTO ledger VALUES (1)")
    shared.rollback()
    shared.execute("START TRANSACTION")
    shared.execute("INSERT INTO ledger VALUES (2)")
    with pytest.raises(dbapi.IntegrityError):
        shared.execute("INSERT INTO ledger VALUES (2)")
    with pytest.raises(dbapi.Error, match="aborted"):
        shared.execute("SELECT 1")
    shared.rollback()
    shared.execute("BEGIN")
    shared.execute("INSERT INTO ledger VALUES (3)")
    shared.commit()
    shared.rollback()
    assert shared.execute("SELECT a FROM ledger").fetchall() == [(3,)]


def test_an_error_in_rows_nobody_asked_for_is_told_to_their_reader(shared: Connection) -> None:
    first = shared.execute(
        "SELECT CASE WHEN range < 20000 THEN range ELSE error('late') END AS a FROM range(30000)"
    )
    assert first.fetchone() == (0,)
    assert shared.execute("SELECT 7").fetchall() == [(7,)]
    for _ in range(2):
        with pytest.raises(dbapi.Error, match="late"):
            first.fetchall()


def test_a_connection_in_use_by_threads_keeps_their_rows_apart(shared: Connection) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(5):
            rows = shared.execute("SELECT ? + range FROM range(3)", [number]).fetchall()
            if rows != [(number + offset,) for offset in range(3)]:
                wrong.append(rows)

    threads = [threading.Thread(target=ask, args=(number * 10,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert dbapi.threadsafety == 2


def test_leaving_the_block_closes_connection_and_cursors(tenant: SqlTenant) -> None:
    with tenant.connect() as connection, connection.execute("SELECT range FROM range(50000)") as cursor:
        assert next(iter(cursor)) == (0,)
        assert cursor.connection is connection
        assert cursor.lastrowid is None
    with pytest.raises(dbapi.InterfaceError):
        cursor.fetchone()
    with pytest.raises(dbapi.InterfaceError):
        connection.rollback()
    with pytest.raises(ValueError, match="own"), tenant.connect() as connection:
        raise ValueError("an error of one's own passes through")
    with pytest.raises(dbapi.InterfaceError):
        connection.cursor()

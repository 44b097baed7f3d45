"""What SQL itself tells about the tables: names, columns, types and comments, by every way there is, with no request."""

from __future__ import annotations

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql import catalogue
from driveql.sql.dbapi import Connection
from driveql.sql.tables import TABLES

DESCRIPTIONS = {name: table.description for name, table in TABLES.items()}


def test_show_tables_names_all_with_their_comments(tenant: SqlTenant, connection: Connection) -> None:
    tenant.asked()
    cursor = connection.execute("SHOW TABLES")
    assert cursor.description is not None
    assert [column[0] for column in cursor.description] == ["name", "comment"]
    assert dict(cursor.fetchall()) == DESCRIPTIONS
    connection.execute("CREATE TABLE mine (a INTEGER)")
    connection.execute("COMMENT ON TABLE mine IS 'my own'")
    assert ("mine", "my own") in connection.execute("show tables").fetchall()
    assert tenant.asked() == []


def test_describe_tells_types_and_comments_of_every_table(connection: Connection) -> None:
    for table in TABLES.values():
        cursor = connection.execute(f"DESCRIBE {table.name}")
        assert cursor.description is not None
        names = [column[0] for column in cursor.description]
        assert names == ["column_name", "column_type", "null", "key", "default", "extra", "comment"]
        told = [(row[0], row[1], row[6]) for row in cursor.fetchall()]
        records = catalogue.columns(table)
        assert [(name, comment) for name, _, comment in told] == [
            (one["name"], one["description"]) for one in records
        ]
        plain = connection.execute(f"DESCRIBE SELECT * FROM {table.name}").fetchall()
        assert [(name, type_) for name, type_, _ in told] == [(row[0], row[1]) for row in plain]
        assert [type_ for _, type_, _ in told] == [one["type"] for one in records]


def test_the_information_schema_and_duckdbs_own_views_tell_it_too(connection: Connection) -> None:
    rows = connection.execute("SELECT table_name, table_comment FROM information_schema.tables").fetchall()
    assert dict(rows) == DESCRIPTIONS
    assert (
        dict(
            connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
        )
        == DESCRIPTIONS
    )
    expected = {
        (table.name, column.name, column.description) for table in TABLES.values() for column in table.columns
    }
    for query in (
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal",
        "SELECT table_name, column_name, column_comment FROM information_schema.columns",
    ):
        assert set(connection.execute(query).fetchall()) == expected


def test_comments_outlast_an_explanation(connection: Connection) -> None:
    connection.explain("SELECT name FROM files")
    assert dict(connection.execute("SHOW TABLES").fetchall()) == DESCRIPTIONS


def test_comments_are_there_whatever_asks_first_and_however_a_transaction_ends(tenant: SqlTenant) -> None:
    asking = "SELECT comment FROM duckdb_views() WHERE view_name = 'items'"
    for first in (asking, "FROM query('" + asking.replace("'", "''") + "')"):
        with tenant.connect() as connection:
            connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
            assert connection.execute(first).fetchall() == [(DESCRIPTIONS["items"],)]
    with tenant.connect() as connection:
        for end in ("ROLLBACK", "COMMIT"):
            connection.execute("BEGIN")
            assert dict(connection.execute("SHOW TABLES").fetchall()) == DESCRIPTIONS
            connection.execute(f"CREATE TABLE {end}_after AS SELECT 1 AS a")
            connection.execute(end)
            assert connection.execute(asking).fetchall() == [(DESCRIPTIONS["items"],)]


def test_tables_are_there_whoever_names_them_first_and_however(tenant: SqlTenant) -> None:
    with tenant.connect() as connection:
        (wanted,) = connection.execute("SELECT count(*) FROM items").fetchall()
        assert wanted[0] > 10
    for first in (
        "FROM query_table('it' || 'ems') SELECT count(*)",
        'SELECT count(*) FROM temp.main."ITEMS"',
    ):
        with tenant.connect() as connection:
            connection.execute("SELECT 1")
            assert connection.execute(first).fetchall() == [wanted]
    with tenant.connect() as connection:
        with pytest.raises(errors.SqlError, match='Did you mean "items'):
            connection.execute("SELECT count(*) FROM itemz")
        for end in ("ROLLBACK", "COMMIT"):
            connection.execute("BEGIN")
            assert connection.execute("SELECT count(*) FROM items").fetchall() == [wanted]
            connection.execute(end)
            assert connection.execute("SELECT count(*) FROM items").fetchall() == [wanted]

"""Statements of tests/sql/same_rows.sql: what driveql answers is what DuckDB alone answers over the same tables fetched whole.

DuckDB's own tables know no request, no key, no limit that is sent: nothing of planning can make its rows fewer.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from tests.conftest import ROOT
from tests.sql.conftest import SqlTenant

from driveql.sql.dbapi import Connection

TEXT = (ROOT / "tests" / "sql" / "same_rows.sql").read_text(encoding="utf-8")
STATEMENTS = [line.removesuffix(";") for line in TEXT.splitlines() if not line.startswith("---")]
TABLES = ("users", "groups", "group_members", "items", "files", "folders")


@pytest.fixture(scope="module")
def connected(tenant: SqlTenant) -> Iterator[Connection]:
    with tenant.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def whole(connected: Connection) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            rows = connected.execute(f"SELECT * FROM {name}").fetch_arrow_table()
            assert rows.num_rows
            engine.register("fetched", rows)
            engine.execute(f"CREATE TABLE {name} AS SELECT * FROM fetched")
        yield engine


@pytest.mark.parametrize("sql", STATEMENTS)
def test_same_rows(connected: Connection, whole: duckdb.DuckDBPyConnection, sql: str) -> None:
    expected = sorted(map(repr, whole.execute(sql).fetchall()))
    assert sorted(map(repr, connected.execute(sql).fetchall())) == expected


def test_the_tables_are_not_empty_where_statements_look(whole: duckdb.DuckDBPyConnection) -> None:
    assert len(STATEMENTS) > 150
    found = sum(bool(whole.execute(sql).fetchall()) for sql in STATEMENTS)
    assert found > len(STATEMENTS) * 3 / 4

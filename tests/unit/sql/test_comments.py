"""Comments: DuckDB runs the words that we read, or the statement is refused."""

from __future__ import annotations

import itertools

import duckdb
import pytest

from driveql.errors import SqlSyntaxError
from driveql.sql.syntax import split, tokens_of

ALIKE = (
    "SELECT 1 /* a /* b */ c */ , 2 -- end",
    "SELECT 1 -- /*\n, 2",
    'SELECT \'/*\', "--" FROM (SELECT 1 AS "--")',
    "SELECT $$ /* $$, $t$ -- $t$, e'\\'--' /* c */",
    "SELECT 5 */* x */ 2, 7 - -1, 7 // 2, 2 ** 3 --",
    "/**/ SELECT 1 /*/ , 2 */ , 3 /***/",
    "-- é\nSELECT 'é' AS 日本 /* ü */ WHERE true",
)
OTHERWISE = (
    "SELECT 8 //* 2 */ 4",
    "SELECT 8 //* 2; DELETE FROM items; */ 4",
    "SELECT 1 /*/* a */; DELETE FROM items; */ */",
)


@pytest.mark.parametrize("sql", ALIKE)
def test_what_both_read_alike_is_taken(sql: str) -> None:
    assert split(sql) == [sql]
    words = " ".join(sql[token.start : token.end + 1] for token in tokens_of(sql))
    assert duckdb.sql(words).fetchall() == duckdb.sql(sql).fetchall()


@pytest.mark.parametrize("sql", OTHERWISE)
def test_what_they_read_otherwise_is_refused(sql: str) -> None:
    with pytest.raises(SqlSyntaxError, match="comment"):
        split(sql)


def test_no_run_of_marks_is_misread() -> None:
    with duckdb.connect() as engine:
        taken = 0
        for marks in itertools.chain.from_iterable(itertools.product("/* -", repeat=n) for n in (2, 3, 4, 5)):
            sql = f"SELECT 7 {''.join(marks)} 2 \n */ + 1"
            try:
                words = " ".join(sql[token.start : token.end + 1] for token in tokens_of(sql))
                rows = engine.execute(sql).fetchall()
            except (SqlSyntaxError, duckdb.Error):
                continue
            assert engine.execute(words).fetchall() == rows, sql
            taken += 1
        assert taken > 20

"""Saved queries as text: what a file may hold, which names they may have, and how they are put into a statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import SqlError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.saved.inlining import Inliner, Parameters
from driveql.sql.saved.query import TYPES, Parameter, check_name, parse
from driveql.sql.syntax import tokens_of

DUCKDB = duckdb.connect()


def rows(sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
    """What DuckDB answers."""
    found: list[tuple[Any, ...]] = DUCKDB.execute(sql, parameters).fetchall()
    return found


FILE = """-- Sales of a region
-- in one year.
--
-- @param region TEXT : as in the files
-- @param year INTEGER = 2026
-- @param since DATE = '2026-01-01' : first day

-- an ordinary comment
SELECT * FROM sales WHERE region = $region AND y = $Year AND '$region' <> d"""


def test_a_file_says_what_it_is() -> None:
    query = parse("yearly", FILE)
    assert query.description == "Sales of a region in one year. an ordinary comment"
    assert [(one.name, one.type, one.default, one.description) for one in query.parameters] == [
        ("region", "VARCHAR", None, "as in the files"),
        ("year", "INTEGER", "2026", ""),
        ("since", "DATE", "'2026-01-01'", "first day"),
    ]
    assert query.signature == "yearly(region VARCHAR, year INTEGER = 2026, since DATE = '2026-01-01')"
    assert query.with_values({"region": "'x'", "year": "1"}) == (
        "SELECT * FROM sales WHERE region = 'x' AND y = 1 AND '$region' <> d"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no statement"),
        ("-- only a comment", "no statement"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("DELETE FROM items WHERE true", "DELETE"),
        ("COPY (SELECT 1) TO 'x'", "COPY"),
        ("SELECT 1) UNION (SELECT 2", "parentheses"),
        ("SELECT (1", "parentheses"),
        ("SELECT ?", "?"),
        ("SELECT $a", "$a is not declared"),
        ("-- @param a NUMBER\nSELECT $a", "type NUMBER"),
        ("-- @param a INTEGER = 1 + 1\nSELECT $a", "form"),
        ("-- @param a INTEGER = (1)\nSELECT $a", "literal"),
        ("-- @param a INTEGER\n-- @param a DATE\nSELECT $a", "twice"),
        ("-- @param\nSELECT 1", "form"),
        ("SELECT 'open", "quoted"),
    ],
)
def test_what_a_file_may_not_hold_is_said(content: str, says: str) -> None:
    with pytest.raises(SqlSyntaxError) as error:
        parse("q", content)
    assert says in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Sales",
        "1st",
        "a-b",
        "../x",
        "a b",
        "items",
        "files",
        "upload_file",
        "read_xlsx",
        "select",
        "from",
        "x" * 64,
    ],
)
def test_a_name_that_is_taken_or_none_is_refused(name: str) -> None:
    with pytest.raises(SqlSyntaxError):
        check_name(name)


FILES = {
    "sales": "SELECT 1 AS n, 'EMEA' AS region -- the end",
    "one": "-- @param a INTEGER\n-- @param b VARCHAR = 'x'\nSELECT $a AS a, $b AS b",
    "two": "-- @param c INTEGER = 7\nSELECT * FROM one($c, b => 'inner')",
    "this": "SELECT * FROM that",
    "that": "SELECT * FROM this",
}


def _literals(given_: Sequence[tuple[Parameter, str]], parameters: Parameters) -> list[str]:
    values: list[Any] = list(parameters.values() if isinstance(parameters, dict) else parameters or ())
    marked = [repr(values.pop(0)) if text.strip() in {"?", "$x", ":x"} else text for _, text in given_]
    return [one.literal(text.strip("'")) for (one, _), text in zip(given_, marked, strict=True)]


INLINER = Inliner(frozenset(FILES), lambda name: parse(name, FILES[name]), _literals)


@pytest.mark.parametrize(
    ("sql", "inlined"),
    [
        ("SELECT * FROM sales", "SELECT * FROM (SELECT 1 AS n, 'EMEA' AS region -- the end\n) AS sales"),
        ("SELECT * FROM SALES s", "SELECT * FROM (SELECT 1 AS n, 'EMEA' AS region -- the end\n) s"),
        ('SELECT * FROM "sales" AS s', "SELECT * FROM (SELECT 1 AS n, 'EMEA' AS region -- the end\n) AS s"),
        (
            "SELECT sales.n FROM t, sales",
            "SELECT sales.n FROM t, (SELECT 1 AS n, 'EMEA' AS region -- the end\n) AS sales",
        ),
        ("DESCRIBE sales", "DESCRIBE (SELECT 1 AS n, 'EMEA' AS region -- the end\n)"),
        (
            "EXPLAIN ANALYZE FROM sales",
            "EXPLAIN ANALYZE FROM (SELECT 1 AS n, 'EMEA' AS region -- the end\n) AS sales",
        ),
        ("SELECT * FROM one(3)", "SELECT * FROM (SELECT 3 AS a, 'x' AS b\n) AS one"),
        ("CALL one(b => 'it', a := 3)", "SELECT * FROM (SELECT 3 AS a, 'it' AS b\n) AS one"),
        ("FROM two", "FROM (SELECT * FROM (SELECT 7 AS a, 'inner' AS b\n) AS one\n) AS two"),
        ("WITH sales AS (SELECT 2) SELECT * FROM sales", None),
        ("SELECT * FROM main.sales", None),
        ("SELECT sales, 'sales' FROM t -- sales", None),
        ("SELECT extract(year FROM sales) FROM t", None),
    ],
)
def test_a_name_stands_for_its_query(sql: str, inlined: str | None) -> None:
    assert INLINER.inlined(sql)[0] == (inlined or sql)


def test_a_common_table_expression_may_build_on_the_saved_query_whose_name_it_takes() -> None:
    text = INLINER.inlined("WITH sales AS (SELECT * FROM sales) SELECT * FROM sales")[0]
    assert rows(text) == [(1, "EMEA")]


def test_parameters_of_the_statement_stay_in_their_places() -> None:
    sql, parameters = INLINER.inlined("SELECT ?, a FROM one(?, b => ?) WHERE a > ?", ["first", 5, "b", 2])
    assert parameters == ["first", 2]
    assert rows(sql, parameters) == [("first", 5)]
    sql, parameters = INLINER.inlined("SELECT $y, a FROM one($x) WHERE a > $z", {"x": 5, "y": 1, "z": 2})
    assert parameters == {"y": 1, "z": 2}
    _, parameters = INLINER.inlined("SELECT $x, a FROM one($x)", {"x": 5})
    assert parameters == {"x": 5}


@pytest.mark.parametrize(
    "sql",
    [
        "FROM one",
        "FROM one()",
        "FROM one(1, 'b', 3)",
        "FROM one(1, a => 2)",
        "FROM one(c => 1)",
        "FROM sales(1)",
    ],
)
def test_a_wrong_call_says_what_the_query_takes(sql: str) -> None:
    with pytest.raises(SqlSyntaxError) as error:
        INLINER.inlined(sql)
    assert "It is " in str(error.value)


def test_a_circle_is_refused_and_shown() -> None:
    with pytest.raises(SqlError, match="this -> that -> this"):
        INLINER.inlined("SELECT * FROM this")


@pytest.mark.parametrize(
    "sql",
    ["INSERT INTO sales VALUES (1)", "DELETE FROM sales", "DROP VIEW sales", "CREATE TABLE sales (i INT)",
     "CREATE OR REPLACE VIEW sales AS SELECT 1", "FROM one((SELECT 1))"],
)  # fmt: skip
def test_what_would_change_a_saved_query_is_refused(sql: str) -> None:
    with pytest.raises(SqlNotSupportedError):
        INLINER.inlined(sql)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_stays_the_value_it_is(value: str) -> None:
    literal = Parameter("a", "VARCHAR").literal(value)
    assert len(tokens_of(literal)) == 1
    assert rows(f"SELECT * FROM (SELECT {literal} AS a\n)") == [(value,)]


@given(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.dates(),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_other_values_stay_what_they_are(whole: int, flag: bool, day: date, number: float) -> None:
    for type_, value in (("BIGINT", whole), ("BOOLEAN", flag), ("DATE", day), ("DOUBLE", number)):
        one = Parameter("a", type_)
        ((written,),) = rows(f"SELECT CAST(CAST(? AS {type_}) AS VARCHAR)", [value])
        assert rows(f"SELECT {one.literal(written)}") == [(value,)]


@pytest.mark.parametrize("type_", TYPES)
def test_a_missing_value_is_null_of_its_type(type_: str) -> None:
    assert rows(f"SELECT {Parameter('a', type_).literal(None)}") == [(None,)]

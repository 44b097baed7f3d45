"""The passes over a statement's text."""

from __future__ import annotations

from typing import Any

import pytest

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.planning import prepare
from driveql.sql.plans import Hint
from driveql.sql.predicates import And, Compare, IsNull, OneOf, Or, StartsWith, Unknown
from driveql.sql.reading.place_forms import long_form
from driveql.sql.reading.reader_call import CSV_BUFFER_BYTES
from driveql.sql.syntax import split


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM read_json('onedrive:/a.json')", "SELECT * FROM read_json('onedrive:///a.json')"),
        ("FROM 'onedrive:/a b''c.json'", "FROM 'onedrive:///a b''c.json'"),
        ('FROM "onedrive:/a.csv"', "FROM 'onedrive:///a.csv'"),
        ("FROM read_parquet(['onedrive:/a', 'x'])", "FROM read_parquet(['onedrive:///a', 'x'])"),
        ("FROM read_json('driveql:/a')", "FROM read_json('onedrive:///a')"),
        ("FROM glob('OneDrive:a/*')", "FROM glob('onedrive:///a/*')"),
        ("FROM read_parquet('onedrive://a@b.c/x')", "FROM read_parquet('onedrive://a@b.c/x')"),
        ("SELECT 'onedrive:/a'", "SELECT 'onedrive:/a'"),
        ("SELECT 1 -- FROM 'onedrive:/a'", "SELECT 1 -- FROM 'onedrive:/a'"),
        ("SELECT name FROM items WHERE path = 'onedrive:/a'", None),
        ("FROM t, 'onedrive:/a.json'", "FROM t, 'onedrive:///a.json'"),
        ("FROM t(1, 'x') r(a), 'onedrive:/a.json'", "FROM t(1, 'x') r(a), 'onedrive:///a.json'"),
        ("FROM ('onedrive:/a.json' JOIN t USING (x))", "FROM ('onedrive:///a.json' JOIN t USING (x))"),
        ("FROM x: 'onedrive:/a.json'", "FROM x: 'onedrive:///a.json'"),
        ("FROM t, (SELECT 1, 'onedrive:/a')", None),
        ("FROM t JOIN u ON a IN (1, 'onedrive:/a'), 'onedrive:/b.json'",
         "FROM t JOIN u ON a IN (1, 'onedrive:/a'), 'onedrive:///b.json'"),
        ("SELECT (FROM 'onedrive:/a.json'), 'onedrive:/a'", "SELECT (FROM 'onedrive:///a.json'), 'onedrive:/a'"),
        ("SELECT 1 FROM t WHERE a IS NOT DISTINCT FROM 'onedrive:/a.csv'", None),
        ("SELECT 1 FROM t GROUP BY 1, 'onedrive:/a.csv'", None),
        ("SELECT trim('x' FROM 'onedrive:/a.csv'), extract(year FROM d)", None),
        ("SELECT trim((FROM 'onedrive:/a.json'))", "SELECT trim((FROM 'onedrive:///a.json'))"),
        ("SELECT 1, [2, 'onedrive:/a.csv'], {'x': 'onedrive:/a.csv'}", None),
        ("FROM (VALUES (1, 'onedrive:/a.csv')) v", None),
        ("SUMMARIZE 'onedrive:/a.csv'", "SUMMARIZE 'onedrive:///a.csv'"),
        ("DESCRIBE 'onedrive:/a.csv'", "DESCRIBE 'onedrive:///a.csv'"),
        ("COPY 'onedrive:/a.csv' TO 'onedrive:/b.csv'", "COPY 'onedrive:///a.csv' TO 'onedrive:/b.csv'"),
        ("CREATE TABLE t AS TABLE 'onedrive:/a.csv'", "CREATE TABLE t AS TABLE 'onedrive:///a.csv'"),
        ("PIVOT 'onedrive:/a.csv' ON x USING sum(y)", "PIVOT 'onedrive:///a.csv' ON x USING sum(y)"),
        ("DELETE FROM t USING 'onedrive:/a.json' a, 'onedrive:/b.json' b",
         "DELETE FROM t USING 'onedrive:///a.json' a, 'onedrive:///b.json' b"),
        ("MERGE INTO t USING 'onedrive:/a.json' a ON true WHEN MATCHED THEN DELETE",
         "MERGE INTO t USING 'onedrive:///a.json' a ON true WHEN MATCHED THEN DELETE"),
        ("FROM query_table(['onedrive:/a.csv'])", "FROM query_table(['onedrive:///a.csv'])"),
        ("FROM 'onedrive:/b\"c.xlsx', x: 'onedrive:/b.ods'",
         'FROM __driveql_xlsx_0 AS "b""c", x: __driveql_xlsx_1'),
        ("DESCRIBE 'onedrive:/b.xlsb'", "DESCRIBE __driveql_xlsx_0"),
    ],
)  # fmt: skip
def test_short_forms_of_places(sql: str, expected: str | None) -> None:
    assert prepare(sql).sql == (sql if expected is None else expected)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("FROM t, 'onedrive:/x/a.csv' WHERE true", ' AS "a"'),
        ("FROM t, 'onedrive:/x/a.csv' b", ""),
        ("FROM t, 'onedrive:/x/a.csv' AS b(c, d)", ""),
        ("FROM t, b: 'onedrive:/x/a.csv'", ""),
        ("FROM 'onedrive:/x/a.csv' POSITIONAL JOIN t", ' AS "a"'),
    ],
)
def test_a_csv_file_in_place_of_a_table_keeps_the_name_that_the_engine_gives_it(sql: str, name: str) -> None:
    call = f"read_csv_auto('onedrive:///x/a.csv', buffer_size = {CSV_BUFFER_BYTES}){name}"
    assert prepare(sql).sql == sql.replace("'onedrive:/x/a.csv'", call)


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM 'onedrive:/a.csv'", "UPDATE 'onedrive:/a.csv' SET x = 1", "CREATE TABLE 'onedrive:/a.csv' (i INT)",
     "MERGE INTO 'onedrive:/a.csv' USING t ON true WHEN MATCHED THEN DELETE", "DROP TABLE 'onedrive:/a.csv'"],
)  # fmt: skip
def test_a_file_is_no_table_to_be_changed(sql: str) -> None:
    with pytest.raises(SqlNotSupportedError, match="is a file"):
        prepare(sql)


def test_long_form() -> None:
    assert long_form("onedrive:/a/b") == "onedrive:///a/b"
    assert long_form("driveql://a@b.c/x") == "onedrive://a@b.c/x"


@pytest.mark.parametrize(
    ("sql", "hints"),
    [
        ("SELECT name FROM items LIMIT 5", [Hint(limit=5)]),
        ("SELECT name AS n, upper(name) FROM items LIMIT 5 OFFSET 2", [Hint(limit=7)]),
        ("FROM items LIMIT 5", [Hint(limit=5)]),
        ("SELECT * FROM (SELECT id FROM items LIMIT 5)", [Hint(limit=5)]),
        ("SELECT name FROM items WHERE size > 1 LIMIT 5", []),
        ("SELECT DISTINCT name FROM items LIMIT 5", []),
        ("SELECT count(*) FROM items LIMIT 5", []),
        ("SELECT some_function(name) FROM items LIMIT 5", []),
        ("SELECT unnest([1]), name FROM items LIMIT 5", []),
        ("SELECT name FROM items ORDER BY name LIMIT 5", []),
        ("SELECT name FROM items LIMIT 5 PERCENT", []),
        ("SELECT name FROM items LIMIT ?", []),
        ("SELECT name FROM items USING SAMPLE 5 LIMIT 5", []),
        ("SELECT i.name FROM items i, users u LIMIT 5", []),
        ("SELECT row_number() OVER () FROM items LIMIT 5", []),
        ("SELECT * FROM items WHERE path LIKE '/R/%'", [Hint(StartsWith("path", "/R/"))]),
        ("SELECT * FROM items WHERE path LIKE '%x'", []),
        ("SELECT * FROM items WHERE path LIKE '/R!%' ESCAPE '!'", [Hint(Compare("path", "=", "/R%"))]),
        ("SELECT * FROM items WHERE path LIKE '/R!_/%' ESCAPE '!'", [Hint(StartsWith("path", "/R_/"))]),
        ("SELECT * FROM items WHERE path LIKE '/R!' ESCAPE '!'", []),
        ("SELECT * FROM items WHERE path ILIKE '/R/%'", []),
        ("SELECT * FROM items WHERE path NOT LIKE '/R/%'", []),
        ("SELECT * FROM items WHERE lower(path) LIKE '/r/%'", []),
        ("SELECT * FROM items WHERE starts_with(path, '/R/')", [Hint(StartsWith("path", "/R/"))]),
        ("SELECT * FROM items WHERE is_folder", [Hint(Compare("is_folder", "=", True))]),
        ("SELECT * FROM items WHERE NOT is_folder", [Hint(Compare("is_folder", "=", False))]),
        (
            "SELECT * FROM items WHERE (path LIKE '/R/%' OR parent_path = '/S') AND size > 1",
            [Hint(Or((StartsWith("path", "/R/"), Compare("parent_path", "=", "/S"))))],
        ),
        ("SELECT * FROM items WHERE path LIKE '/R/%' OR size > 1", []),
        (
            "SELECT * FROM items i JOIN users u ON u.id = i.name WHERE i.path LIKE '/R/%' AND mail LIKE 'a%'",
            [Hint(StartsWith("path", "/R/"))],
        ),
        ("SELECT * FROM items i, items j WHERE j.path LIKE '/R/%'", [Hint(StartsWith("path", "/R/"))]),
        ("WITH items AS (SELECT 1 AS path) SELECT * FROM items WHERE path LIKE '/R/%'", []),
        ("SELECT * FROM other.items WHERE path LIKE '/R/%'", []),
        ("CREATE VIEW v AS SELECT * FROM items LIMIT 5", []),
        ("CREATE TABLE t AS SELECT * FROM items LIMIT 5", [Hint(limit=5)]),
    ],
)
def test_hints(sql: str, hints: list[Hint]) -> None:
    prepared = prepare(sql)
    assert [scan.hint for scan in prepared.scans.values()] == hints
    if not hints:
        assert prepared.sql == sql


def test_only_the_table_name_is_replaced() -> None:
    sql = 'SELECT "items".name /* x */ FROM "items" WHERE  path LIKE \'/R/%\''
    assert prepare(sql).sql == sql.replace('FROM "items"', "FROM __driveql_items_0 AS items")
    assert (
        prepare("SELECT i.id FROM files AS i LIMIT 1").sql
        == "SELECT i.id FROM __driveql_files_0 AS i LIMIT 1"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO items VALUES (1)",
        "insert into Files (name) select 'x'",
        "UPDATE items SET name = 'x'",
        "DELETE FROM folders WHERE name = 'x'",
        "TRUNCATE items",
        "DROP VIEW users",
        "MERGE INTO items USING x ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_writes_to_graph_tables_are_refused(sql: str) -> None:
    with pytest.raises(SqlNotSupportedError, match="not supported") as raised:
        prepare(sql)
    assert "procedures" in str(raised.value)


@pytest.mark.parametrize(
    "made", ["TABLE items (a INTEGER)", "OR REPLACE TEMP TABLE Users AS SELECT 1", "VIEW files AS SELECT 1"]
)
def test_no_table_is_made_under_the_name_of_one(made: str) -> None:
    with pytest.raises(SqlNotSupportedError, match="would hide the new one"):
        prepare(f"CREATE {made}")
    assert prepare("CREATE TABLE mine.items (a INTEGER)").sql == "CREATE TABLE mine.items (a INTEGER)"


def test_named_parameters() -> None:
    assert prepare("SELECT :a, x::a, l[1:a], 'b:a'", {"a": 1}).sql == "SELECT $a, x::a, l[1:a], 'b:a'"
    assert prepare("SELECT :a", [1]).sql == "SELECT :a"


def test_read_xlsx_becomes_a_table() -> None:
    prepared = prepare(
        "SELECT * FROM read_xlsx('onedrive:/a.xlsx', sheet := 'x''y', header=true, range => 'A1:B2') r JOIN t USING (a)"
    )
    assert prepared.sql == "SELECT * FROM __driveql_xlsx_0 r JOIN t USING (a)"
    (call,) = prepared.workbooks.values()
    assert (call.places, call.sheet, call.header, call.cells) == (("onedrive:/a.xlsx",), "x'y", True, "A1:B2")
    (several,) = prepare("FROM READ_XLSX(['a', 'b'], sheet=2, filename=true)").workbooks.values()
    assert (several.places, several.sheet, several.filename) == (("a", "b"), 2, True)


@pytest.mark.parametrize(
    "arguments",
    ["path", "'a' || 'b'", "?", "'a', sheet = x", "'a', sheet = 1 + 1", "'a', sheet = true", "'a', sheet = 0",
     "'a', colour = 1", "'a', header = 'x'", "'a', range = 1", "[x]"],
)  # fmt: skip
def test_read_xlsx_takes_literals_only(arguments: str) -> None:
    with pytest.raises(SqlNotSupportedError):
        prepare(f"SELECT * FROM read_xlsx({arguments})")


@pytest.mark.parametrize("sql", ["FROM read_xlsx()", "FROM read_xlsx(sheet='x')", "FROM read_xlsx('a', 'b')",
                                 "FROM read_xlsx('a'", "SELECT 'open"])  # fmt: skip
def test_malformed_statements(sql: str) -> None:
    with pytest.raises(SqlSyntaxError):
        prepare(sql)


def test_read_xlsx_in_a_view_is_refused() -> None:
    with pytest.raises(SqlNotSupportedError, match="view or macro"):
        prepare("CREATE VIEW v AS SELECT * FROM read_xlsx('a.xlsx')")


def test_statements_are_split_at_semicolons_outside_of_quotes() -> None:
    assert split("SELECT ';'; -- a;b\n SELECT 2;;\n") == ["SELECT ';'", "-- a;b\n SELECT 2"]
    assert split(" ;; ") == []


@pytest.mark.parametrize(
    ("sql", "parameters", "hint"),
    [
        ("SELECT name FROM items LIMIT ?", [5], Hint(limit=5)),
        ("SELECT name FROM items LIMIT $n OFFSET :m", {"n": 5, "m": 2}, Hint(limit=7)),
        ("SELECT * FROM items WHERE path LIKE ?", ["/R/%"], Hint(StartsWith("path", "/R/"))),
        ("SELECT * FROM items WHERE path LIKE ? || '%'", ["/R/"], Hint(StartsWith("path", "/R/"))),
        ("SELECT * FROM items WHERE path LIKE ('/R' || $f) || '/%'", {"f": "/x"}, Hint(StartsWith("path", "/R/x/"))),
        (
            "SELECT * FROM items WHERE path = :p OR parent_path IN (:p, $q) OR path IS NULL",
            {"p": "/R", "q": "/S"},
            Hint(Or((Compare("path", "=", "/R"), OneOf("parent_path", ("/R", "/S")), IsNull("path")))),
        ),
        (
            "SELECT * FROM items WHERE (path LIKE '/R/%' AND size > ?) OR path = '/S'",
            [1],
            Hint(Or((And((StartsWith("path", "/R/"), Unknown())), Compare("path", "=", "/S")))),
        ),
    ],
)  # fmt: skip
def test_parameters_are_hints_too(sql: str, parameters: Any, hint: Hint) -> None:
    (scan,) = prepare(sql, parameters).scans.values()
    assert scan.hint == hint


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT name FROM items LIMIT ?", [-1]),
        ("SELECT name FROM items LIMIT ?", ["5"]),
        ("SELECT name FROM items LIMIT ?", [True]),
        ("SELECT * FROM items WHERE path LIKE ?", [None]),
        ("SELECT * FROM items WHERE path LIKE ?", ["%x"]),
    ],
)
def test_parameters_that_say_nothing(sql: str, parameters: Any) -> None:
    assert not prepare(sql, parameters).scans

"""Saved queries in sessions of a stored connection: read as tables, planned as if written there, broken ones told."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sql.conftest import SqlTenant

from driveql.connection import ConnectionStore
from driveql.errors import ConfigurationError, SqlError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql import connect
from driveql.sql.dbapi import Connection
from driveql.sql.saved.store import QueryStore

QUERIES = {
    "sales": "-- All sales of 2026\nSELECT * FROM read_csv('onedrive:/Reports/2026/*.csv') -- every month",
    "sales_of": "-- @param region VARCHAR\n-- @param least INTEGER = 20 : pieces\n"
    "SELECT date, quantity FROM sales WHERE region = $region AND quantity >= $least",
    "listing": "SELECT name, path, size FROM files",
    "in_folder": "-- @param folder VARCHAR\nSELECT name FROM files WHERE parent_path = $folder",
    "this": "SELECT * FROM that",
    "that": "SELECT * FROM this",
}
BROKEN = {
    "deleting": "DELETE FROM items WHERE true",
    "open_ended": "SELECT (1",
    "halves": "SELECT 1) UNION (SELECT 2",
    "nonsense": "SELECT FROM WHERE GROUP",
    "fileless": "SELECT * FROM 'onedrive:/nowhere.csv'",
    "tableless": "SELECT * FROM nowhere",
}


@pytest.fixture(scope="module")
def store(tenant: SqlTenant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryStore]:
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("home")
        patch.setenv("DRIVEQL_CONNECTIONS", str(directory / "connections.toml"))
        ConnectionStore().put("work", tenant.parameters, secrets_in_clear=True)
        store = QueryStore.of("work")
        for name, content in QUERIES.items():
            store.save(name, content)
        for name, content in {**BROKEN, "items": "SELECT 'shadow' AS name"}.items():
            store.path(name).write_text(content)
        yield store


@pytest.fixture(scope="module", params=[False, True], ids=["trusted", "untrusted"])
def work(store: QueryStore, request: pytest.FixtureRequest) -> Iterator[Connection]:
    with connect(name="work", untrusted=request.param) as connection:
        yield connection


def test_a_saved_query_is_read_as_a_table(work: Connection) -> None:
    assert work.execute("SELECT count(*) FROM sales").fetchall() == [(504,)]
    joined = (
        "SELECT count(*) FROM sales s JOIN sales_of('EMEA', least => 25) USING (date) WHERE s.region = 'EMEA'"
    )
    inline = joined.replace(
        "sales_of('EMEA', least => 25)", f"({QUERIES['sales'].splitlines()[1]}\n)"
    ).replace("USING (date)", "o ON o.date = s.date AND o.region = 'EMEA' AND o.quantity >= 25")
    assert work.execute(joined).fetchall() == work.execute(inline).fetchall() != [(0,)]


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT count(*) FROM sales_of('EMEA', 26)", None),
        ("SELECT count(*) FROM sales_of(?, ?)", ["EMEA", 26]),
        ("SELECT count(*) FROM sales_of(?, least => ?) WHERE quantity > ?", ["EMEA", 5, 25]),
        ("SELECT count(*) FROM sales_of(region => $r, least => 1 + $l)", {"r": "EMEA", "l": 25}),
        (
            "SELECT count(*) FROM sales_of(:r, least := :l) WHERE quantity > :q",
            {"r": "EMEA", "l": 5, "q": 25},
        ),
        ("SELECT count(*) FROM (SELECT * FROM sales WHERE region = 'EMEA' AND quantity >= 26)", None),
    ],
)
def test_parameters_are_values_wherever_they_come_from(
    work: Connection, sql: str, parameters: object
) -> None:
    ((count,),) = work.execute(sql, parameters).fetchall()  # type: ignore[arg-type]
    ((expected,),) = work.execute(
        "SELECT count(*) FROM read_csv('onedrive:/Reports/2026/*.csv') WHERE region = 'EMEA' AND quantity > 25"
    ).fetchall()
    assert count == expected > 0


@pytest.mark.parametrize(
    "value", ["x' OR 'a' = 'a", "x'; DROP TABLE t; --", "$least", "') UNION SELECT 1, 2 --", "\\' --"]
)
def test_no_value_is_taken_for_sql(work: Connection, value: str) -> None:
    assert work.execute("SELECT * FROM sales_of(?)", [value]).fetchall() == []


def test_call_is_the_same(work: Connection) -> None:
    called = work.execute("CALL sales_of('EMEA', least = 29)").fetchall()
    assert called == work.execute("SELECT * FROM sales_of('EMEA', 29)").fetchall() != []


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("FROM sales_of", "needs a value for region"),
        ("FROM sales_of('a', 'many')", "does not fit"),
        ("FROM sales_of(regions => 'a')", "no parameter regions"),
        ("FROM sales_of((SELECT 'a'))", "not a query"),
        ("FROM deleting", "only queries are saved"),
        ("FROM open_ended", "parentheses"),
        ("FROM halves", "parentheses"),
        ("FROM this", "this -> that -> this"),
        ("INSERT INTO sales VALUES (1)", "is a saved query"),
        ("CREATE TABLE sales (i INT)", "is a saved query"),
    ],
)
def test_what_cannot_be_used_is_told_when_it_is_used(work: Connection, sql: str, says: str) -> None:
    with pytest.raises(SqlError, match=says):
        work.execute(sql)


def test_broken_ones_and_shadows_break_nothing_else(work: Connection) -> None:
    assert work.execute("SELECT count(*) FROM items WHERE name = 'shadow'").fetchall() == [(0,)]
    listed = dict(work.execute("SHOW TABLES").fetchall())
    assert listed["sales"] == "Saved query sales. All sales of 2026"
    assert listed["sales_of"].startswith("Saved query sales_of(region VARCHAR, least INTEGER = 20).")
    assert "only queries are saved" in listed["deleting"]
    assert "Saved" not in listed["items"]
    assert [row[0] for row in work.execute("DESCRIBE sales").fetchall()][:2] == ["date", "region"]


SALES = ["date", "region", "product", "quantity", "amount"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT table_name, table_comment FROM information_schema.tables WHERE table_type = 'VIEW'",
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal",
        "SELECT relname, obj_description(oid, 'pg_class') FROM pg_catalog.pg_class",
    ],
)
def test_the_catalogue_names_saved_queries_without_a_request(
    work: Connection, tenant: SqlTenant, sql: str
) -> None:
    tenant.asked()
    listed = dict(work.execute(sql).fetchall())
    assert set(QUERIES) | set(BROKEN) | {"items"} <= set(listed)
    if "pg_" not in sql:
        assert listed["sales"] == "Saved query sales. All sales of 2026"
        assert "only queries are saved" in listed["deleting"]
        assert "Saved" not in listed["items"]
    assert tenant.asked() == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ordinal_position",
        "SELECT table_name, column_name, data_type FROM duckdb_columns() ORDER BY column_index",
        "SELECT name, unnest(column_names), unnest(column_types) FROM (SHOW ALL TABLES)",
    ],
)
def test_the_catalogue_tells_the_columns_of_saved_queries(
    work: Connection, tenant: SqlTenant, sql: str
) -> None:
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, type_ in work.execute(sql).fetchall():
        found.setdefault(table, []).append((column, type_))
    assert [name for name, _ in found["sales"]] == SALES
    assert found["sales"][0][1] == "DATE"
    assert found["sales_of"] == [("date", "DATE"), ("quantity", "BIGINT")]
    assert found["in_folder"] == [("name", "VARCHAR")]
    for broken in (*BROKEN, "this", "that"):
        assert found[broken] == [("problem", "VARCHAR")]
    assert ("path", "VARCHAR") in found["items"]
    # Known from now on; a file that was not there may be by now.
    tenant.asked()
    work.execute(sql).fetchall()
    assert all("nowhere" in one for one in tenant.asked())


def test_what_is_wrong_with_a_saved_query_is_a_comment(work: Connection) -> None:
    sql = "SELECT table_name, comment FROM duckdb_columns() WHERE column_name = 'problem'"
    told = dict(work.execute(sql).fetchall())
    assert "only queries are saved" in told["deleting"]
    assert "this -> that -> this" in told["this"]


def test_the_catalogue_is_as_before_when_the_statement_is_over(work: Connection, store: QueryStore) -> None:
    looking = "SELECT column_name FROM information_schema.columns WHERE table_name = 'sales' ORDER BY ordinal_position"
    expected = [(name,) for name in SALES]
    assert work.execute(looking).fetchall() == expected
    assert work.session().engine.rows("SELECT 1 FROM duckdb_views() WHERE view_name = 'sales'")[1] == []
    assert work.execute(
        "SELECT count(*) FROM sales, information_schema.schemata WHERE schema_name = 'main'"
    ).fetchall()
    with pytest.raises(SqlError):
        work.execute("SELECT nothing FROM information_schema.columns")
    assert work.execute("SELECT count(*) FROM sales").fetchall() == [(504,)]
    work.execute("BEGIN")
    # Its columns are known; what is not is not looked up, since an error would end the transaction.
    store.save("brand_new", "SELECT 1 AS n")
    assert work.execute(looking).fetchall() == expected
    assert work.execute(looking.replace("'sales'", "'brand_new'")).fetchall() == [("problem",)]
    work.execute("ROLLBACK")
    assert work.execute(looking.replace("'sales'", "'brand_new'")).fetchall() == [("n",)]
    store.path("brand_new").write_text("SELECT 1 AS m")
    assert work.execute(looking.replace("'sales'", "'brand_new'")).fetchall() == [("m",)]
    store.remove("brand_new")
    work.execute("CREATE TABLE brand_new (mine INTEGER)")
    store.save("brand_new", "SELECT 1 AS n")
    assert work.execute(looking.replace("'sales'", "'brand_new'")).fetchall() == [("mine",)]
    store.remove("brand_new")
    work.execute("DROP TABLE brand_new")


def test_names_of_the_statement_come_first(work: Connection) -> None:
    assert work.execute("WITH sales AS (SELECT 7 AS n) SELECT n FROM sales").fetchall() == [(7,)]


@pytest.mark.parametrize(
    ("sql", "written_out", "requests"),
    [
        (
            "SELECT name FROM listing WHERE path = '/Notes/todo.md'",
            "SELECT name FROM (SELECT name, path, size FROM files) AS listing WHERE path = '/Notes/todo.md'",
            1,
        ),
        ("SELECT * FROM in_folder('/Notes')", "SELECT name FROM files WHERE parent_path = '/Notes'", 1),
        ("SELECT * FROM in_folder(?)", "SELECT name FROM files WHERE parent_path = ?", 1),
    ],
)
def test_it_is_planned_as_if_it_were_written_there(
    work: Connection, tenant: SqlTenant, sql: str, written_out: str, requests: int
) -> None:
    values = ["/Notes"] if "?" in sql else None
    work.execute("SELECT 1 FROM files WHERE path = '/Notes'").fetchall()
    tenant.asked()
    rows = work.execute(sql, values).fetchall()
    asked = tenant.asked()
    assert work.execute(written_out, values).fetchall() == rows != []
    assert asked == tenant.asked()
    assert len(asked) == requests


def test_explain_sends_nothing_and_shows_what_is_asked(work: Connection, tenant: SqlTenant) -> None:
    tenant.asked()
    told = str(work.explain("SELECT * FROM in_folder('/Notes')"))
    assert "list the folder /Notes" in told
    assert tenant.asked() == []


def test_rows_of_saved_queries_can_be_written(work: Connection) -> None:
    work.execute("COPY (SELECT * FROM sales_of('EMEA', 30)) TO 'onedrive:/Notes/emea.csv'")
    (found,) = work.execute("SELECT count(*) FROM read_csv('onedrive:/Notes/emea.csv')").fetchall()
    assert [found] == work.execute("SELECT count(*) FROM sales_of('EMEA', 30)").fetchall()
    work.execute("DELETE FROM items WHERE path = '/Notes/emea.csv'")


def test_an_edited_file_counts_at_once(work: Connection, store: QueryStore) -> None:
    store.save("changing", "SELECT 1 AS n")
    assert work.execute("FROM changing").fetchall() == [(1,)]
    store.path("changing").write_text("SELECT 2 AS n")
    assert work.execute("FROM changing").fetchall() == [(2,)]
    store.remove("changing")
    with pytest.raises(SqlError):
        work.execute("FROM changing")


def test_a_table_of_the_session_is_not_hidden_by_a_file_that_comes_later(
    work: Connection, store: QueryStore
) -> None:
    work.execute("CREATE TABLE later (n INTEGER)")
    store.save("later", "SELECT 1 AS n")
    with pytest.raises(SqlSyntaxError, match="table or view of this session"):
        work.execute("FROM later")
    store.remove("later")
    assert work.execute("FROM later").fetchall() == []
    store.save("sum", "SELECT 1")
    with pytest.raises(SqlSyntaxError, match="function of SQL"):
        work.execute("FROM sum")
    store.remove("sum")


def test_a_stranger_can_use_what_is_saved_but_gets_no_further(store: QueryStore, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("word\nhidden\n")
    store.path("local_file").write_text(f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")
    with connect(name="work") as trusted, connect(name="work", untrusted=True) as stranger:
        assert trusted.execute("FROM local_file").fetchall() == [("hidden",)]
        with pytest.raises(SqlNotSupportedError):
            stranger.execute("FROM local_file")
    store.remove("local_file")


def test_a_connection_that_is_not_stored_has_none(tenant: SqlTenant, store: QueryStore) -> None:
    with tenant.connect() as connection, pytest.raises(SqlError):
        connection.execute("SELECT * FROM sales")


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_files_are_the_owners_alone(store: QueryStore) -> None:
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.path("sales").stat().st_mode) == 0o600
    store.save("foreign", "SELECT 1")
    store.path("foreign").chmod(0o622)
    with pytest.raises(ConfigurationError, match="can be changed by other users"):
        store.get("foreign")
    store.remove("foreign")
    assert not [path for path in store.directory.iterdir() if path.name.startswith(".")]


def test_saving_refuses_what_could_not_be_used(store: QueryStore) -> None:
    for name, content in (
        ("items", "SELECT 1"),
        ("upload_file", "SELECT 1"),
        ("new", "DELETE FROM items"),
        ("new", ""),
    ):
        with pytest.raises(SqlSyntaxError):
            store.save(name, content)
    with pytest.raises(ConfigurationError, match="exists already"):
        store.save("sales", "SELECT 1")
    with pytest.raises(SqlError, match="no saved query"):
        store.get("new")

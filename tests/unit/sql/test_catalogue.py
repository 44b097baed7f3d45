"""The catalogue tells what each table and column is, and SHOW TABLES and DESCRIBE pass it on."""

from __future__ import annotations

import pytest

from driveql.errors import SqlError
from driveql.sql import catalogue
from driveql.sql.tables import TABLES


def test_every_table_and_column_is_told() -> None:
    assert [row["name"] for row in catalogue.tables()] == list(TABLES)
    assert all(row["description"] for row in catalogue.tables())
    for table in TABLES.values():
        rows = catalogue.columns(table)
        assert [row["name"] for row in rows] == list(table.by_name)
        assert all(row["description"] and row["type"] for row in rows)
        assert all((row["asked"] is None) == (row["match"] is None) for row in rows)


def test_a_column_says_what_graph_takes() -> None:
    rows = {row["name"]: row for row in catalogue.columns(TABLES["items"])}
    assert rows["id"]["asked"] == "=, IN"
    assert rows["id"]["match"] == "exact"
    assert rows["path"]["asked"] == "=, IN, range, prefix"
    assert rows["path"]["match"] == "loose"
    assert (rows["size"]["asked"], rows["size"]["type"], rows["size"]["graph"]) == (None, "BIGINT", "size")


def test_a_table_is_found_in_any_case_and_a_slip_is_answered() -> None:
    assert catalogue.table_of(" Items ") is TABLES["items"]
    with pytest.raises(SqlError, match="'itmes'") as raised:
        catalogue.table_of("itmes")
    assert "items" in (raised.value.hint or "")
    with pytest.raises(SqlError) as raised:
        catalogue.table_of("zzz")
    assert "users" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("sql", "answered"),
    [
        ("SHOW TABLES", True),
        ("-- what is there\nshow tables", True),
        ("DESCRIBE items", True),
        ('desc "Users"', True),
        ("SHOW drives", True),
        ("DESCRIBE", False),
        ("DESCRIBE mine", False),
        ("DESCRIBE SELECT 1", False),
        ("SELECT * FROM items ORDER BY name DESC", False),
        ("SHOW ALL TABLES", False),
    ],
)
def test_which_statements_get_comments(sql: str, answered: bool) -> None:
    assert (catalogue.with_comments(sql) is not None) is answered

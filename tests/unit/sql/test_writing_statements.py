"""Statements that write, taken apart without being run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import SqlNotSupportedError, SqlSyntaxError
from driveql.sql.syntax import split
from driveql.sql.writing.forms import Call, CopyTo, Delete, Insert, SetOption, Update, Writing
from driveql.sql.writing.options import WriteOptions
from driveql.sql.writing.statements import recognise


def read(sql: str) -> Writing | None:
    return recognise(sql, lambda name: name in {"copy_item", "check_in"})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "insert into Items (Path, \"content\") values ('/a', 'b') -- end",
            Insert("items", ("path", "content"), "values ('/a', 'b')", "fail", None),
        ),
        (
            "WITH a AS (SELECT 1) INSERT OR REPLACE INTO files (path, content) SELECT * FROM a RETURNING path, outcome",
            Insert("files", ("path", "content"), "WITH a AS (SELECT 1) SELECT * FROM a", "replace", "path, outcome"),
        ),
        (
            "INSERT INTO folders BY NAME SELECT 'x' AS path -- why\nON CONFLICT (path) DO NOTHING",
            Insert("folders", None, "SELECT 'x' AS path", "skip", None),
        ),
        (
            "UPDATE items i SET name = CASE WHEN a IS DISTINCT FROM b THEN 'x, y' ELSE f(1, 2) END, parent_path = '/p'"
            " FROM m WHERE i.e_tag = m.tag",
            Update("items", "i", ("name", "parent_path"),
                   "SELECT (CASE WHEN a IS DISTINCT FROM b THEN 'x, y' ELSE f(1, 2) END), ('/p')",
                   'FROM items AS "i", m WHERE i.e_tag = m.tag', True, None),
        ),
        (
            "DELETE FROM items AS \"a b\" USING (SELECT 1 WHERE true) m WHERE x RETURNING *",
            Delete("items", "a b", "SELECT", 'FROM items AS "a b", (SELECT 1 WHERE true) m WHERE x', False, "*"),
        ),
        (
            "COPY (SELECT ')' FROM t) TO 'onedrive:/a.csv' (FORMAT csv, PARTITION_BY (x, y), HEADER)",
            CopyTo("SELECT ')' FROM t", True, "onedrive:/a.csv", {"FORMAT": "csv", "PARTITION_BY": "(x, y)", "HEADER": ""}),
        ),
        ("COPY t (a, b) TO 'onedrive:///a.csv'", CopyTo("t (a, b)", False, "onedrive:///a.csv")),
        (
            "CALL copy_item('/a', to_path => lower('X, Y'), conflict := $c)",
            Call("copy_item", (("", "'/a'"), ("to_path", "lower('X, Y')"), ("conflict", "$c"))),
        ),
        ("CALL check_in('/a', comment => 'x;y')", Call("check_in", (("", "'/a'"), ("comment", "'x;y'")))),
        ("SET GLOBAL driveql.dry_run TO on", SetOption("dry_run", "on")),
        ("RESET driveql.audit_log", SetOption("audit_log", None)),
        ("INSERT INTO mine VALUES (1)", None),
        ("DELETE FROM other.items", None),
        ("UPDATE users SET mail = 'x'", None),
        ("COPY (SELECT 1) TO '/tmp/a.csv'", None),
        ("COPY mine FROM 'onedrive:/a.csv'", None),
        ("CALL pragma_version()", None),
        ("SET threads = 1", None),
        ("WITH items AS (SELECT 1) SELECT * FROM items", None),
        ("SELECT 'INSERT INTO items'", None),
    ],
)  # fmt: skip
def test_what_a_statement_is(sql: str, expected: Writing | None) -> None:
    assert read(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO items VALUES ('/a')", "INSERT INTO items DEFAULT VALUES",
        "INSERT INTO items (path, path) VALUES (1, 2)",
        "INSERT INTO items (path,) VALUES (1)", "INSERT INTO items (path)",
        "UPDATE items SET path = 'a', name = 'b' WHERE true",
        "UPDATE items SET (name, path) = (1, 2) WHERE true", "UPDATE items SET name = 'x'", "DELETE FROM items",
        "DELETE FROM items WHERE x RETURNING :a", "DELETE FROM items a b c WHERE x", "CALL copy_item('a'",
        "CALL copy_item(path => 'a', 'b')",
        "COPY (SELECT 1) TO 'onedrive:/a' (FORMAT csv) x", "SET driveql.dry_run = 1 + 1",
    ],
)  # fmt: skip
def test_forms_that_are_refused(sql: str) -> None:
    with pytest.raises((SqlSyntaxError, SqlNotSupportedError)):
        read(sql)


@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(["", " -- c\n", " /* ; ' */ "]))
def test_literals_survive_whatever_they_hold(texts: list[str], comment: str) -> None:
    literals = [("'" + text.replace("'", "''") + "'") for text in texts if "\0" not in text]
    values = f"{comment}, ".join(literals) or "''"
    sql = f"INSERT INTO items (path) {comment} VALUES ({values}) {comment} RETURNING{comment} path{comment}"
    if comment.endswith("\n"):
        sql += "\n"
    (statement,) = split(sql)
    found: Any = read(statement)
    assert isinstance(found, Insert)
    assert (found.query, found.returning) == (f"VALUES ({values})", "path")
    call: Any = read(f"CALL copy_item({values})")
    assert [text.strip() for _, text in call.arguments] == (literals or ["''"])


def test_settings() -> None:
    options = WriteOptions()
    options.apply(SetOption("dry_run", "true"))
    assert options.dry_run
    options.apply(SetOption("dry_run", None))
    assert not options.dry_run
    with pytest.raises(SqlNotSupportedError):
        WriteOptions(local_files=False).apply(SetOption("audit_log", "/tmp/x"))
    with pytest.raises(SqlSyntaxError):
        options.apply(SetOption("dry_run", "maybe"))

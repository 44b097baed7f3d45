"""EXPLAIN counts the requests before, EXPLAIN ANALYZE after: over real sockets, they agree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from graph_emulator import faults

UPN = "'/users/' || u.user_principal_name"


@pytest.fixture(scope="module")
def warm(tenant: SqlTenant) -> Iterator[Connection]:
    """A connection that has signed in and knows its drive."""
    with tenant.connect() as connection:
        connection.execute("SELECT name FROM items WHERE path = '/Notes'").fetchall()
        yield connection


@pytest.mark.parametrize(
    ("sql", "requests", "exact"),
    [
        ("SELECT size FROM items WHERE path = '/Notes/todo.md'", 1, True),
        ("SELECT size FROM items WHERE path IN ('/Notes', '/None')", 2, True),
        ("SELECT name FROM items WHERE parent_path = '/Notes'", 1, False),
        ("SELECT id FROM users WHERE mail = 'x'", 1, False),
        ("SELECT id FROM users LIMIT 1", 1, False),
        ("SELECT count(*) FROM items", 1, False),
        ("SELECT u.id FROM users u, groups g WHERE u.mail = g.mail", 2, False),
        ("SELECT name FROM items WHERE path = 'no path'", 0, True),
    ],
)
def test_the_estimate_holds(
    tenant: SqlTenant, warm: Connection, sql: str, requests: int, exact: bool
) -> None:
    tenant.asked()
    explained = warm.explain(sql)
    assert tenant.asked() == []
    assert explained.estimate.startswith(f"{requests}" if exact else f"at least {requests}: ")
    analysis = warm.analyze(sql)
    made = len(tenant.asked())
    assert made == requests if exact else made >= requests
    assert analysis.whole.requests == made == sum(table.requests for table in analysis.tables)


@pytest.mark.parametrize(
    ("sql", "estimate"),
    [
        ("SELECT 1 FROM files a, files b WHERE a.path = '/Notes/todo.md' AND b.path = '/Notes/Empty.txt'", "3"),
        ("SELECT 1 FROM (VALUES ('/Notes/todo.md')) w(p) JOIN files f ON f.path = w.p", "1; and 1 for each value of path = w.p"),
        ("SELECT 1 FROM files LIMIT 2", "at least 2: as many as 2 rows take; 1 a page of each folder"),
    ],
)  # fmt: skip
def test_a_drive_is_asked_for_once_a_statement(tenant: SqlTenant, sql: str, estimate: str) -> None:
    with tenant.connect() as cold:
        assert cold.explain(sql).estimate == estimate


def test_keys_are_shown_and_nothing_is_asked(tenant: SqlTenant, warm: Connection) -> None:
    tenant.asked()
    sql = f"SELECT i.name FROM users u JOIN items i ON i.owner = {UPN} ORDER BY i.name LIMIT 3"
    text = str(warm.explain(sql))
    assert tenant.asked() == []
    assert f"list everything in drive of {{{UPN}}}" in text
    assert f"for each value of owner = {UPN}" in text
    assert "Graph orders items by nothing but names, and text by its own rules" in text
    (name, _) = warm.execute(f"EXPLAIN {sql}").fetchone() or ("", "")
    assert name == "driveql"
    assert tenant.asked() == []


def test_what_a_statement_did(tenant: SqlTenant, warm: Connection) -> None:
    tenant.asked()
    analysis = warm.analyze(f"SELECT count(*) FROM users u LEFT JOIN items i ON i.owner = {UPN}")
    users, items = analysis.tables
    assert (users.table, users.requests, users.pages, users.rows) == ("users", 1, 1, users.objects)
    assert items.table == "items"
    assert analysis.whole.requests == len(tenant.asked()) == users.requests + items.requests
    assert analysis.whole.bytes_received == users.bytes_received + items.bytes_received > 0
    (warning,) = analysis.warnings
    assert "mysite not found" in warning
    assert f"{users.objects} found" in str(analysis)
    assert "HASH_JOIN" in analysis.engine.upper().replace(" ", "_")


def test_repetitions_are_counted(tenant: SqlTenant, warm: Connection) -> None:
    tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), method="GET", target="/children")
    analysis = warm.analyze("SELECT name FROM items WHERE parent_path = '/Notes'")
    tenant.emulator.faults.assert_consumed()
    tenant.emulator.faults.clear()
    (table,) = analysis.tables
    assert (table.requests, table.retries, table.throttled, table.rows) == (2, 1, 1, 2)
    assert analysis.whole.retries == 1


def test_contents_are_counted(warm: Connection) -> None:
    analysis = warm.analyze("SELECT count(*) FROM read_csv('onedrive:/Reports/2026/*-0[12].csv')")
    assert analysis.files == 2
    assert analysis.contents.requests == analysis.whole.requests > 2
    assert "2 files opened" in str(analysis)


def test_a_write_is_not_analysed(tenant: SqlTenant, warm: Connection) -> None:
    tenant.asked()
    with pytest.raises(errors.SqlNotSupportedError, match="would be carried out"):
        warm.execute("EXPLAIN ANALYZE DELETE FROM items WHERE path = '/Notes'")
    assert tenant.asked() == []


def test_warnings_reach_the_cursor(warm: Connection) -> None:
    cursor = warm.execute(f"SELECT count(*) FROM users u JOIN items i ON i.owner = {UPN}")
    cursor.fetchall()
    ((kind, warning),) = cursor.messages
    assert kind is warm.Warning
    assert "Left out: the drive of" in str(warning)
    assert warm.execute("SELECT 1").messages == []


def test_a_path_that_is_written_wrong_is_told_of(connection: Connection) -> None:
    for statement in (
        "SELECT name FROM files WHERE parent_path = 'Notes'",
        "DELETE FROM files WHERE parent_path = 'Notes'",
    ):
        cursor = connection.execute(statement)
        assert cursor.fetchall() == []
        ((_, warning),) = cursor.messages
        assert str(warning).endswith("Write parent_path = '/Notes'.")
    assert "  warning: parent_path = 'Notes' matches nothing" in str(connection.explain(statement))
    keyed = connection.execute("SELECT name FROM files WHERE parent_path IN (SELECT 'Notes')")
    assert (keyed.fetchall(), keyed.messages) == ([], [])


def test_a_path_in_another_case_is_told_of(connection: Connection) -> None:
    for condition, meant in (
        ("path = '/notes/TODO.md'", "it is written '/Notes/todo.md', and = regards case."),
        ("path IN ('/notes/TODO.md', '/Notes/none.md')", "it is written '/Notes/todo.md'"),
        ("parent_path = '/NOTES'", "it is written '/Notes'"),
        ("parent_path = '/NOTES' AND size > 0", "it is written '/Notes'"),
    ):
        cursor = connection.execute(f"SELECT name FROM files WHERE {condition}")
        assert cursor.fetchall() == []
        ((_, warning),) = cursor.messages
        assert meant in str(warning)
    for silent in (
        "path = '/Notes/todo.md' AND size < 0",
        "lower(path) = '/notes/none.md'",
        "path = '/no/no.md'",
    ):
        cursor = connection.execute(f"SELECT name FROM files WHERE {silent}")
        assert (cursor.fetchall(), cursor.messages) == ([], [])

"""Joins and subqueries that say which drives are asked, and for what: the requests, what is left out, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.sql.memory import LoopThread, MemoryDrive, MemoryTenant, loop_thread

from driveql.errors import NotFoundError, SqlError, SqlNotSupportedError
from driveql.sql.explain import explain
from driveql.sql.plans import Defaults
from driveql.sql.session import Session

ALICE, BRUNO = "/users/alice@contoso.com", "/users/bruno@contoso.com"
UPN = "'/users/' || u.user_principal_name"


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    with loop_thread() as thread:
        yield thread


def _drive(identifier: str) -> MemoryDrive:
    drive = MemoryDrive(identifier, page_size=50)
    drive.add("/R")
    drive.add("/R/a.csv", b"path\n/R\n")
    drive.add(f"/{identifier[-1]}.txt", b"x")
    return drive


@pytest.fixture
def tenant() -> MemoryTenant:
    people = [("u1", "alice", "x"), ("u2", "bruno", None), ("u3", "nobody", "y")]
    return MemoryTenant(
        drives_={ALICE: _drive("b!a"), BRUNO: _drive("b!b")},
        users_=[
            {"id": i, "userPrincipalName": f"{n}@contoso.com", "displayName": n, "department": d}
            for i, n, d in people
        ],
        groups_=[{"id": f"g{n}", "displayName": f"G{n}"} for n in range(5)],
        members_={f"g{n}": [{"id": "u1"}, {"id": f"m{n}"}] for n in range(5)},
        page_size=50,
    )


@pytest.fixture
def session(loop: LoopThread, tenant: MemoryTenant) -> Iterator[Session]:
    session = Session(tenant, loop, Defaults(ALICE, None))
    yield session
    session.close()


def _asked(session: Session, tenant: MemoryTenant, sql: str, parameters: Any = None) -> tuple[int, list[str]]:
    """Run a query; return how many rows it has and what it asked."""
    tenant.asked.clear()
    for drive in tenant.drives_.values():
        drive.asked.clear()
    rows = session.execute(sql, parameters).table().num_rows
    drives = [f"{drive.id[-1]}: {what}" for drive in tenant.drives_.values() for what in drive.asked]
    return rows, [*tenant.asked, *drives]


@pytest.mark.parametrize(
    ("sql", "rows", "asked"),
    [
        (
            f"SELECT 1 FROM users u JOIN drives d ON d.owner = {UPN}",
            2,
            ["users ", f"drives {ALICE}", f"drives {BRUNO}", "drives /users/nobody@contoso.com"],
        ),
        (
            f"SELECT i.path FROM users u JOIN items i ON i.owner = {UPN} WHERE u.display_name = 'bruno'",
            3,
            ["users displayName eq 'bruno'", "b: walk /"],
        ),
        (
            f"SELECT 1 FROM users u JOIN drives d ON d.owner = {UPN} JOIN items i ON i.drive_id = d.id"
            " WHERE i.path = '/R' AND u.display_name = 'bruno'",
            1,
            ["users displayName eq 'bruno'", f"drives {BRUNO}", "b: item /R"],
        ),
        ("SELECT 1 FROM items WHERE path IN (SELECT '/R/a.csv')", 1, ["a: item /R/a.csv"]),
        ("SELECT 1 FROM items i JOIN (VALUES ('/R')) t(f) ON i.parent_path = t.f", 1, ["a: children /R"]),
        ("SELECT 1 FROM users WHERE id = (SELECT 'u' || 1)", 1, ["one /users/u1"]),
        (
            "SELECT 1 FROM groups g JOIN group_members m ON m.group_id = g.id WHERE g.display_name = 'G3'",
            2,
            ["groups displayName eq 'G3'", "members g3"],
        ),
        (
            "SELECT 1 FROM items i JOIN permissions p ON p.item_id = i.id WHERE i.parent_path = '/R'",
            0,
            ["a: children /R", "a: item id:b!a-1", "a: parts of id:b!a-1"],
        ),
        # What is dear to list is not listed first to narrow something else.
        ("SELECT 1 FROM items i JOIN files f ON f.parent_reference_id = i.id", 1, ["a: walk /", "a: walk /"]),
        # More values than lookups are worth: the plain listing, once.
        (
            "SELECT 1 FROM items i JOIN (SELECT '/' || range AS p FROM range(2000)) t ON t.p = i.path",
            0,
            ["a: walk /"],
        ),
        ("SELECT 1 FROM items WHERE owner IS NOT NULL", 3, ["a: walk /"]),
        ("SELECT 1 FROM items a JOIN items b ON a.drive_id = b.drive_id AND a.path = b.path AND a.size = 1", 1,
         ["a: walk /", "a: item /a.txt"]),
    ],
)  # fmt: skip
def test_requests(session: Session, tenant: MemoryTenant, sql: str, rows: int, asked: list[str]) -> None:
    assert _asked(session, tenant, sql) == (rows, asked)


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT 1 FROM users u JOIN items i ON i.owner = ? || u.user_principal_name WHERE u.id = ?", ["/users/", "u2"]),
        (
            "SELECT 1 FROM users u JOIN items i ON i.owner = :p || u.user_principal_name WHERE u.id = $u",
            {"p": "/users/", "u": "u2"},
        ),
        ("WITH t AS (SELECT ? AS o) SELECT 1 FROM t JOIN items i ON i.owner = t.o WHERE i.size >= ?", [BRUNO, 0]),
        ("SELECT 1 FROM items WHERE owner = ? || (SELECT user_principal_name FROM users WHERE id = ?)", ["/users/", "u2"]),
    ],
)  # fmt: skip
def test_parameters(session: Session, tenant: MemoryTenant, sql: str, parameters: Any) -> None:
    rows, asked = _asked(session, tenant, sql, parameters)
    assert (rows, asked[-1]) == (3, "b: walk /")


def test_a_side_is_read_once(session: Session, tenant: MemoryTenant) -> None:
    sql = f"SELECT u.display_name, u.department, i.name FROM users u LEFT JOIN items i ON i.owner = {UPN}"
    assert _asked(session, tenant, sql) == (7, ["users ", "a: walk /", "b: walk /"])


def test_a_file_says_which_items_are_looked_up(session: Session, tenant: MemoryTenant) -> None:
    sql = "SELECT r.path FROM read_csv('onedrive:/R/a.csv') r JOIN items i ON i.path = r.path"
    rows, asked = _asked(session, tenant, sql)
    assert (rows, asked[-1]) == (1, "a: item /R")
    assert len([what for what in asked if "read" in what]) == 1
    assert not [what for what in asked if "walk" in what]


def test_rows_stream_from_the_first_drive_on(session: Session, tenant: MemoryTenant) -> None:
    for drive in tenant.drives_.values():
        drive.page_size = 1
    sql = f"SELECT i.name FROM users u JOIN items i ON i.owner = {UPN} WHERE i.parent_path = '/R'"
    tenant.drives_[BRUNO].fail_after = 0
    result = session.execute(sql + " AND u.id = 'u1'")
    assert result.table().num_rows == 1
    with pytest.raises(NotImplementedError):
        session.execute(sql).table()


def test_owners_without_a_drive_are_left_out_and_told(session: Session) -> None:
    result = session.execute(f"SELECT DISTINCT i.owner FROM users u JOIN items i ON i.owner = {UPN}")
    assert result.table().num_rows == 2
    (warning,) = result.statement.warnings
    assert "drive of /users/nobody@contoso.com" in warning
    with pytest.raises(NotFoundError):
        session.execute("SELECT 1 FROM items WHERE owner = '/users/nobody@contoso.com'").table()


def test_relations_are_gone_after_the_statement(session: Session) -> None:
    session.execute(f"SELECT 1 FROM users u JOIN drives d ON d.owner = {UPN}").table()
    names = session.execute("SELECT table_name FROM information_schema.tables").table().column(0).to_pylist()
    assert not [name for name in names if name.startswith("__driveql")]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM items WHERE owner LIKE '/users/%'",
        f"SELECT 1 FROM items WHERE owner <> '{BRUNO}'",
        "SELECT 1 FROM items WHERE lower(owner) = 'x'",
        f"SELECT 1 FROM items WHERE NOT (owner = '{BRUNO}')",
        "SELECT 1 FROM items WHERE drive_id > 'b'",
        f"SELECT 1 FROM items i LEFT JOIN users u ON i.owner = {UPN}",
        f"SELECT 1 FROM users u FULL JOIN items i ON i.owner = {UPN}",
        f"SELECT 1 FROM users u JOIN items i ON i.owner LIKE {UPN} || '%'",
        f"SELECT 1 FROM users u JOIN items i ON i.owner = {UPN} OR i.owner = u.mail",
        f"SELECT 1 FROM users u JOIN items i ON lower(i.owner) = lower({UPN})",
        f"SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM items i WHERE i.owner = {UPN})",
        f"SELECT (SELECT count(*) FROM items i WHERE i.owner = {UPN}) FROM users u",
        f"SELECT 1 FROM users u, LATERAL (SELECT * FROM items i WHERE i.owner = {UPN}) x",
        f"WITH t AS (SELECT * FROM items) SELECT 1 FROM t JOIN users u ON t.owner = {UPN}",
        f"SELECT 1 FROM (SELECT owner AS o FROM items) t JOIN users u ON t.o = {UPN}",
        f"SELECT 1 FROM of_items t JOIN users u ON t.o = {UPN}",
        f"SELECT 1 FROM found('/R') t JOIN users u ON t.owner = {UPN}",
        "SELECT o, count(*) FROM of_items GROUP BY o HAVING o > 'x'",
        "SELECT 1 FROM drives d NATURAL JOIN (SELECT owner FROM items WHERE size > 1) x JOIN users u ON u.id = d.owner",
        "SELECT 1 FROM lists l JOIN sites s ON l.site_id > s.id",
        "SELECT 1 FROM changes c WHERE c.since > '2026-01-01T00:00:00Z'",
        f"CREATE TABLE mine AS SELECT 1 AS one FROM items i LEFT JOIN users u ON i.owner = {UPN}",
        "SELECT 1 FROM users u JOIN wanted w ON w.id = u.id JOIN items i ON i.owner = coalesce(w.o, u.mail)",
    ],
)
def test_what_does_not_say_which_drives_is_refused(session: Session, tenant: MemoryTenant, sql: str) -> None:
    session.execute("CREATE VIEW of_items AS SELECT owner AS o, path FROM items")
    session.execute("CREATE MACRO found(p) AS TABLE SELECT * FROM items WHERE path = p")
    session.execute("CREATE TEMP TABLE wanted (id VARCHAR, o VARCHAR)")
    with pytest.raises(SqlNotSupportedError, match="does not say which values") as raised:
        session.execute(sql)
    assert "IN (SELECT ...)" in str(raised.value.hint)
    assert not tenant.asked
    assert not any(drive.asked for drive in tenant.drives_.values())


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT o, count(*) FROM of_items WHERE o = '{BRUNO}' GROUP BY o",
        f"SELECT 1 FROM found('/R') t WHERE owner IN ('{BRUNO}')",
        f"SELECT 1 FROM items WHERE owner = '{BRUNO}' AND owner LIKE '/users/%'",
        "SELECT 1 FROM items a, items b WHERE a.owner = b.owner AND a.id = b.id",
        "SELECT DISTINCT owner FROM items ORDER BY owner",
        "SELECT CASE WHEN owner LIKE '/users/%' THEN 1 END FROM items",
        "WITH d AS (SELECT * FROM drives) SELECT i.path FROM d JOIN items i ON i.drive_id = d.id",
        "SELECT 1 FROM drives d JOIN items i ON d.id = i.drive_id",
        "SELECT name FROM drives WHERE owner = '/users/bruno@contoso.com' AND id LIKE 'b!%'",
    ],
)
def test_what_says_which_drives_is_answered(session: Session, sql: str) -> None:
    session.execute("CREATE VIEW of_items AS SELECT owner AS o, path FROM items")
    session.execute("CREATE MACRO found(p) AS TABLE SELECT * FROM items WHERE path = p")
    assert session.execute(sql).table().num_rows


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT d.id FROM drives d FULL JOIN users u ON u.id = d.name WHERE d.owner = '{BRUNO}'",
        f"SELECT a.path FROM items a FULL JOIN items b ON a.path = b.path WHERE a.owner = '{BRUNO}' AND b.owner = '{BRUNO}'",
        f"SELECT path FROM items WHERE owner IS NOT DISTINCT FROM '{BRUNO}'",
        f"SELECT path FROM items WHERE owner IN ('{BRUNO}', NULL)",
        f"SELECT i.path FROM items i POSITIONAL JOIN (SELECT 1) w WHERE i.owner = '{BRUNO}'",
    ],
)
def test_values_reach_the_table_where_the_engine_does_not_take_them(session: Session, sql: str) -> None:
    assert session.execute(sql).table().num_rows


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT owner, row_number() OVER (ORDER BY name) AS n FROM items) WHERE owner = '{BRUNO}'",
        f"SELECT id, owner FROM items LIMIT 9) WHERE owner = '{BRUNO}'",
        f"SELECT id, owner FROM items GROUP BY ROLLUP (id, owner)) WHERE owner = '{BRUNO}'",
        f"SELECT 1) x, drives d LEFT JOIN users u ON d.owner = '{BRUNO}'",
        f"SELECT 1) x, items i ANTI JOIN users u ON u.id = i.id AND i.owner = '{BRUNO}'",
        "SELECT 1) x, items i JOIN drives d ON d.id = i.drive_id WHERE d.owner = format('/users/{}', 'bruno@contoso.com')",
    ],
)
def test_values_that_do_not_reach_the_table_are_refused(
    session: Session, tenant: MemoryTenant, sql: str
) -> None:
    takes = (Session.execute,) if "format" in sql else (explain, Session.execute)
    for take in takes:
        with pytest.raises(SqlNotSupportedError, match="does not reach the table"):
            take(session, f"SELECT * FROM ({sql}")
    assert not any(drive.asked for drive in tenant.drives_.values())


def test_a_side_with_a_text_in_it_is_asked_for_once(session: Session, tenant: MemoryTenant) -> None:
    sql = "SELECT id FROM users WHERE id IN (SELECT id FROM users WHERE department = 'none')"
    assert not session.execute(sql).table().num_rows
    assert len(tenant.asked) == 1


@pytest.mark.parametrize("joined", ["", " i JOIN items j ON j.description = i.id"])
def test_whose_a_drive_is_is_not_guessed(session: Session, joined: str) -> None:
    sql = f"SELECT 1 FROM items{joined} WHERE {{}}drive_id IN ('b!a', 'b!b') AND {{}}owner IN ('{ALICE}', '{BRUNO}')"
    with pytest.raises(SqlNotSupportedError, match="several owners for one drive"):
        session.execute(sql.replace("{}", "i." if joined else "")).table()


def test_values_of_another_type_are_refused(session: Session) -> None:
    with pytest.raises(SqlNotSupportedError, match="INTEGER") as raised:
        session.execute("SELECT 1 FROM (VALUES (1)) t(o) JOIN items i ON i.owner = t.o")
    assert "CAST(t.o AS VARCHAR)" in str(raised.value.hint)


def test_an_error_of_a_side_is_the_statements(session: Session) -> None:
    with pytest.raises(SqlError, match="own"):
        session.execute(f"SELECT 1 FROM users u JOIN items i ON i.owner = {UPN} WHERE error('own') = 1")
    assert session.execute("SELECT 1").table().num_rows == 1


def test_within_a_transaction(session: Session) -> None:
    for sql in ("BEGIN", "CREATE TABLE mine AS SELECT '/users/bruno@contoso.com' AS o"):
        session.execute(sql)
    for _ in range(2):
        found = session.execute("SELECT i.path FROM mine JOIN items i ON i.owner = mine.o")
        assert found.table().num_rows == 3
    with pytest.raises(SqlNotSupportedError, match="does not say which values"):
        session.execute("SELECT i.path FROM mine JOIN items i ON lower(i.owner) = mine.o")
    session.execute("COMMIT")
    assert session.execute("FROM mine").table().num_rows == 1

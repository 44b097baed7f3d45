"""A join or subquery that says which drives are wanted gives the rows that plain tables of everything give.

The plain tables hold the items of all owners; DuckDB alone answers the query on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sql.memory import MemoryDrive, MemoryTenant, loop_thread

from driveql.sql import records
from driveql.sql.plans import Defaults
from driveql.sql.scan import Drives
from driveql.sql.session import Session
from driveql.sql.tables import TABLES, Origin

PEOPLE = ["alice", "bruno", "Cleo"]
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _owner(person: str) -> str:
    return f"/users/{person}"


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Session, duckdb.DuckDBPyConnection]]:
    with loop_thread() as loop:
        session = Session(MemoryTenant(), loop, Defaults(_owner("alice"), None))
        plain = duckdb.connect(config={"python_enable_replacements": False})
        for engine in (session.engine.rows, plain.execute):
            engine("CREATE TABLE wanted (owner VARCHAR, path VARCHAR, note VARCHAR)")
        yield session, plain
        session.close()
        plain.close()


@st.composite
def tenants(draw: st.DrawFn) -> MemoryTenant:
    tenant = MemoryTenant(page_size=draw(st.integers(1, 3)))
    for person in ["alice", *draw(st.lists(st.sampled_from(PEOPLE[1:]), unique=True))]:
        drive = MemoryDrive(f"b!{person}", page_size=draw(st.integers(1, 4)))
        drive.add("/R")
        for name in draw(st.lists(st.sampled_from(["a.csv", "B.txt", "é"]), unique=True, max_size=3)):
            drive.add(draw(st.sampled_from(["/R/", "/"])) + name, b"x" * draw(st.integers(0, 2)))
        tenant.drives_[_owner(person)] = drive
    for number in range(draw(st.integers(0, 5))):
        person = draw(st.sampled_from([*PEOPLE, "nobody", None]))
        user = {
            "id": f"u{number}",
            "userPrincipalName": person,
            "department": draw(st.sampled_from(["x", "X", None])),
        }
        tenant.users_.append({key: value for key, value in user.items() if value is not None})
    return tenant


wanted_rows = st.lists(
    st.tuples(
        st.sampled_from([*map(_owner, PEOPLE), None]),
        st.sampled_from(["/R", "/R/a.csv", "/B.txt", "/none", None]),
        st.sampled_from(["p", "q", None]),
    ),
    max_size=5,
)
UPN = "'/users/' || u.user_principal_name"
# {u}: a condition on users; {i}: a condition on items.
JOINS = [
    f"SELECT u.id, i.path FROM users u JOIN items i ON i.owner = {UPN} WHERE {{u}} AND {{i}}",
    f"SELECT u.id, i.path FROM items i JOIN users u ON {UPN} = i.owner AND {{u}} WHERE {{i}}",
    f"SELECT u.id, i.path, i.owner FROM users u, items i WHERE i.owner = {UPN} AND {{i}} AND {{u}}",
    f"SELECT u.id, i.path FROM users u LEFT JOIN items i ON i.owner = {UPN} AND {{i}} WHERE {{u}}",
    f"SELECT u.id, count(i.id) FROM users u LEFT JOIN items i ON i.owner = {UPN} WHERE {{u}} GROUP BY u.id",
    "SELECT owner, path FROM files i WHERE owner IN (SELECT '/users/' || user_principal_name FROM users u WHERE {u})",
    f"SELECT i.path, i.drive_id FROM items i WHERE i.owner = (SELECT max({UPN}) FROM users u WHERE {{u}}) AND {{i}}",
    f"SELECT u.id, d.id, i.path FROM users u JOIN drives d ON d.owner = {UPN} JOIN items i ON i.drive_id = d.id"
    " WHERE {u} AND {i}",
    f"SELECT u.id, d.id, i.path FROM items i JOIN drives d ON i.drive_id = d.id AND i.owner = d.owner"
    f" JOIN users u ON d.owner = {UPN} WHERE {{i}} AND {{u}}",
    f"WITH t AS (SELECT id AS who, {UPN} AS o FROM users u WHERE {{u}}) SELECT who, i.path FROM t JOIN items i ON t.o = i.owner",
    "SELECT w.note, i.path FROM wanted w JOIN items i ON i.owner = w.owner WHERE {i}",
    "SELECT w.note, i.path FROM wanted w JOIN items i ON i.owner = w.owner AND i.path = w.path",
    "SELECT w.note, i.path FROM (SELECT owner AS o, note FROM wanted) w LEFT JOIN files i ON i.owner = w.o AND {i}",
    "SELECT path FROM items i WHERE (owner, path) IN (SELECT owner, path FROM wanted) AND owner IN (SELECT owner FROM wanted)",
    "SELECT i.owner, i.path FROM items i SEMI JOIN wanted w ON i.owner = w.owner WHERE {i}",
    f"SELECT u.id, w.note, i.path FROM users u JOIN wanted w ON w.owner = {UPN} JOIN items i ON i.owner = w.owner"
    " AND i.path = w.path WHERE {u}",
    f"SELECT count(*) FROM (SELECT DISTINCT {UPN} AS o FROM users u) x JOIN drives d ON d.owner = x.o",
    "SELECT i.path FROM items i JOIN wanted w USING (owner) WHERE {i}",
]  # fmt: skip
OF_USERS = st.sampled_from(
    ["true", "u.department = 'x'", "u.department IS NULL", "u.id <> 'u1'", "u.user_principal_name LIKE 'b%'"]
)
OF_ITEMS = st.sampled_from(
    [
        "true",
        "i.path LIKE '/R/%'",
        "i.parent_path = '/'",
        "i.name = 'a.csv'",
        "i.size > 0",
        "i.path IN ('/R', '/x')",
    ]
)


def _plain(name: str, found: list[tuple[Origin, list[dict[str, Any]]]]) -> pa.Table:
    declared = TABLES[name]
    keep = declared.keep or (lambda raw: True)
    batches = [
        records.batch_of(declared, tuple(declared.by_name), [raw for raw in objects if keep(raw)], origin)
        for origin, objects in found
    ]
    return pa.Table.from_batches(batches, declared.schema)


def _rows(table: pa.Table) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row.values()) for row in table.to_pylist())


@QUICK
@given(
    tenant=tenants(), wanted=wanted_rows, join=st.sampled_from(JOINS), of_users=OF_USERS, of_items=OF_ITEMS
)
def test_joins_choose_drives(
    engines: tuple[Session, duckdb.DuckDBPyConnection],
    tenant: MemoryTenant,
    wanted: list[tuple[str | None, ...]],
    join: str,
    of_users: str,
    of_items: str,
) -> None:
    session, plain = engines
    session.tenant.source, session.tenant.drives = tenant, Drives(tenant)
    owned = [(Origin(owner=owner), list(drive.items.values())) for owner, drive in tenant.drives_.items()]
    drives = [
        (Origin(owner=owner), [{"id": drive.id, "name": "Documents"}])
        for owner, drive in tenant.drives_.items()
    ]
    for name, table in {
        "users": _plain("users", [(Origin(), tenant.users_)]),
        "drives": _plain("drives", drives),
        **{name: _plain(name, owned) for name in ("items", "files", "folders")},
    }.items():
        plain.register(name, table)
    for engine in (session.engine.rows, plain.execute):
        engine("DELETE FROM wanted")
        for row in wanted:
            engine("INSERT INTO wanted VALUES (?, ?, ?)", list(row))
    query = join.format(u=of_users, i=of_items)
    assert _rows(session.execute(query).table()) == _rows(plain.sql(query).to_arrow_table()), query


# --- values that only narrow ---------------------------------------------------------------------------------------------------

SPELLED = ["/R", "/R/a.csv", "/B.txt", "/r", "u0", "b!alice-0", "/", None]
# {w}: how the other side is had. {i}: a condition on items.
NARROWING = [
    "SELECT i.path, w.note FROM {w} w JOIN items i ON i.path = w.path WHERE {i}",
    "SELECT i.path, w.note FROM {w} w LEFT JOIN items i ON w.path = i.path AND {i}",
    "SELECT i.path, w.note FROM items i LEFT JOIN {w} w ON w.path = i.path AND {i}",
    "SELECT i.id, w.note FROM {w} w, files i WHERE i.id = w.path AND {i}",
    "SELECT i.path FROM items i WHERE i.parent_path IN (SELECT path FROM {w} w WHERE note = 'p') OR {i}",
    "SELECT i.path FROM items i WHERE i.parent_path IN (SELECT path FROM {w} w) AND {i}",
    "SELECT i.path FROM items i WHERE i.path NOT IN (SELECT path FROM {w} w WHERE path IS NOT NULL) AND {i}",
    "SELECT i.path, j.path FROM folders i JOIN items j ON j.parent_path = i.path WHERE {i}",
    "SELECT i.path, j.path FROM items i JOIN items j ON j.parent_reference_id = i.id WHERE {i}",
    "SELECT i.path FROM items i WHERE i.path = (SELECT min(path) FROM {w} w) AND {i}",
    "SELECT i.path FROM items i SEMI JOIN {w} w ON i.path = w.path WHERE {i}",
    "SELECT i.path FROM items i ANTI JOIN {w} w ON i.path = w.path WHERE {i}",
    "SELECT i.path FROM items i FULL JOIN {w} w ON i.path = w.path",
    "SELECT i.path, u.id FROM items i JOIN users u ON u.id = i.name OR {i}",
    "SELECT u.id, w.note FROM {w} w JOIN users u ON u.id = w.path",
    "SELECT u.id, w.note FROM users u RIGHT JOIN {w} w ON u.id = w.path",
    "SELECT u.id FROM users u WHERE u.department IN (SELECT note FROM {w} w)",
    "SELECT u.id, x.id FROM users u JOIN users x ON x.id = u.id WHERE u.department = 'x'",
    "SELECT u.id FROM users u WHERE EXISTS (SELECT 1 FROM {w} w WHERE w.path = u.id)",
]  # fmt: skip
SIDES = [
    "wanted",
    "(SELECT * FROM wanted)",
    "(SELECT DISTINCT path, note FROM wanted WHERE note IS NOT NULL)",
]


@QUICK
@given(
    tenant=tenants(),
    paths=st.lists(st.tuples(st.sampled_from(SPELLED), st.sampled_from(["p", "x", "X", None])), max_size=4),
    join=st.sampled_from(NARROWING),
    side=st.sampled_from(SIDES),
    of_items=OF_ITEMS,
    least=st.integers(0, 3),
)
def test_values_narrow_and_lose_nothing(
    engines: tuple[Session, duckdb.DuckDBPyConnection],
    tenant: MemoryTenant,
    paths: list[tuple[str | None, str | None]],
    join: str,
    side: str,
    of_items: str,
    least: int,
) -> None:
    session, plain = engines
    session.tenant.source, session.tenant.drives = tenant, Drives(tenant)
    own = [(Origin(owner=_owner("alice")), list(tenant.drives_[_owner("alice")].items.values()))]
    plain.register("users", _plain("users", [(Origin(), tenant.users_)]))
    for name in ("items", "files", "folders"):
        plain.register(name, _plain(name, own))
    for engine in (session.engine.rows, plain.execute):
        engine("DELETE FROM wanted")
        for path, note in paths:
            engine("INSERT INTO wanted VALUES (NULL, ?, ?)", [path, note])
    query = join.format(w=side, i=of_items)
    assert _rows(session.execute(query).table()) == _rows(plain.sql(query).to_arrow_table()), query
    top = f"SELECT * FROM ({query}) ORDER BY ALL NULLS FIRST LIMIT ? OFFSET ?"
    expected = [tuple(row) for row in plain.execute(top, [2, least]).fetchall()]
    found = session.execute(top, [2, least]).table()
    assert [tuple(row.values()) for row in found.to_pylist()] == expected, top

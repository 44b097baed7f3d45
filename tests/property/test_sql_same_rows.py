"""A query gives the same rows whatever of it is sent to Graph: random data, predicates and columns against a plain table.

The plain table holds every row the Graph table means; DuckDB alone answers the query on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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

ALICE, BRUNO = "/users/alice@contoso.com", "/users/bruno@contoso.com"
NAMES = ["a.csv", "A.csv", "R", "r", "b c#%.txt", "é'x"]


@dataclass
class Engines:
    """One session over whatever tenant an example makes, and one plain engine."""

    session: Session
    plain: duckdb.DuckDBPyConnection

    def over(self, tenant: MemoryTenant) -> Session:
        self.session.tenant.source = tenant
        self.session.tenant.drives = Drives(tenant)
        return self.session


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with loop_thread() as loop:
        session = Session(MemoryTenant(), loop, Defaults(ALICE, None))
        plain = duckdb.connect(config={"python_enable_replacements": False})
        yield Engines(session, plain)
        session.close()
        plain.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# --- data ---------------------------------------------------------------------------------------------------------------------

name = st.sampled_from(NAMES)
maybe_text = st.one_of(st.none(), st.sampled_from(["alice", "Alice", "x", ""]))


@st.composite
def drives(draw: st.DrawFn, identifier: str) -> MemoryDrive:
    drive = MemoryDrive(identifier, page_size=draw(st.integers(1, 4)))
    folders = [""]
    for _ in range(draw(st.integers(0, 9))):
        path = f"{draw(st.sampled_from(folders))}/{draw(name)}"
        if path.casefold() in {known.casefold() for known in drive.items}:
            continue
        author = draw(maybe_text)
        properties: dict[str, Any] = {"description": draw(maybe_text)}
        if author is not None:
            properties["createdBy"] = {"user": {"displayName": author}}
        if draw(st.booleans()):
            drive.add(path, **properties)
            folders.append(path)
        else:
            drive.add(path, b"x" * draw(st.integers(0, 5)), **properties)
    return drive


@st.composite
def users(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 7))):
        row = {"id": f"u{number}", "displayName": draw(maybe_text), "department": draw(maybe_text)}
        row["accountEnabled"] = draw(st.sampled_from([True, False, None]))
        row["mail"] = draw(maybe_text)
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows


# --- predicates as SQL --------------------------------------------------------------------------------------------------------


def predicates(columns: dict[str, st.SearchStrategy[str]], flags: list[str]) -> st.SearchStrategy[str]:
    def leaf(column: str) -> st.SearchStrategy[str]:
        value = columns[column]
        literal = value.map(_quoted)
        return st.one_of(
            st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), literal).map(
                lambda pair: f"{column} {pair[0]} {pair[1]}"
            ),
            st.lists(literal, min_size=1, max_size=4).map(
                lambda values: f"{column} IN ({', '.join(values)})"
            ),
            st.lists(literal, min_size=1, max_size=3).map(lambda v: f"{column} NOT IN ({', '.join(v)})"),
            st.sampled_from([f"{column} IS NULL", f"{column} IS NOT NULL"]),
            value.map(lambda text: f"{column} LIKE {_quoted(text + '%')}"),
            value.map(lambda text: f"{column} NOT LIKE {_quoted(text + '%')}"),
            value.map(lambda text: f"starts_with({column}, {_quoted(text)})"),
            value.map(lambda text: f"lower({column}) = lower({_quoted(text)})"),
        )

    leaves = st.one_of(
        *[leaf(column) for column in columns], *[st.sampled_from([flag, f"NOT {flag}"]) for flag in flags]
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
            inner.map(lambda text: f"(NOT {text})"),
        ),
        max_leaves=4,
    )


paths_ = st.lists(name, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
folder = st.one_of(st.just("/"), paths_, paths_.map(lambda path: path + "/"), st.just("nowhere"))


@st.composite
def drives_and_predicates(draw: st.DrawFn) -> tuple[MemoryDrive, str]:
    """A drive, and a predicate that mostly speaks of what is in it, sometimes in another case."""
    drive = draw(drives("b!a"))
    there = list(drive.items) or ["/R"]
    spelled = st.sampled_from(there + [path.lower() for path in there] + [path.upper() for path in there])
    above = spelled.map(lambda path: path.rpartition("/")[0] or "/")
    some_id = st.sampled_from([*(raw["id"] for raw in drive.items.values()), "b!a-root", "x"])
    where = predicates(
        {
            "path": st.one_of(spelled, above.map(lambda path: path.rstrip("/") + "/"), paths_),
            "parent_path": st.one_of(above, spelled, folder),
            "name": name,
            "id": some_id,
            "parent_reference_id": some_id,
            "created_by_user_display_name": st.sampled_from(["alice", "Alice", "x", ""]),
        },
        ["is_folder"],
    )
    return drive, draw(where)


USER_PREDICATES = predicates(
    {
        "id": st.integers(0, 8).map(lambda number: f"u{number}"),
        "display_name": st.sampled_from(["alice", "ALICE", "x", "o'x", ""]),
        "department": st.sampled_from(["alice", "al", "x", ""]),
        "mail": st.sampled_from(["x", ""]),
    },
    ["account_enabled"],
)


# --- the comparison -----------------------------------------------------------------------------------------------------------


def _plain(table: str, found: list[tuple[Origin, list[dict[str, Any]]]]) -> pa.Table:
    declared = TABLES[table]
    keep = declared.keep or (lambda raw: True)
    batches = [
        records.batch_of(declared, tuple(declared.by_name), [raw for raw in objects if keep(raw)], origin)
        for origin, objects in found
    ]
    return pa.Table.from_batches(batches, declared.schema)


def _rows(table: pa.Table) -> Counter[tuple[Any, ...]]:
    rows = (row.values() for row in table.to_pylist())
    return Counter(tuple(tuple(v) if isinstance(v, list) else v for v in values) for values in rows)


def _compare(engines: Engines, tenant: MemoryTenant, name: str, plain: pa.Table, query: str) -> None:
    engines.plain.register(name, plain)
    expected = _rows(engines.plain.sql(query).to_arrow_table())
    session = engines.over(tenant)
    assert _rows(session.execute(query).table()) == expected, query
    some = session.execute(f"{query} LIMIT 2").table()
    assert some.num_rows == min(2, expected.total())
    assert not _rows(some) - expected


QUICK = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(parent=QUICK, max_examples=100)
@given(
    case=drives_and_predicates(),
    table=st.sampled_from(["items", "files", "folders"]),
    columns=st.sampled_from(["id", "name, size", "path", "parent_path, id", "owner, drive_id, id", "*"]),
)
def test_items(engines: Engines, case: tuple[MemoryDrive, str], table: str, columns: str) -> None:
    drive, where = case
    if table != "items":
        where = where.replace("NOT is_folder", "size > 1").replace("is_folder", "size = 0")
    plain = _plain(table, [(Origin(owner=ALICE), list(drive.items.values()))])
    query = f"SELECT {columns} FROM {table} WHERE {where}"
    _compare(engines, MemoryTenant(drives_={ALICE: drive}), table, plain, query)


@QUICK
@given(
    rows=users(),
    where=USER_PREDICATES,
    columns=st.sampled_from(["id", "display_name, mail", "account_enabled, id", "*"]),
)
def test_users(engines: Engines, rows: list[dict[str, Any]], where: str, columns: str) -> None:
    plain = _plain("users", [(Origin(), rows)])
    _compare(engines, MemoryTenant(users_=rows), "users", plain, f"SELECT {columns} FROM users WHERE {where}")


@QUICK
@given(
    first=drives("b!a"),
    second=drives("b!b"),
    where=predicates(
        {"owner": st.sampled_from([ALICE, BRUNO]), "name": name, "parent_path": folder}, ["is_folder"]
    ),
)
def test_owners_that_a_predicate_names(
    engines: Engines, first: MemoryDrive, second: MemoryDrive, where: str
) -> None:
    """With an IN on owner the table is the named owners' drives, whatever else is said about owner."""
    origins = [
        (Origin(owner=owner), list(drive.items.values()))
        for owner, drive in ((ALICE, first), (BRUNO, second))
    ]
    query = f"SELECT owner, id FROM items WHERE (owner IN ('{ALICE}', '{BRUNO}')) AND {where}"
    _compare(
        engines, MemoryTenant(drives_={ALICE: first, BRUNO: second}), "items", _plain("items", origins), query
    )

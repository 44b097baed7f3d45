"""Tables of what hangs on items, and entries of lists, give the same rows whatever of a query is sent to Graph."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.test_sql_same_rows import (
    ALICE,
    QUICK,
    Engines,
    _compare,
    _plain,
    drives,
    engines,
    name,
    predicates,
)
from tests.sql.memory import MemoryDrive, MemoryTenant

from driveql.sql.tables import Origin
from driveql.sql.tables.item_part import DRIVE, ITEM

__all__ = ["engines"]


@st.composite
def parts(draw: st.DrawFn) -> tuple[MemoryDrive, str]:
    """A drive with permissions and versions, and a predicate that mostly speaks of items in it, sometimes in another case."""
    drive = draw(drives("b!a"))
    drive.add("/z", b"z")
    for raw in drive.items.values():
        drive.permissions_[raw["id"]] = [
            {"id": f"p{number}", "roles": draw(st.sampled_from([["read"], ["write", "owner"], []]))}
            for number in range(draw(st.integers(1, 3)))
        ]
        if "file" in raw:
            drive.versions_[raw["id"]] = [
                {"id": f"{number}.0", "size": number} for number in range(draw(st.integers(0, 3)), 0, -1)
            ]
    there = list(drive.items) or ["/R"]
    spelled = st.sampled_from(there + [path.lower() for path in there])
    above = spelled.map(lambda path: path.rpartition("/")[0] or "/")
    where = predicates(
        {
            "path": st.one_of(spelled, above.map(lambda path: path.rstrip("/") + "/")),
            "parent_path": st.one_of(above, spelled),
            "item_name": name,
            "item_id": st.sampled_from([*(raw["id"] for raw in drive.items.values()), "x"]),
        },
        [],
    )
    # The row's own id is no item's.
    own = st.sampled_from(["p0", "p1", "1.0", "b!a-0"]).map(lambda text: f"id = '{text}'")
    joined = st.one_of(
        where,
        own,
        st.tuples(own, where).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        st.tuples(own, where).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
    )
    return drive, draw(joined)


@settings(parent=QUICK, max_examples=60)
@given(
    case=parts(),
    table=st.sampled_from(["permissions", "versions"]),
    columns=st.sampled_from(["id", "path, id", "item_id, parent_path", "owner, drive_id, item_name", "*"]),
)
def test_parts_of_items(engines: Engines, case: tuple[MemoryDrive, str], table: str, columns: str) -> None:
    drive, where = case
    held = drive.permissions_ if table == "permissions" else drive.versions_
    rows = [
        {**part, ITEM: raw, DRIVE: drive.id}
        for raw in drive.items.values()
        for part in held.get(raw["id"], [])
    ]
    query = f"SELECT {columns} FROM {table} WHERE {where}"
    plain = _plain(table, [(Origin(owner=ALICE), rows)])
    _compare(engines, MemoryTenant(drives_={ALICE: drive}), table, plain, query)


texts = st.sampled_from(["a", "A", "b", "o'x", "", "Ab"])


@st.composite
def entries(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 7))):
        fields = {"Title": draw(st.none() | texts), "FileLeafRef": draw(st.none() | texts), "Size": number}
        kept = {name: value for name, value in fields.items() if value is not None}
        rows.append({"id": str(number), "fields": kept})
    return rows


@settings(parent=QUICK, max_examples=50)
@given(
    rows=entries(),
    indexed=st.sampled_from([frozenset[str](), frozenset({"Title"})]),
    where=predicates({"title": texts, "file_name": texts, "id": st.integers(0, 7).map(str)}, []),
    columns=st.sampled_from(["id", "title, id", "fields, title", "*"]),
)
def test_entries_of_a_list(
    engines: Engines, rows: list[dict[str, Any]], indexed: frozenset[str], where: str, columns: str
) -> None:
    tenant = MemoryTenant(drives_={ALICE: MemoryDrive("b!a")}, entries_=rows, indexed_=indexed)
    plain = _plain("list_items", [(Origin(owner=ALICE), rows)])
    _compare(engines, tenant, "list_items", plain, f"SELECT {columns} FROM list_items WHERE {where}")

"""Whatever goes wrong with any request of a query: its rows are all there, or it says clearly that they are not. Never fewer.

Each query is run once to count its requests. Then, for each of them and each fault, it is run again. What passes by itself is
tried again by one connection, which must come to all rows; the other connection tries once. An answer that lies (a page that
names itself as the next, a body that is no JSON, a permission that is withdrawn) may end a query, and never shorten it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.faults.reading_tenant import LISTING, Tenant, reading_tenant

from driveql.errors import DriveqlError
from graph_emulator import faults

PASSING: list[faults.Effect] = [
    faults.Refuse(429, retry_after=0),
    faults.Refuse(503),
    faults.DropBefore(),
    faults.Drop(),
    faults.Truncate(bytes=7),
]
LASTING: list[faults.Effect] = [
    faults.Refuse(403),
    faults.NotJson(),
    faults.EmptyBody(),
    faults.RepeatedNextLink(),
    faults.ForeignNextLink(),
]
PAGES = "repeated_next_link", "foreign_next_link"
QUERIES = {
    "one item": "SELECT name, size FROM items WHERE path = '/Data/a.csv'",
    "a folder of many pages": "SELECT name FROM files WHERE parent_path = '/Many'",
    "a tree": "SELECT path FROM items WHERE path LIKE '/Tree/%'",
    "a whole drive": "SELECT path, size FROM items",
    "a limit": "SELECT count(*) FROM (SELECT name FROM files WHERE parent_path = '/Many' LIMIT 7)",
    "users": "SELECT display_name FROM users WHERE department = 'IT' OR department IS NULL",
    "members": "SELECT g.display_name, m.display_name FROM groups g JOIN group_members m ON m.group_id = g.id",
    "versions": "SELECT path, id, size FROM versions WHERE parent_path = '/Data'",
    "permissions": "SELECT path, kind, roles FROM permissions WHERE path = '/Data/a.csv'",
    "changes": "SELECT kind, path FROM changes",
    "a library's entries": "SELECT file_name FROM list_items",
    "CSV": "SELECT n, t FROM read_csv('onedrive:/Data/a.csv')",
    "CSV by a pattern, with its listing": """SELECT f.name, sum(c.n) FROM read_csv('onedrive:/Data/*.csv', filename = true) c
        JOIN files f ON c.filename = 'onedrive://' || f.path WHERE f.parent_path = '/Data' GROUP BY 1""",
    "Parquet": "SELECT sum(n), max(t) FROM 'onedrive:/Data/p.parquet'",
    "a workbook": "SELECT * FROM read_xlsx('onedrive:/Data/book.xlsx', header = true)",
    "text": "SELECT filename, content FROM read_text('onedrive:/Tree/sub/**/*.txt')",
}


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    yield from reading_tenant()


def check_consumed(tenant: Tenant, planned: faults.Fault, nth: int) -> None:
    """Assert that a fault happened, where the query came to its request: a limit may be reached before."""
    assert planned.fired or tenant.met(listing=planned.target is not None) < nth, planned


@pytest.mark.parametrize("name", QUERIES)
def test_what_passes_by_itself_leaves_all_rows(tenant: Tenant, name: str) -> None:
    expected = tenant.rows(tenant.again, QUERIES[name])
    count = tenant.met(listing=False)
    assert expected
    assert count
    for effect in PASSING:
        for nth in range(1, count + 1):
            planned = tenant.emulator.faults.add(effect, nth=nth)
            try:
                found = tenant.rows(tenant.again, QUERIES[name])
            finally:
                tenant.emulator.faults.clear()
            where = f"{effect} at request {nth} of {count}"
            assert found == expected, where
            check_consumed(tenant, planned, nth)


@pytest.mark.parametrize("name", QUERIES)
def test_what_lasts_never_shortens_an_answer(tenant: Tenant, name: str) -> None:
    expected = tenant.rows(tenant.once, QUERIES[name])
    refused = 0
    for effect in LASTING:
        of_pages = effect.kind in PAGES
        tenant.rows(tenant.once, QUERIES[name])
        count = tenant.met(listing=of_pages)
        for nth in range(1, count + 1):
            target = LISTING if of_pages else None
            planned = tenant.emulator.faults.add(effect, nth=nth, target=target, count=None)
            where = f"{effect} from request {nth} of {count} on"
            try:
                found = tenant.rows(tenant.once, QUERIES[name])
            except DriveqlError:
                refused += 1
            else:
                assert found == expected, where
            finally:
                tenant.emulator.faults.clear()
            check_consumed(tenant, planned, nth)
    assert refused


@pytest.mark.parametrize("name", QUERIES)
def test_an_empty_page_with_a_next_link_is_no_end(tenant: Tenant, name: str) -> None:
    expected = tenant.rows(tenant.once, QUERIES[name])
    count = tenant.met(listing=True)
    for nth in range(1, count + 1):
        planned = tenant.emulator.faults.add(faults.EmptyPage(), nth=nth, target=LISTING)
        try:
            assert tenant.rows(tenant.once, QUERIES[name]) == expected
        finally:
            tenant.emulator.faults.clear()
        check_consumed(tenant, planned, nth)

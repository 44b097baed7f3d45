"""The tables of what hangs on items, drives and sites, over real sockets: their rows, and the requests they cost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from graph_emulator import faults
from graph_emulator.store.lists import Column

SALES = "/sites/contoso.sharepoint.com:/sites/Sales"


@pytest.fixture
def counted(tenant: SqlTenant, connection: Connection) -> Any:
    """Run a query and return its rows and how many requests it took, the drive being known already."""
    connection.execute("SELECT name FROM items WHERE path = '/Notes'").fetchall()

    def run(sql: str, parameters: Any = None) -> tuple[list[Any], int]:
        tenant.asked()
        rows = connection.execute(sql, parameters).fetchall()
        return rows, len(tenant.asked())

    return run


@pytest.fixture
def clients(tenant: SqlTenant) -> Any:
    """A list of the Sales site with an indexed column."""
    store = tenant.emulator.tenant
    site = next(site for site in store.sites.values() if site.display_name == "Sales")
    known = next((made for made in site.lists if made.name == "Clients"), None)
    if known is None:
        columns = [Column("Region", "text", "Region", indexed=True), Column("Size", "number", "Size")]
        known = store.add_list(site, "Clients", columns, actor=site.drives[0].actor)
        for number, region in enumerate(("EMEA", "APAC", "emea")):
            known.add({"Title": f"Client {number}", "Region": region, "Size": number}, 1_780_000_000.0)
    return known


def test_permissions(tenant: SqlTenant, counted: Any) -> None:
    drive, token = tenant.drive, "/Shared/plan.txt"
    drive.put_file(token, b"plan")
    with tenant.connect() as other:
        source, portal = other.session().tenant.source, other.session().tenant.portal
        handle: Any = portal.call(source.drive())
        portal.call(handle.sharing.create_link(token, "view", "organization"))
        portal.call(handle.sharing.invite(token, ["bruno@contoso.com"], ["write"], send_invitation=False))
    sql = "SELECT kind, roles, link_scope, granted_to_emails, is_inherited FROM permissions WHERE path = ? ORDER BY kind, roles"
    rows, requests = counted(sql, [token])
    assert requests == 2
    assert ("link", ["read"], "organization", [], False) in rows
    assert ("grant", ["write"], None, ["bruno@contoso.com"], False) in rows
    assert counted("SELECT count(*) FROM permissions WHERE path = '/shared/PLAN.txt'")[0] == [(0,)]
    assert counted("SELECT count(*) FROM permissions WHERE path = '/None'") == ([(0,)], 1)
    shared, _ = counted("SELECT DISTINCT path FROM permissions WHERE kind = 'link'")
    assert shared == [(token,)]
    item = counted("SELECT id FROM items WHERE path = ?", [token])[0][0]
    assert counted("SELECT count(DISTINCT path) FROM permissions WHERE item_id = ?", item) == ([(1,)], 2)


def test_versions(tenant: SqlTenant, counted: Any) -> None:
    for text in (b"1", b"22", b"333"):
        tenant.drive.put_file("/Versioned/a.txt", text)
    sql = "SELECT id, size FROM versions WHERE path = '/Versioned/a.txt' ORDER BY id DESC"
    rows, requests = counted(sql)
    assert rows == [("3.0", 3), ("2.0", 2), ("1.0", 1)]
    assert requests == 2
    assert counted("SELECT count(*) FROM versions WHERE parent_path = '/Versioned'") == ([(3,)], 2)
    rows, _ = counted("SELECT path FROM versions GROUP BY path HAVING count(*) > 1")
    assert ("/Versioned/a.txt",) in rows


def test_an_item_that_vanishes_while_its_versions_are_asked_has_none(tenant: SqlTenant, counted: Any) -> None:
    tenant.drive.put_file("/Versioned/gone.txt", b"x")
    tenant.emulator.faults.add(faults.Refuse(404), method="GET", target="/versions")
    assert counted("SELECT * FROM versions WHERE path = '/Versioned/gone.txt'")[0] == []
    tenant.emulator.faults.assert_consumed()
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", target="/versions")
    with pytest.raises(errors.PermissionDeniedError):
        counted("SELECT * FROM versions WHERE path = '/Versioned/gone.txt'")
    tenant.emulator.faults.clear()


def test_changes_go_on_where_a_round_ended(tenant: SqlTenant, counted: Any) -> None:
    rows, _ = counted("SELECT path FROM changes WHERE kind = 'changed' ORDER BY path")
    assert rows == counted("SELECT path FROM items ORDER BY path")[0]
    ((cursor,),), requests = counted("SELECT cursor FROM changes WHERE start = 'latest'")
    assert requests == 1
    item = tenant.drive.put_file("/Changed/new.txt", b"new")
    gone = tenant.drive.put_file("/Changed/gone.txt", b"gone")
    tenant.drive.delete(gone)
    sql = "SELECT kind, id, name, path FROM changes WHERE start = ?"
    found = counted(sql, [cursor])[0]
    assert ("changed", item.id, "new.txt", "/Changed/new.txt") in found
    assert ("deleted", gone.id, None, None) in found
    assert found[-1] == ("cursor", None, None, None)
    ((later,),), _ = counted("SELECT cursor FROM changes WHERE start = ? AND kind = 'cursor'", [cursor])
    assert counted(sql, [later])[0] == [("cursor", None, None, None)]
    since, _ = counted("SELECT DISTINCT since, start FROM changes WHERE since = '2020-01-01'")
    assert since == [("2020-01-01", None)]
    assert counted("SELECT * FROM changes WHERE since = '2020-01-01' AND start = 'all'") == ([], 0)


def test_a_cursor_that_is_too_old_and_a_time_that_is_none(tenant: SqlTenant, counted: Any) -> None:
    tenant.emulator.faults.add(faults.Refuse(410, code="resyncRequired"), method="GET", target="/delta")
    with pytest.raises(errors.ResyncRequiredError):
        counted("SELECT * FROM changes WHERE start = 'old'")
    tenant.emulator.faults.assert_consumed()
    tenant.emulator.faults.clear()
    tenant.asked()
    with pytest.raises(errors.ParameterError, match="yesterday"):
        counted("SELECT * FROM changes WHERE since = 'yesterday'")
    assert tenant.asked() == []


def test_shared_with_me_says_that_it_is_retired(tenant: SqlTenant, counted: Any) -> None:
    assert counted("SELECT * FROM shared_with_me") == ([], 1)
    tenant.emulator.faults.add(faults.Refuse(403), method="GET", target="/sharedWithMe")
    with pytest.raises(errors.PermissionDeniedError) as refused:
        counted("SELECT * FROM shared_with_me")
    assert "retires" in (refused.value.hint or "")
    tenant.emulator.faults.clear()


def test_lists(counted: Any, clients: Any) -> None:
    rows, requests = counted(
        "SELECT display_name, list_template FROM lists WHERE owner = ? ORDER BY 1", [SALES]
    )
    assert [row[0] for row in rows] == ["Clients", "Contracts", "Documents"]
    assert requests == 1
    assert counted("SELECT count(*) FROM lists")[0] == [(1,)]
    ((site,),), _ = counted("SELECT id FROM sites WHERE display_name = 'Sales'")
    rows, requests = counted(
        "SELECT id, site_id FROM lists WHERE site_id = ? AND display_name = 'Clients'", [site]
    )
    assert rows == [(clients.guid, site)]
    assert requests == 1


def test_entries_of_lists(counted: Any, clients: Any, connection: Connection) -> None:
    sql = "SELECT id, title, fields, list FROM list_items WHERE owner = ? AND list = 'Clients' ORDER BY 1"
    rows, requests = counted(sql, [SALES])
    assert requests == 1
    assert [row[1] for row in rows] == ["Client 0", "Client 1", "Client 2"]
    assert json.loads(rows[1][2])["Size"] == 1
    assert rows[0][3] == "Clients"
    told = "fields->>'Region'"
    for unknown in ("SELECT id FROM list_items WHERE Region = 'EMEA'", "SELECT i.Region FROM list_items i"):
        with pytest.raises(errors.SqlError) as error:
            connection.execute(unknown)
        assert told in (error.value.hint or "")
    sql = """SELECT fields->>'Region', sum((fields->>'Size')::INT) FROM list_items WHERE owner = ? AND list = ?
             GROUP BY 1 ORDER BY 1"""
    assert counted(sql, [SALES, clients.guid])[0] == [("APAC", 1), ("EMEA", 0), ("emea", 2)]
    own, _ = counted("SELECT file_name, content_type_name FROM list_items WHERE file_name = 'todo.md'")
    assert own == [("todo.md", "Document")]
    with pytest.raises(errors.NotFoundError):
        counted("SELECT * FROM list_items WHERE owner = ? AND list = 'Nothing'", [SALES])


def test_only_indexed_columns_are_filtered_by_the_service(
    tenant: SqlTenant, counted: Any, clients: Any
) -> None:
    sql = "SELECT id FROM list_items WHERE owner = ? AND list = 'Clients' AND title = 'Client 1'"
    assert counted(sql, [SALES]) == ([("2",)], 2)
    with tenant.connect(
        search_option_for_non_indexed_fields="HonorNonIndexedQueriesWarningMayFailRandomly"
    ) as connection:
        tenant.asked()
        assert connection.execute(sql, [SALES]).fetchall() == [("2",)]
        (asked,) = tenant.asked()
        assert "$filter=fields/Title eq 'Client 1'" in asked.replace("%20", " ")
    clients.columns.append(Column("Title", "text", "Title", indexed=True))
    try:
        tenant.asked()
        assert connection_rows(tenant, sql) == [("2",)]
        assert any("$filter" in asked for asked in tenant.asked())
    finally:
        clients.columns.pop()


def connection_rows(tenant: SqlTenant, sql: str) -> list[Any]:
    with tenant.connect() as connection:
        return connection.execute(sql, [SALES]).fetchall()


def test_subscriptions(tenant: SqlTenant, counted: Any) -> None:
    assert counted("SELECT * FROM subscriptions") == ([], 1)
    assert counted("SELECT * FROM subscriptions WHERE id = 'x'") == ([], 1)
    assert "client_state" not in [row[0] for row in counted("DESCRIBE subscriptions")[0]]


def test_explain_says_what_each_row_costs(tenant: SqlTenant, connection: Connection) -> None:
    tenant.asked()
    found = str(connection.explain("SELECT id FROM versions WHERE path LIKE '/Reports/%'"))
    assert "1 request a file" in found
    found = str(connection.explain("SELECT id FROM list_items WHERE title = 'x'"))
    assert "where those columns are indexed" in found
    assert tenant.asked() == []

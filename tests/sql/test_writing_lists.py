"""INSERT, UPDATE and DELETE on list_items: what the rows say is what the lists hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.sql.dbapi import Connection
from driveql.sql.writing import writer
from graph_emulator.store.lists import Column

SALES = "/sites/contoso.sharepoint.com:/sites/Sales"


@pytest.fixture
def clients(tenant: SqlTenant) -> Any:
    """A list of the Sales site, with three entries."""
    store = tenant.emulator.tenant
    site = next(site for site in store.sites.values() if site.display_name == "Sales")
    site.lists[:] = [made for made in site.lists if made.name != "Clients"]
    columns = [
        Column("Region", "text", "Region", indexed=True),
        Column("Size", "number", "Size"),
        Column("Since", "dateTime", "Since"),
    ]
    made = store.add_list(site, "Clients", columns, actor=site.drives[0].actor)
    for number, region in enumerate(("EMEA", "APAC", "EMEA")):
        made.add({"Title": f"Client {number}", "Region": region, "Size": number}, 1_780_000_000.0)
    return made


def held(clients: Any) -> dict[str, Any]:
    return {entry.fields["Title"]: entry.fields for entry in clients.entries.values()}


def test_rows_are_added_to_a_list(tenant: SqlTenant, connection: Connection, clients: Any) -> None:
    sql = f"""INSERT INTO list_items (owner, list, title, Region, "Size", Since)
              VALUES ('{SALES}', 'Clients', 'New', 'EMEA', 7, DATE '2026-01-31'), ('{SALES}', 'clients', 'Bare', NULL, NULL, NULL)
              RETURNING path = 'Clients/' || id, outcome, title, fields->>'Region' AS region, list, owner"""
    tenant.asked()
    rows = connection.execute(sql).fetchall()
    assert rows == [
        (True, "done", "New", "EMEA", "Clients", SALES),
        (True, "done", "Bare", None, "clients", SALES),
    ]
    assert sum(asked.startswith("/$batch") for asked in tenant.asked()) == 1
    assert held(clients)["New"] == {
        "Title": "New",
        "Region": "EMEA",
        "Size": 7,
        "Since": "2026-01-31T00:00:00Z",
    }
    connection.execute(
        "CREATE TABLE more AS SELECT 'Many ' || range AS title, range AS \"Size\" FROM range(45)"
    )
    sql = f"INSERT INTO list_items BY NAME SELECT '{SALES}' AS owner, 'Clients' AS list, * FROM more"
    cursor = connection.execute(sql)
    assert cursor.rowcount == 45
    assert held(clients)["Many 44"]["Size"] == 44
    sql = (
        "INSERT INTO list_items (owner, list, fields) VALUES (?, 'Clients', {'Title': 'Struct', 'Size': 2.5})"
    )
    connection.execute(sql, [SALES])
    assert held(clients)["Struct"]["Size"] == 2.5


def test_columns_of_entries_are_set(tenant: SqlTenant, connection: Connection, clients: Any) -> None:
    sql = f"""UPDATE list_items SET title = upper(title), Size = (fields->>'Size')::INT + 10, Region = NULL
              WHERE owner = '{SALES}' AND list = 'Clients' AND fields->>'Region' = 'EMEA'
              RETURNING path, title, (fields->>'Size')::INT, fields->>'Region', outcome"""
    tenant.asked()
    assert sorted(connection.execute(sql).fetchall()) == [
        ("Clients/1", "CLIENT 0", 10, None, "done"),
        ("Clients/3", "CLIENT 2", 12, None, "done"),
    ]
    assert sum(asked.startswith("/$batch") for asked in tenant.asked()) == 1
    assert held(clients)["CLIENT 2"] == {"Title": "CLIENT 2", "Size": 12}
    assert held(clients)["Client 1"]["Region"] == "APAC"


def test_the_columns_of_a_librarys_files_are_set(tenant: SqlTenant, connection: Connection) -> None:
    item = tenant.drive.put_file("/L/report.docx", b"x")
    tenant.drive.library.columns.append(Column("Region", "text", "Region"))
    sql = """UPDATE list_items SET Region = 'EMEA', file_name = 'named.docx' WHERE file_name = 'report.docx'
             RETURNING file_name, outcome"""
    assert connection.execute(sql).fetchall() == [("named.docx", "done")]
    assert tenant.drive.item("/L/named.docx").id == item.id
    assert tenant.drive.library.fields[item.id]["Region"] == "EMEA"


def test_entries_are_deleted(tenant: SqlTenant, connection: Connection, clients: Any) -> None:
    sql = f"""DELETE FROM list_items WHERE owner = '{SALES}' AND list = 'Clients' AND title = 'Client 1'
              RETURNING path, title, outcome"""
    assert connection.execute(sql).fetchall() == [("Clients/2", "Client 1", "done")]
    assert set(held(clients)) == {"Client 0", "Client 2"}
    assert connection.execute(sql).fetchall() == []


def test_a_condition_on_the_etag_guards_an_entry(
    tenant: SqlTenant, connection: Connection, clients: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"owner = '{SALES}' AND list = 'Clients' AND id = '1'"
    ((etag,),) = connection.execute(f"SELECT e_tag FROM list_items WHERE {where}").fetchall()
    guarded = f"UPDATE list_items SET Region = 'x' WHERE {where} AND e_tag = ? RETURNING e_tag"
    ((later,),) = connection.execute(guarded, [etag]).fetchall()
    assert later != etag
    insert, original, delete = writer._WORK["list_items"]

    async def late(*arguments: Any) -> None:
        # Somebody else writes between the query and the change.
        clients.change(clients.entries[1], {"Region": "theirs"}, 1_790_000_000.0, clients.created_by)
        await original(*arguments)

    monkeypatch.setitem(writer._WORK, "list_items", (insert, late, delete))
    with pytest.raises(errors.ItemChangedError):
        connection.execute(guarded, [later])
    assert held(clients)["Client 0"]["Region"] == "theirs"


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("INSERT INTO list_items (title) VALUES ('x')", errors.SqlNotSupportedError),
        ("INSERT INTO list_items (owner, list, title) VALUES ('{site}', 'Documents', 'x')", errors.SqlNotSupportedError),
        ("INSERT INTO list_items (owner, list, title) VALUES ('{site}', 'Nowhere', 'x')", errors.NotFoundError),
        ("INSERT INTO list_items (owner, list) VALUES ('{site}', 'Clients')", errors.SqlSyntaxError),
        ("INSERT INTO list_items (owner, list, e_tag) VALUES ('{site}', 'Clients', 'x')", errors.SqlNotSupportedError),
        ("INSERT INTO list_items (list, Since) VALUES ('Clients', TIMESTAMP '2026-01-01')", errors.SqlSyntaxError),
        ("INSERT INTO list_items (list, title, fields) SELECT 'Clients', 'x', {{'Title': 'y'}}", errors.SqlSyntaxError),
        ("INSERT INTO list_items (owner, list, fields) VALUES ('{site}', 'Clients', '[1]')", errors.SqlSyntaxError),
        ("INSERT INTO list_items (owner, list, \"a b\") VALUES ('{site}', 'Clients', 'x')", errors.SqlSyntaxError),
        ("INSERT OR REPLACE INTO list_items (owner, list, title) VALUES ('{site}', 'Clients', 'x')", errors.SqlNotSupportedError),
        ("INSERT INTO list_items VALUES ('x')", errors.SqlNotSupportedError),
        ("UPDATE list_items SET id = '9' WHERE owner = '{site}' AND list = 'Clients'", errors.SqlNotSupportedError),
        ("UPDATE list_items SET Region = 'x'", errors.SqlNotSupportedError),
        ("UPDATE list_items SET Region = r FROM (VALUES ('a'), ('b')) v(r) WHERE owner = '{site}' AND list = 'Clients'",
         errors.SqlSyntaxError),
        ("DELETE FROM list_items WHERE file_name = 'todo.md'", errors.SqlNotSupportedError),
        ("DELETE FROM list_items WHERE owner = '{site}' AND list = 'Clients' RETURNING nix", errors.SqlError),
        ("MERGE INTO list_items USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE", errors.SqlNotSupportedError),
    ],
)  # fmt: skip
def test_a_wrong_statement_changes_nothing(
    tenant: SqlTenant, connection: Connection, clients: Any, sql: str, error: type[Exception]
) -> None:
    before = json.dumps(held(clients))
    tenant.asked()
    with pytest.raises(error):
        connection.execute(sql.format(site=SALES))
    assert not any(asked.startswith("/$batch") for asked in tenant.asked())
    assert json.dumps(held(clients)) == before
    assert tenant.drive.item("/Notes/todo.md")


def test_one_refused_entry_leaves_the_others_done(
    tenant: SqlTenant, connection: Connection, clients: Any
) -> None:
    sql = f"UPDATE list_items SET Missing = 'x' WHERE owner = '{SALES}' AND list = 'Clients' AND id = '1'"
    with pytest.raises(errors.BadRequestError, match="Missing"):
        connection.execute(sql)
    cursor = connection.cursor()
    sql = """INSERT INTO list_items (owner, list, fields) VALUES (?, 'Clients', '{"Title": "good", "Size": 1}'),
             (?, 'Clients', '{"Title": "bad", "Size": "many"}') RETURNING outcome, title"""
    with pytest.raises(errors.WriteError, match="1 of 2"):
        cursor.execute(sql, [SALES, SALES])
    assert cursor.fetchall() == [("done", "good"), ("failed", None)]
    assert "bad" not in held(clients)


def test_read_only_dry_run_and_audit(
    tenant: SqlTenant, connection: Connection, clients: Any, tmp_path: Path
) -> None:
    insert = f"INSERT INTO list_items (owner, list, title) VALUES ('{SALES}', 'Clients', 'secret')"
    with tenant.connect(read_only=True) as read_only:
        tenant.emulator.requests.clear()
        for sql in (
            insert,
            "UPDATE list_items SET title = 'x' WHERE id = '1'",
            "DELETE FROM list_items WHERE id = '1'",
        ):
            with pytest.raises(errors.ConfigurationError, match="ReadOnly"):
                read_only.execute(sql)
        assert not tenant.emulator.requests
    connection.execute("SET driveql.dry_run = true")
    assert connection.execute(f"{insert} RETURNING outcome, path").fetchall() == [("planned", "Clients")]
    assert "secret" not in held(clients)
    connection.execute("SET driveql.dry_run = false")
    log = tmp_path / "log.jsonl"
    connection.execute(f"SET driveql.audit_log = '{log}'")
    connection.execute(insert)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["begin", "row", "end"]
    assert lines[1]["path"] == "Clients/4"
    assert "secret" not in log.read_text()

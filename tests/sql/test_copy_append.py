"""COPY ... (APPEND): rows are behind what a file held, whose bytes stay as they were, or nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sql.conftest import SqlTenant

from driveql import errors
from driveql.drive import appending
from driveql.sql.dbapi import Connection
from graph_emulator import faults

ROW = "SELECT 7 AS n, 'a;b' AS t, NULL::DATE AS d"


def content(tenant: SqlTenant, path: str) -> bytes:
    item = tenant.drive.item(path)
    return bytes(item.content.read(0, item.content.size))


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (b"n,t,d\n1,x,2026-01-01\n", b"7,a;b,\n"),
        (b"n;t;d\r\n1;x;2026-01-01", b'\r\n7;"a;b";\r\n'),
        ("\ufeffn\tt\td\n".encode(), b"7\ta;b\t\n"),
        ("\ufeffn,t,d\n".encode("utf-16-le"), "7,a;b,\n".encode("utf-16-le")),
        (b"", b"n,t,d\n7,a;b,\n"),
    ],
)
def test_rows_are_added_in_the_files_own_dialect(
    tenant: SqlTenant, connection: Connection, before: bytes, added: bytes
) -> None:
    item = tenant.drive.put_file("/A/a.csv", before)
    version = item.version
    cursor = connection.execute(f"COPY ({ROW}) TO 'onedrive:/A/a.csv' (APPEND)")
    assert cursor.rowcount == 1
    assert [(row[0], row[1], row[2], row[3]) for row in cursor.fetchall()] == [
        ("/A/a.csv", item.id, "append", "done")
    ]
    assert content(tenant, "/A/a.csv") == before + added
    assert tenant.drive.item("/A/a.csv").version == version + 1


def test_json_lines_tables_and_new_files(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/A/a.jsonl", b'{"n":1}\r\n{"n":2}')
    connection.execute(f"COPY ({ROW}) TO 'onedrive:/A/a.jsonl' (APPEND true)")
    *_, last = content(tenant, "/A/a.jsonl").split(b"\r\n")[:-1]
    assert json.loads(last) == {"n": 7, "t": "a;b", "d": None}
    connection.execute("CREATE TABLE mine AS SELECT 1 AS a, 'x' AS b")
    connection.execute("COPY mine (b) TO 'onedrive:/A/new.csv' (APPEND)")
    connection.execute("COPY mine (b) TO 'onedrive:/A/new.csv' (APPEND)")
    assert content(tenant, "/A/new.csv") == b"b\nx\nx\n"
    connection.execute("COPY mine TO 'onedrive:/A/list.txt' (APPEND, HEADER false, DELIMITER ';')")
    connection.execute("COPY mine TO 'onedrive:/A/list.txt' (APPEND, HEADER false)")
    assert content(tenant, "/A/list.txt") == b"1;x\n1;x\n"
    connection.execute("COPY mine TO 'onedrive:/A/list.txt' (APPEND false, HEADER false)")
    assert content(tenant, "/A/list.txt") == b"1,x\n"
    rows = connection.execute("SELECT b FROM read_csv('onedrive:/A/new.csv')").fetchall()
    assert rows == [("x",), ("x",)]
    item = tenant.drive.item("/A/new.csv")
    ((outcome,),) = [
        (row[3],)
        for row in connection.execute("COPY (SELECT 'z' AS b WHERE false) TO 'onedrive:/A/new.csv' (APPEND)")
    ]
    assert (outcome, tenant.drive.item("/A/new.csv").version) == ("skipped", item.version)


@pytest.mark.parametrize("size", [100, 5 << 20])
def test_what_another_wrote_stays(
    tenant: SqlTenant, connection: Connection, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    tenant.drive.put_file("/A/busy.csv", b"n\n" + b"1\n" * (size // 2))
    original = appending.write_back

    async def late(*arguments: Any, **named: Any) -> Any:
        tenant.drive.put_file("/A/busy.csv", b"n\n2\n")
        return await original(*arguments, **named)

    monkeypatch.setattr(appending, "write_back", late)
    with pytest.raises(errors.ItemChangedError, match="nothing was added"):
        connection.execute("COPY (SELECT 3 AS n) TO 'onedrive:/A/busy.csv' (APPEND)")
    assert content(tenant, "/A/busy.csv") == b"n\n2\n"
    monkeypatch.undo()
    connection.execute("COPY (SELECT 3 AS n) TO 'onedrive:/A/busy.csv' (APPEND)")
    assert content(tenant, "/A/busy.csv") == b"n\n2\n3\n"


def test_a_lost_answer_is_settled_by_looking(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/A/lost.csv", b"n\n1\n")
    fault: Any = tenant.emulator.faults.add(faults.Drop(), method="PUT", target="lost.csv")
    try:
        rows = connection.execute("COPY (SELECT 2 AS n) TO 'onedrive:/A/lost.csv' (APPEND)").fetchall()
    finally:
        tenant.emulator.faults.clear()
    assert fault.fired
    assert rows[0][3] == "done"
    assert content(tenant, "/A/lost.csv") == b"n\n1\n2\n"


@pytest.mark.parametrize(
    ("name", "before", "sql"),
    [
        ("b.csv", b"x,y\n1,2\n", "SELECT 1 AS x, 2 AS z"),
        ("b.csv", b"x,y\n1,2\n", "SELECT 1 AS y, 2 AS x"),
        ("b.json", b'[{"x": 1}]', "SELECT 1 AS x"),
        ("b.jsonl", b'{"x": 1}\n{"x": ', "SELECT 1 AS x"),
        ("b.parquet", b"PAR1", "SELECT 1 AS x"),
        ("b.xlsx", b"PK", "SELECT 1 AS x"),
        ("b.ods", b"x\n", "SELECT 1 AS x"),
        ("b.csv.gz", b"\x1f\x8b", "SELECT 1 AS x"),
    ],
)
def test_what_cannot_be_done_safely_is_refused(
    tenant: SqlTenant, connection: Connection, name: str, before: bytes, sql: str
) -> None:
    tenant.drive.put_file(f"/A/{name}", before)
    with pytest.raises(errors.SqlNotSupportedError) as refused:
        connection.execute(f"COPY ({sql}) TO 'onedrive:/A/{name}' (APPEND)")
    assert refused.value.hint
    assert content(tenant, f"/A/{name}") == before


def test_options_dry_run_and_the_form_that_is_none(tenant: SqlTenant, connection: Connection) -> None:
    tenant.drive.put_file("/A/c.csv", b"n\n")
    for options in (
        "APPEND maybe",
        "APPEND, DATEFORMAT '%Y'",
        "APPEND, DELIMITER 'xx'",
        "APPEND, FORMAT avro",
    ):
        with pytest.raises(errors.SqlError):
            connection.execute(f"COPY (SELECT 1 AS n) TO 'onedrive:/A/c.csv' ({options})")
    with pytest.raises(errors.SqlError):
        connection.execute("COPY (SELECT error('x') AS n) TO 'onedrive:/A/c.csv' (APPEND)")
    with pytest.raises(errors.SqlNotSupportedError) as refused:
        connection.execute("INSERT INTO 'onedrive:/A/c.csv' SELECT 1 AS n")
    assert "APPEND" in (refused.value.hint or "")
    connection.execute("SET driveql.dry_run = true")
    rows = connection.execute("COPY (SELECT 1 AS n) TO 'onedrive:/A/c.csv' (APPEND)").fetchall()
    assert rows[0][3] == "planned"
    assert content(tenant, "/A/c.csv") == b"n\n"


def test_a_stranger_appends_too_and_names_no_local_file(tenant: SqlTenant) -> None:
    tenant.drive.put_file("/A/s.csv", b"n\n")
    with tenant.connect(untrusted=True) as stranger:
        stranger.execute("COPY (SELECT 1 AS n) TO 'onedrive:/A/s.csv' (APPEND)")
        assert content(tenant, "/A/s.csv") == b"n\n1\n"
        for call in (
            "sync('/tmp', '/A')",
            "convert_file('/A/s.csv', '/tmp/x.pdf')",
            "download_version('/A/s.csv', '1.0', '/tmp/x')",
            "download_thumbnail('/A/s.csv', '/tmp/x')",
        ):
            with pytest.raises(errors.SqlNotSupportedError, match="local files"):
                stranger.execute(f"CALL {call}")

"""docs/migrating.md, line by line: both sides of each line give the same rows; what is refused says what to write instead."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from tests.conftest import ROOT
from tests.sql.conftest import SqlTenant

from driveql.errors import DriveqlError, NotFoundError, ParameterError, SqlNotSupportedError
from driveql.sql import split
from driveql.sql.dbapi import Connection

_LINE = re.compile(r"^\| `(.+?)` \| `(.+)` \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "migrating.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def lines(section: str) -> list[tuple[str, str]]:
    found = _LINE.findall(SECTIONS[section].replace(r"\|", "\0"))
    return [(theirs.replace("\0", "|"), ours.replace("\0", "|")) for theirs, ours in found]


def test_no_line_of_the_page_is_left_out() -> None:
    counted = sum(line.startswith("| `") for line in PAGE.splitlines())
    assert counted == sum(len(lines(section)) for section in SECTIONS) > 80


@pytest.fixture(scope="module")
def plan(tenant: SqlTenant) -> Any:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Plan")
        sheet.write_row(0, 0, ["month", "amount", "note"])
        for row in range(1, 6):
            sheet.write_row(row, 0, [f"2026-0{row}", row * 10, "x"])
    tenant.drive.put_file("/Plan.json", b'[{"month": "2026-01", "amount": 10}]')
    tenant.drive.put_file("/Rows.json", b'{"value": [{"month": "2026-01"}, {"month": "2026-02"}]}')
    return tenant.drive.put_file("/Plan.xlsx", content.getvalue())


def rows(tenant: SqlTenant, connection: Connection, text: str, file: Any) -> list[Any]:
    folder = next(item for item in tenant.drive.items.values() if item.path == "/Reports/2026")
    table = tenant.drive.item("/Reports/2026/sales-2026-01.csv")
    ids = {"b!DRIVE": tenant.drive.id, "01FOLDER": folder.id, "01FILE": file.id, "01CSV": table.id}
    for mark, value in ids.items():
        text = text.replace(mark, value)
    *first, last = split(text)
    for statement in first:
        connection.execute(statement)
    return connection.execute(last).fetchall()


@pytest.mark.parametrize(("theirs", "ours"), [*lines("Reading"), *lines("Placeholders")])
def test_both_sides_give_the_same_rows(
    tenant: SqlTenant, connection: Connection, plan: Any, theirs: str, ours: str
) -> None:
    found, expected = (rows(tenant, connection, text, plan) for text in (theirs, ours))
    if "shared_with_me" not in theirs:
        assert found
    if "order" in ours.lower():
        assert found == expected
    assert Counter(map(str, found)) == Counter(map(str, expected))


@pytest.mark.parametrize(("theirs", "instead"), lines("Not translated"))
def test_what_is_not_translated_says_what_to_write(
    tenant: SqlTenant, connection: Connection, plan: Any, theirs: str, instead: str
) -> None:
    tenant.asked()
    with pytest.raises(SqlNotSupportedError) as refused:
        rows(tenant, connection, theirs, plan)
    assert instead in (refused.value.hint or "")
    assert tenant.asked() == []


def _fresh(tenant: SqlTenant, local: Path) -> Any:
    """Put the folder /W into its first state, and return the file in it that statements name."""
    drive = tenant.drive
    for item in [item for item in list(drive.items.values()) if item.path == "/W"]:
        drive.delete(item)
    file = drive.put_file("/W/a.txt", b"content of a")
    drive.put_file("/W/In/old.txt", b"old")
    drive.put_file("/W/b.txt", b"content of b")
    (local / "new.csv").write_bytes(b"n\n1\n")
    (local / "got.txt").unlink(missing_ok=True)
    return file


def _state(tenant: SqlTenant, local: Path) -> dict[str, bytes | None]:
    held = {item.path: None if item.is_folder else item.content.read() for item in _below_w(tenant)}
    return held | {file.name: file.read_bytes() for file in local.iterdir()}


def _below_w(tenant: SqlTenant) -> list[Any]:
    return [item for item in tenant.drive.items.values() if item.path.startswith("/W/")]


@pytest.mark.parametrize(("theirs", "ours"), lines("Writing"))
def test_both_sides_leave_the_same_files(
    tenant: SqlTenant, connection: Connection, tmp_path: Path, theirs: str, ours: str
) -> None:
    states = []
    for text in (theirs, ours):
        file = _fresh(tenant, tmp_path)
        before = _state(tenant, tmp_path)
        folder = next(item for item in tenant.drive.items.values() if item.path == "/W/In")
        text = text.replace("LOCAL", str(tmp_path)).replace("01FOLDER", folder.id)
        connection.execute(text.replace("01FILE", file.id).replace("b!DRIVE", tenant.drive.id))
        states.append(_state(tenant, tmp_path))
        assert states[-1] != before
    assert states[0] == states[1]


@pytest.mark.parametrize(
    "action",
    ["delete_item WITH (ItemId='01NOPE')", "delete_item WITH (ItemId='root:/W/nope.txt:')",
     "move_rename_item WITH (ItemId='root:/W/nope.txt:', TargetItemName='x')",
     "move_rename_item WITH (ItemId='root:/W/a.txt:', TargetFolderId='01NOPE')"],
)  # fmt: skip
def test_an_item_that_is_not_there_is_told(
    tenant: SqlTenant, connection: Connection, tmp_path: Path, action: str
) -> None:
    _fresh(tenant, tmp_path)
    with pytest.raises(NotFoundError):
        connection.execute(f"SELECT * FROM {action}")


def test_a_folder_goes_nowhere_else_where_the_one_above_is_missing(
    tenant: SqlTenant, connection: Connection
) -> None:
    with pytest.raises(DriveqlError):
        connection.execute("SELECT * FROM create_folder WITH (Name='lost', ParentFolderId='01NOPE')")
    assert not any(item.name == "lost" for item in tenant.drive.items.values())


@pytest.mark.parametrize(
    "action",
    ["create_folder WITH (Name='x', ParentFolderPath='W')", "copy_item WITH (ItemId='x', TargetFolderPath='W')",
     "move_rename_item WITH (ItemId='x', TargetFolderPath='01FOLDER')"],
)  # fmt: skip
def test_a_bare_name_is_no_path(tenant: SqlTenant, connection: Connection, action: str) -> None:
    tenant.asked()
    with pytest.raises(ParameterError, match="is no path") as refused:
        connection.execute(f"SELECT * FROM {action}")
    assert "FolderId" in (refused.value.hint or "")
    assert tenant.asked() == []


def test_a_folder_below_a_path_without_its_first_slash(
    tenant: SqlTenant, connection: Connection, tmp_path: Path
) -> None:
    _fresh(tenant, tmp_path)
    connection.execute("SELECT * FROM create_folder WITH (Name='x', ParentFolderPath='W/In')")
    assert "/W/In/x" in _state(tenant, tmp_path)


def test_a_request_of_any_kind(connection: Connection) -> None:
    sql = "SELECT * FROM generic_request WITH (Url='/users', RequestMethod='GET')"
    assert "alice@contoso.com" in str(connection.execute(sql).fetchall())


def test_paths_are_found_without_regard_to_case_and_only_there(
    tenant: SqlTenant, connection: Connection
) -> None:
    sql = "SELECT name FROM list_folder WITH (FolderId='root:/NOTES:')"
    assert sorted(connection.execute(sql).fetchall()) == [("Empty.txt",), ("todo.md",)]
    (report,) = connection.execute("SELECT id FROM items WHERE path = '/Reports'").fetchall()
    elsewhere = "SELECT name FROM list_folder WHERE id = ? WITH (FolderId='root:/Notes:')"
    assert connection.execute(elsewhere, report).fetchall() == []
    sql = "SELECT count(*) FROM list_files WITH (SearchPath='root:/rePORTS:')"
    assert connection.execute(sql).fetchall() == [(6,)]
    tenant.drive.put_file("/100% odd/a b.txt", b"x")
    sql = "SELECT name FROM list_folder WITH (FolderId='root:/100%25%20odd:')"
    assert connection.execute(sql).fetchall() == [("a b.txt",)]


def test_what_the_statement_says_reaches_graph(tenant: SqlTenant, connection: Connection) -> None:
    connection.execute("SELECT name FROM items WHERE path = '/Notes'").fetchall()
    tenant.asked()
    sql = "SELECT size FROM list_folder WHERE name = 'todo.md' WITH (FolderId='root:/Notes:')"
    assert connection.execute(sql).fetchall() == [(89,)]
    (asked,) = tenant.asked()
    assert "root:/Notes/todo.md:" in asked
    assert "webUrl" not in asked
    explained = str(connection.explain("SELECT name FROM list_folder WITH (FolderId='root:/Notes:')"))
    assert "list the folder /Notes" in explained
    assert tenant.asked() == []


def test_our_own_tables_are_left_alone(connection: Connection) -> None:
    columns = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM Files").fetchall()]
    assert "created_date_time" in columns
    columns = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM Files WITH ()").fetchall()]
    assert "createdDateTime" in columns
    sql = "SELECT created_date_time AS createdDateTime FROM Files WHERE name = 'todo.md'"
    assert len(connection.execute(sql).fetchall()) == 1
    assert connection.execute("SELECT 1 << 2, [1, 2][1]").fetchall() == [(4, 1)]
    assert connection.execute("WITH list_root AS (SELECT 7 AS x) SELECT x + 1 FROM list_root").fetchall() == [
        (8,)
    ]


def test_an_endpoint_in_a_view_is_refused(connection: Connection) -> None:
    with pytest.raises(SqlNotSupportedError, match="view"):
        connection.execute("CREATE VIEW v AS SELECT * FROM list_root")

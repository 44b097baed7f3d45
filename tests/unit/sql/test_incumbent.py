"""The incumbent's SQL, translated: clauses, temporary tables, placeholders. Nothing is asked of anybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql.errors import ParameterError, SqlNotSupportedError, SqlSyntaxError
from driveql.sql.incumbent import file_place, listing_call, translate
from driveql.sql.incumbent.columns import ITEM_COLUMNS
from driveql.sql.incumbent.item_listings import folder_path
from driveql.sql.incumbent.placeholders import formatted
from driveql.sql.planning import prepare
from driveql.sql.predicates import And, Compare, StartsWith
from driveql.sql.syntax import tokens_of, tree_of

NOW = datetime(2026, 7, 15, 10, 30, 5, 123456, tzinfo=UTC)


def translated(sql: str) -> str:
    return translate(sql, NOW)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "SELECT name FROM Files",
        "SELECT name, created_date_time AS createdDateTime FROM Files",
        "WITH files AS (SELECT 1 AS createdDateTime) SELECT createdDateTime FROM Files",
        "WITH list_root AS (SELECT 1 AS x) SELECT x FROM list_root",
        "SELECT 1 << 2 >> 1",
        "SELECT '# no name', list_files FROM t -- << FUN_TODAY >",
        "SELECT list_root(1)",
        "SELECT * FROM other.list_root",
        "COPY (SELECT 1) TO 'x.csv' WITH (FORMAT csv)",
    ],
)
def test_what_is_ours_stays_as_it_is(sql: str) -> None:
    assert translated(sql) == sql


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT f.name FROM list_folder f WITH (FolderId='root:/a:') WHERE f.size > 1",
        "SELECT f.name FROM list_folder AS f WHERE f.size > 1 WITH (FolderId='root:/a:')",
        "SELECT name FROM (SELECT name FROM list_folder WITH (FolderId='root:/a:')) x",
        "SELECT name FROM list_root WHERE id IN (SELECT id FROM list_folder WITH (FolderId='root:/a:'))",
        "SELECT * FROM users u, list_folder WITH (FolderId='root:/a:')",
    ],
)
def test_a_clause_belongs_to_the_table_before_it_in_its_select(sql: str) -> None:
    text = translated(sql)
    assert "WITH" not in text
    assert tree_of(text) is not None
    found = listing_call.find(tokens_of(text))
    assert Compare("parent_path", "=", "/a") in [call.hint.predicate for call in found]


def test_two_tables_have_a_clause_each() -> None:
    sql = "SELECT 1 FROM list_folder a WITH (FolderId='root:/a:') JOIN list_folder b WITH (FolderId='root:/b:') ON a.id = b.id"
    found = listing_call.find(tokens_of(translated(sql)))
    assert [call.hint.predicate for call in found] == [
        Compare("parent_path", "=", "/a"),
        Compare("parent_path", "=", "/b"),
    ]


@given(st.text(min_size=1), st.text(min_size=1))
def test_values_of_parameters_arrive_unharmed(drive: str, owner: str) -> None:
    call = listing_call.written("items", {"drive_id": drive, "owner": owner, "below": "/x"})
    (found,) = listing_call.find(tokens_of(f"SELECT * FROM {call} WHERE 1"))
    assert found.hint.predicate == And(
        (Compare("drive_id", "=", drive), Compare("owner", "=", owner), StartsWith("path", "/x/"))
    )


@given(st.none() | st.text(), st.none() | st.text(), st.text())
def test_a_files_place_survives_as_text(drive: str | None, owner: str | None, reference: str) -> None:
    place = file_place.FilePlace(drive, owner, reference)
    assert file_place.parse(file_place.written(drive, owner, reference)) == place


def test_listings_and_workbooks_become_tables() -> None:
    text = translated("SELECT name FROM list_files WITH (DriveId='b!x')")
    prepared = prepare(text)
    assert list(prepared.scans) == ["__driveql_listing_0"]
    assert "list_files" in prepared.sql
    text = translated("SELECT * FROM get_excel_worksheet WITH (FileId='01X', Range='A1:B2')")
    (call,) = prepare(text).workbooks.values()
    assert (call.cells, call.header) == ("A1:B2", True)
    assert file_place.parse(call.places[0]) == file_place.FilePlace(None, None, "id:01X")


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("root", "/"),
        ("root:", "/"),
        ("ROOT:/", "/"),
        ("/", "/"),
        ("root:/a%20b/c:", "/a b/c"),
        ("root:/a b/", "/a b"),
        ("/a", "/a"),
        ("01ABC", None),
    ],
)
def test_folders(written: str, path: str | None) -> None:
    assert folder_path(written) == path


@pytest.mark.parametrize(
    ("sql", "error", "words"),
    [
        ("SELECT * FROM list_folder", ParameterError, "FolderId"),
        ("SELECT * FROM list_folder WITH (FolderId='')", ParameterError, "FolderId"),
        ("SELECT * FROM list_folder WITH (FolderId='root:/../x:')", ParameterError, "root:"),
        ("SELECT * FROM list_root WITH (Colour='red')", SqlNotSupportedError, "'Colour'"),
        ("SELECT * FROM list_root WITH (DriveId=abc)", SqlSyntaxError, "DriveId"),
        ("SELECT * FROM list_root WITH (DriveId='a' OrderBy='b')", SqlSyntaxError, "comma"),
        ("SELECT * FROM list_root WITH (DriveId='a'", SqlSyntaxError, "parenthesis"),
        ("SELECT * FROM list_files WITH (OrderBy='nix')", ParameterError, "OrderBy"),
        ("SELECT * FROM list_files WITH (SearchPath='01X')", SqlNotSupportedError, "id"),
        ("SELECT * FROM nowhere WITH (DriveId='a')", SqlNotSupportedError, "no endpoint"),
        ("SELECT 1 INTO #a INTO #b", SqlNotSupportedError, "one INTO"),
        ("SELECT '<<x,FUN_MAGIC>>'", SqlNotSupportedError, "FUN_MAGIC"),
        ("SELECT '<<someday,FUN_TO_DATE>>'", SqlSyntaxError, "someday"),
        ("SELECT '<<today*2,FUN_TO_DATE>>'", SqlSyntaxError, "today"),
        ("SELECT '<<today+99999y,FUN_TO_DATE>>'", SqlSyntaxError, "years"),
        ("SELECT '<<qq,FUN_TODAY>>'", SqlNotSupportedError, "qq"),
        ("SELECT '<<!,FUN_BASE64DEC>>'", SqlSyntaxError, "Base64"),
    ],
)
def test_what_cannot_be_translated_says_so(sql: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        translated(sql)


@pytest.mark.parametrize(
    ("sql", "ours"),
    [
        ("SELECT a INTO #t FROM x", 'CREATE OR REPLACE TEMP TABLE "#t" AS SELECT a  FROM x'),
        ("WITH y AS (SELECT 1) SELECT * INTO #t FROM y",
         'CREATE OR REPLACE TEMP TABLE "#t" AS WITH y AS (SELECT 1) SELECT *  FROM y'),
        ("SELECT * FROM #t a JOIN #u ON 1", 'SELECT * FROM "#t" a JOIN "#u" ON 1'),
        ("DROP TABLE #t", 'DROP TABLE "#t"'),
        ("INSERT INTO #t SELECT 1", 'INSERT INTO "#t" SELECT 1'),
        ("SELECT '#t', #1 FROM x ORDER BY #1", "SELECT '#t', #1 FROM x ORDER BY #1"),
    ],
)  # fmt: skip
def test_temporary_tables(sql: str, ours: str) -> None:
    assert translated(sql) == ours


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("FUN_TODAY", "2026-07-15"),
        ("yyyyMMdd,FUN_TODAY", "20260715"),
        ("FUN_GETDATE", "2026-07-15T10:30:05"),
        ("yyyy-MM-dd HH:mm:ss.fff,FUN_GETDATE", "2026-07-15 10:30:05.123"),
        ("dd MMM yy h:m tt,FUN_GETDATE", "15 Jul 26 10:30 AM"),
        ("'d'dd,FUN_TODAY", "d15"),
        ("today-1d,FUN_TO_DATE", "2026-07-14"),
        ("yesterday,FUN_TO_DATE", "2026-07-14"),
        ("now-2h|~|HH:mm,FUN_TO_DATE", "08:30"),
        ("now+30n||HH:mm,FUN_TO_DATE", "11:00"),
        ("weekstart,FUN_TO_DATE", "2026-07-13"),
        ("weekend,FUN_TO_DATE", "2026-07-19"),
        ("monthstart-1d,FUN_TO_DATE", "2026-06-30"),
        ("monthend,FUN_TO_DATE", "2026-07-31"),
        ("yearstart-1y+1d,FUN_TO_DATE", "2025-01-02"),
        ("yearend,FUN_TO_DATE", "2026-12-31"),
        ("2026-01-31+1m,FUN_TO_DATE", "2026-02-28"),
        ("2024-12-31|~|yyyy MM dd,FUN_TO_DATE", "2024 12 31"),
        ("2026-07-15T23:30:00-02:00,FUN_TO_DATETIME", "2026-07-16T01:30:00"),
        ("user:pass,FUN_BASE64ENC", "dXNlcjpwYXNz"),
        ("dXNlcjpwYXNz,FUN_BASE64DEC", "user:pass"),
        (" a, b ,FUN_TRIM", "a, b"),
    ],
)
def test_placeholders(written: str, value: str) -> None:
    assert translated(f"SELECT '<<{written.replace(chr(39), chr(39) * 2)}>>', 1") == f"SELECT '{value}', 1"


def test_a_placeholder_keeps_its_quotes() -> None:
    assert translated("SELECT '<<it''s ,FUN_TRIM>>'") == "SELECT 'it''s'"
    assert translated("SELECT 1 WHERE d > <<FUN_TODAY>>") == "SELECT 1 WHERE d > '2026-07-15'"
    assert translated('SELECT 1 AS "<<yyyy,FUN_TODAY>> x"') == 'SELECT 1 AS "2026 x"'
    assert translated("SELECT 'a<<FUN_TODAY>>b<<yyyy,FUN_TODAY>>'") == "SELECT 'a2026-07-15b2026'"


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_a_formatted_moment_can_be_read_again(moment: datetime) -> None:
    text = formatted(moment.replace(tzinfo=UTC), "yyyy-MM-ddTHH:mm:ss.ffffff")
    assert datetime.fromisoformat(text) == moment


def test_the_incumbents_columns_are_those_of_the_vocabulary() -> None:
    wanted = {
        "id", "name", "size", "createdDateTime", "lastModifiedDateTime", "webUrl", "webUrlPath",
        "createdBy_user_id", "createdBy_user_email", "createdBy_user_displayName", "createdBy_application_id",
        "createdBy_application_displayName", "lastModifiedBy_user_id", "parentReference_id",
        "parentReference_driveId", "parentReference_driveType", "parentReference_name", "parentReference_path",
        "parentReference_siteId", "fileSystemInfo_createdDateTime", "fileSystemInfo_lastModifiedDateTime",
        "file_mimeType", "folder_childCount",
    }  # fmt: skip
    assert wanted <= set(ITEM_COLUMNS)


@pytest.mark.parametrize(
    ("sql", "ours"),
    [
        ("SELECT * FROM delete_item WITH (DriveId='d', ItemId='x')", "CALL delete_item(id => 'x', drive_id => 'd')"),
        ("SELECT * FROM delete_item WITH (GroupOrUserId='/users/o', ItemId='x')",
         "CALL delete_item(id => 'x', owner => '/users/o')"),
        ("DELETE FROM delete_item WHERE ItemId='x' WITH (GroupOrUserId='/users/o', DriveId='d')",
         "CALL delete_item(id => 'x', drive_id => 'd')"),
        ("SELECT * FROM delete_item WITH (ItemId='root:/a%20b:')", "CALL delete_item(path => '/a b')"),
        ("DELETE FROM Files WHERE Id='a' OR size > 1 WITH (DriveId='d''')",
         "DELETE FROM files WHERE drive_id = 'd''' AND ( id='a' OR size > 1 )"),
        ("DELETE FROM FilesFolders WHERE createdBy_user_email = 'x' WITH ()",
         "DELETE FROM items WHERE ( created_by_user_email = 'x' )"),
        ("UPDATE Folders SET Name = 'createdDateTime' WHERE webUrl = 'y' WITH (GroupOrUserId='/users/o')",
         "UPDATE folders SET name = 'createdDateTime' WHERE owner = '/users/o' AND ( web_url = 'y' )"),
        ("SELECT * FROM generic_request WITH (Url='/x')", "SELECT * FROM (SELECT * FROM read_graph('/x')) AS generic_request "),
        (
            "SELECT * FROM generic_request WITH (Url='/x', RequestMethod='PUT', Body='{}', Headers='A: b||C:d:e')",
            "CALL generic_request(method => 'PUT', url => '/x', body => '{}',"
            """ headers => '{"A": "b", "C": "d:e", "Content-Type": "application/json"}')""",
        ),
    ],
)  # fmt: skip
def test_statements_that_write(sql: str, ours: str) -> None:
    assert translated(sql) == ours


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM Files WITH (DriveId='d')",
        "DELETE FROM Files WHERE Id = 'x' WITH (DriveId='d', Colour='red')",
        "DELETE FROM Files WITH (DriveId='d') WHERE Id = 'x'",
        "SELECT * FROM delete_item WITH (ItemId='x') WHERE 1 = 0",
        "SELECT * FROM delete_item WHERE 1 = 0 WITH (ItemId='x')",
        "SELECT name FROM delete_item WITH (ItemId='x')",
        "SELECT * FROM delete_item WITH (ItemId='x') LIMIT 0",
        "SELECT * FROM delete_item WITH (ItemId='x'), users",
        "SELECT * FROM delete_item",
        "SELECT * FROM delete_item WITH (ItemId='')",
        "EXPLAIN SELECT * FROM delete_item WITH (ItemId='x')",
        "CREATE TABLE t AS SELECT * FROM delete_item WITH (ItemId='x')",
        "SELECT * FROM upload_file WITH (SourceFilePath='a', TargetFilePath='01ABC')",
        "SELECT * FROM list_root WHERE id IN (SELECT id FROM delete_item WITH (ItemId='x'))",
    ],
)
def test_nothing_is_written_that_was_not_plainly_meant(sql: str) -> None:
    with pytest.raises(SqlNotSupportedError):
        translated(sql)

"""`driveql sql` gives the same rows in every format, streams them, and leaves no half-written file."""

from __future__ import annotations

import csv
import io
import json
import os

import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import CommandLine

ODD = "SELECT 1 AS a, 'x,\"y' AS b, NULL AS c, '' AS d, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS e"


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    for number in range(3):
        cli.drive.put_file(f"/R/{number}.csv", b"region,amount\nEMEA,1\nAPAC,2\n" * 1)
    return cli


def test_the_listing_and_the_contents_are_queried(filled: CommandLine) -> None:
    rows = filled.records("sql", "SELECT name, size FROM files ORDER BY name DESC")
    assert [row["name"] for row in rows] == ["2.csv", "1.csv", "0.csv"]
    text = filled.ok(
        "sql",
        "--format",
        "csv",
        "SELECT region, sum(amount) AS s FROM read_csv('onedrive:/R/*.csv') GROUP BY 1 ORDER BY 1",
    )
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["region", "s"], ["APAC", "6"], ["EMEA", "3"]]


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("csv", 'a,b,c,d,e\r\n1,"x,""y",,"",2026-01-01T00:00:00Z\r\n'),
        ("table", 'a\tb\tc\td\te\n1\tx,"y\t\t\t2026-01-01T00:00:00Z\n'),
        ("jsonl", '{"a": 1, "b": "x,\\"y", "c": null, "d": "", "e": "2026-01-01T00:00:00Z"}\n'),
        ("json", '[\n  {"a": 1, "b": "x,\\"y", "c": null, "d": "", "e": "2026-01-01T00:00:00Z"}\n]\n'),
    ],
)
def test_a_row_in_each_format(cli: CommandLine, format_: str, expected: str) -> None:
    assert cli.run("sql", ODD, "--format", format_).stdout_bytes.decode() == expected


def test_values_are_written_as_sql_writes_them(cli: CommandLine) -> None:
    lengths = (
        "INTERVAL '1 year 2 months 3 days 04:05:06.5' AS a, INTERVAL '-1 second' AS b, [INTERVAL 0 DAY] AS c"
    )
    sql = f"SELECT {lengths}, 0.1::FLOAT AS d, '{{\"x\": [1,\n2.50]}}'::JSON AS e, timetz '12:00:00+02' AS f"
    written = "1 year 2 months 3 days 04:05:06.5"
    assert cli.ok("sql", "--json", sql) == (
        f'{{"a": "{written}", "b": "-00:00:01", "c": ["00:00:00"], "d": 0.1, "e": {{"x": [1, 2.50]}}, "f": "12:00:00+02:00"}}\n'
    )
    assert cli.ok("sql", "--format", "csv", sql).splitlines()[1].startswith(f'{written},-00:00:01,"[')


def test_times_are_shown_in_the_zone_that_the_session_says(cli: CommandLine) -> None:
    sql = "SELECT TIMESTAMPTZ '2026-07-01 00:00:00+00' AS t, [t] AS l"
    assert cli.records("sql", f"SET TimeZone = 'Europe/Berlin'; {sql}; SET TimeZone = 'UTC'; {sql}") == [
        {"t": "2026-07-01T02:00:00+02:00", "l": ["2026-07-01T02:00:00+02:00"]},
        {"t": "2026-07-01T00:00:00Z", "l": ["2026-07-01T00:00:00Z"]},
    ]


def test_a_type_without_parquet_is_refused_by_name(cli: CommandLine) -> None:
    result = cli.run("sql", "SELECT 1 AS a, [INTERVAL 1 MONTH] AS b", "-o", "x.parquet")
    assert result.exit_code == 12
    assert "Column b holds an INTERVAL" in result.stderr
    assert list(cli.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("format_", "expected"), [("csv", "a\r\n"), ("json", "[\n]\n"), ("jsonl", ""), ("table", "a\n")]
)
def test_no_rows_in_each_format(cli: CommandLine, format_: str, expected: str) -> None:
    assert cli.run("sql", "SELECT 1 AS a WHERE false", "--format", format_).stdout_bytes.decode() == expected


def test_parquet_goes_to_a_file_with_its_types(filled: CommandLine) -> None:
    filled.ok("sql", "SELECT name, size, last_modified_date_time AS t FROM files", "-o", "out.parquet")
    table = pq.read_table(filled.directory / "out.parquet")
    assert table.num_rows == 3
    assert str(table.schema.field("size").type) == "int64"
    assert "timestamp" in str(table.schema.field("t").type)
    assert [path.name for path in filled.directory.iterdir()] == ["out.parquet"]
    piped = filled.run("sql", "SELECT 1 AS a", "--format", "parquet").stdout_bytes
    assert pq.read_table(io.BytesIO(piped)).to_pydict() == {"a": [1]}


def test_a_failing_query_leaves_the_earlier_file_alone(cli: CommandLine) -> None:
    target = cli.directory / "out.csv"
    target.write_text("earlier")
    result = cli.run("sql", "SELECT 1; SELECT * FROM nowhere", "-o", "out.csv")
    assert result.exit_code == 12
    assert "nowhere" in result.stderr
    assert target.read_text() == "earlier"
    assert list(cli.directory.iterdir()) == [target]


def test_a_link_a_device_and_a_directory_stay_what_they_are(cli: CommandLine) -> None:
    """Before: /dev/null was replaced by a file, where that was allowed, and so was the link."""
    pipe, link = cli.directory / "pipe", cli.directory / "link.csv"
    os.mkfifo(pipe)
    link.symlink_to("real.csv")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        cli.ok("sql", "SELECT 1 AS a", "-o", "pipe")
        assert os.read(reader, 100) == b"a\n1\n"
    finally:
        os.close(reader)
    cli.ok("sql", "SELECT 1 AS a", "-o", "link.csv")
    assert link.is_symlink()
    assert (cli.directory / "real.csv").read_bytes() == b"a\r\n1\r\n"
    result = cli.run("sql", "SELECT 1 AS a", "-o", ".")
    assert (result.exit_code, "Is a directory" in result.stderr) == (11, True)
    assert sorted(path.name for path in cli.directory.iterdir()) == ["link.csv", "pipe", "real.csv"]


def test_what_is_no_text_is_no_statement(cli: CommandLine) -> None:
    result = cli.run("sql", "-f", "-", input=b"SELECT '\xff'")
    assert (result.exit_code, result.stderr) == (11, "driveql: The statements are not UTF-8 text.\n")
    assert cli.run("sql", "--json", "-f", "-", input=b"\xef\xbb\xbfSELECT 1 AS a").stdout == '{"a": 1}\n'


def test_statements_come_from_an_argument_a_file_or_standard_input(cli: CommandLine) -> None:
    (cli.directory / "q.sql").write_text("SELECT 1 AS a; -- a remark; with a semicolon\nSELECT ';' AS b;")
    expected = [{"a": 1}, {"b": ";"}]
    assert cli.records("sql", "-f", "q.sql") == expected
    text = (cli.directory / "q.sql").read_text()
    assert [json.loads(line) for line in cli.ok("sql", "--json", input=text).splitlines()] == expected
    assert [
        json.loads(line) for line in cli.ok("sql", "--json", "-f", "-", input=text).splitlines()
    ] == expected
    assert cli.records("sql", text) == expected
    assert cli.run("sql", "", input="").exit_code == 2


def test_statements_share_one_session(cli: CommandLine) -> None:
    assert cli.records("sql", "CREATE TABLE t AS SELECT 7 AS a; SELECT a FROM t") == [{"a": 7}]


@pytest.mark.parametrize(
    ("parameters", "sql"),
    [
        (("least=2", "name=x=y"), "SELECT :least + 1 AS a, $name AS b"),
        (("2", '"x=y"'), "SELECT ? + 1 AS a, ? AS b"),
    ],
)
def test_parameters_by_name_and_by_place(cli: CommandLine, parameters: tuple[str, ...], sql: str) -> None:
    words = [word for parameter in parameters for word in ("--param", parameter)]
    assert cli.records("sql", sql, *words) == [{"a": 3, "b": "x=y"}]


def test_a_parameter_is_never_part_of_the_statement(cli: CommandLine) -> None:
    evil = "'; DROP TABLE files; --"
    assert cli.records("sql", "SELECT :v AS v", "--param", f"v={evil}") == [{"v": evil}]


def test_explain_says_what_is_asked_and_asks_nothing(filled: CommandLine) -> None:
    before = len(filled.emulator.requests)
    text = filled.ok("sql", "--explain", "SELECT name FROM files WHERE path = '/R/1.csv'")
    assert "/R/1.csv" in text
    assert len(filled.emulator.requests) == before


def test_columns_of_one_name_are_kept_apart(cli: CommandLine) -> None:
    assert cli.records("sql", "SELECT 1 AS a, 2 AS a") == [{"a": 1, "a_2": 2}]


@pytest.mark.parametrize(
    ("sql", "code"),
    [("SELEC 1", 12), ("SELECT * FROM nowhere", 12), ("SELECT * FROM read_csv('onedrive:/none.csv')", 4)],
)
def test_errors_have_their_codes(cli: CommandLine, sql: str, code: int) -> None:
    result = cli.run("sql", sql)
    assert result.exit_code == code, result.stderr
    assert "Traceback" not in result.stderr


def test_parquet_wants_one_statement(cli: CommandLine) -> None:
    assert cli.run("sql", "SELECT 1; SELECT 2", "-o", "x.parquet").exit_code == 2
    assert list(cli.directory.iterdir()) == []

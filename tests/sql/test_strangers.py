"""An untrusted connection is closed: what a stranger tries is refused, tells nothing, and reaches no file and no host."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot.tokenizer_core import TokenType
from tests.sql.conftest import SqlTenant
from tests.sql.strangers import attacks

from driveql.errors import DriveqlError, LocalFileError, SqlError
from driveql.sql.dbapi import Connection
from driveql.sql.syntax import tokens_of
from driveql.sql.writing.procedures import PROCEDURES

CANARY = "canary-8d1f"
canary_frame = pa.table({"word": [CANARY]})


@dataclass
class Canaries:
    """What must not be seen or touched: files, a host, and the words in them."""

    places: Mapping[str, str]
    words: tuple[str, ...]
    directory: Path
    requests: list[str]
    connection: Connection

    def attempt(self, template: str) -> list[Any]:
        """Run a statement; no canary may be in its rows, nor in its error, which is raised."""
        statement = template
        for name, value in self.places.items():
            statement = statement.replace("{" + name + "}", value)
        canary_rows = [(CANARY,)]  # noqa: F841 - a variable of the caller that SQL must not find
        try:
            cursor = self.connection.execute(statement)
            rows = cursor.fetchall() if cursor.description is not None else []
        except Exception as error:
            shown = f"{error} {error!r} {getattr(error, 'hint', '')}"
            assert "Traceback" not in shown
            assert str(Path(__file__).parent) not in shown
            told: BaseException | None = error
            while told is not None:
                self.check(f"{told} {told!r}")
                told = told.__cause__
            raise
        self.check(str(rows))
        return rows

    def check(self, text: str) -> None:
        assert not [word for word in self.words if word in text], text


class _Host(BaseHTTPRequestHandler):
    requests: list[str]

    def do_GET(self) -> None:
        self.requests.append(self.path)
        self.send_error(404)

    do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing is written."""


@pytest.fixture(scope="module")
def canaries(tenant: SqlTenant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaries]:
    directory = tmp_path_factory.mktemp("canaries")
    csv = directory / "canary.csv"
    csv.write_text(f"word\n{CANARY}\n")
    (directory / "canary.json").write_text(f'{{"word": "{CANARY}"}}\n')
    (directory / "link.csv").symlink_to(csv)
    (directory / "schema.sql").write_text("CREATE TABLE imported (word VARCHAR);")
    (directory / "load.sql").write_text("")
    pq.write_table(canary_frame, directory / "canary.parquet")
    with zipfile.ZipFile(directory / "a.zip", "w") as archive:
        archive.write(csv, "canary.csv")
    requests: list[str] = []
    host = ThreadingHTTPServer(("127.0.0.1", 0), type("Host", (_Host,), {"requests": requests}))
    Thread(target=host.serve_forever, daemon=True).start()
    places = {
        "csv": str(csv),
        "csv_chars": " || ".join(f"chr({ord(letter)})" for letter in str(csv)),
        "json": str(directory / "canary.json"),
        "parquet": str(directory / "canary.parquet"),
        "link": str(directory / "link.csv"),
        "dir": str(directory),
        "name": directory.name,
        "out": str(directory / "out"),
        "http": f"http://127.0.0.1:{host.server_port}",
    }
    secret = tenant.parameters["client_secret"].removeprefix("plain:")
    with pytest.MonkeyPatch.context() as patch, tenant.connect(untrusted=True) as connection:
        patch.setenv("DRIVEQL_CANARY", CANARY)
        patch.setenv("HTTP_PROXY", f"http://{CANARY}@127.0.0.1:9")
        patch.chdir(directory)
        yield Canaries(places, (CANARY, secret, str(Path.home()) + "/"), directory, requests, connection)
    host.shutdown()
    host.server_close()


@pytest.fixture(autouse=True)
def _nothing_happens(canaries: Canaries, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG, logger="driveql")
    before = sorted(path.name for path in canaries.directory.iterdir())
    yield
    assert sorted(path.name for path in canaries.directory.iterdir()) == before
    assert canaries.requests == []
    canaries.check(caplog.text)


ATTACKS = attacks.lines(
    attacks.READS + attacks.WRITES.lstrip() + attacks.REACHES.lstrip() + attacks.SETTINGS.lstrip()
)


@pytest.mark.parametrize("statement", ATTACKS)
def test_what_a_stranger_tries_is_refused(canaries: Canaries, statement: str) -> None:
    with pytest.raises(SqlError):
        canaries.attempt(statement)


@pytest.mark.parametrize("statements", attacks.STEPS, ids=" / ".join)
def test_what_a_stranger_tries_in_steps_is_refused(canaries: Canaries, statements: tuple[str, ...]) -> None:
    for statement in statements[:-1]:
        canaries.attempt(statement)
    with pytest.raises(SqlError):
        canaries.attempt(statements[-1])


@pytest.mark.parametrize("statement", attacks.lines(attacks.NOWHERE))
def test_what_leads_out_of_onedrive_leads_nowhere(canaries: Canaries, statement: str) -> None:
    try:
        found = canaries.attempt(statement)
    except LocalFileError:
        pytest.fail("a local file was looked for")
    except DriveqlError:
        return
    assert found == []


@pytest.mark.parametrize("statement", attacks.lines(attacks.TELLING))
def test_the_catalogue_tells_nothing_of_the_machine(canaries: Canaries, statement: str) -> None:
    canaries.attempt(statement)


def test_values_of_parameters_are_no_way_in(canaries: Canaries) -> None:
    for statement in (
        "SELECT * FROM read_text(?)",
        "SELECT * FROM read_csv(?)",
        "CALL upload_file(?, '/Notes/x')",
    ):
        with pytest.raises(SqlError):
            canaries.connection.execute(statement, [canaries.places["csv"]]).fetchall()


def test_no_procedure_takes_a_file_of_this_machine(canaries: Canaries) -> None:
    naming = {
        (procedure.name, argument.name)
        for procedure in PROCEDURES.values()
        for argument in procedure.arguments
        if "local" in argument.name or "this machine" in argument.description
    }
    assert {("upload_file", "local_path"), ("download_file", "local_path")} <= naming
    for name, argument in sorted(naming):
        values = {
            one.name: "true" if one.kind.value.startswith("true") else "'/Notes/todo.md'"
            for one in PROCEDURES[name].arguments
            if one.required and one.name != argument
        }
        if not values and any(one.name == "path" for one in PROCEDURES[name].arguments):
            values = {"path": "'/Notes/todo.md'"}
        written = ", ".join(f"{key} => {value}" for key, value in values.items())
        with pytest.raises(SqlError):
            canaries.attempt(f"CALL {name}({argument} => '{{csv}}'{', ' if written else ''}{written})")


SPELT = [
    "SELECT * FROM read_text('{csv}')",
    "SELECT * FROM '{csv}'",
    "COPY (SELECT 1) TO '{out}'",
    "SET enable_external_access = true",
    "ATTACH '{dir}/x.duckdb' AS x",
    "INSTALL httpfs",
    "SELECT * FROM read_xlsx('{csv}')",
    "INSERT INTO items (path, local_path) VALUES ('/Notes/x', '{csv}')",
    "CALL download_file('/Notes/todo.md', '{out}')",
    "SET driveql.audit_log = '{out}'",
]
BETWEEN = st.sampled_from([" ", "\t", "\n", "\r\n", " /* ; */ ", " -- ;\n", "  "])


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """One of the statements, written differently."""
    template = draw(st.sampled_from(SPELT))
    parts: list[str] = [draw(BETWEEN)]
    for token in tokens_of(template):
        written = template[token.start : token.end + 1]
        if token.token_type is TokenType.STRING:
            if draw(st.booleans()) and "read_text" in template:
                written = f"$${written[1:-1]}$$"
        else:
            written = "".join(draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in written)
            if written.lower() in {"read_text", "enable_external_access", "x"} and draw(st.booleans()):
                written = f'"{written}"'
        parts += [written, draw(BETWEEN)]
    return "".join(parts) + draw(st.sampled_from(["", ";", " ; ", "; -- x"]))


@given(spellings())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_spelling_is_a_way_in(canaries: Canaries, statement: str) -> None:
    with pytest.raises(SqlError):
        canaries.attempt(statement)
    assert not (canaries.directory / "out").exists()


def test_the_wall_stands_without_our_refusals(canaries: Canaries) -> None:
    """What planning refuses is refused by DuckDB too; planning only words it."""
    engine = canaries.connection.session().engine.connection.cursor()
    inner = attacks.lines(attacks.SETTINGS) + [
        one for one in ATTACKS if one.startswith(("ATTACH '{", "LOAD", "INSTALL", "COPY", "EXPORT", "IMPORT"))
    ]
    for template in inner:
        statement = template
        for name, value in canaries.places.items():
            statement = statement.replace("{" + name + "}", value)
        with pytest.raises(duckdb.Error):
            engine.execute(statement)
    (rows,) = engine.execute(
        "SELECT current_setting('enable_external_access'), current_setting('lock_configuration'), "
        "current_setting('python_enable_replacements'), current_setting('allowed_directories')"
    ).fetchall()
    assert rows == (False, True, False, ["driveql-staging://", "onedrive://"])


def test_the_callers_variables_are_no_tables_in_a_trusted_connection_either(connection: Connection) -> None:
    stolen = canary_frame  # noqa: F841 - a variable of the caller that SQL must not find
    for statement in ("SELECT * FROM stolen", "SELECT * FROM canary_frame"):
        with pytest.raises(SqlError):
            connection.execute(statement)
    kept = connection.execute(
        "SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions'), "
        "current_setting('allow_persistent_secrets')"
    ).fetchall()
    assert kept == [(False, False, False)]
    with pytest.raises(SqlError):
        connection.execute("SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')")

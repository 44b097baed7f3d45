"""Saved queries where tools look for them: SQLAlchemy's inspector, the shell's own commands, `driveql tables` and `describe`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from tests.sql.conftest import SqlTenant

from driveql.cli.main import driveql
from driveql.cli.shell import catalogue
from driveql.connection import ConnectionStore
from driveql.errors import SqlError
from driveql.sql import TABLES, connect
from driveql.sql.saved.store import QueryStore

NOTES = "-- What I noted\nSELECT name, size FROM files WHERE parent_path = '/Notes'"
IN_FOLDER = "-- @param folder VARCHAR\nSELECT name FROM files WHERE parent_path = $folder"


@pytest.fixture(scope="module", autouse=True)
def _work(tenant: SqlTenant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIVEQL_CONNECTIONS", str(tmp_path_factory.mktemp("home") / "connections.toml"))
        ConnectionStore().put("work", tenant.parameters, secrets_in_clear=True)
        store = QueryStore.of("work")
        store.save("notes", NOTES)
        store.save("in_folder", IN_FOLDER)
        store.path("broken").write_text("DELETE FROM items WHERE true")
        yield


def test_an_inspector_tells_of_saved_queries() -> None:
    engine = sa.create_engine("driveql://work")
    inspector = sa.inspect(engine)
    assert inspector.get_view_names() == ["broken", "in_folder", "notes"]
    assert inspector.get_temp_view_names() == []
    assert not {"notes", "broken"} & set(inspector.get_table_names())
    assert inspector.has_table("notes")
    columns = {column["name"]: column["type"] for column in inspector.get_columns("notes")}
    assert list(columns) == ["name", "size"]
    assert isinstance(columns["size"], sa.BIGINT)
    assert [column["name"] for column in inspector.get_columns("in_folder")] == ["name"]
    (problem,) = inspector.get_columns("broken")
    assert problem["name"] == "problem"
    assert "only queries are saved" in str(problem["comment"])
    assert inspector.get_table_comment("notes") == {"text": "Saved query notes. What I noted"}
    assert str(inspector.get_view_definition("notes")).strip() == NOTES
    reflected = sa.MetaData()
    reflected.reflect(engine, views=True, only=["notes"])
    with engine.connect() as connection:
        rows = connection.execute(sa.select(reflected.tables["notes"].c.name)).all()
        assert (
            rows
            == connection.exec_driver_sql("SELECT name FROM files WHERE parent_path = '/Notes'").all()
            != []
        )
    engine.dispose()


def test_the_shell_tells_of_saved_queries() -> None:
    with connect(name="work") as connection:
        kinds = {row[0]: row[1:] for row in rows(catalogue.relations(connection, "")[0])}
        assert kinds["notes"] == ("saved query", "Saved query notes. What I noted")
        assert kinds["items"][0] == "OneDrive"
        shown, title = catalogue.relations(connection, "Notes")
        assert rows(shown) == [("name", "VARCHAR", ""), ("size", "BIGINT", "")]
        assert title == "Saved query notes. What I noted"
        assert rows(catalogue.relations(connection, "in_folder")[0]) == [("name", "VARCHAR", "")]
        with pytest.raises(SqlError, match="only queries are saved"):
            catalogue.relations(connection, "broken")
        connection.execute("SELECT column_name FROM information_schema.columns").fetchall()
        assert "problem" not in str(catalogue.names(connection).tables["notes"])


def rows(held: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in held.fetchmany(1000)]


def test_the_command_line_tells_of_saved_queries() -> None:
    def records(*words: str) -> list[dict[str, Any]]:
        result = CliRunner().invoke(driveql, [*words, "--json"])
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    assert {row["name"] for row in records("tables")} == set(TABLES)
    listed = {row["name"]: row["description"] for row in records("tables", "--connection", "work")}
    assert set(listed) == {*TABLES, "notes", "in_folder", "broken"}
    assert listed["in_folder"] == "Saved query in_folder(folder VARCHAR)."
    assert "only queries are saved" in listed["broken"]
    found = records("describe", "NOTES", "--connection", "work")
    assert [(row["name"], row["type"]) for row in found] == [("name", "VARCHAR"), ("size", "BIGINT")]
    assert records("describe", "items", "--connection", "work") == records("describe", "items")
    for words in (
        ("describe", "broken", "--connection", "work"),
        ("tables", "--connection", "nobody"),
        ("describe", "notes"),
    ):
        assert CliRunner().invoke(driveql, list(words)).exit_code not in {0, 1}

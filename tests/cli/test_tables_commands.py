"""`driveql tables` and `driveql describe` tell what SQL can ask for; they need no connection."""

from __future__ import annotations

import json

from click.testing import CliRunner

from driveql.cli.main import driveql
from driveql.sql import TABLES, catalogue


def test_tables_in_a_pipe_and_as_json() -> None:
    lines = CliRunner().invoke(driveql, ["tables"]).stdout.splitlines()
    assert lines[0] == "name\tdescription"
    assert [line.split("\t")[0] for line in lines[1:]] == list(TABLES)
    text = CliRunner().invoke(driveql, ["tables", "--json"]).stdout
    assert [json.loads(line) for line in text.splitlines()] == catalogue.tables()


def test_describe_says_what_goes_to_graph() -> None:
    text = CliRunner().invoke(driveql, ["describe", "ITEMS", "--json"]).stdout
    assert [json.loads(line) for line in text.splitlines()] == catalogue.columns(TABLES["items"])
    lines = CliRunner().invoke(driveql, ["describe", "items"]).stdout.splitlines()
    assert lines[0].split("\t") == ["name", "type", "graph", "asked", "match", "description"]
    assert lines[1].split("\t")[:5] == ["id", "VARCHAR", "id", "=, IN", "exact"]


def test_a_table_that_is_not_there() -> None:
    result = CliRunner().invoke(driveql, ["describe", "item"])
    assert result.exit_code == 12
    assert "There is no table 'item'" in result.stderr
    assert "items" in result.stderr

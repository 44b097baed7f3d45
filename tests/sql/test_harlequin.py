"""Harlequin's adapter, driven by Harlequin's own classes in an environment of its own, which `make test` makes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.sql.conftest import SqlTenant

from driveql.connection.store import ConnectionStore
from driveql.sql.saved.store import QueryStore
from driveql.sql.tables import TABLES
from driveql.sql.writing.procedures import PROCEDURES

PYTHON = ROOT / "tests" / "judges" / "harlequin" / ".venv" / "bin" / "python"
PROGRAM = Path(__file__).with_name("harlequin_program.py")


@pytest.mark.judge
def test_harlequin_works_on_a_connection(tenant: SqlTenant, tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("Harlequin's environment is not there; `make test` makes it")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRIVEQL_")}
    parameters = {f"DRIVEQL_{name.upper()}": value for name, value in tenant.parameters.items() if value}
    own = {"DRIVEQL_CONNECTIONS": str(tmp_path / "connections.toml"), "NO_PROXY": "*", "HOME": str(tmp_path)}
    own["STORED"] = str(tmp_path / "stored" / "connections.toml")
    ConnectionStore(Path(own["STORED"])).put("work", tenant.parameters, secrets_in_clear=True)
    store = QueryStore.of("work", {"DRIVEQL_CONNECTIONS": own["STORED"]})
    store.save("sizes", "SELECT name, size FROM files")
    store.save("above", "-- @param least INTEGER\nSELECT size AS s FROM sizes WHERE size > $least")
    store.save("sales", "SELECT * FROM read_csv('onedrive:/Reports/2026/*.csv')")
    tenant.emulator.requests.clear()
    done = subprocess.run(
        [PYTHON, PROGRAM],
        env=kept | parameters | own,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {name: [label for label, _ in columns] for name, columns in seen["catalog"].items()} == {
        table.name: list(table.by_name) for table in TABLES.values()
    }
    assert dict(seen["catalog"]["items"])["size"] == "##"
    assert {"read_xlsx", "lower", *PROCEDURES} <= set(seen["completions"])
    assert seen["columns"] == [["a", "#"], ["a", "#"], ["b", "s"], ["c", "[]"], ["d", "#.#"]]
    assert seen["duplicates"] == [[1], [2], ["x"], [[1]], [None]]
    assert seen["limited"] == {"name": ["Empty.txt", "profile.json"]}
    assert seen["empty"] == 0
    assert "Parser Error" in seen["syntax"]
    assert "SHOW TABLES" in seen["missing"]
    assert "one connection" in seen["two"]
    assert "nobody" in seen["unknown"]
    assert seen["cancelled"] is True
    assert seen["after"] == {"a": [7]}
    assert seen["saved"] == {"above": [["s", "##"]], "sales": [], "sizes": [["name", "s"], ["size", "##"]]}
    assert seen["of saved"] > 0
    assert not any("sales-2026" in record.target for record in tenant.emulator.requests)
    assert "ReadOnly" in seen["read_only"]
    secret = tenant.parameters["client_secret"].removeprefix("plain:")
    assert secret not in done.stdout + done.stderr
    assert seen["id"] == f"driveql::{tenant.parameters['client_id']}:/users/alice@contoso.com"

"""The room is loaded on first use, and says which extra is missing."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_importing_the_room_loads_no_engine() -> None:
    code = "import sys, driveql.sql; print([m for m in ('duckdb', 'pyarrow', 'sqlglot', 'aiohttp') if m in sys.modules])"
    assert run(code) == "[]"


def test_a_missing_engine_is_said_with_what_to_install() -> None:
    code = """
import sys
sys.modules["duckdb"] = None
import driveql.sql
try:
    driveql.sql.connect
except driveql.MissingExtraError as error:
    print(error)
"""
    assert "driveql[sql]" in run(
        code.replace("driveql.MissingExtraError", "driveql.errors.MissingExtraError")
    )

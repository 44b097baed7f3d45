"""The room is loaded on first use, and says which extra is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


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


def test_what_reads_no_table_of_graph_loads_no_pandas() -> None:
    code = """
import sys
from driveql.sql import connect
with connect(
    tenant_id="contoso.example", client_id="11111111-2222-3333-4444-555555555555", client_secret="b",
    group_or_user_id="/users/a@b.c",
) as db:
    assert db.execute("SELECT 1").fetchall() == [(1,)]
    before = [m for m in ("pandas", "pyarrow.compute", "pyarrow.dataset") if m in sys.modules]
    db.explain("SELECT name FROM items")
    print(before, "pyarrow.dataset" in sys.modules)
"""
    assert run(code) == "[] True"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no system call that says which processors")
def test_the_engine_has_a_thread_for_each_processor_that_the_process_may_use() -> None:
    code = """
import os
from driveql.sql import connect
given = dict(
    tenant_id="contoso.example", client_id="11111111-2222-3333-4444-555555555555", client_secret="b",
    group_or_user_id="/users/a@b.c",
)
for cores in (os.sched_getaffinity(0), {min(os.sched_getaffinity(0))}):
    os.sched_setaffinity(0, cores)
    with connect(**given) as db:
        print(db.execute("SELECT current_setting('threads')").fetchone()[0], len(cores))
"""
    lines = [line.split() for line in run(code).splitlines()]
    assert len(lines) == 2
    assert all(threads == cores for threads, cores in lines)

"""What is imported before anything is asked for: names, not seconds, so that the test means the same everywhere."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from driveql.cli.main import COMMANDS

HEAVY = {
    "aiohttp", "asyncio", "cryptography", "duckdb", "fsspec", "graph_emulator", "orjson", "pyarrow", "rich", "sqlglot",
    "tomlkit",
}  # fmt: skip


def _imported_by(program: str) -> set[str]:
    code = f"{program}\nimport json, sys\nsys.stderr.write(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(done.stderr))


@pytest.mark.parametrize(
    "program",
    [
        "import driveql",
        "import driveql.cli.main",
        "from driveql.cli.main import driveql\ntry: driveql(['--version'])\nexcept SystemExit: pass",
        "from driveql.cli.main import driveql\ntry: driveql(['--help'])\nexcept SystemExit: pass",
    ],
    ids=["package", "command", "--version", "--help"],
)
def test_nothing_heavy_is_imported(program: str) -> None:
    assert not _imported_by(program) & HEAVY


def test_the_command_itself_imports_click_and_the_version_alone() -> None:
    ours = {name for name in _imported_by("import driveql.cli.main") if name.partition(".")[0] == "driveql"}
    assert ours == {"driveql", "driveql._version", "driveql.cli", "driveql.cli.main"}
    assert "click" in _imported_by("import driveql.cli.main")
    assert "click" not in _imported_by("import driveql")


def test_the_help_of_file_commands_needs_no_network_library() -> None:
    others = {"connect", "cert", "doctor", "sql", "emulate", "demo", "completion"}
    names = [name for name in COMMANDS if name not in others]
    program = (
        "from driveql.cli.main import driveql\n"
        f"for name in {names}:\n    try: driveql([name, '--help'])\n    except SystemExit: pass"
    )
    assert len(names) > 20
    assert not _imported_by(program) & (HEAVY - {"orjson"})

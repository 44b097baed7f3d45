"""What the README tells a newcomer to type is typed here, against a tenant of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- run: (\w+) -->\n```\w+\n(.*?)```", README, re.DOTALL))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRIVEQL_")}
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "*",
    }


def test_the_shell_lines_work_as_they_are_printed(environment: dict[str, str], tmp_path: Path) -> None:
    script = BLOCKS["emulate"].replace("sleep 2", "until test -s tenant.json; do sleep 0.05; done")
    assert script != BLOCKS["emulate"]
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}\nkill %1\nwait %1 || true"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sales-2026-01.csv").read_text().count("\n") > 5
    assert "asked of Graph" in done.stdout
    assert re.search(r"^lines\n\d{3,}$", done.stdout, re.MULTILINE), done.stdout


def test_the_python_lines_work_as_they_are_printed(environment: dict[str, str], tmp_path: Path) -> None:
    emulator = subprocess.Popen([sys.executable, "-m", "graph_emulator"], stdout=subprocess.PIPE, text=True)
    assert emulator.stdout is not None
    try:
        ready = json.loads(emulator.stdout.readline())
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", BLOCKS["python"]],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={**environment, "DRIVEQL_CONNECTION_STRING": ready["connection_string"]},
        )  # fmt: skip
    finally:
        emulator.terminate()
        emulator.wait(timeout=20)
        emulator.stdout.close()
    assert done.returncode == 0, done.stderr
    assert "sales-2026-01.csv" in done.stdout
    assert "b'42'" in done.stdout
    assert "['/Results/today', '/Results/today/answer.txt']" in done.stdout


def test_every_page_that_the_readme_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).is_file(), target

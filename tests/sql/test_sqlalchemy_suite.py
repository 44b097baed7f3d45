"""SQLAlchemy's own dialect tests, in a process of their own: their plugin takes pytest over."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

HERE = Path(__file__).parent / "sqlalchemy_suite"
AT_LEAST = 590


def test_the_suite_of_sqlalchemy() -> None:
    options = [
        "-c",
        "setup.cfg",
        "--rootdir",
        ".",
        "-p",
        "tests.sql.sqlalchemy_suite.plugin",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-q", "--tb=short", "suite.py", "--dburi", "driveql://"],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    print(ran.stdout[-300:])
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed[1]) >= AT_LEAST

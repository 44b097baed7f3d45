"""ARCHITECTURE.md names modules that are there, and every room that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conftest import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src"
ROOMS = [*(SOURCE / "driveql").iterdir(), *(SOURCE / "driveql" / "sql").iterdir()]


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([\w/]+\.py)`", TEXT))))
def test_a_module_that_is_named_is_there(named: str) -> None:
    assert [path for path in SOURCE.rglob("*.py") if path.as_posix().endswith(f"/{named}")], named


@pytest.mark.parametrize(
    "room", sorted(room for room in ROOMS if (room / "__init__.py").exists()), ids=lambda room: room.name
)
def test_a_room_that_is_there_is_named(room: Path) -> None:
    assert re.search(rf"(?<![\w/]){room.name}/", TEXT), room

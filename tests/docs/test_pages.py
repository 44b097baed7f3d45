"""Every page for users is run as it stands: what its blocks print is what it says they print."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import which

import pytest
from tests.conftest import ROOT
from tests.docs import page

from driveql.auth.entra_errors import ADVICE
from driveql.drive.features import features
from graph_emulator import admin
from graph_emulator.faults.entry import KINDS

DOCS = ROOT / "docs"
# Pages without a block to run are generated, or have a test of their own.
PAGES = sorted(path for path in DOCS.glob("*.md") if "<!-- run: " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_does_what_it_says(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = [
        tool for tool in ("curl", "rclone") if f"\n{tool} " in text and not which(tool, path=page.PATH)
    ]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    printed, emulator = page.run_with_a_tenant(path, tmp_path)
    found = [block for block in page.blocks(text) if block.mark == "run"]
    assert {block.word for block in found} == set(printed)
    assert len(found) == len(printed), "two blocks have one name"
    for block in found:
        said = block.expected is None or page.agrees(block.expected, printed[block.word])
        assert said, f"{path.name}:{block.line} prints\n{printed[block.word]}\nand not\n{block.expected}"
    assert emulator.leaks == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_example_is_run_or_says_why_not(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    bare = [block for block in page.blocks(text) if block.mark is None]
    assert not bare, f"{path.name}:{bare[0].line} is neither run nor says why not"
    assert (
        len(page.blocks(text)) + sum(b.expected is not None for b in page.blocks(text))
        == len(re.findall(r"^\s*```", text, re.M)) // 2
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(#[^)]*)?\)", path.read_text(encoding="utf-8")):
        aimed = (path.parent / target) if target else path
        assert aimed.is_file(), target
        headings = re.findall(r"^#+ (.*)$", aimed.read_text(encoding="utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor[1:] in slugs, f"{target}{anchor}"


def test_dots_stand_for_anything_and_nothing_else_does() -> None:
    assert page.agrees("a\n...\nb ... c\n", "a\nx\ny\nb 1 c\n")
    assert page.agrees("a\n", "a  \n")
    assert not page.agrees("a\n", "a\nb\n")
    assert not page.agrees("a.b\n", "axb\n")
    assert not page.agrees("a\nb\n", "a\n")


def test_the_pages_name_what_there_is() -> None:
    testing = (DOCS / "testing.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in testing for kind in KINDS)
    assert all(route in testing for _, route in admin._ROUTES)
    codes = re.findall(r"AADSTS(\d+)", (DOCS / "troubleshooting.md").read_text(encoding="utf-8"))
    assert {int(code) for code in codes} <= set(ADVICE)


def test_the_permissions_to_grant_are_the_least() -> None:
    start = (DOCS / "start.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+? \| (`\w+\.\w+.*) \|$", start, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+\.[\w.]+)`", row)}
    assert named == {feature.least for feature in features([])} - {"Sites.FullControl.All"}

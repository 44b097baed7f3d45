"""What the page on SQL shows works for strangers as well: the page is run again with every connection untrusted."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from tests.docs import page

# Blocks that show what only a trusted connection may do.
TRUSTED_ONLY: frozenset[str] = frozenset()


def test_the_page_on_sql_holds_for_an_untrusted_connection(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    closed = text.replace("driveql.connect(", "driveql.connect(untrusted=True, ")
    closed = closed.replace("untrusted=True, )", "untrusted=True)").replace(
        "driveql sql ", "driveql sql --untrusted "
    )
    target = tmp_path / "page" / "sql.md"
    target.parent.mkdir()
    target.write_text(closed, encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    printed, _ = page.run_with_a_tenant(target, work)
    compared = [
        block for block in page.blocks(closed) if block.mark == "run" and block.word not in TRUSTED_ONLY
    ]
    assert sum("untrusted" in block.content for block in compared) >= 5
    for block in compared:
        agrees = block.expected is None or page.agrees(block.expected, printed[block.word])
        assert agrees, f"{block.word} prints\n{printed[block.word]}"

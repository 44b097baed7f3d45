"""Markdown that says what it is given: cells are escaped, so that no text breaks a table or becomes markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells may hold inline code made by `code`."""
    lines = [list(titles), ["---"] * len(titles), *[list(row) for row in rows]]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def cell(text: str) -> str:
    """Return a sentence for a cell; inline code in it stays code."""
    for mark in "\\*<|":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def code(text: str) -> str:
    """Return text as inline code for a cell; nothing for nothing."""
    if not text:
        return ""
    shown = text.replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"

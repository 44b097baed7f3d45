"""Which texts can be ids of Graph: others would lead a request elsewhere, and no object has them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_ELSEWHERE = frozenset({"", ".", ".."})


def is_possible(text: str) -> bool:
    """Return whether an object could have this id."""
    return "/" not in text and text.strip() not in _ELSEWHERE


def possible(texts: Iterable[str]) -> list[str]:
    """Return those that an object could have as its id."""
    return [text for text in texts if is_possible(text)]

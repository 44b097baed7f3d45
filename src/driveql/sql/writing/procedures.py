"""The procedures that CALL knows. There is none yet."""

from __future__ import annotations


def is_known(name: str) -> bool:
    """Return True for the name of a procedure, in lower case."""
    return name == ""

"""The written values of COPY's options. Pure."""

from __future__ import annotations

from driveql.errors import SqlSyntaxError

_TRUE, _FALSE = frozenset({"", "true", "on", "1"}), frozenset({"false", "off", "0"})


def plain(text: str) -> str:
    """Return an option's value without quotes."""
    return text[1:-1].replace("''", "'") if text[:1] == "'" == text[-1:] and len(text) > 1 else text


def flag(name: str, text: str) -> bool:
    """Return whether an option is on; written alone, it is. Raises SqlSyntaxError for another value."""
    value = plain(text).lower()
    if value not in _TRUE | _FALSE:
        raise SqlSyntaxError(f"{name} is true or false, not {text}.")
    return value in _TRUE

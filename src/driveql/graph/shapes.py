"""Reads parts of the service's JSON whose shape is promised; another shape is a broken contract, never a Python error.

Source: https://learn.microsoft.com/graph/metadata (the property types)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from driveql.errors import ProtocolError
from driveql.graph.models import Json, instant


def facet(raw: Mapping[str, Any], name: str) -> Json:
    """Return an object inside an object, empty where it is missing or null. Raises ProtocolError."""
    return json_object(raw.get(name) or {}, name)


def json_object(value: Any, what: str) -> Json:
    """Return `value` if it is a JSON object. Raises ProtocolError."""
    if not isinstance(value, dict):
        raise ProtocolError(f"The server sent {str(value)[:40]!r} where {what} is due.")
    return value


def elements(raw: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list inside an object, empty where it is missing or null. Raises ProtocolError."""
    value = raw.get(name) or []
    if not isinstance(value, list):
        raise ProtocolError(f"The server sent {str(value)[:40]!r} where a list of {name} is due.")
    return value


def text(raw: Mapping[str, Any], name: str) -> str | None:
    """Return a text inside an object, None where it is missing or empty. Raises ProtocolError."""
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise ProtocolError(f"The server sent {str(value)[:40]!r} where the text {name} is due.")
    return value or None


def identifier(raw: Mapping[str, Any], what: str) -> str:
    """Return an object's id. Raises ProtocolError where it has none."""
    value = raw.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise ProtocolError(f"The server sent a {what} without 'id'.")
    return value


def count(raw: Mapping[str, Any], name: str) -> int | None:
    """Return a number of bytes or pixels, None where it is missing. Raises ProtocolError."""
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**63:
        raise ProtocolError(f"The server sent {str(value)[:40]!r} where the number {name} is due.")
    return int(value)


def time(raw: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time, in UTC where its zone is not said; None where it is missing. Raises ProtocolError."""
    when = instant(text(raw, name))
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when

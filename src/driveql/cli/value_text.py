"""One value of a result as text, and as JSON (RFC 8259). Pure.

Source: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from driveql.cli.text import interval, plain

_CONTROL = re.compile("[\x7f-\x9f\u2028\u2029]")


def shown_text(value: object) -> str:
    """Return a value as text; lists and structs as JSON."""
    if hasattr(value, "months"):
        return _months(value)
    if isinstance(value, (list, dict, tuple)):
        return json_value(value)
    return _plain(value)


def _plain(value: object) -> str:
    # The zone is the session's: UTC until it says another.
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat().replace("+00:00", "Z")
    return plain(value)


def _months(value: Any) -> str:
    return interval(value.months, value.days * 86_400_000_000 + value.nanoseconds // 1000)


class Json(str):
    """A text that is JSON already."""

    __slots__ = ()


def json_column(value: Any) -> Any:
    """Return a value of a JSON column: JSON as it is, where it is some."""
    try:
        json.loads(value, parse_constant=float.fromhex)  # NaN and its like are no JSON
    except (TypeError, ValueError, RecursionError):
        return value
    return Json(value)


def json_value(value: object) -> str:
    """Return a value as JSON; what JSON has no value for as text, and NaN and infinity as null."""
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else "null"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "null"
    if hasattr(value, "months"):
        return json_text(_months(value))
    if isinstance(value, Json):
        return _escaped(value.replace("\r", " ").replace("\n", " "))
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(json_value, value)) + "]"
    if isinstance(value, dict):
        inside = (f"{json_text(str(key))}: {json_value(inner)}" for key, inner in value.items())
        return "{" + ", ".join(inside) + "}"
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    return json_text(_plain(value))


def json_text(text: str) -> str:
    """Return a text as JSON, with control characters written out."""
    return _escaped(json.dumps(text, ensure_ascii=False))


def _escaped(written: str) -> str:
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", written)

"""Values as people and programs read them; what comes from a server can never send escape sequences to a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

# Control characters (also C1 and DEL), and the marks by which a text can reverse or hide its neighbours.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def escaped(text: str) -> str:
    r"""Return `text` with every control character and direction mark written out, as in `\x1b`."""
    return _UNSAFE.sub(lambda match: _written_out(match.group()), text)


def _written_out(character: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    return short.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def human_size(size: int) -> str:
    """Return a size in bytes for a person: `512 B`, `1.4 MiB`."""
    value = float(size)
    for unit in _UNITS:
        if abs(value) < 1023.95 or unit == _UNITS[-1]:
            break
        value /= 1024
    return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"


def local_time(moment: datetime) -> str:
    """Return a moment in the person's own time zone, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def iso_time(moment: datetime) -> str:
    """Return a moment in UTC as ISO 8601 with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: object) -> str:
    """Return a value as programs read it: ISO times, sizes in bytes, empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso_time(value) if value.tzinfo else value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def json_line(record: Mapping[str, object]) -> str:
    """Return a record as one line of JSON, in which unsafe characters are escaped."""
    text = json.dumps(record, ensure_ascii=False, default=_for_json)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _for_json(value: object) -> object:
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    return plain(value)

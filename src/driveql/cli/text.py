"""Values as people and programs read them; what comes from a server can never send escape sequences to a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

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


def interval(months: int, microseconds: int) -> str:
    """Return a length of time as SQL writes it: `1 year 2 months 3 days 04:05:06.5`."""
    sign, length = "-" if microseconds < 0 else "", abs(microseconds)
    days, rest = divmod(length, 86_400_000_000)
    years = abs(months) // 12 * (-1 if months < 0 else 1)
    counted = ((years, "year"), (months - 12 * years, "month"), (int(f"{sign}{days}"), "day"))
    parts = [f"{number} {unit}{'s' * (abs(number) != 1)}" for number, unit in counted if number]
    if rest or not parts:
        seconds, fraction = divmod(rest, 1_000_000)
        clock = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        parts.append(f"{clock}.{fraction:06}".rstrip("0") if fraction else clock)
    return " ".join(parts)


def plain(value: object) -> str:
    """Return a value as programs read it: ISO times, sizes in bytes, empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso_time(value) if value.tzinfo else value.isoformat()
    if isinstance(value, timedelta):
        return interval(0, value // timedelta(microseconds=1))
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

"""One reader per kind of parameter value: text or a Python value in, the typed value out, or the value's
fault.

A fault says what is wrong without repeating a value that may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from driveql.connection.secrets import SecretReference
from driveql.errors import SecretError

Reader = Callable[[object], object]
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DRIVE_ID = re.compile(r"[A-Za-z0-9!._~=-]{1,200}")
_THUMBPRINT = re.compile(r"[0-9A-F]{40}([0-9A-F]{24})?")
# The transport sets these itself; a person's value would break the request or leak into other hosts.
_RESERVED_HEADERS = frozenset(
    {
        "authorization",
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "proxy-authorization",
        "upgrade",
        "te",
    }
)
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?(?:i?b)?)")
_UNITS = {"": 1, "b": 1} | {
    f"{letter}{unit}": (1000 if unit == "b" else 1024) ** power
    for power, letter in enumerate("kmgt", 1)
    for unit in ("", "b", "ib")
}
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


class ValueFaultError(ValueError):
    """What is wrong with one value, worded to follow the parameter's name and a colon."""


def text(raw: object) -> str:
    """Read plain text on one line."""
    value = str(raw).strip()
    if any(ord(mark) < 32 for mark in value):
        raise ValueFaultError("it holds a control character")
    return value


def guid(raw: object) -> str:
    """Read an id such as Entra gives to applications."""
    value = str(raw).strip().strip("{}")
    if not GUID.fullmatch(value):
        raise ValueFaultError("it is not an id of 32 hexadecimal digits with hyphens")
    return value.lower()


def path(raw: object) -> Path:
    """Read a file's path; `~` is the person's directory."""
    value = str(raw).strip()
    if "\0" in value:
        raise ValueFaultError("a path cannot hold a zero byte")
    return Path(value).expanduser()


def secret(raw: object) -> SecretReference:
    """Read a secret or where it lies."""
    if isinstance(raw, SecretReference):
        return raw
    if not isinstance(raw, str):
        raise ValueFaultError("a secret is text or a reference to it")
    try:
        return SecretReference.parse(raw)
    except SecretError as error:
        raise ValueFaultError(error.message[:1].lower() + error.message[1:].rstrip(".")) from None


def content(raw: object) -> bytes | SecretReference:
    """Read a certificate given as bytes, or as a reference to its base64 or PEM text."""
    return bytes(raw) if isinstance(raw, (bytes, bytearray, memoryview)) else secret(raw)


def boolean(raw: object) -> bool:
    """Read True or False as people write them."""
    value = str(raw).strip().lower()
    if value not in _TRUE | _FALSE:
        raise ValueFaultError("it is neither True nor False")
    return value in _TRUE


def whole_number(least: int, most: int) -> Reader:
    """Return a reader of whole numbers in that range."""

    def read(raw: object) -> int:
        try:
            value = int(str(raw).strip())
        except ValueError:
            value = None
        if value is None or isinstance(raw, bool) or not least <= value <= most:
            raise ValueFaultError(f"it is not a whole number from {least} to {most}")
        return value

    return read


def seconds(raw: object) -> float:
    """Read a duration in seconds, more than none and at most a day."""
    try:
        value = float(str(raw).strip())
    except ValueError:
        value = float("nan")
    if isinstance(raw, bool) or not 0 < value <= 86_400:
        raise ValueFaultError("it is not a number of seconds from above 0 to 86400")
    return value


def size(raw: object) -> int:
    """Read a size in bytes, as a number or with a unit (`512 MiB`, `2GB`); at least 1 MiB, at most 1 TiB."""
    match = _SIZE.fullmatch(str(raw).strip().lower())
    value = int(float(match[1]) * _UNITS[match[2]]) if match and not isinstance(raw, bool) else 0
    if not 1 << 20 <= value <= 1 << 40:
        raise ValueFaultError("it is not a size from 1 MiB to 1 TiB, such as 512 MiB")
    return value


def choice(*options: str) -> Reader:
    """Return a reader of one of the options, in any letter case."""
    by_name = {option.lower(): option for option in options}

    def read(raw: object) -> str:
        value = str(getattr(raw, "value", raw)).strip()
        if value.lower() not in by_name:
            near = get_close_matches(value.lower(), by_name, 1)
            meant = f" (did you mean {by_name[near[0]]}?)" if near else ""
            raise ValueFaultError(f"{value[:40]!r} is not one of {', '.join(options)}{meant}")
        return by_name[value.lower()]

    return read


def status_codes(raw: object) -> frozenset[int]:
    """Read HTTP status codes with a vertical bar between them, or a collection of numbers."""
    parts = [part.strip() for part in raw.split("|")] if isinstance(raw, str) else _items(raw)
    codes: set[int] = set()
    for part in parts:
        if not str(part).isascii() or not str(part).isdigit() or not 400 <= int(str(part)) <= 599:
            raise ValueFaultError(
                "it is not HTTP error codes (400 to 599) with one vertical bar between them"
            )
        codes.add(int(str(part)))
    return frozenset(codes)


def headers(raw: object) -> tuple[tuple[str, str], ...]:
    """Read `Name:value||Name:value`, or a mapping."""
    if isinstance(raw, Mapping):
        pairs = [(str(name), str(value)) for name, value in raw.items()]
    elif isinstance(raw, str):
        pairs = [_header_pair(part) for part in raw.split("||") if part.strip()]
    else:
        pairs = [_header_item(item) for item in _items(raw)]
    for name, value in pairs:
        _check_header(name, value)
    return tuple(pairs)


def drive_id(raw: object) -> str:
    """Read a drive's id."""
    value = str(raw).strip().removeprefix("/drives/").strip("/")
    if "://" in value:
        raise ValueFaultError("it is a web address; the id of a drive begins with b!")
    if not _DRIVE_ID.fullmatch(value):
        raise ValueFaultError("it holds a character that no drive's id has")
    return value


def thumbprint(raw: object) -> str:
    """Read a certificate's SHA-1 or SHA-256 thumbprint in hexadecimal."""
    # Windows' certificate dialog copies an invisible mark in front and blanks between.
    value = re.sub(r"[\s:\u200e\u200f\u202a-\u202e]", "", str(raw)).upper()
    if not _THUMBPRINT.fullmatch(value):
        raise ValueFaultError("it is not 40 (SHA-1) or 64 (SHA-256) hexadecimal digits")
    return value


def _items(raw: object) -> list[object]:
    if isinstance(raw, Iterable) and not isinstance(raw, (str, bytes)):
        return list(raw)
    return [raw]


def _header_item(item: object) -> tuple[str, str]:
    if not isinstance(item, (tuple, list)) or len(item) != 2:
        raise ValueFaultError("headers are text, a mapping, or pairs of name and value")
    return str(item[0]), str(item[1])


def _header_pair(part: str) -> tuple[str, str]:
    name, colon, value = part.partition(":")
    if not colon:
        raise ValueFaultError("each header is Name:value, with two vertical bars between headers")
    return name.strip(), value.strip(" \t")


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueFaultError("one header's name holds a character that no header name has")
    if name.lower() in _RESERVED_HEADERS:
        raise ValueFaultError(f"the header {name} is set by driveql and cannot be given")
    if any(mark != "\t" and not 32 <= ord(mark) < 127 for mark in value):
        raise ValueFaultError(f"the value of header {name} holds a line break or a character outside ASCII")

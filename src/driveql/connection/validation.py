"""One reader per kind of parameter value: text or a Python value in, the typed value out, or the value's
fault.

A fault says what is wrong without repeating a value that may be a secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from driveql.connection.secrets import SecretReference
from driveql.errors import SecretError

Reader = Callable[[object], object]
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DRIVE_ID = re.compile(r"[A-Za-z0-9!._~=-]{1,200}")
_THUMBPRINT = re.compile(r"[0-9A-F]{40}([0-9A-F]{24})?")
MULTI_TENANT = frozenset({"common", "consumers", "organizations"})
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
    if not _GUID.fullmatch(value):
        raise ValueFaultError("it is not an id of 32 hexadecimal digits with hyphens")
    return value.lower()


def tenant(raw: object) -> str:
    """Read a tenant's id or one of its domains, or one of the names that stand for several tenants."""
    value = str(raw).strip()
    if value.lower() in MULTI_TENANT or _GUID.fullmatch(value):
        return value.lower()
    if not _DOMAIN.fullmatch(value):
        raise ValueFaultError("it is neither a tenant's id nor a domain such as contoso.onmicrosoft.com")
    return value


def token_url(raw: object) -> str:
    """Read a v2.0 token URL with its tenant."""
    value = _web_address(raw)
    parts = urlsplit(value)
    segments = parts.path.strip("/").split("/")
    if segments[1:] == ["oauth2", "token"]:
        raise ValueFaultError("it is the v1 endpoint; the path is /{tenant}/oauth2/v2.0/token")
    if segments[1:] != ["oauth2", "v2.0", "token"] or parts.query:
        raise ValueFaultError("its path is not /{tenant}/oauth2/v2.0/token")
    written = segments[0]
    if written.startswith(("{", "<")) or written.lower() in {"tenant", "your-tenant-id", "tenant-id"}:
        raise ValueFaultError("the tenant's place in it still holds the placeholder")
    return f"{parts.scheme}://{parts.netloc}/{tenant(written)}/oauth2/v2.0/token"


def graph_url(raw: object) -> str:
    """Read Graph's origin; a pasted `/v1.0` at its end is dropped."""
    value = _web_address(raw).rstrip("/")
    parts = urlsplit(value.removesuffix("/v1.0"))
    if parts.path.strip("/") or parts.query:
        raise ValueFaultError("it is to be the host alone, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def proxy(raw: object) -> str:
    """Read a proxy's URL, with or without user and password; `none` goes without one in any environment."""
    value = str(raw).strip()
    if value.lower() == "none":
        return ""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"}
        _ = parts.port
    except ValueError:
        valid = False
    if not valid or any(ord(mark) <= 32 for mark in value):
        raise ValueFaultError("it is not http://host:port or http://user:password@host:port")
    return value if "://" in value else f"http://{value}"


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


def is_loopback(host: str) -> bool:
    """Say whether that host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _web_address(raw: object) -> str:
    value = str(raw).strip()
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueFaultError("it is not a web address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s\\]", value):
        raise ValueFaultError("it is not a web address that begins with https://")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueFaultError("plain http would show secrets and files to the network; only https is allowed")
    if parts.username is not None or parts.fragment:
        raise ValueFaultError("it may hold neither user names nor a fragment")
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

"""Readers of the web addresses among the parameters: TokenUrl with its tenant, GraphUrl, Proxy.

Plain http is allowed to this machine only: tokens and files travel on these addresses.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from driveql.connection.validation import GUID, ValueFaultError

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
MULTI_TENANT = frozenset({"common", "consumers", "organizations"})


def tenant(raw: object) -> str:
    """Read a tenant's id or one of its domains, or one of the names that stand for several tenants."""
    value = str(raw).strip()
    if value.lower() in MULTI_TENANT or GUID.fullmatch(value):
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

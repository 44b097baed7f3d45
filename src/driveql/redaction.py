"""Takes secrets out of text before it is logged, traced or put in an error.

What is recognised: JSON Web Tokens, pre-authenticated URLs by their query, credentials inside a URL, bearer headers, and the
tokens of /shares, which hold a sharing link readable for everybody.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(\.[\w-]*)?")
_URL = re.compile(r"https?://[^\s\"'<>\\]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
_SHARE = re.compile(r"\bu!aHR0[\w-]{6,}")
# Query options of Graph that say what is asked and never carry a secret; any other query marks a URL as secret.
_OPEN_OPTIONS = frozenset(
    {
        "$select",
        "$filter",
        "$top",
        "$orderby",
        "$expand",
        "$count",
        "$search",
        "search",
        "$skip",
        "@microsoft.graph.conflictBehavior",
    }
)


def text(message: str) -> str:
    """Return `message` with every recognised secret replaced."""
    message = _URL.sub(lambda match: url(match.group()), message)
    message = _JWT.sub("[token]", _SHARE.sub("u![link]", message))
    return _BEARER.sub(r"\1 [redacted]", message)


def url(address: str) -> str:
    """Return a URL that may be shown: credentials removed, query options hidden unless they are known to be harmless.

    A URL with a secret in its query also loses its path, since pre-authenticated URLs carry secrets there too.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "[unreadable URL]"
    prefix = f"{parts.scheme}://{host}{port}" if host else ""
    names = [pair.partition("=")[0].replace("%24", "$") for pair in parts.query.split("&") if pair]
    hidden = [name for name in names if name not in _OPEN_OPTIONS]
    if prefix and hidden and not parts.path.startswith("/v1.0/"):
        return f"{prefix}/[redacted]"
    if "[redacted]" not in address and not hidden:
        return f"{prefix}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    shown = "&".join(
        pair if name in _OPEN_OPTIONS else f"{name}=[redacted]"
        for pair, name in zip((p for p in parts.query.split("&") if p), names, strict=True)
    )
    return f"{prefix}{parts.path}?{shown}" if shown else f"{prefix}{parts.path}"


def origin(address: str) -> str:
    """Return scheme and host of a URL: all that is shown of a pre-authenticated one."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "[unreadable URL]"
    return f"{parts.scheme}://{parts.hostname or ''}{port}/[pre-authenticated]"

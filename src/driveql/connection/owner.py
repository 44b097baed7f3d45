"""How `GroupOrUserId` may be written, and the one form it is kept in: a path below the Graph root, or ""
for my self.

Names stay as people write them; percent-encoding belongs to the addresses of `graph/`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from driveql.connection.validation import ValueFaultError

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MAIL = re.compile(r"[^\s/@\\?<>\"|]+@[^\s/@\\?<>\"|#]+\.[^\s/@\\?<>\"|#]+")
_IDENTIFIER = re.compile(r"[^\s/\\?<>\"|]+")
_HOST = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+", re.IGNORECASE)
# Below these managed paths the next segment names a site; anything else on the host belongs to the root site.
_MANAGED_PATHS = frozenset({"sites", "teams", "personal", "portals"})


def normalise(raw: object) -> str:
    """Return `/users/{id or e-mail}`, `/groups/{id or e-mail}`, `/sites/{id}`, `/sites/{host}:/{path}` or "".

    Accepts those, the same without the first slash, a bare e-mail address (a user), `me`, and a pasted web
    address of a site or of a folder in it. Raises ValueFaultError.
    """
    text = str(raw).strip()
    if any(ord(mark) < 32 for mark in text):
        raise ValueFaultError("it holds a control character")
    if text.lower().startswith(("https://", "http://")):
        return _from_web_address(text)
    path = text.strip("/")
    if path.lower() in {"", "me"}:
        return ""
    kind, slash, rest = path.partition("/")
    if slash and kind.lower() in {"users", "groups"}:
        return f"/{kind.lower()}/{_identifier(rest, kind.lower())}"
    if slash and kind.lower() == "sites":
        return _site(rest)
    if _MAIL.fullmatch(path):
        return f"/users/{path}"
    if _GUID.fullmatch(path):
        raise ValueFaultError("a bare id may be a user's or a group's: write /users/ or /groups/ before it")
    if _HOST.fullmatch(path.partition(":")[0].partition("/")[0]) and (slash or ":" in path):
        return _site(path)
    raise ValueFaultError("it is not a user, a group or a site")


def _identifier(text: str, kind: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise ValueFaultError(f"after /{kind}/ one id or e-mail address is expected")
    return text


def _site(text: str) -> str:
    host, colon, path = text.partition(":")
    if not colon and _HOST.fullmatch(host.partition("/")[0]) and "," not in host:
        host, _, path = host.partition("/")
    path = path.strip("/").removesuffix(":").strip("/")
    if not path:
        return f"/sites/{_identifier(host, 'sites')}"
    if not _HOST.fullmatch(host):
        raise ValueFaultError("before the colon a site needs its host name")
    if any(mark in path for mark in '\\?<>"|*:') or "//" in path:
        raise ValueFaultError("the site's path holds a character that no site can have")
    return f"/sites/{host.lower()}:/{path}"


def _from_web_address(text: str) -> str:
    parts = urlsplit(text)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise ValueFaultError("the web address has no host name")
    if host.lower() in {"graph.microsoft.com", "onedrive.live.com", "1drv.ms"}:
        raise ValueFaultError("the web address is not one of a SharePoint site")
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    # A sharing or browser address carries a marker such as /:x:/r/ before the path.
    while segments and (segments[0].startswith(":") or segments[0] in {"r", "s"}):
        segments.pop(0)
    if len(segments) >= 2 and segments[0].lower() in _MANAGED_PATHS:
        return f"/sites/{host.lower()}:/{segments[0]}/{segments[1]}"
    return f"/sites/{host.lower()}"

"""One parser for every way a person writes a place in OneDrive; names are written plain, never percent-encoded.

    onedrive:///Reports/a.csv    onedrive:/Reports/a.csv       the connection's default drive
    onedrive://alice@contoso.com/Reports/a.csv                 a user's drive
    onedrive://groups/finance@contoso.com/Reports/a.csv        a group's drive
    onedrive://contoso.sharepoint.com/sites/Finance/Shared Documents/a.csv    a site's library
    onedrive://drives/b!1/Reports/a.csv                        a drive by its id
    onedrive:/id:01ABC    onedrive://drives/b!1/id:01ABC       an item by its id, in any of these
    https://contoso.sharepoint.com/...                         a web address or sharing link copied from the browser

`driveql:` means the same as `onedrive:`.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from driveql.errors import InvalidPathError
from driveql.graph import paths

_SCHEME = re.compile(r"^(onedrive|driveql):", re.IGNORECASE)
_SHARING_LINK = re.compile(r"^/:[a-z]:/", re.IGNORECASE)
_MANAGED_PATHS = ("sites", "teams", "personal")
_ID = re.compile(r"/*(id:[\w!.%-]+)/*", re.ASCII)
_EXAMPLE = (
    "Write onedrive:/Reports/a.csv, onedrive://alice@contoso.com/Reports/a.csv or a pasted web address."
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in OneDrive.

    `owner` is `/users/...`, `/groups/...` or `/sites/host:/path`, or None for the connection's default drive;
    `library` names a document library of a site; `drive_id` names a drive by itself; `path` is the normalised path in the
    drive, or `id:` and an item's id; `sharing_url` is set instead when only the service can resolve the address.
    """

    owner: str | None = None
    library: str | None = None
    path: str = paths.ROOT
    sharing_url: str | None = None
    drive_id: str | None = None


def is_place(text: str) -> bool:
    """Return True where `text` is written as a place in OneDrive rather than as a local path."""
    return bool(_SCHEME.match(text)) or _is_web_address(text)


def parse(text: str, *, wildcards: bool = False) -> Place:
    """Return the place that `text` names; text without a scheme is a path in the default drive.

    Parameters:
        wildcards: accept `*`, `?` and `[...]` in the path, for glob.

    Raises:
        InvalidPathError: the address is malformed.
    """
    if _is_web_address(text):
        return _from_web_address(text)
    match = _SCHEME.match(text)
    rest = text[match.end() :] if match else text
    normalised = _normalise_pattern if wildcards else paths.normalise

    def check(path: str) -> str:
        identifier = _ID.fullmatch(path) if match else None
        return identifier[1] if identifier else normalised(path)

    if not match or not rest.startswith("//"):
        return Place(path=check(rest))
    authority, _, path = rest[2:].partition("/")
    if not authority:
        return Place(path=check(path))
    if authority.casefold() in {"users", "groups"}:
        owner, _, path = path.partition("/")
        if not owner:
            raise InvalidPathError(f"{text!r} names no owner after {authority}/.", hint=_EXAMPLE)
        return Place(owner=f"/{authority.casefold()}/{owner}", path=check(path))
    if authority.casefold() == "drives":
        drive_id, _, path = path.partition("/")
        if not drive_id:
            raise InvalidPathError(f"{text!r} names no drive after drives/.", hint=_EXAMPLE)
        return Place(drive_id=drive_id, path=check(path))
    if "@" in authority:
        return Place(owner=f"/users/{authority}", path=check(path))
    if "." in authority:
        return _in_site(authority, [part for part in path.split("/") if part], check)
    raise InvalidPathError(
        f"{text!r}: {authority!r} is neither an e-mail address, 'groups', nor a SharePoint host name.",
        hint=f"For the default drive use three slashes: onedrive:///{authority}/... . {_EXAMPLE}",
    )


def sharing_token(url: str) -> str:
    """Return the `u!...` token by which `/shares/{token}` resolves a web address.

    Source: https://learn.microsoft.com/graph/api/shares-get#encoding-sharing-urls
    """
    return "u!" + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def _normalise_pattern(path: str) -> str:
    return paths.ROOT + "/".join(segment for segment in path.split("/") if segment)


def _is_web_address(text: str) -> bool:
    return text[:8].casefold().startswith(("https://", "http://"))


def _from_web_address(text: str) -> Place:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise InvalidPathError("The web address cannot be read.", hint=_EXAMPLE) from None
    if not parts.hostname or parts.username or parts.password:
        raise InvalidPathError(
            f"The web address on {parts.hostname!r} is not a usable one: it holds a user and password, or no host.",
            hint=_EXAMPLE,
        )
    if parts.scheme.casefold() != "https":
        raise InvalidPathError("Web addresses of OneDrive begin with https://.", hint=_EXAMPLE)
    if _SHARING_LINK.match(parts.path) or not parts.hostname.endswith(
        (".sharepoint.com", ".sharepoint.us", ".sharepoint.cn")
    ):
        return Place(sharing_url=text)
    target = parse_qs(parts.query).get("id", [unquote(parts.path)])[0]
    if "/_layouts/" in target or target.casefold().endswith(".aspx"):
        return Place(sharing_url=text)
    return _in_site(parts.hostname, [part for part in target.split("/") if part], paths.normalise)


def _in_site(host: str, segments: list[str], check: object) -> Place:
    site = ""
    if segments and segments[0].casefold() in _MANAGED_PATHS:
        if len(segments) < 2:
            raise InvalidPathError(
                f"The address on {host} names no site after {segments[0]}/.", hint=_EXAMPLE
            )
        site, segments = f"/{segments[0]}/{segments[1]}", segments[2:]
    library, segments = (segments[0], segments[1:]) if segments else (None, [])
    assert callable(check)
    path: str = check("/".join(segments))
    return Place(owner=f"/sites/{host}:{site or '/'}", library=library, path=path)

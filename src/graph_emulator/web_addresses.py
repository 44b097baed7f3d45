"""Web addresses of the tenant's items: from what people paste into a program to the item it shows.

Understood are sharing links, addresses of files and folders (percent-encoded or not), the pages that show a library or
open a document, and `/:x:/r/` forms. "How to address a shared item by its web address" names the token's encoding.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from graph_emulator.errors import GraphError, bad_request, item_not_found
from graph_emulator.store import Drive, Item, Tenant
from graph_emulator.store.sharing import Grant

_SHORT = re.compile(r":[a-z]:$")
_PAGES = re.compile(r"(?:^|/)(?:_layouts/15/[^/]+\.aspx|Forms/[^/]+\.aspx)$", re.IGNORECASE)


def item_of_token(tenant: Tenant, token: str, now: float) -> tuple[Item, Grant | None]:
    """Return the item of a sharing token `u!...`, and the grant of the link if it is one.

    Raises GraphError 400 for what is no token of this tenant, 403 for a link that is gone, 404 for an address where
    nothing is.
    """
    if not token.startswith("u!"):
        raise bad_request("The sharing token is invalid.")
    encoded = token[2:].rstrip("=")
    try:
        url = base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True).decode("utf-8")
        parts = urlsplit(url if "://" in url else unquote(url))
        host = (parts.hostname or "").casefold()
    except (ValueError, binascii.Error):
        raise bad_request("The sharing token is invalid.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise bad_request("The sharing token is invalid.")
    if host not in (tenant.host, tenant.personal_host):
        raise bad_request("The site in the encoded share URI is invalid.")
    return _item_at(tenant, host, parts.path, dict(parse_qsl(parts.query)), now)


def _item_at(
    tenant: Tenant, host: str, path: str, query: dict[str, str], now: float
) -> tuple[Item, Grant | None]:
    segments = [part for part in path.split("/") if part]
    if len(segments) > 1 and _SHORT.match(segments[0]) and segments[1] != "r":
        return _of_link(tenant, segments[-1], now)
    if len(segments) > 1 and _SHORT.match(segments[0]):
        path = "/" + "/".join(segments[2:])
    if _PAGES.search(path):
        if "share" in query:
            return _of_link(tenant, query["share"], now)
        document = query.get("sourcedoc") or query.get("UniqueId")
        if document:
            return _of_guid(tenant, document), None
        shown = query.get("id") or query.get("RootFolder")
        if shown:
            return _of_path(tenant, host, shown), None
        path = re.sub(r"/(_layouts|Forms)/.*$", "", path, flags=re.IGNORECASE)
    return _of_path(tenant, host, unquote(path)), None


def _of_link(tenant: Tenant, key: str, now: float) -> tuple[Item, Grant]:
    for drive in tenant.drives.values():
        found = drive.sharing.by_key(key)
        if found is None:
            continue
        item = drive.items.get(found[0])
        expires = found[1].expires
        if item is not None and (expires is None or expires > now):
            return item, found[1]
    raise GraphError(
        403,
        "accessDenied",
        "The sharing link no longer exists, or you do not have permission to access it.",
    )


def _of_guid(tenant: Tenant, written: str) -> Item:
    try:
        guid = UUID(written.strip("{}")).bytes
    except ValueError:
        raise bad_request("The sharing token is invalid.") from None
    for drive in tenant.drives.values():
        for item in drive.items.values():
            if item.guid == guid:
                return item
    raise item_not_found()


def _of_path(tenant: Tenant, host: str, path: str) -> Item:
    """Return the item at a decoded server-relative path; a site alone stands for its first library."""
    wanted = [part for part in path.split("/") if part]
    libraries = [drive for drive in tenant.drives.values() if drive.site.host == host]
    for drive in libraries:
        place = _place(drive)
        if [part.casefold() for part in wanted[: len(place)]] == place:
            found = drive.resolve(wanted[len(place) :])
            if found is None:
                raise item_not_found()
            return found
    site = tenant.site_at(host, "/".join(wanted))
    if site is not None and site.personal and site.drives:
        return site.drives[0].root
    if any(tenant.site_at(host, "/".join(wanted[:count])) for count in range(1, len(wanted) + 1)):
        raise item_not_found()
    raise bad_request("The site in the encoded share URI is invalid.")


def _place(drive: Drive) -> list[str]:
    path = f"{drive.site.path}/{unquote(drive.url_name)}"
    return [part.casefold() for part in path.split("/") if part]

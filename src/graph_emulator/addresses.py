"""The URL shapes of Microsoft Graph, read once and purely: a request's target becomes a template and its parts.

A path is decoded once and as a whole: neither "/" nor ":" can be in a name, so a percent-encoded one means the same.
Templates name a route for permissions and faults: whatever way a drive or an item is addressed, the template is
`/drives/{drive-id}` or `/drives/{drive-id}/items/{item-id}` with what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from graph_emulator.address_cursor import Cursor
from graph_emulator.errors import GraphError, bad_request
from graph_emulator.keys import DRIVE_KEYS, ITEM_KEYS, LIST_KEYS, keyed

_SEARCH = re.compile(r"(?:microsoft\.graph\.)?search\((?:q=)?'((?:[^']|'')*)'\)$", re.IGNORECASE)
_DELTA = re.compile(r"(?:microsoft\.graph\.)?delta(?:\((?:token='((?:[^']|'')*)')?\))?$", re.IGNORECASE)

DRIVE = "/drives/{drive-id}"
ITEM = "/drives/{drive-id}/items/{item-id}"
LIST = "/sites/{site-id}/lists/{list-id}"


@dataclass(frozen=True, slots=True)
class DriveLocator:
    """How a drive is named: by `id`, or as the default drive of a "user", "group" or "site" (`owner_id`)."""

    id: str | None = None
    owner_kind: str = ""
    owner_id: str = ""


@dataclass(frozen=True, slots=True)
class ItemLocator:
    """How an item is named: an id or "root", then the names that lead on from there; or a special folder."""

    start: str = "root"
    names: tuple[str, ...] = ()
    special: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """What a path names. `ids` holds the keys of directory objects, `argument` a function's text."""

    template: str
    ids: dict[str, str] = field(default_factory=dict)
    drive: DriveLocator | None = None
    item: ItemLocator | None = None
    argument: str | None = None


def parse(raw_path: str) -> Address:
    """Return what a percent-encoded path below `/v1.0` names.

    A path of no known shape gives its own decoded text as template. Raises GraphError 400 for a path that is not
    UTF-8, and for a colon path that is malformed or too deep.
    """
    try:
        path = unquote(raw_path, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("The request URL is not valid UTF-8.") from None
    cursor = Cursor(path)
    head = cursor.segment()
    reader = _READERS.get(head)
    address = reader(cursor) if reader is not None else None
    return address if address is not None else Address(_known_form(path))


def _read_item(cursor: Cursor, drive: DriveLocator) -> Address | None:
    """Read `root`, `items/{id}`, `special/{name}` with colon paths, then what is asked of the item."""
    head = cursor.segment()
    special = None
    if head == "root":
        start = "root"
    elif head == "items" and not cursor.at_end():
        start = cursor.segment()
    elif head == "special" and not cursor.at_end():
        start, special = "root", cursor.segment()
    else:
        return None
    names: tuple[str, ...] = ()
    while (more := cursor.colon_path()) is not None:
        names += more
    tail = cursor.rest()
    child = re.match(r"children/([^/:]+)/(content|createUploadSession)$", tail)
    if child is not None:
        names, tail = (*names, child[1]), child[2]
    suffix, argument = _function(tail)
    suffix, ids = keyed(suffix, ITEM_KEYS)
    return Address(f"{ITEM}{suffix}", ids, drive, ItemLocator(start, names, special), argument)


def _function(tail: str) -> tuple[str, str | None]:
    """Return the template of what follows an item or a drive, and the function's argument."""
    if (search := _SEARCH.match(tail)) is not None:
        return "/search(q='{q}')", search[1].replace("''", "'")
    if (delta := _DELTA.match(tail)) is not None:
        return "/delta", delta[1]
    return (f"/{tail.rstrip('/')}" if tail else ""), None


def _read_in_drive(cursor: Cursor, drive: DriveLocator, alone: str = DRIVE) -> Address | None:
    if cursor.at_end():
        return Address(alone, drive=drive)
    suffix, argument = _function(cursor.rest())
    if argument is not None:
        return Address(f"{DRIVE}{suffix}", drive=drive, argument=argument)
    alias = re.match(r"(sharedWithMe)(?:\(\))?$|(following(?:/[^/]+)?)$|(list)(/.+)?$", suffix[1:])
    if alias is None:
        return _read_item(cursor, drive)
    if alias[4]:
        return _read_in_list(alias[4].strip("/"), {}, drive)
    template, ids = keyed(alias[1] or alias[2] or alias[3], DRIVE_KEYS)
    return Address(f"{DRIVE}/{template}", ids, drive)


def _read_drives(cursor: Cursor) -> Address | None:
    identifier = cursor.segment()
    return _read_in_drive(cursor, DriveLocator(identifier)) if identifier else None


def _owned_drives(cursor: Cursor, kind: str, identifier: str, ids: dict[str, str]) -> Address | None:
    """Read `drive`, `drives` and `drives/{id}` below their owner."""
    template = f"/{kind}s/{{{kind}-id}}"
    head = cursor.segment()
    if head == "drive":
        owned = DriveLocator(None, kind, identifier)
        address = _read_in_drive(cursor, owned, f"{template}/drive")
        return address and replace(address, ids={**address.ids, **ids})
    if head == "drives":
        if cursor.at_end():
            return Address(f"{template}/drives", ids)
        return _read_in_drive(cursor, DriveLocator(cursor.segment(), kind, identifier))
    if head == "lists" and kind == "site" and not cursor.at_end():
        ids = {**ids, "list": cursor.segment()}
        return _read_in_list(cursor.rest().strip("/"), ids)
    tail = f"{head}/{cursor.rest()}".rstrip("/")
    return Address(f"{template}/{tail}", ids)


def _read_in_list(tail: str, ids: dict[str, str], drive: DriveLocator | None = None) -> Address:
    """Read what is asked of a list: of a site's, or with `drive` of the one that a library is."""
    template, keys = keyed(tail, LIST_KEYS)
    return Address(f"{LIST}/{template}".rstrip("/"), {**ids, **keys}, drive)


def _read_people(kind: str) -> Callable[[Cursor], Address | None]:
    def read(cursor: Cursor) -> Address | None:
        if cursor.at_end():
            return Address(f"/{kind}s")
        identifier = cursor.segment()
        if identifier in ("$count", "delta", "delta()"):
            return Address(f"/{kind}s/{identifier.removesuffix('()')}")
        ids = {kind: identifier}
        if cursor.at_end():
            return Address(f"/{kind}s/{{{kind}-id}}", ids)
        return _owned_drives(cursor, kind, identifier, ids)

    return read


def _read_sites(cursor: Cursor) -> Address | None:
    """Read `sites`, `sites/root`, `sites/{id}` and `sites/{host}:/{path}`, then what is asked of the site."""
    if cursor.at_end():
        return Address("/sites")
    identifier = cursor.segment()
    if identifier in ("getAllSites", "delta"):
        return Address(f"/sites/{identifier}")
    names = cursor.colon_path()
    if names is not None:
        identifier = f"{identifier}:/{'/'.join(names)}"
    ids = {"site": identifier}
    if cursor.at_end():
        return Address("/sites/{site-id}", ids)
    return _owned_drives(cursor, "site", identifier, ids)


def _read_shares(cursor: Cursor) -> Address | None:
    """Read `shares/{token}`, then `driveItem` or `root` with colon paths and what is asked of the item."""
    ids = {"share": cursor.segment()}
    if not ids["share"] or cursor.at_end():
        return Address("/shares/{share-id}", ids) if ids["share"] else None
    head = cursor.segment()
    if head not in ("driveItem", "root"):
        return Address(f"/shares/{{share-id}}/{head}/{cursor.rest()}".rstrip("/"), ids)
    names: tuple[str, ...] = ()
    while (more := cursor.colon_path()) is not None:
        names += more
    suffix, keys = keyed(f"/{cursor.rest()}".rstrip("/"), ITEM_KEYS)
    return Address(
        f"/shares/{{share-id}}/driveItem{suffix}", {**ids, **keys}, item=ItemLocator("share", names)
    )


def _read_subscriptions(cursor: Cursor) -> Address | None:
    tail = "/".join(part for part in ("subscriptions", cursor.rest().strip("/")) if part)
    template, ids = keyed(tail, {"subscriptions": "subscription-id"})
    return Address(f"/{template}", ids)


def _read_batch(cursor: Cursor) -> Address | None:
    return Address("/$batch") if cursor.at_end() else None


def _read_me(_: Cursor) -> Address | None:
    raise GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")


def _known_form(path: str) -> str:
    """Return an unknown path for a message, cut to a readable length."""
    return "/" + path.strip("/")[:200]


_READERS: dict[str, Callable[[Cursor], Address | None]] = {
    "drives": _read_drives,
    "users": _read_people("user"),
    "groups": _read_people("group"),
    "sites": _read_sites,
    "shares": _read_shares,
    "subscriptions": _read_subscriptions,
    "$batch": _read_batch,
    "me": _read_me,
    "drive": _read_me,
}

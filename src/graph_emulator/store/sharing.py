"""Who may use an item: the library's own people, those who were invited, and the holders of links.

What is granted on a folder holds for all below it. A grant that has expired is no longer there.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from graph_emulator.store.drive import Drive
    from graph_emulator.store.item import Item

Identity = dict[str, dict[str, Any]]
ROLES = ("read", "write", "owner")
_LETTERS = {
    **dict.fromkeys(("doc", "docx", "docm", "dotx", "odt", "rtf"), "w"),
    **dict.fromkeys(("xls", "xlsx", "xlsm", "xlsb", "csv", "ods"), "x"),
    **dict.fromkeys(("ppt", "pptx", "ppsx", "potx", "odp"), "p"),
    **dict.fromkeys(("txt", "log", "json", "xml", "md"), "t"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "bmp", "tiff", "heic"), "i"),
    **dict.fromkeys(("mp4", "mov", "avi", "mkv"), "v"),
    "pdf": "b",
}


@dataclass(slots=True)
class SharingLink:
    """A link: `type` "view" or "edit", `scope` "anonymous", "organization" or "users"; `key` is its opaque end."""

    type: str
    scope: str
    key: str
    web_url: str


@dataclass(slots=True)
class Grant:
    """One permission. `granted_to` is who it is for; a link is for its holders, or for its `recipients`.

    `expires` is seconds since 1970. `application` made it. A `fixed` one belongs to the library and cannot be changed.
    """

    id: str
    roles: list[str]
    granted_to: Identity | None = None
    link: SharingLink | None = None
    recipients: list[Identity] = field(default_factory=list)
    invitation: dict[str, Any] | None = None
    application: dict[str, str] | None = None
    expires: float | None = None
    has_password: bool = False
    fixed: bool = False


class Sharing:
    """The grants of a drive by the id of their item, and the items that applications follow."""

    def __init__(self) -> None:
        self.grants: dict[str, list[Grant]] = {}
        self.followed: dict[str, list[str]] = {}
        self.made = 0

    def on(self, item: Item, now: float) -> Iterator[tuple[Grant, Item | None]]:
        """Yield the grants that hold for `item`, each with the folder it comes from, or None for the item's own."""
        for place in (item, *item.ancestors()):
            for grant in self.grants.get(place.id, ()):
                if grant.expires is None or grant.expires > now:
                    yield grant, None if place is item else place
        for grant in _of_the_library(item.drive):
            yield grant, None if item.parent is None else item.drive.root

    def add(self, item: Item, grant: Grant) -> Grant:
        """Grant `grant` on `item`."""
        self.grants.setdefault(item.id, []).append(grant)
        item.drive.dirty = True
        return grant

    def remove(self, item: Item, grant: Grant) -> None:
        """Take `grant` from `item`."""
        self.grants[item.id].remove(grant)
        item.drive.dirty = True

    def new_link(self, item: Item, link_type: str, scope: str, now: float) -> SharingLink:
        """Return a new link to `item` as SharePoint writes them; what follows the item's id says nothing."""
        self.made += 1
        seed = f"{item.id}|{self.made}|{now}".encode()
        key = "E" + base64.urlsafe_b64encode(hashlib.blake2b(seed, digest_size=33).digest()).decode("ascii")
        return SharingLink(link_type, scope, key, link_url(item, key))

    def new_id(self, item: Item) -> str:
        """Return the id of the next link on `item`."""
        seed = f"{item.id}|{self.made}".encode()
        return str(UUID(bytes=hashlib.blake2b(seed, digest_size=16).digest(), version=4))

    def by_key(self, key: str) -> tuple[str, Grant] | None:
        """Return the id of the item that the link of this key is on, and its grant."""
        for item_id, grants in self.grants.items():
            for grant in grants:
                if grant.link is not None and grant.link.key == key:
                    return item_id, grant
        return None


def link_url(item: Item, key: str) -> str:
    """Return a sharing link's address: what kind of thing, what kind of site, the site, the key."""
    site = item.drive.site
    kind, _, below = site.path.partition("/")
    prefix = {"sites": "s/", "teams": "t/"}.get(kind, "g/" + (f"{kind}/" if kind else ""))
    extension = item.name.rpartition(".")[2].casefold()
    letter = "f" if item.is_folder else _LETTERS.get(extension, "u")
    place = f"{prefix}{below}/" if below else prefix
    return f"https://{site.host}/:{letter}:/{place}{key}"


def member_id(login_name: str) -> str:
    """Return the id of a permission that is granted to one account directly."""
    return base64.urlsafe_b64encode(login_name.encode()).rstrip(b"=").decode("ascii")


def login_name(account: dict[str, Any]) -> str:
    """Return the name by which SharePoint knows an account."""
    return f"i:0#.f|membership|{account.get('email') or account.get('id') or account.get('displayName')}"


def site_user_id(name: str) -> str:
    """Return the number under which a site knows an account."""
    return str(sum(name.encode()) % 900 + 6)


def _of_the_library(drive: Drive) -> Iterator[Grant]:
    """Yield what a library grants from the beginning: its owner's or its site's groups'."""
    owner = drive.owner.get("user")
    if drive.drive_type == "business" and owner is not None:
        yield Grant(member_id(login_name(owner)), ["owner"], {"user": dict(owner)}, fixed=True)
        return
    name = drive.site.display_name
    for number, (group, role) in enumerate((("Owners", "owner"), ("Visitors", "read"), ("Members", "write"))):
        shown = {"id": str(number + 3), "displayName": f"{name} {group}", "loginName": f"{name} {group}"}
        yield Grant(member_id(shown["loginName"]), [role], {"siteGroup": shown}, fixed=True)

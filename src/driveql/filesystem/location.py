"""What a path means to the file system: one canonical text for every place, and back.

    /Reports/a.csv                                            the connection's default drive
    onedrive://alice@contoso.com/Reports/a.csv                a user's drive; groups/... and users/... likewise
    onedrive://contoso.sharepoint.com/sites/Finance           a site: its libraries are its folders
    onedrive://contoso.sharepoint.com/sites/Finance/Documents/a.csv    a library's file
    onedrive://drives/b!1/a.csv                               a drive by its id
    https://...                                               a sharing link, which only the service can resolve

A path without a scheme is in the default drive. Names are plain text: `#` and `%` are what they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from driveql.graph import paths, places
from driveql.graph.places import Place

SCHEME = "onedrive://"
_DRIVE = re.compile(r"(?:onedrive|driveql)://drives/([^/]+)(.*)", re.IGNORECASE | re.DOTALL)
_WEB = re.compile(r"(?:onedrive|driveql)://(?=https?://)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Location:
    """A canonical path in its parts: `root` says which drive ("" is the default one), `path` where in it."""

    root: str
    path: str
    place: Place
    drive_id: str | None = None

    @property
    def name(self) -> str:
        """The canonical text."""
        if self.path == paths.ROOT:
            return self.root or paths.ROOT
        return f"{self.root}{self.path}"

    @property
    def parent(self) -> str:
        """The canonical text of the folder above; the top of a drive that has none is its own."""
        if self.path != paths.ROOT:
            return replace(self, path=paths.split(self.path)[0]).name
        return self.root.rpartition("/")[0] if self.place.library is not None else self.name

    @property
    def is_site(self) -> bool:
        """True for a site, whose children are document libraries."""
        return (self.place.owner or "").startswith("/sites/") and self.place.library is None

    @property
    def is_sharing_link(self) -> bool:
        """True where only the service can tell what the address leads to."""
        return self.place.sharing_url is not None


def locate(text: str, *, wildcards: bool = False) -> Location:
    """Return what `text` names.

    Parameters:
        wildcards: accept `*`, `?` and `[...]` in the path.

    Raises:
        InvalidPathError: the address is malformed, or holds a name that cannot be.
    """
    text = _WEB.sub("", text, count=1)
    drive = _DRIVE.fullmatch(text)
    if drive is not None:
        inside = places.parse(f"{SCHEME}/{drive[2]}", wildcards=wildcards)
        return Location(f"{SCHEME}drives/{drive[1]}", inside.path, inside, drive[1])
    place = places.parse(text, wildcards=wildcards)
    return Location(place.sharing_url or _root(place), place.path, place)


def in_drive(drive_id: str, path: str) -> Location:
    """Return the location of a path in a drive known by its id."""
    return Location(f"{SCHEME}drives/{drive_id}", path, Place(path=path), drive_id)


def canonical(text: str) -> str:
    """Return the one way in which the file system writes a path; patterns and trailing slashes are accepted."""
    return locate(text, wildcards=True).name


def join(folder: str, name: str) -> str:
    """Return the canonical path of `name` in the folder with the canonical path `folder`."""
    return f"{folder.rstrip('/')}/{name}"


def _root(place: Place) -> str:
    if place.owner is None:
        return ""
    kind, _, name = place.owner[1:].partition("/")
    if kind == "sites":
        host, _, site = name.partition(":")
        library = f"/{place.library}" if place.library is not None else ""
        return f"{SCHEME}{host}{site.rstrip('/')}{library}"
    return f"{SCHEME}{name}" if kind == "users" and "@" in name else f"{SCHEME}{kind}/{name}"

"""How a place is named to a person: as it can be typed again, whoever's drive it is in, and never as a request's path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote

from driveql.drive.handle import DriveHandle
from driveql.errors import DriveqlError, NotFoundError
from driveql.graph import places
from driveql.graph.models import DriveItem

# What the session puts before the server's words. Names hold no colon, so the first one with a space ends the path.
_REQUEST = re.compile(r"(?:GET|HEAD|POST|PUT|PATCH|DELETE) (/.*?|content of .*?):{1,2} (.*)", re.DOTALL)
_ARGUMENTS = ("place", "places", "source", "sources", "target", "places_and_files")


@dataclass(frozen=True, slots=True)
class Naming:
    """Names the items of one drive.

    Parameters:
        prefix: what stands before a path. encoded: it is a web address, in which names are percent-encoded.
    """

    prefix: str = "onedrive:"
    encoded: bool = False

    def of(self, path: str) -> str:
        """Return a path in the drive, or `id:` and an id, as it is shown and can be typed again."""
        return self.prefix + (quote(path) if self.encoded else path)

    def item(self, item: DriveItem) -> str:
        """Return an item's place; its name where its path is not known."""
        return self.of(item.path or item.name)


DEFAULT_DRIVE = Naming()


async def naming(drive: DriveHandle, written: str) -> Naming:
    """Return how items of the drive that a written place leads to are named."""
    place = places.parse(written, wildcards=True)
    if place.sharing_url is not None:
        address = (await drive.info()).web_url
        return Naming(unquote_once(address), encoded=True) if address else Naming()
    return Naming(prefix_of(place))


def prefix_of(place: places.Place) -> str:
    """Return what stands before the path: `onedrive:`, or with the owner (and library) of another drive."""
    if place.owner is None:
        return "onedrive:"
    kind, _, name = place.owner.removeprefix("/").partition("/")
    if kind == "sites":
        host, _, site = name.partition(":")
        name = f"{host}{site.rstrip('/')}/{place.library or ''}".rstrip("/")
        return f"onedrive://{name}"
    return f"onedrive://{name}" if kind == "users" and "@" in name else f"onedrive://{kind}/{name}"


def unquote_once(address: str) -> str:
    """Return a web address whose path is percent-encoded exactly once, however the service wrote it."""
    head, separator, path = address.partition("://")
    host, _, rest = path.partition("/")
    return f"{head}{separator}{host}/{quote(unquote(rest))}".rstrip("/")


@contextmanager
def about(place: str) -> Iterator[None]:
    """Have errors that come out of the block name a place instead of the request."""
    try:
        yield
    except DriveqlError as error:
        raise named(error, place) from error.__cause__


def named(error: DriveqlError, place: str) -> DriveqlError:
    """Return the error with the place in its message where the request's path was; `--trace` shows requests."""
    match = _REQUEST.fullmatch(error.message)
    if match is None:
        return error
    error.message = f"{place}: {match.group(2)}"
    if isinstance(error, NotFoundError) and (error.code or "").casefold() == "itemnotfound":
        error.message = f"There is no {place}."
    error.args = (error.message,)
    return error


def only_place(arguments: Mapping[str, object]) -> str | None:
    """Return the place a command was given, if it was given one only."""
    found: list[str] = []
    for name in _ARGUMENTS:
        value = arguments.get(name)
        found += [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
    return found[0] if len(found) == 1 else None


def is_remote(text: str) -> bool:
    """Return True where a person means OneDrive and not a local file."""
    return places.is_place(text)

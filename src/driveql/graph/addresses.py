"""Request addresses below `/v1.0`, built from parts and percent-encoded once; nothing else in driveql concatenates URLs.

Source: https://learn.microsoft.com/graph/onedrive-addressing-driveitems
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from driveql.errors import InvalidPathError
from driveql.graph import paths
from driveql.graph.places import sharing_token

# What RFC 3986 lets stand in a query, less what servers read as structure.
_QUERY_SAFE = "$'(),:;=@/!*-._~"


@dataclass(frozen=True, slots=True)
class Address:
    """A path below the API's root, already encoded, and its query options in order."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    def option(self, name: str, value: str | int | Sequence[str] | None) -> Address:
        """Return this address with one more query option; None or an empty sequence leaves it as it is."""
        if value is None or (not isinstance(value, str | int) and not value):
            return self
        text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ",".join(value)
        return replace(self, query=(*self.query, (name, text)))

    def below(self, segment: str) -> Address:
        """Return the address of a segment below an item's address: `children`, `content`, `createUploadSession`."""
        return replace(self, path=f"{self.path}/{segment}")

    def url(self, graph_url: str) -> str:
        """Return the absolute URL on the given Graph origin."""
        return f"{graph_url.rstrip('/')}/v1.0{self}"

    def __str__(self) -> str:
        if not self.query:
            return self.path
        pairs = "&".join(
            f"{quote(name, safe='$@.')}={quote(value, safe=_QUERY_SAFE)}" for name, value in self.query
        )
        return f"{self.path}?{pairs}"


def _segment(value: str) -> str:
    return quote(value, safe="!@,.")


def users() -> Address:
    """All users: GET /users."""
    return Address("/users")


def groups() -> Address:
    """All groups: GET /groups."""
    return Address("/groups")


def sites() -> Address:
    """Sites by search: GET /sites?search=."""
    return Address("/sites")


def group_members(group_id: str) -> Address:
    """Members of a group."""
    return Address(f"/groups/{_segment(group_id)}/members")


def owner(reference: str) -> Address:
    """The address of `/users/{id}`, `/groups/{id}`, `/sites/{id}` or `/sites/{host}:/{path}`; `/me` for the blank owner.

    Raises:
        InvalidPathError: the reference has another shape.
    """
    if reference in {"", "/me"}:
        return Address("/me")
    kind, _, name = reference.removeprefix("/").partition("/")
    if kind not in {"users", "groups", "sites"} or not name:
        raise InvalidPathError(
            f"{reference!r} is not an owner.",
            hint="Write /users/alice@contoso.com, /groups/{id} or /sites/{host}:/{path}.",
        )
    if kind != "sites":
        return Address(f"/{kind}/{_segment(name)}")
    host, colon, path = name.partition(":")
    if not colon or not path.strip("/"):
        return Address(f"/sites/{_segment(host)}")
    return Address(f"/sites/{_segment(host)}:/{paths.encode(path)}:")


def site_id_of(address: Address) -> Address:
    """The address of a site itself, without the colon that a segment below it would need."""
    return replace(address, path=address.path.removesuffix(":"))


def drive(drive_id: str) -> Address:
    """One drive by id."""
    return Address(f"/drives/{_segment(drive_id)}")


def item(drive_id: str, item_id: str) -> Address:
    """One item by id; the id `root` is the drive's root."""
    if item_id == "root":
        return Address(f"{drive(drive_id)}/root")
    return Address(f"{drive(drive_id)}/items/{_segment(item_id)}")


def item_at(drive_id: str, path: str) -> Address:
    """One item by its path in the drive, in the form to which a segment can be added: `/drives/{id}/root:/a/b:`."""
    if paths.normalise(path) == paths.ROOT:
        return Address(f"{drive(drive_id)}/root")
    return Address(f"{drive(drive_id)}/root:/{paths.encode(path)}:")


def child_of(drive_id: str, parent_id: str, name: str) -> Address:
    """An item by its parent's id and a name or path below it."""
    return Address(f"{item(drive_id, parent_id)}:/{paths.encode(name)}:")


def search(drive_id: str, text: str, item_id: str = "root") -> Address:
    """Search below an item; a quote in the text is doubled as OData asks."""
    doubled = quote(text.replace("'", "''"), safe="")
    return Address(f"{item(drive_id, item_id)}/search(q='{doubled}')")


def shared_item(url: str) -> Address:
    """The item behind a sharing link or any web address."""
    return Address(f"/shares/{sharing_token(url)}/driveItem")

"""The little that SQL needs of the drive layer, as protocols: `driveql.aio.OneDrive` is one implementation, the tests' another.

Every method returns Graph's own JSON, so that a column is one property path and nothing is lost between the layers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol, TypeVar

from driveql.graph.addresses import Address
from driveql.transport.attempts import Statistics

T = TypeVar("T")
Json = dict[str, Any]


class JsonPage(Protocol):
    """One page of a listing."""

    @property
    def items(self) -> list[Json]:
        """The objects, as Graph wrote them."""


class HasJson(Protocol):
    """A model that kept the JSON it was made of."""

    @property
    def raw(self) -> Json:
        """The object, as Graph wrote it."""


class DirectorySource(Protocol):
    """Listings around drives."""

    def users(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[JsonPage]:
        """List the users."""

    def groups(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - OData's own word
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[JsonPage]:
        """List the groups."""

    def group_members(
        self,
        group_id: str,
        *,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[JsonPage]:
        """List the direct members of a group."""

    def sites(self, search: str = "*", *, select: Sequence[str] | None = None) -> AsyncIterator[JsonPage]:
        """List the sites."""

    def drives(self, owner: str, *, select: Sequence[str] | None = None) -> AsyncIterator[JsonPage]:
        """List the drives of an owner."""

    async def one(self, owner: str, *, select: Sequence[str] | None = None) -> Json:
        """Look up one user, group or site."""

    async def drive(self, drive_id: str) -> HasJson:
        """Look up one drive."""


class FileItem(HasJson, Protocol):
    """What the file system needs to know of an item."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def path(self) -> str | None:
        """Its plain path in the drive."""

    @property
    def modified(self) -> datetime | None:
        """When it was last changed."""

    @property
    def size(self) -> int:
        """Its size in bytes."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""


class SharingSource(Protocol):
    """The permissions of a drive's items."""

    def permissions(self, item: str, /) -> AsyncIterator[Sequence[HasJson]]:
        """List an item's permissions."""


class VersionsSource(Protocol):
    """The versions of a drive's files."""

    def list(self, item: str, /) -> AsyncIterator[Sequence[HasJson]]:
        """List a file's versions."""


class SubscriptionsSource(Protocol):
    """The application's subscriptions."""

    def list(self) -> AsyncIterator[Sequence[HasJson]]:
        """List them."""

    async def get(self, subscription_id: str, /) -> HasJson:
        """Look up one."""


class RawPage(JsonPage, Protocol):
    """One page of a listing by its address."""

    @property
    def delta_link(self) -> str | None:
        """Where the next round of changes begins; on the last page of a round."""


class Answer(Protocol):
    """An answer of Graph."""

    def json(self) -> Any:
        """Decode its body."""


class RequestSource(Protocol):
    """Requests by address, for what has no method of its own."""

    statistics: Statistics

    def pages(self, address: Address, /) -> AsyncIterator[RawPage]:
        """List a collection."""

    async def request(self, method: str, address: Address, /) -> Answer:
        """Send one request."""


class OpenedSource(Protocol):
    """One version of a file."""

    def __hash__(self) -> int:
        """Tell it from others."""

    async def read(self, start: int = 0, end: int | None = None) -> bytes:
        """Read a range, `end` exclusive; raise ItemChangedError where the file is no longer that version."""


class DriveSource(Protocol):
    """One drive."""

    @property
    def id(self) -> str:
        """The drive's id."""

    async def item(self, reference: str, /, *, select: Sequence[str] | None = None) -> FileItem:
        """Look up one item by its path, or by `id:` and its id."""

    def children(
        self,
        folder: str = "/",
        /,
        *,
        item_id: str | None = None,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[JsonPage]:
        """List one folder."""

    def walk(
        self, folder: str = "/", /, *, select: Sequence[str] | None = None, concurrency: int | None = None
    ) -> AsyncIterator[Sequence[FileItem]]:
        """List everything below a folder."""

    def glob(self, pattern: str, /) -> AsyncIterator[FileItem]:
        """Find the items whose path matches a pattern."""

    @property
    def sharing(self) -> SharingSource:
        """Who has access to its items."""

    @property
    def versions(self) -> VersionsSource:
        """The versions of its files."""

    async def read(self, reference: Any, /, start: int = 0, end: int | None = None) -> bytes:
        """Read a range of a file, `end` exclusive."""

    def opened(self, item: Any, /) -> OpenedSource:
        """The file as the version that `item` is."""


class TenantSource(Protocol):
    """What a connection can see."""

    @property
    def directory(self) -> DirectorySource:
        """Users, groups, sites and drives."""

    @property
    def session(self) -> RequestSource:
        """Requests by address."""

    @property
    def subscriptions(self) -> SubscriptionsSource:
        """The application's subscriptions."""

    async def drive(self, owner: str | None = None, *, drive_id: str | None = None) -> DriveSource:
        """One drive: the connection's own by default."""

    async def at(self, place: str, *, wildcards: bool = False) -> tuple[DriveSource, str]:
        """The drive and the path that a written place names; `wildcards` accepts a pattern."""


class Portal(Protocol):
    """The way from a blocking call into the event loop."""

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return its result."""

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine and return its future."""

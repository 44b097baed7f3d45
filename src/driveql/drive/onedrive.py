"""One connection to OneDrive and SharePoint: the directory, the default drive, and any place a person can write."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from driveql.cache.connection import ConnectionCache
from driveql.connection.settings import ConnectionSettings
from driveql.drive import batching, generic
from driveql.drive.batching import Outcome
from driveql.drive.directory import Directory
from driveql.drive.generic import Part
from driveql.drive.handle import DriveHandle
from driveql.errors import NotFoundError, ProtocolError
from driveql.graph import addresses, places
from driveql.graph.batch import BatchRequest
from driveql.graph.models import Drive, DriveItem
from driveql.graph.places import Place
from driveql.graph.retry import RetryPolicy
from driveql.transport.session import GraphSession
from driveql.transport.trace import TraceHook
from driveql.transport.wire import GraphResponse

if TYPE_CHECKING:
    from driveql.drive.subscriptions import Subscriptions


class OneDrive:
    """A connection, asynchronous. Use it as an asynchronous context manager.

    Parameters:
        settings: made by `driveql.settings_from(...)`.
        credential: any azure-core credential object (synchronous or not); by default what the settings say.
        trace: called with a `TraceEvent` for every try of every request.
        retry: the retry policy; by default what the settings say.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        credential: object | None = None,
        trace: TraceHook | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.settings = settings
        self.session = GraphSession(settings, credential=credential, trace=trace, retry=retry)
        self.cache = ConnectionCache(settings, shared=credential is None)
        self.session.wrote = self.cache.wrote
        self.directory = Directory(self.session)
        self._drives: dict[tuple[str | None, str | None], DriveHandle] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the network connections."""
        self.cache.close()
        await self.session.close()

    async def drive(
        self, owner: str | None = None, *, drive_id: str | None = None, library: str | None = None
    ) -> DriveHandle:
        """Return a drive: by id; the default one of an owner; a site's library by name; or the connection's own.

        Parameters:
            owner: `/users/..`, `/groups/..` or `/sites/..`; None for the connection's GroupOrUserId.

        Raises:
            NotFoundError: there is no such owner, drive or library.
        """
        if drive_id is None and owner is None and library is None:
            drive_id = self.settings.drive_id
        if drive_id is not None:
            return self._drives.setdefault((None, drive_id), DriveHandle(self.session, drive_id))
        key = (owner, library)
        if key not in self._drives:
            who = self.settings.group_or_user_id if owner is None else owner
            info = await self._library(who, library) if library else await self.directory.default_drive(who)
            self._drives[key] = DriveHandle(self.session, info.id, info)
        return self._drives[key]

    async def at(self, place: str | Place, *, wildcards: bool = False) -> tuple[DriveHandle, str]:
        """Return the drive and the path in it that a written place names.

        Parameters:
            place: `onedrive:/Reports/a.csv`, an owner's address, a pasted web address, or a plain path.
            wildcards: accept patterns in the path.
        """
        where = places.parse(place, wildcards=wildcards) if isinstance(place, str) else place
        if where.sharing_url is not None:
            return await self._shared(where.sharing_url)
        return await self.drive(where.owner, drive_id=where.drive_id, library=where.library), where.path

    async def request(
        self,
        method: str,
        target: str,
        *,
        json: object = None,
        body: bytes | None = None,
        parts: Sequence[Part] = (),
        headers: Mapping[str, str] | None = None,
        safe_to_repeat: bool | None = None,
    ) -> GraphResponse:
        """Send any request to Graph, with the connection's token, retries and redaction.

        Parameters:
            target: a path (`/users?$top=5`, `beta/me`) or an absolute URL on the connection's own Graph host.
            json, body, parts: at most one of them is the body; parts make a multipart/related one.

        Raises:
            InvalidPathError: the target is on a host that does not receive the token.
        """
        return await generic.send(
            self.session, method, target, json=json, body=body, parts=parts, headers=headers,
            safe_to_repeat=safe_to_repeat,
        )  # fmt: skip

    def objects(self, target: str) -> AsyncGenerator[dict[str, object], None]:
        """GET a collection by path or own URL and yield its objects over all pages."""
        return generic.objects(self.session, target)

    async def batch(self, requests: Sequence[BatchRequest]) -> list[Outcome]:
        """Send many small requests, twenty a call; return an outcome for each, in order."""
        return await batching.run(self.session, requests)

    async def resolve(self, address: str, *, redeem: bool = False) -> DriveItem:
        """Return the item at any written place: a sharing link, a web address, `onedrive:` and a path.

        Parameters:
            redeem: take up a link made for the caller, so that the access lasts.
        """
        from driveql.drive.web_addresses import resolve

        return await resolve(self, address, redeem=redeem)

    @property
    def subscriptions(self) -> Subscriptions:
        """The subscriptions of the connection's application."""
        from driveql.drive.subscriptions import Subscriptions

        return Subscriptions(self.session)

    async def _library(self, owner: str, library: str) -> Drive:
        names = []
        async for page in self.directory.drives(owner):
            for raw in page.items:
                drive = Drive.from_json(raw)
                in_url = unquote(urlsplit(drive.web_url or "").path.rstrip("/").rpartition("/")[2])
                if library.casefold() in {drive.name.casefold(), in_url.casefold()}:
                    return drive
                names.append(drive.name)
        raise NotFoundError(
            f"{owner} has no document library {library!r}.",
            status=404,
            hint=f"It has: {', '.join(names) or 'none that this application may see'}.",
        )

    async def _shared(self, url: str) -> tuple[DriveHandle, str]:
        answer = await self.session.request("GET", addresses.shared_item(url))
        item = DriveItem.from_json(answer.object())
        if item.drive_id is None:
            raise ProtocolError("The sharing link was resolved to an item without its drive.")
        return await self.drive(drive_id=item.drive_id), item.path or f"id:{item.id}"

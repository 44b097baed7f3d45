"""The ground of the file system: its connection, the drive behind a path, and the listings it remembers.

Listings are remembered for `listings_expiry_time` seconds, because others write to a drive too. Whatever this file system
changes is forgotten at once, under every name the drive has.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from typing import Any

from fsspec.asyn import AsyncFileSystem, sync

from driveql.connection import ConnectionSettings, settings_from
from driveql.connection.parameters import PARAMETERS
from driveql.drive import blocking
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.errors import InvalidPathError
from driveql.filesystem.info import Info
from driveql.filesystem.location import Location, in_drive, locate
from driveql.filesystem.oserrors import os_error
from driveql.graph import paths
from driveql.graph.models import DriveItem
from driveql.transport.session import GraphSession

LISTINGS_EXPIRY_SECONDS = 30.0
_CLOSING_SECONDS = 5.0

_closers: weakref.WeakKeyDictionary[OneDrive, set[int]] = weakref.WeakKeyDictionary()
_closers_lock = threading.Lock()


class ConnectedFileSystem(AsyncFileSystem):  # type: ignore[misc]  # fsspec has no types
    """See `OneDriveFileSystem`."""

    protocol = ("onedrive", "driveql")
    root_marker = "/"

    def __init__(
        self,
        *,
        drive: OneDrive | blocking.OneDrive | None = None,
        asynchronous: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        batch_size: int | None = None,
        use_listings_cache: bool = True,
        listings_expiry_time: float | None = LISTINGS_EXPIRY_SECONDS,
        max_paths: int | None = None,
        **parameters: Any,
    ) -> None:
        self.onedrive = _connection(drive, parameters)
        self.settings: ConnectionSettings = self.onedrive.settings
        super().__init__(
            asynchronous=asynchronous,
            loop=loop,
            batch_size=batch_size or self.settings.max_concurrency,
            use_listings_cache=use_listings_cache,
            listings_expiry_time=listings_expiry_time,
            max_paths=max_paths,
        )
        self._generation = 0
        self._looking: dict[tuple[int, str], asyncio.Task[tuple[DriveHandle, str]]] = {}
        if not asynchronous:
            _close_at_the_end(self.onedrive, self._loop)

    def close(self) -> None:
        """Close the network connections; they are made anew on the next use. At the end it happens by itself."""
        sync(self.loop, self.onedrive.close)

    async def aclose(self) -> None:
        """Close the connections that the running loop opened, with `asynchronous=True`."""
        await self.onedrive.close()

    def __reduce__(self) -> Any:
        if "drive" in self.storage_options:
            raise TypeError(
                "A file system made with drive= cannot be pickled; give it the connection's parameters or name."
            )
        return super().__reduce__()

    def to_dict(self, *, include_password: bool = True) -> dict[str, Any]:
        """Return the file system as plain values; with `include_password=False` without any secret."""
        content: dict[str, Any] = super().to_dict(include_password=include_password)
        if not include_password:
            secret = {name for each in PARAMETERS if each.secret for name in (each.name, each.keyword)}
            for name in {*secret, "connection_string"} & set(content):
                del content[name]
        return content

    @property
    def fsid(self) -> str:
        """What tells one connection's drive from another's."""
        settings = self.settings
        return f"onedrive_{settings.tenant}_{settings.group_or_user_id}_{settings.drive_id or ''}"

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(each) for each in path]
        return _located(os.fspath(path), wildcards=True).name

    def unstrip_protocol(self, name: str) -> str:
        """Return a path as a URL."""
        canonical: str = self._strip_protocol(name)
        return f"onedrive://{canonical}" if canonical.startswith("/") else canonical

    @classmethod
    def _parent(cls, path: str) -> str:
        return _located(os.fspath(path), wildcards=True).parent

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget all listings, or those of a path, of all below it and of the folders above it.

        Names are compared as the service does, without regard to case, and in all drives, since one drive has many names.
        """
        self._generation += 1
        if path is None:
            self.dircache.clear()
        else:
            changed = _inside(path)
            for key in list(self.dircache):
                known = _inside(key)
                if known.startswith(changed) or changed.startswith(known):
                    self.dircache.pop(key, None)
        super().invalidate_cache(path)

    def _remembered(self, name: str) -> list[Info] | None:
        try:
            listed: list[Info] = self.dircache[name]
        except KeyError:
            return None
        return listed

    def _remember(self, name: str, entries: list[Info], generation: int) -> None:
        """Keep a listing that was begun at `generation`; one that a change has overtaken is not kept."""
        if generation == self._generation:
            self.dircache[name] = entries

    def _entry(self, name: str) -> Info | None:
        """Return the record of a path from the remembered listing of its folder, or None where that says nothing."""
        listed = self._remembered(self._parent(name)) or ()
        return next((each for each in listed if each["name"] == name), None)

    async def _drive(self, name: str) -> tuple[DriveHandle, str]:
        """Return the drive that a path is in, and the path in it; one lookup serves all who ask at the same time."""
        location = locate(name)
        if location.is_site:
            raise InvalidPathError(
                f"{name} is a site and no document library.",
                hint=f"List it to see its libraries: ls({name!r}).",
            )
        if location.drive_id is not None:
            return await self.onedrive.drive(drive_id=location.drive_id), location.path
        key = (id(asyncio.get_running_loop()), location.root)
        task = self._looking.get(key)
        if task is None:
            task = asyncio.ensure_future(self.onedrive.at(location.place))
            self._looking[key] = task
            task.add_done_callback(lambda _: self._looking.pop(key, None))
        handle, found = await asyncio.shield(task)
        return handle, found if location.is_sharing_link else location.path

    async def _located(self, name: str) -> Location:
        """Return the location of a path; that of a sharing link is in the drive it leads to."""
        location = locate(name)
        if not location.is_sharing_link:
            return location
        handle, path = await self._drive(name)
        if not path.startswith(paths.ROOT):
            raise InvalidPathError(
                "The service does not tell the path of what the sharing link leads to.",
                hint="Write its path instead.",
            )
        return in_drive(handle.id, path)

    async def _item(self, name: str) -> tuple[DriveHandle, DriveItem]:
        """Return a path's item as it is now, with a pre-authenticated URL where it is a file."""
        handle, path = await self._drive(name)
        return handle, await handle.item(path)


def _connection(drive: OneDrive | blocking.OneDrive | None, parameters: dict[str, Any]) -> OneDrive:
    if drive is None:
        credential = parameters.pop("credential", None)
        settings = settings_from(external_credential=credential is not None, **parameters)
        return OneDrive(settings, credential=credential)
    if parameters:
        raise ValueError(
            f"Either drive= or connection parameters are given, not both: {', '.join(parameters)}."
        )
    return drive.asynchronous if isinstance(drive, blocking.OneDrive) else drive


def _located(text: str, *, wildcards: bool) -> Location:
    try:
        return locate(text, wildcards=wildcards)
    except InvalidPathError as error:
        raise os_error(error, text) from error


def _inside(name: str) -> str:
    return f"{locate(name, wildcards=True).path.rstrip('/')}/".casefold()


def _close_at_the_end(onedrive: OneDrive, loop: asyncio.AbstractEventLoop) -> None:
    """Close what this loop opened when the connection is no longer used, at the latest at the interpreter's exit."""
    with _closers_lock:
        loops = _closers.setdefault(onedrive, set())
        if id(loop) not in loops:
            loops.add(id(loop))
            weakref.finalize(onedrive, _close, loop, onedrive.session, os.getpid())


def _close(loop: asyncio.AbstractEventLoop, session: GraphSession, process: int) -> None:
    if process != os.getpid() or not loop.is_running():
        return
    future = asyncio.run_coroutine_threadsafe(session.close(), loop)
    try:
        if asyncio.get_running_loop() is loop:
            return
    except RuntimeError:
        future.result(_CLOSING_SECONDS)

"""The file system through which DuckDB reads what is in OneDrive: `onedrive://` paths, globs, ranges, members of archives.

DuckDB asks for a pattern first and opens what it finds; what was found is kept for the statement, so that a file costs one
lookup and is one version throughout. An error is kept with the statement, because DuckDB passes on only its text.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from fsspec import AbstractFileSystem

from driveql.errors import DriveqlError, NotFoundError, SqlNotSupportedError
from driveql.filesystem.blocks import Blocks
from driveql.graph import paths
from driveql.sql.pump import interruptible
from driveql.sql.ranged_file import RangedFile, SpooledFile, StatementFile
from driveql.sql.reading import archives, json_root
from driveql.sql.reading.archives import Archive
from driveql.sql.reading.json_root import Steps
from driveql.sql.reading.spooled import Spool
from driveql.sql.source import DriveSource, FileItem, OpenedSource
from driveql.sql.tally import counted
from driveql.sql.temporary import TemporaryBytes
from driveql.sql.tenant import Tenant

SCHEME = "onedrive"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder that a statement found.

    Parameters:
        item: the item; of a member of an archive the archive's. opened: its version. spool: what is made of it.
    """

    drive: DriveSource
    item: FileItem
    opened: OpenedSource | None = None
    spool: Spool | None = None


def no_file(place: str) -> NotFoundError:
    """Return the error for a place or pattern that is no file's."""
    return NotFoundError(
        f"No file matches {place!r}.",
        status=404,
        hint="SELECT path FROM files lists what is there; names are matched without regard to case.",
    )


def _kept(method: Method) -> Method:
    """Keep a method's error with the statement."""

    @functools.wraps(method)
    def wrapper(self: Contents, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except DriveqlError as error:
            self.tenant.statement.failed(error)
            raise

    return cast(Method, wrapper)


class Contents(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """OneDrive as DuckDB's file system, read only.

    Parameters:
        tenant: the session's tenant; its statement receives the errors.

    `missing` has the patterns of the running statement that matched nothing.
    """

    protocol = SCHEME
    cachable = False

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self.tenant = tenant
        self.missing: list[str] = []
        self._entries: dict[str, Entry] = {}
        self._globbed: dict[str, list[str]] = {}
        self._archives: dict[str, Archive] = {}
        self._blocks = Blocks()
        self._lock = threading.RLock()

    def forget(self) -> None:
        """Drop what earlier statements found: files change between statements."""
        for entry in self._entries.values():
            if entry.spool is not None:
                entry.spool.close()
        for known in (self._entries, self._globbed, self._archives, self.missing, self._blocks):
            known.clear()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def unstrip_protocol(self, name: str) -> str:
        """Return the path as it is; it always carries its scheme."""
        return name

    @_kept
    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the files that match a pattern, as full paths, in order."""
        self.tenant.statement.check()
        with self._lock:
            if path in self._entries and not self._entries[path].item.is_folder:
                return [path]
            if path not in self._globbed:
                self._globbed[path] = self._matching(path)
            if not self._globbed[path]:
                self.missing.append(path)
            return self._globbed[path]

    @_kept
    def info(self, path: str, **_: Any) -> Mapping[str, Any]:
        """Return size in bytes, type and modification time of a file or folder."""
        entry = self.entry(path)
        return {
            "name": path,
            "size": entry.spool.size() if entry.spool is not None else entry.item.size,
            "type": "directory" if entry.item.is_folder else "file",
            "modified": entry.item.modified,
        }

    def modified(self, path: str) -> datetime:
        """Return when a file was last changed."""
        return self.entry(path).item.modified or datetime.fromtimestamp(0, UTC)

    def exists(self, path: str, **_: Any) -> bool:
        """Return whether there is a file or folder."""
        try:
            self.entry(path)
        except NotFoundError:
            return False
        return True

    def isdir(self, path: str) -> bool:
        """Return whether there is a folder."""
        return self.exists(path) and self.entry(path).item.is_folder

    def isfile(self, path: str) -> bool:
        """Return whether there is a file."""
        return self.exists(path) and not self.entry(path).item.is_folder

    @_kept
    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """Return what is directly in a folder."""
        names = self.glob(paths.join(path, "*"))
        return [self.info(name) for name in names] if detail else names

    @_kept
    def open(self, path: str, mode: str = "rb", **_: Any) -> StatementFile:
        """Return a file open for reading.

        Raises:
            SqlNotSupportedError: any other mode.
        """
        if mode.replace("b", "") != "r":
            raise SqlNotSupportedError(
                f"Writing to {path} by this statement is not supported.",
                hint="COPY (query) TO 'onedrive:/path', with the path as a literal, writes files of OneDrive.",
            )
        entry = self.entry(path)
        self.tenant.statement.opened.add(path)
        if entry.spool is not None:
            return SpooledFile(self.tenant.statement, entry.spool, path)
        return self._ranged(path, entry)

    def entry(self, path: str) -> Entry:
        """Return what is at a place, as it was when the statement first looked.

        Raises:
            NotFoundError: there is nothing.
        """
        with self._lock:
            if path not in self._entries:
                self._entries[path] = self._member(path) or self._call(self._look_up(path))
            return self._entries[path]

    def rows_of(self, path: str, root: Steps) -> str:
        """Return the path of a file of JSON lines that a root selects in a document."""
        with self._lock:
            name = f"{path}#{json_root.written(root)}"
            if name not in self._entries:
                entry = self.entry(path)
                spool = Spool(self._rows(path, root), None, TemporaryBytes(self.tenant.temporary, name))
                self._entries[name] = Entry(entry.drive, entry.item, spool=spool)
            return name

    def _rows(self, path: str, root: Steps) -> Iterator[bytes]:
        with self.open(path) as file:
            if file.read(len(_BYTE_ORDER_MARK)) != _BYTE_ORDER_MARK:
                file.seek(0)
            yield from json_root.lines(cast(Any, file), root, path)

    def _ranged(self, path: str, entry: Entry) -> RangedFile:
        with self._lock:
            if entry.opened is None:
                entry = Entry(entry.drive, entry.item, entry.drive.opened(entry.item))
                self._entries[path] = entry
        assert entry.opened is not None
        return RangedFile(self.tenant, entry.item, entry.opened, self._blocks)

    def _matching(self, pattern: str) -> list[str]:
        """Return what a pattern matches; behind a name that ends with .zip, members of archives."""
        inside = archives.split(pattern)
        if inside is not None:
            found = self._call(self._glob(inside[0]))
            members = [
                f"{place}/{name}" for place in found for name in self._archive(place).matching(inside[1])
            ]
            if found:
                return members
        return self._call(self._glob(pattern))

    def _member(self, path: str) -> Entry | None:
        """Return a member of an archive; None where the path leads into none."""
        inside = archives.split(path)
        if inside is None:
            return None
        place, written = inside
        try:
            above = self.entry(place)
        except NotFoundError:
            return None
        if above.item.is_folder:
            return None
        archive = self._archive(place)
        name = archive.named(written)
        if name is None:
            raise NotFoundError(
                f"{place} has no member {written!r}.",
                status=404,
                hint=f"Names are matched without regard to case; {place}/** are all members.",
            )

        def pieces() -> Iterator[bytes]:
            with self._ranged(place, self.entry(place)) as file:
                yield from archive.pieces(name, file)

        kept = TemporaryBytes(self.tenant.temporary, f"{place}/{name}")
        return Entry(above.drive, above.item, spool=Spool(pieces(), archive.size(name), kept))

    def _archive(self, place: str) -> Archive:
        if place not in self._archives:
            with self._ranged(place, self.entry(place)) as file:
                self._archives[place] = Archive(file, place)
        return self._archives[place]

    async def _glob(self, place: str) -> list[str]:
        drive, pattern = await self.tenant.reads.at(place, wildcards=True)
        stem = place.removesuffix(pattern) if place.endswith(pattern) else f"{SCHEME}://"
        found: list[str] = []
        async for item in drive.glob(pattern):
            if not item.is_folder and item.path is not None:
                name = f"{stem}{item.path}"
                self._entries.setdefault(name, Entry(drive, item))
                found.append(name)
        return sorted(found)

    async def _look_up(self, place: str) -> Entry:
        drive, path = await self.tenant.reads.at(place)
        return Entry(drive, await drive.item(path))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        with counted(self.tenant.statement.contents):
            return self.tenant.portal.call(interruptible(work, self.tenant.statement))

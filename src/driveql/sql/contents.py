"""The file system through which DuckDB reads what is in OneDrive: `onedrive://` paths, globs, ranges.

DuckDB asks for a pattern first and opens what it finds; the items found are kept for the statement, so that a file costs one
lookup. An error is kept with the statement, because DuckDB passes on only its text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from fsspec import AbstractFileSystem  # type: ignore[import-untyped]

from driveql.errors import DriveqlError, NotFoundError, SqlNotSupportedError
from driveql.filesystem.blocks import Blocks
from driveql.graph import paths
from driveql.sql.dataset import Tenant
from driveql.sql.pump import interruptible
from driveql.sql.ranged_file import RangedFile
from driveql.sql.source import DriveSource, FileItem, OpenedSource

SCHEME = "onedrive"
Method = TypeVar("Method", bound=Callable[..., Any])


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
        self._found: dict[str, tuple[DriveSource, FileItem]] = {}
        self.missing: list[str] = []
        self._opened: dict[str, OpenedSource] = {}
        self._blocks = Blocks()

    def forget(self) -> None:
        """Drop what earlier statements found: files change between statements."""
        self._found.clear()
        self.missing.clear()
        self._opened.clear()
        self._blocks.clear()

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
        return self.tenant.portal.call(interruptible(self._glob(path), self.tenant.statement))

    async def _glob(self, place: str) -> list[str]:
        drive, pattern = await self.tenant.reads.at(place, wildcards=True)
        stem = place.removesuffix(pattern) if place.endswith(pattern) else f"{SCHEME}://"
        found: list[str] = []
        async for item in drive.glob(pattern):
            if not item.is_folder and item.path is not None:
                name = f"{stem}{item.path}"
                self._found[name] = (drive, item)
                found.append(name)
        if not found:
            self.missing.append(place)
        return sorted(found)

    @_kept
    def info(self, path: str, **_: Any) -> Mapping[str, Any]:
        """Return size in bytes, type and modification time of a file or folder."""
        item = self._item(path)[1]
        return {
            "name": path,
            "size": item.size,
            "type": "directory" if item.is_folder else "file",
            "modified": item.modified,
        }

    def modified(self, path: str) -> datetime:
        """Return when a file was last changed."""
        return self._item(path)[1].modified or datetime.fromtimestamp(0, UTC)

    def exists(self, path: str, **_: Any) -> bool:
        """Return whether there is a file or folder."""
        try:
            self._item(path)
        except NotFoundError:
            return False
        return True

    def isdir(self, path: str) -> bool:
        """Return whether there is a folder."""
        return self.exists(path) and self._item(path)[1].is_folder

    def isfile(self, path: str) -> bool:
        """Return whether there is a file."""
        return self.exists(path) and not self._item(path)[1].is_folder

    @_kept
    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """Return what is directly in a folder."""
        names = self.glob(paths.join(path, "*"))
        return [self.info(name) for name in names] if detail else names

    @_kept
    def open(self, path: str, mode: str = "rb", **_: Any) -> RangedFile:
        """Return a file open for reading.

        Raises:
            SqlNotSupportedError: any other mode.
        """
        if mode.replace("b", "") != "r":
            raise SqlNotSupportedError(
                f"Writing to {path} by this statement is not supported.",
                hint="COPY (query) TO 'onedrive:/path', with the path as a literal, writes files of OneDrive.",
            )
        drive, item = self._item(path)
        opened = self._opened.setdefault(path, drive.opened(item))
        return RangedFile(self.tenant, item, opened, self._blocks)

    def _item(self, path: str) -> tuple[DriveSource, FileItem]:
        if path not in self._found:
            self._found[path] = self.tenant.portal.call(
                interruptible(self._look_up(path), self.tenant.statement)
            )
        return self._found[path]

    async def _look_up(self, place: str) -> tuple[DriveSource, FileItem]:
        drive, path = await self.tenant.reads.at(place)
        return drive, await drive.item(path)

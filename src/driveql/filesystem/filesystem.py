"""The file system that fsspec, and everything that stands on it, sees.

Async core, sync face: fsspec runs the coroutines below on its own loop; the session keeps its connections per loop.
"""

from __future__ import annotations

import errno
import io
import tempfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO

from fsspec.asyn import sync
from fsspec.core import get_compression

from driveql.drive import appending
from driveql.drive.handle import DriveHandle
from driveql.errors import NotFoundError, ProtocolError
from driveql.filesystem.changes import ChangingFileSystem
from driveql.filesystem.file import SPOOL_BYTES, OneDriveFile
from driveql.filesystem.oserrors import plain, translated
from driveql.filesystem.written import TEXT_OPTIONS, wrapped
from driveql.graph.models import DriveItem
from driveql.graph.sharing_requests import LinkScope

# The version that is appended to, with its drive; None where there was none.
Base = tuple[DriveHandle, DriveItem] | None


class OneDriveFileSystem(ChangingFileSystem):
    """OneDrive and SharePoint document libraries for fsspec, protocols `onedrive` and `driveql`.

    Parameters:
        name, connection_string, and any connection parameter in snake_case: as for `driveql.settings_from`; without any, the
            only stored connection or what the environment says.
        credential: any azure-core credential object, in place of a certificate or secret.
        drive: an open `driveql.OneDrive` or `driveql.aio.OneDrive`, in place of all these.
        asynchronous: the underscored coroutines are awaited by the caller, in the caller's loop; else fsspec's loop runs them.
        use_listings_cache, listings_expiry_time, max_paths: whether listings are remembered, for how many seconds (30; None:
            until invalidated) and how many folders.
        batch_size: transfers at once; MaxConcurrency by default.

    Paths are written as everywhere in driveql: `onedrive:///Reports/a.csv`, an owner's or a site's address, a pasted web
    address (also with `onedrive://` before it). A site's children are its libraries. Names are compared without regard to
    case.

    Errors are OSErrors with the original as `__cause__`; `filesystem/oserrors.py` holds the table. Deleted items go to the
    recycle bin. What is appended is written with what was there as a new version, if nobody else wrote meanwhile.
    """

    def created(self, path: str) -> datetime | None:
        """When the file or folder was created, as its file system says, with its time zone."""
        created: datetime | None = self.info(path)["created"]
        return created

    def modified(self, path: str) -> datetime | None:
        """When the file or folder was last changed, with its time zone."""
        modified: datetime | None = self.info(path)["modified"]
        return modified

    def checksum(self, path: str) -> int:
        """The content's quickXorHash as a number, or one made of its version where the service has no hash yet."""
        info = self.info(path, refresh=True)
        known = info.get("quick_xor_hash") or _version(info)
        return int.from_bytes(sha256(known.encode()).digest()[:16], "big")

    def ukey(self, path: str) -> str:
        """A text that changes when the file's content does."""
        return sha256(_version(self.info(path, refresh=True)).encode()).hexdigest()

    def sign(
        self, path: str, expiration: float | None = 100, *, scope: LinkScope = "anonymous", **kwargs: Any
    ) -> str:
        """Return a sharing link to a file or folder, by which whoever has it may read; it is a permission of the item.

        Parameters:
            expiration: seconds from now until it ends; None for no end.
            scope: `organization` lets in only who signs in there. Others, as `link_type`: as for `Sharing.create_link`.

        Raises:
            PermissionError: the tenant or site does not allow such links. OSError: it cannot give them that end.
        """
        url: str = sync(self.loop, self._sign, path, expiration, scope=scope, **kwargs)
        return url

    def mv(self, path1: Any, path2: Any, **kwargs: Any) -> None:
        """Move or rename files and folders, a folder always with all that is in it.

        Within a drive the item keeps its id and versions. Into a folder that is there, or is written with a slash at its end,
        items keep their names.
        """
        sync(self.loop, self._mv, path1, path2, **kwargs)

    def rmdir(self, path: str) -> None:
        """Remove an empty folder.

        Raises:
            OSError: ENOTEMPTY where something is in it, ENOTDIR where it is a file.
        """
        sync(self.loop, self._rmdir, path)

    def touch(self, path: str, truncate: bool = True, **kwargs: Any) -> None:
        """Make an empty file; with `truncate=False` an existing one keeps its content and gets a new time."""
        sync(self.loop, self._touch, path, truncate=truncate, **kwargs)

    def open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        cache_options: dict[str, Any] | None = None,
        compression: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Open a file.

        Parameters:
            mode: `r`, `w` (replaces), `x` (must be new) or `a` (appends), with `b` or as text.
            block_size: bytes of a scan's block.
            compression: a name fsspec knows, or `infer` to go by the name. encoding, errors, newline: of text.
            cache_type: `onedrive` (the default), or any of fsspec's.

        Raises:
            OSError: as the table says. NotImplementedError: another mode, or a compression that cannot be appended to.
        """
        if "r" in mode:
            return super().open(path, mode, block_size, cache_options, compression, **kwargs)
        if "a" in mode and get_compression(path, compression) == "zip":
            raise NotImplementedError(
                "A zip archive ends with an index of its members; it cannot be appended to."
            )
        text = None
        if "b" not in mode:
            text = {name: kwargs.pop(name) for name in TEXT_OPTIONS if name in kwargs}
            mode = mode.replace("t", "") + "b"
        file = super().open(path, mode, block_size, cache_options, **kwargs)
        return wrapped(file, path, compression, text)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> OneDriveFile:
        if mode not in {"rb", "wb", "xb", "ab"}:
            raise NotImplementedError(
                f"Mode {mode!r} is not supported: OneDrive replaces files as a whole. "
                "Read the file, change it, and write it anew."
            )
        found = sync(self.loop, self._opened, path, mode)
        item, base = (None, found) if mode == "ab" else (found, None)
        return OneDriveFile(
            self,
            path,
            mode,
            block_size,
            autocommit,
            cache_options=cache_options,
            item=item,
            base=base,
            **kwargs,
        )

    @translated
    async def _sign(self, path: str, expiration: float | None = 100, **kwargs: Any) -> str:
        handle, item = await self._item(self._writable(path))
        expires = None if expiration is None else datetime.now(UTC) + timedelta(seconds=expiration)
        link = await handle.sharing.create_link(item, expires=expires, **kwargs)
        if link.link_url is None:
            raise ProtocolError(f"The link to {path} was made without an address.")
        return link.link_url

    @translated
    async def _opened(self, path: str, mode: str) -> Any:
        """Return the item to read or append to; for writing check that the name is free to be written."""
        if mode == "rb":
            return await self._file(path)
        name = self._writable(path)
        if mode == "ab":
            try:
                return await self._file(path)
            except NotFoundError:
                return None
        if mode == "xb" and await self._exists(name, refresh=True):
            raise plain(errno.EEXIST, name)
        return None

    @translated
    async def _commit(self, path: str, content: BinaryIO, mode: str, base: Base = None) -> None:
        if mode == "ab":
            await self._append(path, content, base)
            return
        await self._upload(path, content, "fail" if mode == "xb" else "replace")

    async def _append(self, path: str, content: BinaryIO, base: Base) -> None:
        """Write the version that was opened with what is added; one that was not there is made."""
        added = content.seek(0, io.SEEK_END)
        content.seek(0)
        handle, inside = await self._drive(path)
        if base is not None and not added:
            return
        try:
            with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as file:
                whole: Any = file
                item = None
                if base is not None:
                    handle, item = base
                    await appending.copied(handle, item, whole)
                while piece := content.read(SPOOL_BYTES):
                    whole.write(piece)
                await appending.write_back(handle, inside, whole, item)
        finally:
            self.invalidate_cache(path)


def _version(info: dict[str, Any]) -> str:
    return f"{info.get('id')} {info.get('ctag') or info.get('etag')} {info['size']}"

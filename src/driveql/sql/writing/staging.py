"""Where DuckDB writes the rows of a COPY before they are uploaded, where it may reach no file of this machine itself.

A file system that leads into one private directory, under a name that nobody can guess, for the time of one COPY.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem

from driveql.errors import SqlError, SqlNotSupportedError
from driveql.sql.temporary import TemporaryBytes
from driveql.sql.tenant import Tenant

SCHEME = "driveql-staging"


class _Counted(io.FileIO):
    """A new file whose bytes are counted before they are written."""

    def __init__(self, path: Path, took: Callable[[int], None]) -> None:
        super().__init__(path, "w")
        self._took = took

    def write(self, content: Any, /) -> int:
        """Write bytes."""
        self._took(len(content))
        return super().write(content)


class Staging(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The file system; it leads nowhere until `opened`, and is only written to.

    Parameters:
        tenant: the session's; what is written takes of its room for temporary files.
    """

    protocol = SCHEME
    cachable = False

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self._tenant = tenant
        self._kept = TemporaryBytes(tenant.temporary, "What COPY writes")
        self._target: Path | None = None
        self._name = ""

    @contextmanager
    def opened(self, target: Path) -> Iterator[str]:
        """Let the engine write a local file or directory under the name that this yields."""
        self._target, self._name = target, f"{SCHEME}://{secrets.token_hex(16)}/{target.name}"
        try:
            yield self._name
        finally:
            self._target, self._name = None, ""
            self._kept.give_back()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def unstrip_protocol(self, name: str) -> str:
        """Return the path as it is; it always carries its scheme."""
        return name

    def exists(self, path: str, **_: Any) -> bool:
        """Return whether there is a file or directory."""
        return self._local(path).exists()

    def isfile(self, path: str) -> bool:
        """Return whether there is a file."""
        return self._local(path).is_file()

    def isdir(self, path: str) -> bool:
        """Return whether there is a directory."""
        return self._local(path).is_dir()

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """Return what is directly in a directory."""
        found = sorted(self._local(path).iterdir())
        names = [(f"{path.rstrip('/')}/{one.name}", one) for one in found]
        if not detail:
            return [name for name, _ in names]
        return [{"name": name, "type": "directory" if one.is_dir() else "file"} for name, one in names]

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Make a directory."""
        self._local(path).mkdir(mode=0o700, parents=create_parents, exist_ok=True)

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        self._local(path).unlink(missing_ok=True)

    def open(self, path: str, mode: str = "rb", **_: Any) -> io.RawIOBase:
        """Return a file open for writing. Raises SqlNotSupportedError for any other mode."""
        if mode not in {"wb", "xb"}:
            raise SqlNotSupportedError(f"{SCHEME} is only written to.")
        return _Counted(self._local(path), self._took)

    def _took(self, size: int) -> None:
        try:
            self._kept.take(size)
        except SqlError as error:
            self._tenant.statement.failed(error)
            raise

    def _local(self, path: str) -> Path:
        """Return the local path that a name leads to.

        Raises:
            SqlNotSupportedError: it leads to none.
        """
        if self._target is not None and path == self._name:
            return self._target
        below = path.removeprefix(f"{self._name}/")
        if self._target is None or below == path or ".." in below.split("/"):
            raise SqlNotSupportedError(f"{SCHEME} leads nowhere.")
        return self._target / below

"""The files of a connection's saved queries: `NAME.queries/QUERY.sql` beside the connections file.

They are a person's own: plain SQL to be edited and kept under version control. A file that other users can change is not used.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from driveql.connection.store import connections_path
from driveql.errors import ConfigurationError, LocalFileError, SqlError
from driveql.sql.saved.query import SavedQuery, check_name, parse

_SUFFIX = ".sql"
_LARGEST = 1 << 20


class QueryStore:
    """The saved queries in one directory; it need not exist to be read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def of(cls, connection: str, environ: Mapping[str, str] | None = None) -> QueryStore:
        """Return the saved queries of a stored connection."""
        return cls(connections_path(environ).parent / f"{connection}.queries")

    def names(self) -> list[str]:
        """Return the names there are, in order; whether each can be used is found out when it is read."""
        try:
            found = [entry.name for entry in os.scandir(self.directory) if entry.name.endswith(_SUFFIX)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise LocalFileError(f"{self.directory} cannot be read: {error.strerror}.") from None
        return sorted(name.removesuffix(_SUFFIX) for name in found if not name.startswith("."))

    def path(self, name: str) -> Path:
        """Return the file of a saved query."""
        return self.directory / f"{name}{_SUFFIX}"

    def content(self, name: str) -> str:
        """Return a saved query's file as it is.

        Raises:
            SqlError: there is none of that name. ConfigurationError: other users can change it. LocalFileError.
        """
        if name not in self.names():
            raise self._not_found(name)
        path = self.path(name)
        try:
            for one in (self.directory, path):
                if os.name == "posix" and stat.S_IMODE(one.stat().st_mode) & 0o022:
                    raise ConfigurationError(
                        f"{one} can be changed by other users of this machine; it is not used.",
                        hint=f"chmod go-w {one}",
                    )
            with path.open(encoding="utf-8-sig") as file:
                text = file.read(_LARGEST + 1)
        except UnicodeDecodeError:
            raise LocalFileError(f"{path} is not UTF-8 text.") from None
        except OSError as error:
            raise LocalFileError(f"{path} cannot be read: {error.strerror}.") from None
        if len(text) > _LARGEST:
            raise LocalFileError(f"{path} is larger than 1 MiB.")
        return text

    def get(self, name: str) -> SavedQuery:
        """Return a saved query. Raises as `content`, and SqlSyntaxError for one that cannot be used."""
        return parse(name, self.content(name))

    def save(self, name: str, content: str, *, replace: bool = False) -> SavedQuery:
        """Write a saved query's file, in one step, and return what it holds.

        Raises:
            SqlSyntaxError: it is none. ConfigurationError: the name is taken. LocalFileError.
        """
        query = parse(check_name(name), content)
        if name in self.names() and not replace:
            raise ConfigurationError(
                f"A saved query {name!r} exists already.", hint="Choose another name, or give --replace."
            )
        target = self.path(name)
        partial = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content.rstrip() + "\n")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise LocalFileError(f"{target} cannot be written: {error.strerror}.") from None
        return query

    def remove(self, name: str) -> None:
        """Remove a saved query. Raises SqlError where there is none, LocalFileError."""
        if name not in self.names():
            raise self._not_found(name)
        try:
            self.path(name).unlink()
        except OSError as error:
            raise LocalFileError(f"{self.path(name)} cannot be removed: {error.strerror}.") from None

    def _not_found(self, name: str) -> SqlError:
        names = self.names()
        near = get_close_matches(name, names, 1)
        known = f"There are: {', '.join(names)}." if names else f"None is saved in {self.directory} yet."
        return SqlError(
            f"There is no saved query {name!r}.",
            code="savedQueryNotFound",
            hint=f"Did you mean {near[0]}? {known}" if near else known,
        )

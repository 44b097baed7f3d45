"""The caches that lie in files of this user, one for each connection that was given one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from driveql.cache import place
from driveql.cache.store import Contents, Store
from driveql.connection.settings import ConnectionSettings


@dataclass(frozen=True, slots=True)
class FoundCache:
    """One cache: its file, and what it holds."""

    path: Path
    contents: Contents

    def clear(self) -> None:
        """Drop all it holds."""
        Store(self.path).clear()


def found(settings: ConnectionSettings | None = None) -> Iterator[FoundCache]:
    """Yield the caches there are, or only that of a connection; one that is damaged is thrown away and not told."""
    files = [place.file_of(settings)] if settings is not None else place.directory().glob(f"*/{place.FILE}")
    for path in sorted(files):
        if path.exists():
            store = Store(path)
            contents = store.contents()
            store.database.close()
            if contents is not None:
                yield FoundCache(path, contents)

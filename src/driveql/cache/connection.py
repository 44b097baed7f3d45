"""A connection's caches, and what its writes drop: the one in memory of this process, and the user's file.

A write anywhere in a drive drops what is known of all drives: it also changes the sizes and times of the folders above it, the
paths below it, and, for a copy, another drive. A write elsewhere drops everything. Contents stay: their version is their key.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from driveql.cache import place
from driveql.cache.answers import DRIVES, SCOPES
from driveql.cache.store import Store
from driveql.connection.settings import CacheStorage, ConnectionSettings
from driveql.errors import ParameterError

_locks: dict[int, Any] = {}
# The caches in memory, each with how many connections use it.
_in_memory: dict[str, tuple[Store, int]] = {}
_in_files: weakref.WeakValueDictionary[Path, Store] = weakref.WeakValueDictionary()


def _lock() -> Any:
    # One a process: in a forked one, a lock that another thread held would stay locked for ever.
    return _locks.setdefault(os.getpid(), threading.RLock())


def _released(key: str) -> None:
    with _lock():
        store, users = _in_memory.pop(key)
        if users > 1:
            _in_memory[key] = store, users - 1
    if users == 1:
        store.database.close()


class ConnectionCache:
    """The caches of one connection; nothing is opened before it is asked for.

    Parameters:
        settings: the connection. shared: whether the settings say who signs in; where a credential object does, its answers
            are its own: they are kept in memory and given to nobody else.
        clock: seconds since 1970.
    """

    def __init__(
        self, settings: ConnectionSettings, *, shared: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._identity = place.identity(settings) if shared else None
        self._memory: Store | None = None
        self._file: Store | None = None
        self._release: Callable[[], object] | None = None

    def check(self, storage: CacheStorage) -> None:
        """Refuse a storage that this connection cannot have.

        Raises:
            ParameterError: a file is asked for, and a credential object signs in.
        """
        if storage == "file" and self._identity is None:
            raise ParameterError(
                "CacheStorage: a file is shared by all who sign in alike, and a credential object does not say who it is.",
                parameter="CacheStorage",
                hint="Take CacheStorage=memory, or sign in by a certificate or a client secret.",
            )

    def store(self, storage: CacheStorage) -> Store:
        """Return the cache that lies in a storage.

        Raises: as `check`.
        """
        self.check(storage)
        with _lock():
            if storage == "file":
                self._file = self._file or self._shared_file()
                return self._file
            if self._memory is None:
                key = self._identity or f"a credential object's {id(self)}"
                self._memory, users = _in_memory.get(key) or (Store(None, self._described(), self.clock), 0)
                _in_memory[key] = self._memory, users + 1
                self._release = weakref.finalize(self, _released, key)
            return self._memory

    def close(self) -> None:
        """Let go of the caches: what is in memory lasts as long as a connection of this identity that uses it."""
        self._memory = self._file = None
        if self._release is not None:
            self._release()

    def wrote(self, url: str) -> None:
        """Drop what a request that may have written made stale: in memory, and in the file, whoever made it."""
        path = urlsplit(url).path.removeprefix("/v1.0")
        # What goes to a pre-authenticated URL is content of a drive, or the question how far a copy is.
        inside = path.startswith("/drives/") or not url.startswith(f"{self.settings.graph_url.rstrip('/')}/")
        for store in self._existing():
            store.drop((DRIVES,) if inside else SCOPES)

    def _existing(self) -> list[Store]:
        with _lock():
            known = [self._memory, self._file]
            if self._identity is not None:
                known[0] = self._memory or _in_memory.get(self._identity, (None, 0))[0]
                if self._file is None and place.file_of(self.settings).exists():
                    known[1] = self._file = self._shared_file()
            return [store for store in known if store is not None]

    def _shared_file(self) -> Store:
        path = place.file_of(self.settings)
        found = _in_files.get(path)
        if found is None:
            found = _in_files[path] = Store(path, self._described(), self.clock)
        return found

    def _described(self) -> dict[str, str]:
        settings = self.settings
        return {
            "tenant": settings.tenant,
            "client_id": settings.client_id,
            "owner": settings.group_or_user_id,
            "name": settings.name or "",
        }

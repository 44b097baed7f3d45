"""Whether saved queries can be bound, as far as that can be told without a request."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

from driveql.drive.onedrive import OneDrive
from driveql.errors import DriveqlError, LocalFileError, SqlError
from driveql.sql.bindings import Bindings
from driveql.sql.engine import Engine
from driveql.sql.engine_errors import EngineErrors
from driveql.sql.limits import Watch
from driveql.sql.plans import Defaults
from driveql.sql.queries import Queries
from driveql.sql.saved.query import is_free
from driveql.sql.saved.store import QueryStore
from driveql.sql.saved.views import SavedViews
from driveql.sql.tenant import Tenant

T = TypeVar("T")
# What is wrong whatever values the parameters will have; they are NULL here.
_OF_NAMES = ("Catalog Error", "Binder Error: Referenced")


class Draft(QueryStore):
    """The saved queries of a store with one that is not written yet."""

    def __init__(self, store: QueryStore, name: str, content: str) -> None:
        super().__init__(store.directory)
        self._name = name
        self._content = content

    def names(self) -> list[str]:
        """Return the names there are, with that of the new one."""
        return sorted({*super().names(), self._name})

    def content(self, name: str) -> str:
        """Return a saved query's file, or what is to be in it. Raises as `QueryStore.content`."""
        return self._content if name == self._name else super().content(name)


def problem_of(store: QueryStore, name: str) -> DriveqlError | None:
    """Return why a saved query cannot be bound; None where it can be, or where only a request could tell."""
    with _Binder(store) as binder:
        return binder.problem(name)


def problems_of(store: QueryStore) -> dict[str, str]:
    """Return, by the names of those that cannot be bound, why."""
    names = [name for name in store.names() if is_free(name)]
    if not names:
        return {}
    with _Binder(store) as binder:
        return {name: found.message for name in names if (found := binder.problem(name)) is not None}


def columns_known(store: QueryStore) -> dict[str, list[tuple[str, str]]]:
    """Return names and types of the columns of each saved query; none where only a request could tell, or it cannot be used."""
    names = [name for name in store.names() if is_free(name)]
    if not names:
        return {}
    with _Binder(store) as binder:
        return {name: binder.columns(name) for name in names}


class _Nobody(OneDrive):
    """A tenant that is not asked: what it would ask with is missing."""

    wanted = False

    def __init__(self) -> None:
        pass

    def __getattr__(self, name: str) -> NoReturn:
        self.wanted = True
        raise SqlError(f"Without a request there is no telling ({name}).")


class _Aside:
    """The way into an event loop of its own for each call, in a thread, since the caller's may have one."""

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.begin(coroutine).result()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, coroutine)


class _Binder:
    """An engine with the tables of OneDrive and nothing in them; a context manager."""

    def __init__(self, store: QueryStore) -> None:
        self._nobody = _Nobody()
        self._tenant = Tenant.of(self._nobody, _Aside(), Defaults(None, None))
        self._tenant.dry = True
        self._store = store
        self._engine = Engine(self._tenant)
        errors = EngineErrors(self._engine.contents, Watch(None, self._stopped))
        bindings = Bindings(self._engine, self._tenant)
        self._queries = Queries(self._engine, bindings, self._tenant, errors, store)
        self._views = SavedViews(self._engine, self._queries.saved, self._queries.columns)

    def problem(self, name: str) -> DriveqlError | None:
        """Return why a saved query cannot be bound, unless that hangs on an answer, a file, or a value that is not known."""
        self._nobody.wanted = False
        try:
            needs_values = any(one.default is None for one in self._store.get(name).parameters)
        except DriveqlError as error:
            return error
        try:
            self._views.columns(name)
        except DriveqlError as error:
            certain = _OF_NAMES if needs_values else ("",)
            hangs = (
                self._nobody.wanted
                or isinstance(error, LocalFileError)
                or error.message.startswith("IO Error")
            )
            return error if error.message.startswith(certain) and not hangs else None
        return None

    def columns(self, name: str) -> list[tuple[str, str]]:
        """Return names and types of a saved query's columns, as far as they are known."""
        try:
            return list(self._views.columns(name))
        except DriveqlError:
            return []

    def _stopped(self) -> None:
        pass

    def __enter__(self) -> _Binder:
        return self

    def __exit__(self, *_: object) -> None:
        self._queries.close()
        self._engine.close()

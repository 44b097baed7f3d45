"""A tenant in memory that speaks the protocols of `driveql.sql.source`, and counts what it is asked.

It behaves as Graph does where SQL could notice: paths and filters without regard to case, pages (also empty ones), items in no
particular order, properties that are missing instead of null.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote

from driveql.errors import NotFoundError
from driveql.graph.addresses import Address
from driveql.graph.models import Drive, DriveItem
from driveql.graph.paging import Page
from driveql.transport.attempts import Statistics

T = TypeVar("T")
Json = dict[str, Any]


class LoopThread:
    """A portal of its own, so that these tests need nothing of the transport."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.begin(coroutine).result()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextmanager
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    try:
        yield thread
    finally:
        thread.stop()


def _selected(raw: Json, select: Sequence[str] | None) -> Json:
    if select is None:
        return raw
    return {name: value for name, value in raw.items() if name in select or name.startswith("@odata.type")}


def _as_changes_show_it(raw: Json) -> DriveItem:
    """A whole drive is listed by its changes, which do not say the folder's path; the walk knows it."""
    placed = DriveItem.from_json(raw)
    reference = {key: value for key, value in raw.get("parentReference", {}).items() if key != "path"}
    return replace(placed, raw={**raw, "parentReference": reference})


@dataclass
class _Raw:
    """A model that is nothing but its JSON."""

    raw: Json


@dataclass
class _Parts:
    """What hangs on a drive's items, by the item's id; both permissions and versions are listed so."""

    drive: MemoryDrive
    held: dict[str, list[Json]]

    async def list(self, item: str, /) -> AsyncIterator[list[_Raw]]:
        self.drive._ask(f"parts of {item}")
        await asyncio.sleep(0)
        found = self.held.get(item.removeprefix("id:"), [])
        size = self.drive.page_size
        for start in range(0, max(1, len(found)), size):
            yield [_Raw(raw) for raw in found[start : start + size]]

    def permissions(self, item: str, /) -> AsyncIterator[Any]:
        return self.list(item)


@dataclass(frozen=True)
class _Opened:
    """A file of a drive, whose versions nobody changes here."""

    drive: MemoryDrive
    item_id: str

    __hash__ = object.__hash__

    async def read(self, start: int = 0, end: int | None = None) -> bytes:
        content = self.drive.contents[self.item_id]
        self.drive._ask(f"read {start}-{len(content) if end is None else end}")
        return content[start:end]


@dataclass
class MemoryDrive:
    """A drive made of folders and files; `items` maps a path to its JSON."""

    id: str
    page_size: int = 3
    items: dict[str, Json] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fail_after: int | None = None
    permissions_: dict[str, list[Json]] = field(default_factory=dict)
    versions_: dict[str, list[Json]] = field(default_factory=dict)

    @property
    def sharing(self) -> _Parts:
        return _Parts(self, self.permissions_)

    @property
    def versions(self) -> _Parts:
        return _Parts(self, self.versions_)

    def add(self, path: str, content: bytes | None = None, **properties: Any) -> Json:
        """Add a folder, or with content a file."""
        parent, _, name = path.rpartition("/")
        raw: Json = {
            "id": f"{self.id}-{len(self.items)}",
            "name": name,
            "size": len(content or b""),
            "parentReference": {
                "driveId": self.id,
                "id": self.items[parent]["id"] if parent else f"{self.id}-root",
                "path": f"/drives/{self.id}/root:" + quote(parent),
            },
            **properties,
        }
        raw.update({"folder": {"childCount": 0}} if content is None else {"file": {"mimeType": "text/plain"}})
        self.items[path] = raw
        if content is not None:
            self.contents[raw["id"]] = content
        return raw

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fail_after is not None and len(self.asked) > self.fail_after:
            raise NotImplementedError("the test's own failure")

    def _find(self, path: str) -> Json:
        for known, raw in self.items.items():
            if known.casefold() == path.rstrip("/").casefold():
                return raw
        if path == "/":
            return {"id": f"{self.id}-root", "name": "root", "root": {}, "folder": {}, "size": 0}
        raise NotFoundError(f"no {path}", status=404)

    async def item(self, reference: str, /, *, select: Sequence[str] | None = None) -> DriveItem:
        self._ask(f"item {reference}")
        if reference.startswith("id:"):
            wanted = reference.removeprefix("id:")
            if wanted == f"{self.id}-root":
                return DriveItem.from_json(_selected(self._find("/"), select))
            found = [raw for raw in self.items.values() if raw["id"] == wanted]
            if not found:
                raise NotFoundError(f"no {reference}", status=404)
            return DriveItem.from_json(_selected(found[0], select))
        return DriveItem.from_json(_selected(self._find(reference), select))

    async def children(
        self,
        folder: str = "/",
        /,
        *,
        item_id: str | None = None,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[Page]:
        parent = item_id or self._find(folder)["id"]
        found = [raw for raw in self.items.values() if raw["parentReference"]["id"] == parent]
        size = min(self.page_size, top or self.page_size)
        for start in range(0, max(1, len(found)), size):
            self._ask(f"children {folder if item_id is None else item_id}")
            await asyncio.sleep(0)
            yield Page([_selected(raw, select) for raw in found[start : start + size]])
            yield Page([])

    async def walk(
        self, folder: str = "/", /, *, select: Sequence[str] | None = None, concurrency: int | None = None
    ) -> AsyncIterator[list[DriveItem]]:
        self._find(folder)
        below = "" if folder == "/" else folder.casefold()
        select = None if select is None else (*select, "id", "name", "folder", "parentReference")
        found = [raw for path, raw in self.items.items() if path.casefold().startswith(below + "/")]
        for start in range(0, max(1, len(found)), self.page_size):
            self._ask(f"walk {folder}")
            await asyncio.sleep(0)
            page = found[start : start + self.page_size]
            if folder == "/":
                yield [_as_changes_show_it(_selected(raw, select)) for raw in page]
            else:
                yield [DriveItem.from_json(_selected(raw, select)) for raw in page]

    async def glob(self, pattern: str, /) -> AsyncIterator[DriveItem]:
        self._ask(f"glob {pattern}")
        expression = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        for path, raw in self.items.items():
            if re.fullmatch(expression, path, re.IGNORECASE):
                yield DriveItem.from_json(raw)

    async def read(self, reference: Any, /, start: int = 0, end: int | None = None) -> bytes:
        return await self.opened(reference).read(start, end)

    def opened(self, item: Any, /) -> _Opened:
        return _Opened(self, item.id)


_TERM = re.compile(r"(?:(\w+) eq (?:'((?:[^']|'')*)'|(true|false))|startswith\((\w+),'((?:[^']|'')*)'\))")


def odata_matches(filter_: str, raw: Json) -> bool:
    """Evaluate what driveql sends as $filter the way Graph does: text without regard to case."""

    def one(match: re.Match[str]) -> str:
        name, text, flag, prefixed, prefix = match.groups()
        if prefixed:
            value = raw.get(prefixed)
            return str(
                value is not None and value.casefold().startswith(prefix.replace("''", "'").casefold())
            )
        if flag:
            return str(raw.get(name) is (flag == "true"))
        value = raw.get(name)
        return str(isinstance(value, str) and value.casefold() == text.replace("''", "'").casefold())

    return bool(eval(_TERM.sub(one, filter_), {"__builtins__": {}}))


@dataclass
class MemoryTenant:
    """Users, groups and drives. It is its own directory."""

    users_: list[Json] = field(default_factory=list)
    groups_: list[Json] = field(default_factory=list)
    members_: dict[str, list[Json]] = field(default_factory=dict)
    sites_: list[Json] = field(default_factory=list)
    drives_: dict[str, MemoryDrive] = field(default_factory=dict)
    page_size: int = 3
    asked: list[str] = field(default_factory=list)
    entries_: list[Json] = field(default_factory=list)
    indexed_: frozenset[str] = frozenset()
    statistics: Statistics = field(default_factory=Statistics)

    @property
    def session(self) -> MemoryTenant:
        return self

    async def pages(self, address: Address, /) -> AsyncIterator[Page]:
        """The one list of the tenant: its columns, and its entries, which an unindexed column may not filter."""
        options = dict(address.query)
        filter_ = options.get("$filter")
        rows = self.entries_
        if address.path.endswith("/columns"):
            rows = [{"name": name, "indexed": name in self.indexed_} for name in ("Title", "FileLeafRef")]
        elif filter_ is not None:
            named = set(re.findall(r"fields/(\w+)", re.sub(r"'(?:[^']|'')*'", "", filter_)))
            assert named <= self.indexed_, filter_
            plain = filter_.replace("fields/", "")
            rows = [raw for raw in rows if odata_matches(plain, raw["fields"])]
        async for page in self._pages(f"pages {address}", rows, None):
            yield page

    @property
    def directory(self) -> MemoryTenant:
        return self

    def _pages(self, what: str, found: list[Json], select: Sequence[str] | None) -> AsyncIterator[Page]:
        async def pages() -> AsyncIterator[Page]:
            for start in range(0, max(1, len(found)), self.page_size):
                self.asked.append(what)
                await asyncio.sleep(0)
                yield Page([_selected(raw, select) for raw in found[start : start + self.page_size]])

        return pages()

    def users(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - the name in the protocol
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[Page]:
        found = [raw for raw in self.users_ if filter is None or odata_matches(filter, raw)]
        return self._pages(f"users {filter or ''}", found, select)

    def groups(
        self,
        *,
        select: Sequence[str] | None = None,
        filter: str | None = None,  # noqa: A002 - the name in the protocol
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[Page]:
        found = [raw for raw in self.groups_ if filter is None or odata_matches(filter, raw)]
        return self._pages(f"groups {filter or ''}", found, select)

    def group_members(
        self,
        group_id: str,
        *,
        select: Sequence[str] | None = None,
        top: int | None = None,
        ahead: bool = True,
    ) -> AsyncIterator[Page]:
        async def pages() -> AsyncIterator[Page]:
            if group_id not in self.members_:
                raise NotFoundError("no group", status=404)
            async for page in self._pages(f"members {group_id}", self.members_[group_id], select):
                yield page

        return pages()

    def sites(self, search: str = "*", *, select: Sequence[str] | None = None) -> AsyncIterator[Page]:
        return self._pages("sites", self.sites_, select)

    def drives(self, owner: str, *, select: Sequence[str] | None = None) -> AsyncIterator[Page]:
        found = [{"id": drive.id, "name": "Documents"} for who, drive in self.drives_.items() if who == owner]
        return self._pages(f"drives {owner}", found, select)

    async def one(self, owner: str, *, select: Sequence[str] | None = None) -> Json:
        self.asked.append(f"one {owner}")
        _, kind, identifier = owner.split("/", 2)
        for raw in {"users": self.users_, "groups": self.groups_, "sites": self.sites_}[kind]:
            if raw["id"] == identifier or raw.get("userPrincipalName") == identifier:
                return _selected(raw, select)
        raise NotFoundError(f"no {owner}", status=404)

    async def _drive_by_id(self, drive_id: str) -> Drive:
        self.asked.append(f"drive {drive_id}")
        for drive in self.drives_.values():
            if drive.id == drive_id:
                return Drive.from_json({"id": drive.id, "name": "Documents"})
        raise NotFoundError(f"no drive {drive_id}", status=404)

    async def drive(self, owner: str | None = None, *, drive_id: str | None = None) -> Any:
        # The directory and the tenant have a method of this name each; the directory's has one positional id.
        if owner is not None and owner.startswith("b!"):
            return await self._drive_by_id(owner)
        if drive_id is not None:
            return next(drive for drive in self.drives_.values() if drive.id == drive_id)
        wanted = owner or next(iter(self.drives_))
        if wanted not in self.drives_:
            raise NotFoundError(f"no drive of {wanted}", status=404)
        return self.drives_[wanted]

    async def at(self, place: str, *, wildcards: bool = False) -> tuple[Any, str]:
        rest = place.removeprefix("onedrive://")
        authority, slash, path = rest.partition("/")
        return await self.drive(f"/users/{authority}" if authority else None), slash + path

"""Patterns: `*`, `?` and `[...]` within a name, `**` across folders, compared without regard to case as the service does.

A folder whose name the pattern spells out is not listed, and a whole tree is read only below `**`. Brackets stand for
themselves too, since names may hold them; `*` and `?` no name can hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from glob import has_magic
from typing import Any

from fsspec.utils import glob_translate

from driveql.filesystem.info import Info
from driveql.filesystem.listing import GONE, ListingFileSystem, last_name
from driveql.filesystem.location import join, locate
from driveql.filesystem.oserrors import translated


class PatternFileSystem(ListingFileSystem):
    """See `OneDriveFileSystem`."""

    @translated
    async def _glob(self, path: str, maxdepth: int | None = None, **kwargs: Any) -> Any:
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        detail, withdirs = kwargs.pop("detail", False), kwargs.pop("withdirs", True)
        pattern: str = self._strip_protocol(path)
        found: dict[str, Info] = {}
        brackets_only = not re.search(r"[*?]", pattern)
        if not has_magic(pattern) or brackets_only or locate(pattern, wildcards=True).is_sharing_link:
            with contextlib.suppress(*GONE):
                found = {pattern: await self._info(pattern)}
        if not found and has_magic(pattern):
            candidates = await self._candidates(pattern, maxdepth)
            fits = _matcher(pattern, path)
            found = {each["name"]: each for each in candidates if fits(each)}
            if not withdirs:
                found = {name: each for name, each in found.items() if each["type"] != "directory"}
        return dict(sorted(found.items())) if detail else sorted(found)

    async def _candidates(self, pattern: str, maxdepth: int | None) -> list[Info]:
        """Return what a pattern could mean: descend by its segments, and take whole trees only below `**`."""
        fixed = pattern[: re.search(r"[*?\[]", pattern).start()].rpartition("/")[0]  # type: ignore[union-attr]  # who calls has found a wildcard
        segments = pattern[len(fixed) :].strip("/").split("/")
        folders = [fixed or "/"]
        for number, segment in enumerate(segments):
            last = number == len(segments) - 1
            if "**" in segment:
                found = await asyncio.gather(
                    *(self._find(each, maxdepth, withdirs=True, detail=True) for each in folders)
                )
                return [each for tree in found for each in tree.values()]
            if has_magic(segment):
                entries = await self._side_by_side(self._ls, folders)
            else:
                below = await self._side_by_side(self._info, [join(each, segment) for each in folders])
                entries = [[each] for each in below]
            fits = _matcher(segment, segment)
            chosen = [
                each for listed in entries for each in listed if fits({**each, "name": last_name(each)})
            ]
            if last:
                return chosen
            folders = [each["name"] for each in chosen if each["type"] == "directory"]
        raise AssertionError("unreachable: the last segment returns")

    async def _side_by_side(self, method: Callable[[str], Any], names: list[str]) -> list[Any]:
        results = await asyncio.gather(*(method(each) for each in names), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, GONE):
                raise result
        return [result for result in results if not isinstance(result, BaseException)]


def _matcher(pattern: str, written: str) -> Callable[[Info], bool]:
    """Return a test of records; brackets stand for themselves too, since names may hold them."""
    ends = written.endswith("/")
    slash = ends or written.endswith("/**")
    tail = "/" if ends else ""
    tests = [
        re.compile(glob_translate(text + tail), re.IGNORECASE)
        for text in {pattern, pattern.replace("[", "[[]")}
    ]

    def fits(each: Info) -> bool:
        name = f"{each['name']}/" if slash and each["type"] == "directory" else each["name"]
        return any(test.match(name) for test in tests)

    return fits

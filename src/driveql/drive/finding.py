"""Tests on items by name, kind, size and time of change, as `find` has them. All of them must hold."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from driveql.graph.models import DriveItem

Comparison = Literal["more", "less", "exactly"]


@dataclass(frozen=True, slots=True)
class SizeTest:
    """A file's size compared with `size` bytes; a folder never fits."""

    comparison: Comparison
    size: int

    def fits(self, item: DriveItem) -> bool:
        """Return True where the item's size is as asked."""
        if item.is_folder:
            return False
        if self.comparison == "exactly":
            return item.size == self.size
        return item.size > self.size if self.comparison == "more" else item.size < self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTest:
    """What an item must be.

    Parameters:
        names: patterns (`*.csv`), one of which must match; one with a slash is matched with the path below `base`.
        folders: True for folders only, False for files only, None for both.
        newer, older: the time of the last change is after, or before, this moment.
        extensions: without the dot, one of which the name must end with.
    """

    names: tuple[str, ...] = ()
    folders: bool | None = None
    sizes: tuple[SizeTest, ...] = ()
    newer: datetime | None = None
    older: datetime | None = None
    extensions: tuple[str, ...] = ()
    base: str = "/"
    _patterns: list[tuple[bool, re.Pattern[str]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        compiled = [
            ("/" in name, re.compile(fnmatch.translate(name.strip("/")), re.IGNORECASE))
            for name in self.names
        ]
        object.__setattr__(self, "_patterns", compiled)

    def fits(self, item: DriveItem) -> bool:
        """Return True where all tests hold."""
        if self.folders is not None and item.is_folder != self.folders:
            return False
        return (
            self._named(item)
            and all(test.fits(item) for test in self.sizes)
            and self._in_time(item)
            and has_extension(item.name, self.extensions)
        )

    def _named(self, item: DriveItem) -> bool:
        if not self._patterns:
            return True
        below = (item.path or item.name).removeprefix(self.base.rstrip("/")).lstrip("/")
        return any(pattern.match(below if whole else item.name) for whole, pattern in self._patterns)

    def _in_time(self, item: DriveItem) -> bool:
        if self.newer is None and self.older is None:
            return True
        when = item.modified
        if when is None:
            return False
        return (self.newer is None or when > self.newer) and (self.older is None or when < self.older)


def has_extension(name: str, extensions: Iterable[str]) -> bool:
    """Return True where a name ends with one of the extensions, or none is asked for."""
    wanted = tuple(f".{extension.lstrip('.').casefold()}" for extension in extensions)
    return not wanted or name.casefold().endswith(wanted)


def has_words(name: str, text: str) -> bool:
    """Return True where a name holds every word of a text, without regard to case."""
    folded = name.casefold()
    return all(word in folded for word in text.casefold().split())

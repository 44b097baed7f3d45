"""How many bytes lie below folders, summed over the files that were listed, not over what the service states of folders."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass

from driveql.graph import paths
from driveql.graph.models import DriveItem


@dataclass(slots=True)
class Usage:
    """What lies below a folder, at any depth. `size` is in bytes."""

    size: int = 0
    files: int = 0
    folders: int = 0


async def usage(pages: AsyncIterable[list[DriveItem]], base: str) -> dict[str, Usage]:
    """Return the usage of the folder `base` and of every folder below it, by path.

    Parameters:
        pages: all items below it, each with its path, in any order.
    """
    found = {base: Usage()}
    prefix = base.rstrip("/")
    async for items in pages:
        for item in items:
            if item.path is None:
                continue
            if item.is_folder:
                found.setdefault(item.path, Usage())
            for folder in _above(item.path, base, prefix):
                sums = found.setdefault(folder, Usage())
                sums.size += 0 if item.is_folder else item.size
                sums.files += not item.is_folder
                sums.folders += item.is_folder
    return found


def _above(path: str, base: str, prefix: str) -> list[str]:
    folders = []
    parent = paths.split(path)[0]
    while len(parent) > len(prefix) and parent != paths.ROOT:
        folders.append(parent)
        parent = paths.split(parent)[0]
    return [*folders, base]

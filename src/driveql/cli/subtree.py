"""What lies below the places a person wrote, listed in the way that costs least for how deep they look."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from driveql.cli.items import find
from driveql.cli.places import Naming, about
from driveql.drive.descent import descend
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.graph import paths
from driveql.graph.models import DriveItem


@dataclass(frozen=True, slots=True)
class Subtree:
    """One item that a written place names, and all below it."""

    drive: DriveHandle
    top: DriveItem
    path: str
    naming: Naming

    async def pages(
        self, select: tuple[str, ...] | None = None, *, levels: int | None = None
    ) -> AsyncGenerator[list[DriveItem]]:
        """Yield the items below the top, which is not among them, a page at a time.

        Parameters:
            levels: how many levels below the top; None for all.
        """
        if not self.top.is_folder or levels == 0:
            return
        with about(self.naming.of(self.path)):
            if levels is not None:
                walk = descend(self.drive, self.top, self.path, levels=levels, select=select)
            elif self.top.is_root:
                walk = self.drive.walk(select=select)
            else:
                walk = self.drive.walk_from(self.top, self.path, select=select)
            async with aclosing(walk) as pages:
                async for page in pages:
                    yield page

    def depth(self, path: str) -> int:
        """Return how many levels a path lies below the top."""
        return paths.depth(path) - paths.depth(self.path)


async def subtrees(onedrive: OneDrive, written: tuple[str, ...]) -> AsyncGenerator[Subtree]:
    """Yield a subtree for each item that the written places name, by themselves or by a pattern."""
    for place in written:
        async with aclosing(find(onedrive, place)) as founds:
            async for found in founds:
                path = found.item.path or f"/{found.item.name}"
                yield Subtree(found.drive, found.item, path, found.naming)

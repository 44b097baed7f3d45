"""Which item goes where, as `cp` and `mv` mean it; what is then done to it is theirs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from driveql.cli.guard import check_same
from driveql.cli.items import Found, find
from driveql.cli.places import Naming, about, naming
from driveql.cli.progress import Report
from driveql.cli.transfers import Transfer, foresee_target
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.errors import InvalidPathError, NotFoundError
from driveql.graph import paths
from driveql.graph.models import DriveItem


@dataclass(frozen=True, slots=True)
class Goal:
    """Where one item is to be: its whole path in a drive."""

    drive: DriveHandle
    path: str
    naming: Naming

    @property
    def place(self) -> str:
        """Return it as it can be typed."""
        return self.naming.of(self.path)


Act = Callable[[Found, Goal, Report], Awaitable[DriveItem]]


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """The transfers from places to a place.

    Parameters:
        act: does one, and returns the item where it arrived. folders: folders may be taken too.
        conflict: what happens where a name is taken. skip_existing: what is there is left as it is.
        if_match: the eTag that the source must still have.
    """

    sources: tuple[str, ...]
    target: str
    act: Act
    folders: bool
    conflict: str = "fail"
    skip_existing: bool = False
    if_match: str | None = None

    async def transfers(self, onedrive: OneDrive) -> AsyncGenerator[Transfer]:
        """Yield a transfer for each item that the sources name.

        Raises:
            NotFoundError: a source is not there, or the target's folder is not.
            InvalidPathError: a source is a folder and `folders` is False, or several go to one file.
        """
        with about(self.target):
            drive, path = await onedrive.at(self.target)
            names = await naming(drive, self.target)
            there = await drive.find(path)
        for source in self.sources:
            async with aclosing(find(onedrive, source)) as founds:
                async for found in founds:
                    inside = self._inside(found, there)
                    if not inside and there is None:
                        await self._check_folder(drive, names, path)
                    folder = (there.path if there is not None else None) or path
                    goal = Goal(drive, paths.join(folder, found.item.name) if inside else path, names)
                    yield self._transfer(found, goal)

    def _inside(self, found: Found, there: DriveItem | None) -> bool:
        """Return True where the target is a folder that receives the item under its own name."""
        several = len(self.sources) > 1 or found.by_pattern
        if there is not None and there.is_folder:
            # A folder is not moved into itself by writing its name in other letters.
            return several or there.id != found.item.id
        if several or self.target.endswith("/"):
            if there is None:
                raise NotFoundError(
                    f"There is no folder {self.target}.", status=404, hint=f"driveql mkdir -p {self.target}"
                )
            raise InvalidPathError(f"{self.target} is a file; it cannot receive others.")
        return False

    async def _check_folder(self, drive: DriveHandle, names: Naming, path: str) -> None:
        above = paths.split(paths.check_new_path(path))[0]
        if above != paths.ROOT and await drive.find(above) is None:
            place = names.of(above)
            raise NotFoundError(f"There is no folder {place}.", status=404, hint=f"driveql mkdir -p {place}")

    def _transfer(self, found: Found, goal: Goal) -> Transfer:
        item = found.item
        if item.is_root:
            raise InvalidPathError(
                f"{found.place} is a drive's root.", hint="Name what is in it: onedrive:/*"
            )
        if item.is_folder and not self.folders:
            raise InvalidPathError(f"{found.place} is a folder.", hint="-r takes it with all in it.")
        below = goal.drive.id == found.drive.id and f"{goal.path}/".casefold().startswith(
            f"{item.path}/".casefold()
        )
        if below and item.is_folder and goal.path.casefold() != (item.path or "").casefold():
            raise InvalidPathError(f"{found.place} cannot go into itself.")

        async def run(report: Report) -> DriveItem:
            return await self.act(found, goal, report)

        async def foresee() -> None:
            check_same(self.if_match, item, found.place)
            there = await goal.drive.find(paths.check_new_path(goal.path))
            if there is None or there.id != item.id:
                foresee_target(there, goal.place, self.conflict, skip_existing=self.skip_existing)

        def arrived(result: DriveItem) -> str:
            return goal.naming.of(result.path or goal.path)

        return Transfer(found.place, goal.place, item.size, run, arrived=arrived, foresee=foresee)


def percentage(report: Report, size: int) -> Callable[[float], None]:
    """Return what turns the percentages of the service's copy into bytes done."""

    def progress(percent: float) -> None:
        report(int(size * percent / 100), size)

    return progress

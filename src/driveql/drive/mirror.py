"""One way, either way: make a folder of OneDrive the same as a local one, or the other way round.

Every step is safe to repeat, so a mirror that was interrupted is finished by running it again. Files appear by verified
rename; deletions come last, and into the recycle bin on OneDrive's side.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from driveql.drive import local_tree, snapshot
from driveql.drive.digests import of_local
from driveql.drive.local_name import local_path
from driveql.drive.snapshot import KnownItem
from driveql.drive.verification import REWRITTEN
from driveql.errors import AlreadyExistsError, DriveqlError, LocalFileError, NotFoundError, ProtocolError
from driveql.graph import mirror_plan, paths
from driveql.graph.mirror_plan import Entry, MirrorRules, Step

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle
    from driveql.graph.models import DriveItem

Told = Callable[["StepOutcome"], None]


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What became of a step: `done` is False where nothing had to be done after all, or it failed with `error`."""

    step: Step
    done: bool
    error: DriveqlError | None = None


@dataclass(slots=True)
class Mirror:
    """One mirroring of a local directory and a folder of a drive.

    Parameters:
        upward: from the local directory to OneDrive; otherwise the other way.
        rules: what is mirrored, how it is compared, what is deleted.
        told: called with each step's outcome as it comes.
        state: a file in which the drive's feed of changes is kept, so that looking at OneDrive's side again costs only what
            has changed there, instead of a listing; None lists.
    """

    drive: DriveHandle
    folder: str
    directory: Path
    upward: bool
    rules: MirrorRules = field(default_factory=MirrorRules)
    told: Told | None = None
    state: Path | None = None
    _known: dict[str, KnownItem] = field(default_factory=dict)

    async def plan(self) -> list[Step]:
        """Look at both sides and return what would be done. Nothing is changed.

        Raises:
            NotFoundError, LocalFileError: the source is not there.
            TooManyDeletions: more would be deleted than was allowed.
        """
        self.folder = paths.normalise(self.folder)
        if not self.rules.rewritten:
            from dataclasses import replace

            self.rules = replace(self.rules, rewritten=REWRITTEN)
        remote = [entry async for entry in self._remote()]
        local = await asyncio.to_thread(self._local)
        source, target = (local, remote) if self.upward else (remote, local)
        return mirror_plan.plan(source, target, self.rules, to_onedrive=self.upward)

    async def run(self, steps: list[Step] | None = None) -> list[StepOutcome]:
        """Do the steps of a plan (made now by default); return an outcome for each that was refused, done or failed.

        A failure does not stop the others, but nothing is deleted after one: what is to replace it may be missing.
        """
        steps = await self.plan() if steps is None else steps
        outcomes: list[StepOutcome] = []
        held_back = [step for step in steps if step.kind in {"refuse", "skip"}]
        self._tell(outcomes, [StepOutcome(step, False, _refused(step)) for step in held_back])
        if steps and self.upward and self.folder != paths.ROOT:
            await self.drive.create_folder(self.folder)
        elif steps:
            local_tree.make_directory(self.directory)
        folders = [step for step in steps if step.kind == "create_folder"]
        for step in sorted(folders, key=lambda step: step.path.count("/")):
            self._tell(outcomes, [await self._outcome(step)])
        files = [step for step in steps if step.kind in {"copy", "replace"}]
        gate = asyncio.Semaphore(self.drive.session.settings.max_concurrency)

        async def one(step: Step) -> None:
            async with gate:
                self._tell(outcomes, [await self._outcome(step)])

        async with asyncio.TaskGroup() as group:
            for step in files:
                group.create_task(one(step))
        deletions = [step for step in steps if step.kind in {"delete", "delete_folder"}]
        if any(outcome.error for outcome in outcomes) and deletions:
            held = DriveqlError(
                "Not deleted, since other steps failed.", hint="Run the mirror again when they succeed."
            )
            self._tell(outcomes, [StepOutcome(step, False, held) for step in deletions])
            return outcomes
        for step in deletions:
            self._tell(outcomes, [await self._outcome(step)])
        return outcomes

    def _tell(self, outcomes: list[StepOutcome], more: list[StepOutcome]) -> None:
        outcomes += more
        if self.told is not None:
            for outcome in more:
                self.told(outcome)

    async def _outcome(self, step: Step) -> StepOutcome:
        try:
            return StepOutcome(step, await (self._up(step) if self.upward else self._down(step)))
        except DriveqlError as error:
            return StepOutcome(step, False, error)

    async def _up(self, step: Step) -> bool:
        place = paths.join(self.folder, step.path)
        source = self.directory / step.path
        if step.kind == "create_folder":
            await self.drive.create_folder(place)
        elif step.kind in {"delete", "delete_folder"}:
            with contextlib.suppress(NotFoundError):
                known = self._known.get(step.path.casefold())
                await self.drive.delete(f"id:{known.id}" if known else place)
        elif step.needs_hash and await self._same(source, step):
            return False
        else:
            await self._upload(source, place)
        return True

    async def _upload(self, source: Path, place: str) -> None:
        try:
            await self.drive.upload(place, source, conflict="replace")
        except NotFoundError:
            await self.drive.create_folder(paths.split(place)[0])
            await self.drive.upload(place, source, conflict="replace")

    async def _down(self, step: Step) -> bool:
        target = local_path(self.directory, step.path)
        if any(above.is_symlink() for above in target.parents if self.directory in above.parents):
            raise LocalFileError(f"{target} lies behind a symbolic link, which is not followed.")
        if step.kind == "create_folder":
            local_tree.make_directory(target)
        elif step.kind in {"delete", "delete_folder"}:
            local_tree.remove(target)
        elif step.needs_hash and await self._same(target, step):
            return False
        else:
            local_tree.make_directory(target.parent)
            await self.drive.download(f"id:{self._known[step.path.casefold()].id}", target)
        return True

    async def _same(self, local: Path, step: Step) -> bool:
        known = self._known[step.path.casefold()]
        return bool(known.hash) and await asyncio.to_thread(of_local, local, "quickxor") == known.hash

    async def _remote(self) -> AsyncIterator[Entry]:
        top = None
        if self.folder != paths.ROOT:
            try:
                top = await self.drive.item(self.folder)
            except NotFoundError:
                if self.upward:
                    return
                raise
        folder = (self.folder if top is None else top.path or self.folder).rstrip("/")
        async for known in self._remote_items(top, folder):
            path = known.path[len(folder) + 1 :]
            self._known[path.casefold()] = known
            skipped = "it is a notebook, which has no content of its own" if known.is_package else None
            yield Entry(path, known.is_folder, known.size, known.modified, known.hash, skipped, known.written)

    async def _remote_items(self, top: DriveItem | None, folder: str) -> AsyncIterator[KnownItem]:
        if self.state is not None:
            for known in await snapshot.items(self.drive, self.state):
                if known.path.startswith(f"{folder}/"):
                    yield known
            return
        walk = self.drive.walk() if top is None else self.drive.walk_from(top, top.path or self.folder)
        async with contextlib.aclosing(walk) as pages:
            async for page in pages:
                for item in page:
                    if item.path is None:
                        raise ProtocolError(f"The item {item.name!r} came without its path.")
                    modified = item.modified.timestamp() if item.modified else None
                    is_package = "package" in item.raw
                    yield KnownItem(
                        item.id,
                        item.path,
                        item.is_folder,
                        is_package,
                        item.size,
                        modified,
                        snapshot.written(item),
                        item.quick_xor_hash,
                    )

    def _local(self) -> list[Entry]:
        if not self.directory.is_dir():
            if self.upward:
                raise LocalFileError(f"{self.directory} is not a directory.")
            return []
        return local_tree.entries(self.directory)


def _refused(step: Step) -> DriveqlError | None:
    if step.kind == "skip":
        return None
    if "stands where" in step.reason:
        return AlreadyExistsError(f"{step.path}: {step.reason}.", status=409)
    return LocalFileError(f"{step.path} cannot be mirrored: {step.reason}.", hint="Rename it, or exclude it.")

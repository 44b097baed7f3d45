"""Uploads of local files and folders by a command: which goes where, and what becomes of each."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from driveql.cli.guard import changed, check_same

if TYPE_CHECKING:
    from driveql.cli.options import Invocation
    from driveql.cli.places import Naming
    from driveql.cli.progress import Report
    from driveql.cli.transfers import Tally, Transfer
    from driveql.drive import onedrive as asynchronous
    from driveql.drive.blocking import OneDrive
    from driveql.drive.handle import ConflictBehavior, DriveHandle
    from driveql.graph.models import DriveItem


def upload(invocation: Invocation, onedrive: OneDrive, uploads: Uploads, *, verb: str = "uploaded") -> Tally:
    """Upload, and return what became of each file.

    Raises:
        InterruptedRun: Ctrl-C; what was left is said.
    """
    from driveql.cli.transfers import Tally, carried

    resume = "Large files go on where they stopped: run the same command again"
    skips = uploads.conflict == "fail" and not uploads.skip_existing
    resume += " with --skip-existing." if skips else "."
    tally = Tally(invocation, verb, dry_run=uploads.dry_run, resume=resume)
    transfers = uploads.transfers(onedrive.asynchronous)
    carried("Uploading", transfers, tally, onedrive.settings.max_concurrency, quiet=invocation.quiet)
    return tally


def _default_naming() -> Naming:
    from driveql.cli.places import Naming

    return Naming()


@dataclass
class Uploads:
    """Which local file goes to which path. The parameters are those of `driveql put`.

    Parameters:
        stdin: what `-` stands for. dry_run: no folder is made. if_match: the eTag that the file there must still have.
    """

    sources: tuple[str, ...]
    place: str
    conflict: ConflictBehavior = "fail"
    recursive: bool = False
    parents: bool = False
    stdin: BinaryIO | None = None
    skip_existing: bool = False
    dry_run: bool = False
    if_match: str | None = None
    naming: Naming = field(default_factory=_default_naming)

    async def transfers(self, onedrive: asynchronous.OneDrive) -> AsyncGenerator[Transfer]:
        """Yield a transfer for each local file, after the folders it needs are there.

        Raises:
            InvalidPathError: a source is a folder without `recursive`, or several go to one file.
            NotFoundError: PLACE's folder is missing and `parents` was not asked for.
        """
        from driveql.errors import InvalidPathError

        drive, path, is_folder = await self._target(onedrive)
        if self.stdin is not None:
            if is_folder:
                raise InvalidPathError(
                    f"{self.place} is a folder.", hint="Name the file: onedrive:/folder/name."
                )
            yield self._transfer(drive, "-", self.stdin, _length(self.stdin), path)
            return
        for written in self.sources:
            source = Path(written)
            where = _join(path, _own_name(source)) if is_folder else path
            if not _is_directory(source):
                yield self._of_file(drive, source, where)
            elif self.recursive:
                async for transfer in self._folder(drive, source, where):
                    yield transfer
            else:
                raise InvalidPathError(f"{source} is a folder.", hint="-r uploads it with all in it.")

    async def _target(self, onedrive: asynchronous.OneDrive) -> tuple[DriveHandle, str, bool]:
        """Return the drive, the path, and whether sources go into it under their own names."""
        from driveql.cli.places import about, naming
        from driveql.errors import InvalidPathError, NotFoundError
        from driveql.graph import paths

        with about(self.place):
            drive, path = await onedrive.at(self.place)
            self.naming = await naming(drive, self.place)
            item = await drive.find(path)
        if item is not None and path.startswith("id:"):
            if item.path is None:
                raise InvalidPathError(f"{self.place}: the service does not say where that is.")
            path = item.path
        if item is not None and item.is_folder:
            return drive, path, True
        into = len(self.sources) > 1 or self.place.endswith("/")
        if item is not None and into:
            raise InvalidPathError(f"{self.place} is a file; it cannot receive files.")
        needed = path if into else paths.split(path)[0]
        if needed != paths.ROOT and self.parents:
            if not self.dry_run:
                await drive.create_folder(needed)
        elif needed != paths.ROOT and await drive.find(needed) is None:
            raise NotFoundError(
                f"There is no folder {self.naming.of(needed)}.", status=404, hint="-p makes it."
            )
        return drive, path, into

    def _of_file(self, drive: DriveHandle, source: Path, path: str) -> Transfer:
        from driveql.cli.transfers import Transfer
        from driveql.errors import LocalFileError

        try:
            if not source.is_file():
                raise FileNotFoundError(2, "no such file" if not source.exists() else "not a regular file")
            size = source.stat().st_size
        except OSError as error:
            refused = LocalFileError(f"{source}: {error.strerror}.")
            return Transfer(str(source), path, 0, None, refused)
        return self._transfer(drive, str(source), source, size, path)

    def _transfer(
        self, drive: DriveHandle, shown: str, source: Path | BinaryIO, size: int, path: str
    ) -> Transfer:
        from driveql.cli.transfers import SkippedTransfer, Transfer
        from driveql.errors import AlreadyExistsError, ItemChangedError, NotFoundError

        async def run(report: Report) -> DriveItem:
            if self.skip_existing and await drive.find(path) is not None:
                raise SkippedTransfer("it exists")
            try:
                return await drive.upload(
                    path, source, conflict=self.conflict, if_match=self.if_match, progress=report
                )
            except (ItemChangedError, NotFoundError) as error:
                if self.if_match is None:
                    raise
                raise changed(self.naming.of(path), error) from None
            except AlreadyExistsError:
                if not self.skip_existing:
                    raise
                raise SkippedTransfer("it exists") from None

        async def foresee() -> None:
            await self._foresee(drive, path)

        def arrived(item: DriveItem) -> str:
            return self.naming.of(item.path or path)

        return Transfer(shown, self.naming.of(path), size, run, arrived=arrived, foresee=foresee)

    async def _foresee(self, drive: DriveHandle, path: str) -> None:
        from driveql.cli.transfers import foresee_target
        from driveql.graph import paths

        there = await drive.find(paths.check_new_path(path))
        check_same(self.if_match, there, self.naming.of(path))
        conflict = "fail" if there is not None and there.is_folder else self.conflict
        foresee_target(there, self.naming.of(path), conflict, skip_existing=self.skip_existing)

    async def _folder(self, drive: DriveHandle, source: Path, path: str) -> AsyncGenerator[Transfer]:
        if not self.dry_run:
            await drive.create_folder(path, parents=self.parents)
        for directory, folders, files in os.walk(source):
            folders.sort()
            below = Path(directory).relative_to(source).parts
            here = _join(path, *below)
            if below and not self.dry_run:
                await drive.create_folder(here)
            for name in sorted(files):
                yield self._of_file(drive, Path(directory) / name, _join(here, name))


def _own_name(source: Path) -> str:
    # `.` and `..` have names of their own only once they are resolved.
    return source.name if source.name not in {"", "..", "."} else source.resolve().name


def _is_directory(source: Path) -> bool:
    return source.is_dir()


def _join(path: str, *names: str) -> str:
    from driveql.graph import paths

    for name in names:
        path = paths.join(path, name)
    return path


def _length(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)

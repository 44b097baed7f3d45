"""`driveql get`: files and folders to the local system; nothing is overwritten unasked, nothing lands outside the target."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.cli.items import Found
    from driveql.cli.progress import Report
    from driveql.cli.transfers import Tally, Transfer
    from driveql.drive import onedrive as asynchronous
    from driveql.drive.blocking import OneDrive
    from driveql.errors import LocalFileError
    from driveql.graph.models import DriveItem


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql get onedrive:/Reports/a.csv\n"
    "  driveql get onedrive:/Reports/a.csv today.csv --overwrite\n"
    "  driveql get 'onedrive:/Reports/**/*.csv' data/      # keeps the folders below Reports\n"
    "  driveql get -r onedrive:/Reports .                  # makes ./Reports\n"
    "  driveql get -r --skip-existing onedrive:/Reports .  # goes on where an earlier run ended\n\n"
    "A file appears under its name only once its size and hash are verified. Names that the local system"
    " cannot hold are changed (`:` becomes `_` on Windows). Exit code 10: some files failed."
)
@click.argument("place")
@click.argument("target", required=False, type=click.Path())
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all that is below them.")
@click.option("--overwrite", is_flag=True, help="Replace local files that exist.")
@click.option("--skip-existing", is_flag=True, help="Leave local files that exist as they are, and go on.")
@dry_run_option
@global_options
def get(
    invocation: Invocation,
    place: str,
    target: str | None,
    recursive: bool,
    overwrite: bool,
    skip_existing: bool,
    dry_run: bool,
) -> None:
    """Download what PLACE names (a file, a folder with -r, or a pattern) to TARGET.

    Without TARGET, into the current directory. An existing directory receives files under their own names.
    """
    if overwrite and skip_existing:
        raise click.UsageError("--overwrite and --skip-existing say opposite things of files that exist.")
    plan = Plan(target, recursive, overwrite, invocation.note, skip_existing, dry_run)
    with invocation.open(dry_run=dry_run) as onedrive:
        tally = download(invocation, onedrive, (place,), plan)
    tally.finish()


def download(
    invocation: Invocation,
    onedrive: OneDrive,
    places: tuple[str, ...],
    plan: Plan,
    *,
    verb: str = "downloaded",
) -> Tally:
    """Download what places name, and return what became of each file.

    Raises:
        InterruptedRun: Ctrl-C; what was left is said.
    """
    from driveql.cli.transfers import Tally, carried

    resume = "Large files go on where they stopped: run the same command again"
    resume += "." if plan.overwrite or plan.skip_existing else " with --skip-existing."
    tally = Tally(invocation, verb, dry_run=plan.dry_run, resume=resume)

    async def transfers() -> AsyncGenerator[Transfer]:
        for place in places:
            async with contextlib.aclosing(plan.transfers(onedrive.asynchronous, place)) as planned:
                async for transfer in planned:
                    yield transfer

    carried("Downloading", transfers(), tally, onedrive.settings.max_concurrency, quiet=invocation.quiet)
    return tally


@dataclass
class Plan:
    """Which item goes to which local path.

    Parameters:
        target: what the person wrote, a trailing slash included; None for the current directory.
        note: tells the person what is left out.
        dry_run: no directory is made either.
    """

    target: str | None
    recursive: bool
    overwrite: bool
    note: Callable[[str], None]
    skip_existing: bool = False
    dry_run: bool = False
    _taken: dict[Path, str] = field(default_factory=dict)

    async def transfers(self, onedrive: asynchronous.OneDrive, place: str) -> AsyncGenerator[Transfer]:
        """Yield a transfer for each file that the place names.

        Raises:
            InvalidPathError: it is a folder, and `recursive` was not asked for.
            NotFoundError: there is nothing, or a pattern fits folders only.
        """
        from driveql.cli.items import find
        from driveql.errors import InvalidPathError, NotFoundError

        left_out = files = 0
        async with contextlib.aclosing(find(onedrive, place)) as founds:
            async for found in founds:
                if not found.item.is_folder:
                    files += 1
                    for transfer in self._file(found, found.item, self._destination(found)):
                        yield transfer
                elif self.recursive:
                    files += 1
                    async for transfer in self._folder(found):
                        yield transfer
                elif found.by_pattern:
                    left_out += 1
                else:
                    raise InvalidPathError(f"{place} is a folder.", hint="-r downloads it with all in it.")
        if left_out and not files:
            raise NotFoundError(f"Only folders fit {place}.", status=404, hint="-r downloads them.")
        if left_out and "**" not in place:
            self.note(f"{left_out} that fit are folders and were left out; -r downloads them too.")

    def _destination(self, found: Found) -> Path:
        from driveql.drive.local_name import local_name

        target = Path(self.target or ".")
        if found.by_pattern and found.item.path is not None:
            return _below(target, found.item, found.base)
        if found.item.is_root:
            return target
        inside = self.target is None or self.target.endswith(("/", os.sep)) or target.is_dir()
        return target / local_name(found.item.name) if inside else target

    async def _folder(self, found: Found) -> AsyncGenerator[Transfer]:
        from driveql.graph import paths

        root = self._destination(found)
        base = found.item.path or paths.ROOT
        self._make(root)
        walk = found.drive.walk_from(found.item, found.item.path or paths.ROOT)
        async with contextlib.aclosing(walk) as pages:
            async for page in pages:
                for item in page:
                    where = _below(root, item, base)
                    if item.is_folder:
                        self._make(where)
                        continue
                    for transfer in self._file(found, item, where):
                        yield transfer

    def _make(self, directory: Path) -> None:
        if not self.dry_run:
            _make_directory(directory)

    def _file(self, found: Found, item: DriveItem, where: Path) -> Iterator[Transfer]:
        """Yield the transfer of one file, or none where a pattern already named the same one."""
        from driveql.cli.transfers import Transfer

        drive = found.drive
        first = self._taken.get(where)
        if first == item.id:
            return
        self._taken.setdefault(where, item.id)
        exists = where.is_file() or where.is_symlink()
        skipped = "it exists" if self.skip_existing and exists and first is None else None
        refused = None if skipped else self._refusal(where, another=first is not None)

        async def run(report: Report) -> DriveItem:
            _make_directory(where.parent)
            return await drive.download(item, where, progress=report)

        yield Transfer(found.naming.item(item), str(where), item.size, run, refused, skipped=skipped)

    def _refusal(self, where: Path, another: bool) -> LocalFileError | None:
        from driveql.errors import LocalFileError

        if another:
            return LocalFileError(f"{where} was already written for another file of this download.")
        if where.is_dir():
            return LocalFileError(f"{where} is a directory.")
        if not self.overwrite and (where.exists() or where.is_symlink()):
            return LocalFileError(
                f"{where} exists already.", hint="--overwrite replaces it, --skip-existing leaves it."
            )
        return None


def _below(directory: Path, item: DriveItem, base: str) -> Path:
    """Return the local path for an item below the folder `base`; a name is one name, whatever is in it."""
    from driveql.drive.local_name import local_name, local_path

    folder = (item.path or item.name).removesuffix(item.name).removeprefix(base.rstrip("/") + "/")
    return local_path(directory, folder) / local_name(item.name)


def _make_directory(path: Path) -> None:
    from driveql.errors import LocalFileError

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError(f"{path} cannot be made: {error.strerror}.") from None

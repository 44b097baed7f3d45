"""`driveql hash`: hashes of local files and of items, written as `sha256sum` writes them, and the check of such a list."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.drive.digests import Algorithm
    from driveql.drive.handle import DriveHandle
    from driveql.drive.onedrive import OneDrive
    from driveql.errors import DriveqlError
    from driveql.graph.models import DriveItem

_AT_ONCE = 16


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql hash onedrive:/Reports/a.csv a.csv\n"
    "  driveql hash -r onedrive:/Reports > reports.quickxor\n"
    "  driveql hash -c reports.quickxor                       # what has changed since then?\n"
    "  driveql hash -a sha256 --download 'onedrive:/Reports/*.csv'\n\n"
    "OneDrive for work and SharePoint state quickXorHash, which is written in base64; SHA-1 and SHA-256 are written"
    " in hexadecimal. Exit code 9: with -c, a file is not what the list says."
)
@click.argument("places", nargs=-1, required=True, metavar="PLACE|FILE...")
@click.option(
    "-a",
    "--algorithm",
    type=click.Choice(["quickxor", "sha1", "sha256"]),
    default="quickxor",
    show_default=True,
    help="The kind of hash.",
)
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all that is below them.")
@click.option(
    "-c", "--check", is_flag=True, help="The FILEs are lists of hashes (- is standard input): check them."
)
@click.option("--download", is_flag=True, help="Read the file where the service does not state that hash.")
@global_options
def hash(  # noqa: A001 - the command's name
    invocation: Invocation,
    places: tuple[str, ...],
    algorithm: Algorithm,
    recursive: bool,
    check: bool,
    download: bool,
) -> None:
    """Print hashes of files in OneDrive (begun with onedrive: or https:) and of local files."""
    from contextlib import ExitStack

    from driveql.cli import outcome
    from driveql.cli.hash_list import listed
    from driveql.transport.portal import portal

    wanted = list(listed(places)) if check else None
    names = tuple(name for _, name in wanted) if wanted is not None else places
    run = _Run(algorithm, recursive, download)
    failures: list[DriveqlError] = []
    differing = 0
    with ExitStack() as stack:
        onedrive = stack.enter_context(invocation.open()) if any(map(_is_remote, names)) else None
        connected = onedrive.asynchronous if onedrive is not None else None
        for number, entries in portal().iterate(run.in_order(connected, names)):
            expected = wanted[number][0] if wanted is not None else None
            for entry in entries:
                if entry.error is not None:
                    failures.append(entry.error)
                    if len(names) > 1 or recursive:
                        outcome.tell(entry.error, as_json=invocation.json)
                else:
                    differing += expected is not None and entry.value != expected
                    _tell(invocation, entry, algorithm, expected)
    if differing:
        from driveql.errors import IntegrityError

        raise IntegrityError(f"{differing} of {len(names)} files are not what the list says.")
    if failures and len(names) == 1 and not recursive:
        raise failures[0]
    if failures:
        raise outcome.PartialFailureError(
            f"{len(failures)} {'file' if len(failures) == 1 else 'files'} could not be hashed."
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One file's hash, or why there is none."""

    name: str
    value: str = ""
    error: DriveqlError | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    algorithm: Algorithm
    recursive: bool
    download: bool

    async def in_order(
        self, onedrive: OneDrive | None, names: tuple[str, ...]
    ) -> AsyncGenerator[tuple[int, list[Entry]]]:
        """Yield the number of each name with its entries, in order; several names are worked on at once."""
        import asyncio
        from collections import deque

        if len(names) == 1:
            async for entry in self.hashes(onedrive, names[0]):
                yield 0, [entry]
            return

        async def all_of(name: str) -> list[Entry]:
            return [entry async for entry in self.hashes(onedrive, name)]

        running: deque[tuple[int, asyncio.Task[list[Entry]]]] = deque()
        try:
            for number, name in enumerate(names):
                running.append((number, asyncio.create_task(all_of(name))))
                if len(running) == _AT_ONCE:
                    first, task = running.popleft()
                    yield first, await task
            while running:
                first, task = running.popleft()
                yield first, await task
        finally:
            for _, task in running:
                task.cancel()

    async def hashes(self, onedrive: OneDrive | None, name: str) -> AsyncGenerator[Entry]:
        """Yield the hashes of what a name stands for. A file that has none, or cannot be read, stops no other."""
        from driveql.errors import DriveqlError

        try:
            if onedrive is not None and _is_remote(name):
                async for entry in self._remote(onedrive, name):
                    yield entry
            else:
                for path in self._files(Path(name)):
                    yield await self._local(path)
        except DriveqlError as error:
            yield Entry(name, error=error)

    async def _remote(self, onedrive: OneDrive, name: str) -> AsyncGenerator[Entry]:
        from driveql.cli.items import PROPERTIES
        from driveql.cli.subtree import subtrees
        from driveql.errors import InvalidPathError

        async for subtree in subtrees(onedrive, (name,)):
            place = subtree.naming.item
            if not subtree.top.is_folder:
                yield await self._item(subtree.drive, subtree.top, place(subtree.top))
            elif not self.recursive:
                yield Entry(
                    name, error=InvalidPathError(f"{place(subtree.top)} is a folder.", hint="Use -r.")
                )
            else:
                async for page in subtree.pages(PROPERTIES):
                    for item in page:
                        if not item.is_folder:
                            yield await self._item(subtree.drive, item, place(item))

    async def _item(self, drive: DriveHandle, item: DriveItem, place: str) -> Entry:
        from driveql.cli.places import named
        from driveql.drive.digests import of_content, stated
        from driveql.errors import DriveqlError, NotSupportedByServerError

        try:
            value = stated(item, self.algorithm)
            if value is None and self.download:
                value = await of_content(drive, item, self.algorithm)
        except DriveqlError as error:
            return Entry(place, error=named(error, place))
        if value is None:
            refusal = NotSupportedByServerError(
                f"{place}: the service states no {self.algorithm} hash.",
                status=200,
                hint="--download reads the file.",
            )
            return Entry(place, error=refusal)
        return Entry(place, value)

    async def _local(self, path: Path) -> Entry:
        import asyncio

        from driveql.drive.digests import of_local
        from driveql.errors import LocalFileError

        try:
            return Entry(str(path), await asyncio.to_thread(of_local, path, self.algorithm))
        except LocalFileError as error:
            return Entry(str(path), error=error)

    def _files(self, path: Path) -> Iterator[Path]:
        from driveql.errors import LocalFileError

        if not path.is_dir():
            yield path
        elif not self.recursive:
            raise LocalFileError(f"{path} is a directory.", hint="Use -r.")
        else:
            yield from (found for found in sorted(path.rglob("*")) if found.is_file())


def _is_remote(name: str) -> bool:
    from driveql.cli.places import is_remote

    return is_remote(name)


def _tell(invocation: Invocation, entry: Entry, algorithm: str, expected: str | None) -> None:
    from driveql.cli.hash_list import line

    output = invocation.output()
    if invocation.json:
        record: dict[str, object] = {"name": entry.name, "algorithm": algorithm, "hash": entry.value}
        if expected is not None:
            record |= {"expected": expected, "outcome": "same" if entry.value == expected else "differs"}
        output.rows((), [record])
    elif expected is not None:
        same = entry.value == expected
        if not same or not invocation.quiet:
            output.lines([f"{entry.name}: {'OK' if same else 'FAILED'}"])
    else:
        output.lines([line(entry.value, entry.name)])

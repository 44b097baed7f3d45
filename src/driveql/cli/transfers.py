"""Many transfers at once, each with an outcome of its own; what cannot work for any of them ends them all.

Memory stays bounded: transfers are taken from their source only as workers become free.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

import click

from driveql.cli import outcome, places
from driveql.cli.options import Invocation
from driveql.cli.progress import Progress, Report
from driveql.cli.text import escaped, human_size
from driveql.errors import AlreadyExistsError, AuthenticationError, DriveqlError, QuotaExceededError
from driveql.graph.models import DriveItem

# Errors after which every further transfer would fail in the same way.
_HOPELESS = (AuthenticationError, QuotaExceededError)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file to carry.

    Parameters:
        source, target: as they are shown. size: in bytes.
        run: does it, tells the bytes done as it goes, and returns the item; None where it was refused beforehand.
        refused: why it cannot be done at all. skipped: why it need not be done.
        arrived: where the item is in the end, if that can differ from `target`.
        foresee: for a dry run, raises what running it would.
    """

    source: str
    target: str
    size: int
    run: Callable[[Report], Awaitable[DriveItem]] | None
    refused: DriveqlError | None = None
    arrived: Callable[[DriveItem], str] | None = None
    skipped: str | None = None
    foresee: Callable[[], Awaitable[None]] | None = None

    def shown_target(self, item: DriveItem | None) -> str:
        """Return where the file is in the end."""
        return self.arrived(item) if self.arrived is not None and item is not None else self.target


class SkippedTransfer(Exception):  # noqa: N818 - not a failure
    """A transfer found that it need not be done. The message says why."""


class Tally:
    """What became of the transfers; each is told as it ends.

    Parameters:
        verb: what is done to a file, as in `downloaded`.
        dry_run: nothing is done; each transfer is told as it would be.
        resume: what a person does after Ctrl-C to have the rest done.
        noun: what is counted, `file` or `item`.
    """

    def __init__(
        self,
        invocation: Invocation,
        verb: str,
        *,
        dry_run: bool = False,
        resume: str = "The same command, run again, does the rest.",
        noun: str = "file",
    ) -> None:
        self._invocation = invocation
        self._verb = verb
        self.dry_run = dry_run
        self._resume = resume
        self._noun = noun
        self.done = 0
        self.skipped = 0
        self.bytes = 0
        self.errors: list[DriveqlError] = []

    def add(
        self,
        transfer: Transfer,
        item: DriveItem | None,
        error: DriveqlError | None,
        skipped: str | None = None,
    ) -> None:
        """Count and tell one transfer's end."""
        if error is not None:
            self.errors.append(places.named(error, transfer.source))
        elif skipped is not None:
            self.skipped += 1
        else:
            self.done += 1
            self.bytes += transfer.size
        if self._invocation.json:
            self._tell_json(transfer, item, error, skipped)
        elif error is not None:
            self._tell_error(transfer, error)
        elif not self._invocation.quiet or self.dry_run:
            would = "would " if self.dry_run else ""
            note = (
                f"  ({would}skip: {skipped})" if skipped else f"  ({would}be {self._verb})" if would else ""
            )
            click.echo(f"{escaped(transfer.source)} -> {escaped(transfer.shown_target(item))}{note}")

    def _tell_error(self, transfer: Transfer, error: DriveqlError) -> None:
        first, *more = outcome.lines(error)
        source = escaped(transfer.source)
        click.echo(
            f"driveql: {first}" if first.startswith(source) else f"driveql: {source}: {first}", err=True
        )
        for line in more:
            click.echo(line, err=True)

    def _tell_json(
        self, transfer: Transfer, item: DriveItem | None, error: DriveqlError | None, skipped: str | None
    ) -> None:
        done = "planned" if self.dry_run else "done"
        record: dict[str, object] = {
            "source": transfer.source,
            "target": transfer.shown_target(item),
            "outcome": "failed" if error is not None else "skipped" if skipped is not None else done,
            "size": item.size if item is not None else transfer.size,
            "id": item.id if item is not None else None,
        }
        if skipped is not None:
            record["reason"] = skipped
        if error is not None:
            record["error"] = outcome.described(error)
        self._invocation.output().rows((), [record])

    def finish(self) -> None:
        """End the command: nothing failed; the only transfer failed with its own error; or some of several failed."""
        if not self.errors:
            skipped = f" {self.skipped} skipped." if self.skipped else ""
            would = "would be " if self.dry_run else ""
            if self.done > 1 or skipped or would:
                size = human_size(self.bytes)
                self._invocation.note(f"{self._counted()}, {size}, {would}{self._verb}.{skipped}")
            return
        if self.done == 0 and len(self.errors) == 1:
            raise click.exceptions.Exit(outcome.exit_code(self.errors[0]))
        raise outcome.PartialFailureError(
            f"{len(self.errors)} of {self.done + len(self.errors)} {self._noun}s were not {self._verb}."
        )

    def interrupted(self) -> str:
        """Return what to say after Ctrl-C."""
        were = "was" if self.done == 1 else "were"
        return f"{self._counted()} {were} {self._verb}; nothing is half done. {self._resume}"

    def _counted(self) -> str:
        return f"{self.done} {self._noun}{'' if self.done == 1 else 's'}"


def carried(
    label: str, transfers: AsyncGenerator[Transfer], tally: Tally, concurrency: int, *, quiet: bool
) -> None:
    """Run transfers as `carry` does, with their progress drawn.

    Raises:
        InterruptedRun: Ctrl-C; it says what was done and how to have the rest.
    """
    # It brings the transport along, which many a command does without.
    from driveql.transport.portal import portal

    with Progress(label, shown=not quiet and not tally.dry_run) as progress:
        try:
            portal().call(carry(transfers, tally, progress, concurrency))
        except KeyboardInterrupt:
            raise outcome.InterruptedRun(tally.interrupted()) from None


async def carry(
    transfers: AsyncGenerator[Transfer], tally: Tally, progress: Progress, concurrency: int
) -> None:
    """Run transfers, at most `concurrency` at once.

    Raises:
        DriveqlError: the source of transfers failed, or an error came that all further ones would meet too.
    """
    queue: asyncio.Queue[Transfer | None] = asyncio.Queue(maxsize=concurrency)

    async def worker() -> None:
        while (transfer := await queue.get()) is not None:
            await _one(transfer, tally, progress)

    async def feed() -> None:
        async with contextlib.aclosing(transfers):
            async for transfer in transfers:
                if transfer.skipped is None and transfer.refused is None:
                    progress.expect(transfer.size)
                await queue.put(transfer)
        for _ in range(concurrency):
            await queue.put(None)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(feed())
            for _ in range(concurrency):
                group.create_task(worker())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _one(transfer: Transfer, tally: Tally, progress: Progress) -> None:
    item: DriveItem | None = None
    error, skipped = transfer.refused, transfer.skipped
    if error is None and skipped is None:
        try:
            item = await _run(transfer, tally, progress)
        except SkippedTransfer as found:
            skipped = str(found)
        except DriveqlError as caught:
            error = caught
    if isinstance(error, _HOPELESS):
        raise error
    tally.add(transfer, item, error, skipped)


def foresee_target(
    there: DriveItem | None, place: str, conflict: str, *, skip_existing: bool = False
) -> None:
    """Raise what a transfer to a place would meet there.

    Parameters:
        there: what is at the place now. conflict: `fail`, `replace` or `rename`.
    """
    if there is not None and skip_existing:
        raise SkippedTransfer("it exists")
    if there is not None and conflict == "fail":
        raise AlreadyExistsError(
            f"{place} exists already.", status=409, hint="Choose another name, or ask to replace it."
        )


async def _run(transfer: Transfer, tally: Tally, progress: Progress) -> DriveItem | None:
    if tally.dry_run:
        if transfer.foresee is not None:
            await transfer.foresee()
        return None
    if transfer.run is None:
        return None
    with progress.of(transfer.source, transfer.size) as report:
        return await transfer.run(report)

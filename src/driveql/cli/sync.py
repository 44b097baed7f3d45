"""`driveql sync`: a local directory made the same as a folder of OneDrive, or the other way round; safe to interrupt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.cli.progress import Progress
    from driveql.cli.render import Column
    from driveql.drive.mirror import Mirror, StepOutcome
    from driveql.drive.onedrive import OneDrive
    from driveql.graph.mirror_plan import Compare, MirrorRules, Step

_DONE = {
    "create_folder": "made",
    "copy": "copied",
    "replace": "replaced",
    "delete": "deleted",
    "delete_folder": "deleted",
}


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql sync results onedrive:/Results\n"
    "  driveql sync --dry-run --delete results onedrive:/Results\n"
    "  driveql sync onedrive:/Reports reports --include '*.csv' --exclude archive\n"
    "  driveql sync --delete --max-delete 20 --compare hash site onedrive:/Site\n"
    "  driveql sync --state ~/.cache/results.sqlite onedrive:/Results results     # hourly, of a large drive\n\n"
    "Only TARGET is changed. What is in TARGET alone stays, unless --delete; then it goes last, into the recycle bin on"
    " OneDrive's side, and only if nothing failed before. Symbolic links are not followed. Run it again after Ctrl-C or a"
    " failure: what is the same already is not carried twice. Exit code 10: something was refused or failed."
)
@click.argument("source")
@click.argument("target")
@click.option("--delete", is_flag=True, help="Delete what is in TARGET and not in SOURCE.")
@click.option(
    "--max-delete",
    type=click.IntRange(min=0),
    metavar="N",
    help="Do nothing at all if more would be deleted.",
)
@click.option(
    "--include", multiple=True, metavar="PATTERN", help="Only these: names, or with a / relative paths."
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Not these; they are not deleted either.")
@click.option(
    "--compare",
    type=click.Choice(["auto", "hash", "size"]),
    default="auto",
    show_default=True,
    help="auto: same size and time are the same, other contents by hash; hash: always; size: sizes alone.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Follow the drive's changes in FILE: the next run asks for what changed there instead of listing.",
)
@dry_run_option
@global_options
def sync(
    invocation: Invocation,
    source: str,
    target: str,
    delete: bool,
    max_delete: int | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    compare: Compare,
    state: Path | None,
    dry_run: bool,
) -> None:
    """Make TARGET the same as SOURCE: one of them a local directory, the other a folder of OneDrive (onedrive:...)."""
    from driveql.cli.places import about, is_remote
    from driveql.graph.mirror_plan import MirrorRules
    from driveql.transport.portal import portal

    if is_remote(source) == is_remote(target):
        raise click.UsageError("One of SOURCE and TARGET is in OneDrive (onedrive:/...), the other is local.")
    if max_delete is not None and not delete:
        raise click.UsageError("--max-delete limits what --delete does; it says nothing without it.")
    rules = MirrorRules(
        include=include, exclude=exclude, delete=delete, compare=compare, max_delete=max_delete
    )
    upward = is_remote(target)
    place, directory = (target, Path(source)) if upward else (source, Path(target))
    with invocation.open(dry_run=dry_run) as onedrive, about(place):
        mirror = portal().call(_mirror(onedrive.asynchronous, place, directory, upward, rules, state))
        steps = portal().call(mirror.plan())
        if dry_run:
            _show_plan(invocation, steps)
        else:
            _run(invocation, mirror, steps)


async def _mirror(
    onedrive: OneDrive, place: str, directory: Path, upward: bool, rules: MirrorRules, state: Path | None
) -> Mirror:
    from driveql.errors import InvalidPathError

    drive, path = await onedrive.at(place)
    if path.startswith("id:"):
        raise InvalidPathError(f"{place}: the service does not say where that is.")
    return drive.mirror(path, directory, upward=upward, rules=rules, state=state)


def _run(invocation: Invocation, mirror: Mirror, steps: list[Step]) -> None:
    from driveql.cli import outcome
    from driveql.cli.progress import Progress
    from driveql.transport.portal import portal

    with Progress("Syncing", shown=not invocation.quiet) as progress:
        telling = _Telling(invocation, progress)
        mirror.told = telling.told
        for step in steps:
            progress.expect(step.size if step.kind in {"copy", "replace"} else 0)
        try:
            portal().call(mirror.run(steps))
        except KeyboardInterrupt:
            raise outcome.InterruptedRun(
                f"{telling.count_done()} of {len(steps)} steps were done; no file is half written."
                " The same command, run again, does the rest."
            ) from None
    telling.finish()


class _Telling:
    """Tells each step's outcome as it comes: as a line in a pipe, as a row of a table at the end on a terminal."""

    def __init__(self, invocation: Invocation, progress: Progress) -> None:
        self._invocation = invocation
        self._output = invocation.output()
        self._progress = progress
        self._rows: list[dict[str, object]] = []
        self._counts: Counter[str] = Counter()

    def count_done(self) -> int:
        """Return how many steps were done."""
        return sum(self._counts[word] for word in ("made", "copied", "replaced", "deleted"))

    def told(self, told: StepOutcome) -> None:
        """Take one step's outcome."""
        from driveql.cli import outcome

        step = told.step
        if step.kind in {"copy", "replace"}:
            with self._progress.of(step.path, step.size):
                pass
        word = _word(told)
        self._counts[word] += 1
        # The plan's reason for a look that found no difference would say the opposite of what was found.
        reason = "the contents are the same" if word == "same" else step.reason
        row = _record(step) | {"reason": reason, "outcome": word}
        if told.error is not None:
            row["error"] = outcome.described(told.error)
            if not self._invocation.json:
                outcome.tell(told.error, as_json=False)
        if self._output.terminal:
            self._rows.append(row)
        elif self._invocation.json:
            self._output.rows((), [row])
        elif not self._invocation.quiet:
            self._output.fields([(word, step.path, step.size, reason)])

    def finish(self) -> None:
        """Show the table and the sums. Raises PartialFailureError where a step failed or was refused."""
        from driveql.cli import outcome

        shown = [row for row in self._rows if row["outcome"] != "same"]
        if shown and not self._invocation.quiet:
            self._output.rows(_columns("outcome"), shown)
        sums = ", ".join(f"{count} {word}" for word, count in self._counts.items())
        nothing = not set(self._counts) - {"same"}
        self._invocation.note("nothing to do: both sides are the same." if nothing else f"{sums}.")
        if self._counts["failed"]:
            raise outcome.PartialFailureError(
                f"{self._counts['failed']} of {self._counts.total()} steps were refused or failed."
            )


def _word(told: StepOutcome) -> str:
    if told.error is not None:
        return "failed"
    if told.step.kind == "skip":
        return "skipped"
    return _DONE.get(told.step.kind, told.step.kind) if told.done else "same"


def _show_plan(invocation: Invocation, steps: list[Step]) -> None:
    from driveql.cli import outcome

    output = invocation.output()
    if invocation.json:
        output.rows((), (_record(step) | {"outcome": "planned"} for step in steps))
    elif output.terminal and steps:
        output.rows(_columns("action"), map(_record, steps))
    else:
        output.fields((_action(step), step.path, step.size, step.reason) for step in steps)
    refused = sum(step.kind == "refuse" for step in steps)
    counts = Counter(_action(step) for step in steps)
    sums = ", ".join(f"{word}: {count}" for word, count in counts.items())
    invocation.note(f"Would be done: {sums}." if steps else "Nothing to do: both sides are the same.")
    if refused:
        raise outcome.PartialFailureError(f"{refused} of {len(steps)} steps would be refused.")


def _action(step: Step) -> str:
    return f"{step.kind} if it differs" if step.needs_hash else step.kind


def _record(step: Step) -> dict[str, object]:
    return {"action": _action(step), "path": step.path, "size": step.size, "reason": step.reason}


def _columns(first: str) -> list[Column]:
    from driveql.cli.render import Column

    return [
        Column(first, first.capitalize()),
        Column("path", "Path"),
        Column("size", "Size", "size"),
        Column("reason", "Reason"),
    ]

"""How the steps of a check-up are shown while they run: a mark, the step, its time, what was found, what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import click

from driveql.cli.outcome import exit_code
from driveql.cli.text import escaped, json_line
from driveql.drive.checkup import Result, Step
from driveql.transport.portal import portal

_MARKS = {
    Result.OK: ("ok", "green"),
    Result.WARNING: ("warn", "yellow"),
    Result.FAILED: ("FAIL", "red"),
    Result.SKIPPED: ("skip", "bright_black"),
}


def show(steps: AsyncIterator[Step], *, as_json: bool) -> list[Step]:
    """Run the steps, show each as it ends, and return them all."""
    found = []
    for step in portal().iterate(steps):
        found.append(step)
        if as_json:
            click.echo(json_line(step.as_record()))
        else:
            _draw(step)
    return found


def exit_code_of(steps: list[Step]) -> int:
    """Return the exit code for the first failure, 0 without one."""
    for step in steps:
        if step.result is Result.FAILED:
            return int(exit_code(step.error)) if step.error else 2
    return 0


def _draw(step: Step) -> None:
    mark, colour = _MARKS[step.result]
    time = "" if step.result is Result.SKIPPED else f"{step.seconds * 1000:.0f} ms"
    head = f"{click.style(f'{mark:<5}', fg=colour)} {step.name:<21} {time:>8}  "
    click.echo(head + escaped(step.detail))
    if step.error is not None and (step.error.code or step.error.request_id):
        parts = [f"code {step.error.code}" if step.error.code else ""]
        parts += [f"request id {step.error.request_id}" if step.error.request_id else ""]
        click.echo(" " * 6 + escaped(", ".join(part for part in parts if part)))
    for line in (step.hint or "").splitlines():
        click.echo(" " * 6 + escaped(f"hint: {line}"))

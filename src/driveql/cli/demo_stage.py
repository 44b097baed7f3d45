"""How `driveql demo` speaks: numbered steps, the command of each, and whether its result was as expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


class Stage:
    """Shows the steps. `faults` are the results that were not as expected."""

    def __init__(self) -> None:
        self._steps = 0
        self.faults: list[str] = []

    def heading(self, title: str, command: str) -> None:
        """Begin a step, with the command that a person would type."""
        self._steps += 1
        click.echo()
        click.secho(f"{self._steps}. {title}", bold=True)
        first, *rest = command.splitlines()
        click.secho("\n".join([f"   $ {first}", *(f"     {line}" for line in rest)]), fg="cyan")

    def say(self, text: str) -> None:
        """Say something about the step."""
        click.echo(click.wrap_text(text, 100, "   ", "   "))

    def check(self, holds: bool, what: str) -> None:
        """Say whether a result was as expected, and remember where it was not."""
        if holds:
            click.echo(click.style("   ok  ", fg="green") + what)
        else:
            self.fault(what)

    def fault(self, what: str) -> None:
        """Say and remember what was not as expected."""
        self.faults.append(what)
        click.echo(click.style("   NOT AS EXPECTED  ", fg="red") + what)

    def table(self, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Draw a query's rows."""
        from driveql.cli.render import Column, console, drawn

        numbers = {
            name for position, name in enumerate(names) if rows and not isinstance(rows[0][position], str)
        }
        columns = [Column(name, name, "count" if name in numbers else "text") for name in names]
        console().print(drawn(columns, (dict(zip(names, row, strict=True)) for row in rows)))

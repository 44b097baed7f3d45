"""What the shell does with a line: its own commands, and statements; results and errors look as the command line's do.

It knows no terminal's keys: `terminal.py` reads the lines.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driveql.cli import cost, outcome, statements
from driveql.cli.formats import Rows
from driveql.cli.options import Invocation
from driveql.cli.running import Progress, Watched, interruptible
from driveql.cli.shell import catalogue, meta
from driveql.cli.shell.completion import Names
from driveql.cli.shell.meta import Look
from driveql.cli.shell.output import OutputFile, to_terminal
from driveql.cli.shell.places import FolderNames, names_in
from driveql.cli.shell.scanner import typed
from driveql.errors import DriveqlError, LocalFileError

if TYPE_CHECKING:
    from driveql.sql.dbapi import Connection


class Shell:
    """A session at the prompt.

    Parameters:
        invocation: the command line it was started with. look: how results are shown at first.
        connected: opens the connection that an invocation is for.
    """

    def __init__(
        self, invocation: Invocation, look: Look, connected: Callable[[Invocation], Connection]
    ) -> None:
        self._invocation = invocation
        self._connected = connected
        self.look = look
        self._output: OutputFile | None = None
        self.connection = connected(invocation)
        self.folders = FolderNames(lambda folder: names_in(self.connection, folder))
        self.names = Names()
        self._refresh()

    @property
    def name(self) -> str:
        """The stored connection's name, `driveql` for one that has none."""
        source: Any = self.connection.session().tenant.source
        return source.settings.name or "driveql"

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def run(self, text: str) -> bool:
        """Do what a text says, and tell errors. Return False where the person wants to leave."""
        try:
            if meta.is_meta(text):
                return self._meta(text)
            self._statements(text)
        except KeyboardInterrupt:
            self._say("Cancelled.")
        except BrokenPipeError:
            raise
        except Exception as error:
            outcome.tell(error, as_json=self._invocation.json)
        return True

    def _meta(self, text: str) -> bool:
        command, argument = meta.parse(text)
        if command.name == "q":
            return False
        actions: dict[str, Callable[[str], None]] = {
            "?": self._help,
            "d": lambda part: self._show(*catalogue.relations(self.connection, part)),
            "df": lambda part: self._show(*catalogue.functions(self.connection, part)),
            "dp": lambda part: self._show(*catalogue.procedures(part)),
            "explain": self._explain,
            "x": self._expanded,
            "format": self._format,
            "timing": self._timing,
            "o": self._to_file,
            "i": self._from_file,
            "c": self._connect,
        }
        actions[command.name](argument)
        return True

    def _statements(self, text: str) -> None:
        found = typed(text)
        for statement in (*found.statements, *([found.rest] if found.rest else [])):
            progress = Progress(self.connection, shown=not self._invocation.quiet)
            interruptible(self.connection, lambda: self._statement(statement, progress), progress)  # noqa: B023 - it runs before the loop goes on

    def _statement(self, statement: str, progress: Progress) -> None:
        """Run one statement and write what it gives; in the thread of the statement."""
        try:
            with self.connection.cursor() as cursor:
                error = statements.execute(cursor, statement, None, progress)
                if cursor.description is None:
                    self._say(f"{statements.rows(cursor.rowcount)}." if cursor.rowcount >= 0 else "Done.")
                elif self._output is not None and error is None:
                    self._output.write(Watched(cursor, progress))
                else:
                    shown = statements.for_people(cursor, statement, progress)
                    if isinstance(shown, str):
                        self._say(shown)
                    else:
                        self._show(shown)
                for _, warning in cursor.messages:
                    self._say(str(warning))
            if self.look.timing:
                self._say(cost.timing(progress.seconds, progress.cost))
            if error is not None:
                raise error
        finally:
            if catalogue.changes_names(statement):
                self._refresh()

    def _show(self, rows: Rows, title: str = "") -> None:
        if title:
            click.echo(title + "\n")
        count = to_terminal(rows, self.look)
        if count is not None:
            self._say(f"({statements.rows(count)})")

    def _say(self, text: str) -> None:
        sys.stdout.flush()
        self._invocation.note(text)

    def _refresh(self) -> None:
        self.folders.forget()
        self.names = catalogue.names(self.connection)

    def _help(self, _: str) -> None:
        width = max(len(command.name) + len(command.takes) for command in meta.COMMANDS) + 2
        for command in meta.COMMANDS:
            click.echo(f"  \\{f'{command.name} {command.takes}'.ljust(width)} {command.help}")
        click.echo(
            "\nA statement ends with a semicolon. Ctrl-C cancels it, or clears what is typed; Ctrl-D leaves."
        )

    def _explain(self, statement: str) -> None:
        click.echo(str(self.connection.explain(statement)))

    def _expanded(self, argument: str) -> None:
        self.look = self.look.with_expanded(argument)
        self._say(f"Expanded: {self.look.expanded}.")

    def _format(self, argument: str) -> None:
        self.look = self.look.with_format(argument) if argument else self.look
        self._say(f"Format: {self.look.format}.")

    def _timing(self, argument: str) -> None:
        self.look = self.look.with_timing(argument)
        self._say(f"Timing: {'on' if self.look.timing else 'off'}.")

    def _to_file(self, argument: str) -> None:
        self._output = OutputFile(Path(meta.unquoted(argument)).expanduser(), self.look) if argument else None
        self._say(f"Rows go to {self._output.path}." if self._output else "Rows go to the terminal.")

    def _from_file(self, argument: str) -> None:
        path = Path(meta.unquoted(argument)).expanduser()
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise LocalFileError(f"{path}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise LocalFileError(f"{path} is not UTF-8 text.") from None
        self._statements(text)

    def _connect(self, name: str) -> None:
        if not name:
            self._say(f"Connected to {self.name}.")
            return
        chosen = replace(self._invocation, connection=name, connection_string=None)
        before, self.connection = self.connection, self._connected(chosen)
        self._invocation = chosen
        try:
            before.close()
        except DriveqlError as error:
            outcome.tell(error, as_json=False)
        self._refresh()
        self._say(f"Connected to {self.name}.")

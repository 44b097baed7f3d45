"""The statements of one `driveql sql`: each in turn, rows to standard output, or to a file that appears once all went well."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from driveql.cli import formats, outcome, statements, text
from driveql.cli.cost import timing
from driveql.cli.options import Invocation
from driveql.cli.running import Progress, Watched, interruptible
from driveql.cli.statements import Held, Parameters
from driveql.errors import LocalFileError

if TYPE_CHECKING:
    from driveql.sql.dbapi import Connection


class StatementRun:
    """Statements on one connection.

    Parameters:
        parameters: for each of them. format_: one of `formats.FORMATS`. target: the file for the rows; None is standard output.
        timed: tell what each statement cost.
    """

    def __init__(
        self,
        invocation: Invocation,
        connection: Connection,
        parameters: Parameters,
        format_: str,
        target: Path | None,
        *,
        timed: bool = False,
    ) -> None:
        self._invocation = invocation
        self._connection = connection
        self._parameters = parameters
        self._format = format_
        self._target = target
        self._timed = timed
        self._progress = Progress(connection, shown=not invocation.quiet)

    def explained(self, texts: list[str], *, analyzed: bool = False) -> None:
        """Write what each statement would ask of Graph; with `analyzed` run it, and write what it asked and cost.

        Raises:
            InterruptedRun: Ctrl-C was pressed.
        """
        tell = self._connection.analyze if analyzed else self._connection.explain
        with destination(self._target) as stream:

            def work() -> None:
                for statement in texts:
                    stream.write(str(tell(statement, self._parameters)).encode() + b"\n")

            try:
                interruptible(self._connection, work, self._progress)
            except KeyboardInterrupt:
                raise outcome.InterruptedRun("The query was cancelled.") from None
            stream.flush()

    def all(self, texts: list[str]) -> None:
        """Run the statements in turn and write the rows of each.

        Raises:
            InterruptedRun: Ctrl-C was pressed.
        """
        with destination(self._target) as stream:

            def work() -> None:
                for statement in texts:
                    self._one(statement, stream)

            try:
                interruptible(self._connection, work, self._progress)
            except KeyboardInterrupt:
                left = "; no file was written." if self._target is not None else "."
                raise outcome.InterruptedRun(f"The query was cancelled{left}") from None
            stream.flush()

    def _one(self, statement: str, stream: BinaryIO) -> None:
        with self._connection.cursor() as cursor:
            error = statements.execute(cursor, statement, self._parameters, self._progress)
            if error is not None and self._target is not None:
                # The file is not written then; what was done has to be told all the same.
                self._write_outcomes(Watched(cursor, self._progress))
            elif cursor.description is not None:
                shown: Watched | Held | str = Watched(cursor, self._progress)
                if self._for_people:
                    shown = statements.for_people(cursor, statement, self._progress)
                if isinstance(shown, str):
                    self._invocation.note(shown)
                else:
                    formats.write(shown, self._format, stream, terminal=self._terminal)
            elif cursor.rowcount >= 0:
                self._invocation.note(f"{cursor.rowcount} rows")
            for _, warning in cursor.messages:
                click.echo(f"driveql: {text.escaped(str(warning))}", err=True)
        if self._timed:
            self._invocation.note(timing(self._progress.seconds, self._progress.cost))
        if error is not None:
            raise error

    @property
    def _terminal(self) -> bool:
        return self._target is None and sys.stdout.isatty()

    @property
    def _for_people(self) -> bool:
        return self._terminal and self._format == "table"

    def _write_outcomes(self, rows: Watched) -> None:
        format_ = "jsonl" if self._format == "parquet" else self._format
        formats.write(rows, format_, sys.stdout.buffer, terminal=sys.stdout.isatty())


@contextlib.contextmanager
def destination(target: Path | None) -> Iterator[BinaryIO]:
    """Yield standard output, or a file beside `target` that takes its name once all went well.

    A link goes on leading to the file; a device or a pipe is written as it is.

    Raises:
        LocalFileError: the file cannot be written.
    """
    if target is None:
        yield sys.stdout.buffer
        return
    try:
        if is_special(target):
            with target.open("ab") as file:
                yield file
            return
        beside = Path(os.path.realpath(target)).parent
        descriptor, part = tempfile.mkstemp(prefix=".driveql-", suffix=".part", dir=beside)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
            give_name(Path(part), target)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise LocalFileError(f"{target}: {error.strerror or error}.") from None


def is_special(target: Path) -> bool:
    """Return True for what is there and is no file whose place another could take: a directory, a device, a pipe."""
    return target.exists() and (not target.is_file() or target.is_relative_to("/dev"))


def give_name(part: Path, target: Path) -> None:
    """Give a finished file its name, and the access that a new file of this process has."""
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o666 & ~mask)
    part.replace(os.path.realpath(target))

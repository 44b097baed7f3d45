"""The options that every command has, by one decorator, and what a command makes of them: settings, a connection, output.

A secret in a connection string is visible to others on the machine's process list; the help says where else to put it.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from driveql.errors import ApiError, DriveqlError

if TYPE_CHECKING:
    from driveql.cli.render import Output
    from driveql.connection import ConnectionSettings
    from driveql.drive.blocking import OneDrive
    from driveql.transport.trace import TraceEvent, TraceHook


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of one command: the connection it is for, and how it speaks.

    `connection_string` may hold a secret and is not in the `repr`.
    """

    connection: str | None
    connection_string: str | None
    json: bool
    quiet: bool
    verbose: bool
    trace: bool
    concurrency: int | None = None

    def __repr__(self) -> str:
        return f"Invocation(connection={self.connection!r}, json={self.json}, quiet={self.quiet})"

    def settings(self, *, dry_run: bool = False) -> ConnectionSettings:
        """Return the validated settings of the chosen connection. Raises ConfigurationError.

        Parameters:
            dry_run: the connection refuses to send anything that writes.
        """
        from driveql.connection import settings_from

        read_only = True if dry_run else None
        settings = settings_from(
            self.connection_string,
            name=self.connection,
            max_concurrency=self.concurrency,
            read_only=read_only,
        )
        self.log_to_stderr(settings.log_level)
        return settings

    def open(self, *, dry_run: bool = False) -> OneDrive:
        """Return the connection; a context manager. Nothing is sent before it is used.

        Parameters:
            dry_run: it refuses to send anything that writes, so that a dry run cannot.
        """
        from driveql.drive.blocking import OneDrive

        return OneDrive(self.settings(dry_run=dry_run), trace=self.trace_hook)

    @property
    def trace_hook(self) -> TraceHook | None:
        """Return what shows each request on standard error, if that was asked for."""
        return _show if self.trace else None

    def output(self) -> Output:
        """Return what writes to standard output in the way that was asked for."""
        from driveql.cli.render import Output

        return Output(as_json=self.json)

    def note(self, text: str) -> None:
        """Tell the person something on standard error, unless they want quiet."""
        from driveql.cli.text import escaped

        if not self.quiet:
            click.echo("\n".join(map(escaped, text.splitlines())), err=True)

    def plan(self, text: str, record: dict[str, object]) -> None:
        """Tell on standard output what a dry run would have done: as text, or as a record with `--json`."""
        output = self.output()
        if self.json:
            output.rows((), [record])
        else:
            output.lines([text])

    def log_to_stderr(self, level: str = "WARNING") -> None:
        """Write driveql's log lines to standard error: all with `--verbose`, errors only with `--quiet`."""
        logger = logging.getLogger("driveql")
        if not any(isinstance(handler, _StandardErrorHandler) for handler in logger.handlers):
            logger.addHandler(_StandardErrorHandler())
        chosen = (
            logging.DEBUG if self.verbose else logging.ERROR if self.quiet else logging.getLevelName(level)
        )
        logger.setLevel(chosen)


class _StandardErrorHandler(logging.Handler):
    """Writes redacted lines to what standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        from driveql import redaction
        from driveql.cli.text import escaped

        line = f"{record.levelname.lower()} {record.name}: {record.getMessage()}"
        click.echo(escaped(redaction.text(line)), err=True)


def _show(event: TraceEvent) -> None:
    from driveql.cli.text import escaped

    outcome = event.status if event.status is not None else event.failure
    attempt = f" (try {event.attempt})" if event.attempt > 1 else ""
    line = f"{event.method} {event.url} -> {outcome} in {event.seconds * 1000:.0f} ms{attempt}"
    click.echo(escaped(line), err=True)


def stored_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the names of stored connections."""
    from driveql.connection import ConnectionStore

    try:
        return [CompletionItem(name) for name in ConnectionStore().names() if name.startswith(incomplete)]
    except DriveqlError:
        return []


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--connection",
        metavar="NAME",
        shell_complete=stored_names,
        help="The stored connection to use.  [env: DRIVEQL_CONNECTION; default: the only one there is]",
    ),
    click.option(
        "--connection-string",
        metavar="STRING",
        help="A whole connection: 'Name=value;...'. Other users can read a command line: prefer secrets"
        " by reference (env:NAME, file:/path).  [env: DRIVEQL_CONNECTION_STRING]",
    ),
    click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line; errors too."),
    click.option("--quiet", "-q", is_flag=True, help="No progress, no notes; only results and errors."),
    click.option("--verbose", "-v", is_flag=True, help="Log what happens to standard error, redacted."),
    click.option("--trace", is_flag=True, help="Show each request on standard error, redacted."),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Requests and transfers at once.  [default: the connection's MaxConcurrency, 16]",
    ),
)

dry_run_option = click.option(
    "--dry-run", "-n", is_flag=True, help="Say what would be done, and change nothing."
)


def global_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the common options; its function gets an `Invocation` as first argument."""

    @functools.wraps(function)
    def command(
        *,
        connection: str | None,
        connection_string: str | None,
        as_json: bool,
        quiet: bool,
        verbose: bool,
        trace: bool,
        concurrency: int | None,
        **arguments: Any,
    ) -> Any:
        invocation = Invocation(connection, connection_string, as_json, quiet, verbose, trace, concurrency)
        invocation.log_to_stderr()
        try:
            return function(invocation, **arguments)
        except ApiError as error:
            from driveql.cli import places

            place = places.only_place(arguments)
            if place is not None:
                places.named(error, place)
            raise

    for option in reversed(_OPTIONS):
        command = option(command)
    return command

"""The `driveql` command. It imports click and the version and nothing else, so that help and version cost nothing.

Each command is named here with its module and one-line help; its module is imported when it runs.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from driveql._version import __version__

# command -> (where its click object is, its one line in the list of commands)
COMMANDS: dict[str, tuple[str, str]] = {
    "connect": ("driveql.cli.connect:connect", "Store, test and list connections."),
    "cert": ("driveql.cli.cert:cert", "Create, show and check certificates."),
    "doctor": ("driveql.cli.doctor:doctor", "Find out why a connection does not work."),
    "ls": ("driveql.cli.ls:ls", "List folders and files."),
    "tree": ("driveql.cli.tree:tree", "Draw folders with all that is below them."),
    "find": ("driveql.cli.find:find", "Find files by name, kind, size and time."),
    "search": ("driveql.cli.search:search", "Search names and contents by the service's index."),
    "du": ("driveql.cli.du:du", "Sum up what lies below folders."),
    "stat": ("driveql.cli.stat:stat", "Show all that is known about a file or folder."),
    "hash": ("driveql.cli.hash:hash", "Print and check hashes of files here and there."),
    "cat": ("driveql.cli.cat:cat", "Write the contents of files to standard output."),
    "head": ("driveql.cli.head:head", "Write the first lines of files."),
    "get": ("driveql.cli.get:get", "Download files and folders."),
    "put": ("driveql.cli.put:put", "Upload files and folders."),
    "cp": ("driveql.cli.cp:cp", "Copy within OneDrive, or between here and there."),
    "mv": ("driveql.cli.mv:mv", "Move or rename files and folders."),
    "rm": ("driveql.cli.rm:rm", "Put files and folders into the recycle bin."),
    "restore": ("driveql.cli.restore:restore", "Bring deleted items back from the recycle bin."),
    "mkdir": ("driveql.cli.mkdir:mkdir", "Create folders."),
    "sync": ("driveql.cli.sync:sync", "Make a folder the same as another, one way."),
    "changes": ("driveql.cli.changes:changes", "Write what changed in a drive since the last run."),
    "share": ("driveql.cli.share:share", "See and change who has access."),
    "versions": ("driveql.cli.versions:versions", "See and bring back versions of files."),
    "checkout": ("driveql.cli.checkout:checkout", "Keep others from changing files."),
    "checkin": ("driveql.cli.checkout:checkin", "Give files back that were checked out."),
    "metadata": ("driveql.cli.metadata:metadata", "See and set the columns of files in their library."),
    "subscriptions": ("driveql.cli.subscriptions:subscriptions", "Be told when something changes."),
    "thumbnail": ("driveql.cli.renditions:thumbnail", "Download a picture of a file."),
    "preview": ("driveql.cli.renditions:preview", "Print a web address that shows a file."),
    "convert": ("driveql.cli.renditions:convert", "Download a file in another format."),
    "sql": ("driveql.cli.sql:sql", "Query OneDrive, and the files in it, with SQL."),
    "tables": ("driveql.cli.tables:tables", "List the tables of SQL."),
    "describe": ("driveql.cli.tables:describe", "List the columns of a table."),
    "query": ("driveql.cli.query:query", "Save queries under a name, and run them."),
    "cache": ("driveql.cli.cache:cache", "Show and clear what SQL remembers."),
    "request": ("driveql.cli.request:request", "Send any request to Microsoft Graph."),
    "emulate": ("driveql.cli.emulate:emulate", "Run a local Microsoft Entra ID and Graph tenant."),
    "demo": ("driveql.cli.demo:demo", "See driveql work, from a certificate to SQL, with no account."),
    "completion": ("driveql.cli.completion:completion", "Print the shell's completion script."),
}
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_PIPE_CLOSED = 141  # 128 + SIGPIPE, as a shell reports a program that wrote into a closed pipe


class LazyGroup(click.Group):
    """A group whose commands are named in COMMANDS and imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [
            CompletionItem(name, help=line)
            for name, (_, line) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave with the exit code that `outcome.py` documents."""
        words = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(words, prog_name, complete_var, standalone_mode=False, **extra)
        _prepare_streams()
        sys.exit(self._run(words, prog_name or "driveql", complete_var, extra))

    def _run(self, words: list[str], prog_name: str, complete_var: str | None, extra: dict[str, Any]) -> int:
        try:
            code = super().main(words, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except _PipeClosedError:
            return _hush()
        except BrokenPipeError:
            return _hush()
        except (Exception, KeyboardInterrupt) as error:
            from driveql.cli import outcome

            if isinstance(error, OSError) and error.errno in _FULL:
                _hush()
                error = outcome.without_room(error)
            return outcome.report(error, words)
        return code if isinstance(code, int) else 0

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Click would take this for an error of its own and exit with 1.
            raise _PipeClosedError from None
        except KeyboardInterrupt as interrupt:
            from driveql.cli import outcome

            # Click would keep no more of an interrupt than that there was one.
            raise outcome.InterruptedRun(str(interrupt)) from None


class _PipeClosedError(Exception):
    """The reader of standard output went away; it never leaves this module."""


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExamples:\n"
    "  driveql demo                                    # see it work, with no account\n"
    "  driveql connect add work                        # store a connection\n"
    "  driveql ls -l onedrive:/Reports\n"
    "  driveql get 'onedrive:/Reports/2026/*.csv' data/\n"
    "  driveql sql \"SELECT name, size FROM files WHERE parent_path = '/Reports'\"\n\n"
    "\b\nPlaces in OneDrive:\n"
    "  onedrive:/Reports/a.csv                         the connection's own drive\n"
    "  onedrive://alice@contoso.com/Reports/a.csv      a person's drive\n"
    "  onedrive://contoso.sharepoint.com/sites/Finance/Shared Documents/a.csv\n"
    "  https://contoso.sharepoint.com/...              an address pasted from the browser\n\n"
    "Names are written as they are, never percent-encoded; quote them for your shell.",
)
@click.version_option(__version__, prog_name="driveql", message="%(prog)s %(version)s")
def driveql() -> None:
    """Microsoft OneDrive and SharePoint files on the command line, unattended, and SQL over them."""


def _prepare_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is shown escaped; it does not end a listing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _hush() -> int:
    # The interpreter flushes standard output at its end, and would complain about the pipe then.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _PIPE_CLOSED


def main() -> None:
    """The entry point of the `driveql` command."""
    driveql.main(prog_name="driveql")


if __name__ == "__main__":
    main()

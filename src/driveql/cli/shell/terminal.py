"""The prompt: prompt_toolkit reads lines, shows colours and completions, and keeps the history. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from driveql.cli.options import Invocation
from driveql.errors import MissingExtraError

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    from driveql.cli.shell.shell import Shell
    from driveql.sql.dbapi import Connection

_GREETING = (
    "driveql {version}, SQL. A statement ends with a semicolon; \\? lists the shell's commands, \\q leaves."
)


def interact(
    invocation: Invocation, format_: str, connected: Callable[[Invocation], Connection], *, timed: bool
) -> None:
    """Read statements from the terminal until the person leaves.

    Parameters:
        connected: opens the connection that an invocation is for.

    Raises:
        MissingExtraError: what the shell stands on is not installed.
    """
    try:
        for name in ("prompt_toolkit", "pygments"):
            import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"The SQL shell needs the package {error.name!r}, which is not installed.",
            hint="pip install 'driveql[shell]', or give a STATEMENT, -f FILE, or statements on standard input.",
        ) from None
    from driveql._version import __version__
    from driveql.cli.shell.meta import Look
    from driveql.cli.shell.shell import Shell

    shell = Shell(invocation, Look(format=format_, timing=timed), connected)
    try:
        invocation.note(_GREETING.format(version=__version__))
        _loop(shell, _session(shell))
    finally:
        shell.close()


def _loop(shell: Shell, session: PromptSession[str]) -> None:
    while True:
        try:
            text = session.prompt(f"{shell.name}> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip() and not shell.run(text):
            return


def _session(shell: Shell) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.lexers import PygmentsLexer
    from pygments.lexers.sql import PostgresLexer

    return PromptSession(
        history=_history(),
        completer=completer(shell),
        complete_in_thread=True,
        complete_while_typing=True,
        lexer=PygmentsLexer(PostgresLexer),
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation=lambda width, _number, _wrapped: "...> ".rjust(width),
        enable_open_in_editor=True,
    )


def _keys() -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings

    from driveql.cli.shell import meta
    from driveql.cli.shell.scanner import typed

    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        """Run what is finished; begin a new line otherwise."""
        buffer = event.current_buffer
        chosen = buffer.complete_state.current_completion if buffer.complete_state else None
        if chosen is not None:
            buffer.complete_state = None
        elif not buffer.text.strip() or meta.is_meta(buffer.text) or typed(buffer.text).finished:
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys


def _history() -> History:
    from prompt_toolkit.history import History

    from driveql.cli.shell.history import HistoryFile, history_path

    class Remembered(History):
        """The history file, as prompt_toolkit asks for it."""

        def __init__(self) -> None:
            super().__init__()
            self._file = HistoryFile(history_path())

        def load_history_strings(self) -> Iterable[str]:
            return self._file.newest_first()

        def store_string(self, string: str) -> None:
            self._file.add(string)

    return Remembered()


def completer(shell: Shell) -> Completer:
    """Return what prompt_toolkit asks for completions; it may wait for a folder's listing."""
    from prompt_toolkit.completion import Completer, Completion

    from driveql.cli.shell.completion import suggestions

    class Completing(Completer):
        """The shell's names, as prompt_toolkit asks for them; it is asked in a thread that may wait."""

        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            found = suggestions(
                document.text_before_cursor,
                document.text_after_cursor,
                shell.names,
                shell.folders.of,
                asked_for=complete_event.completion_requested,
            )
            for one in found:
                yield Completion(one.text, start_position=-one.length, display_meta=one.kind)

    return Completing()

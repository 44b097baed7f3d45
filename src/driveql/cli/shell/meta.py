"""The commands of the shell itself, which begin with a backslash: what there is, and how a line is read as one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from driveql.errors import SqlSyntaxError

FORMATS = ("table", "csv", "json", "jsonl")
FLAGS = ("on", "off")
EXPANDED = ("on", "off", "auto")


@dataclass(frozen=True, slots=True)
class MetaCommand:
    """A command: its name, what it takes, what it does."""

    name: str
    takes: str
    help: str
    choices: tuple[str, ...] = ()


COMMANDS: tuple[MetaCommand, ...] = (
    MetaCommand("?", "", "list these commands"),
    MetaCommand("d", "[TABLE]", "list the tables; the columns of one, and which predicates go to Graph"),
    MetaCommand("df", "[PART]", "list functions, those with PART in their name"),
    MetaCommand("dp", "[PART]", "list the procedures of CALL with their arguments"),
    MetaCommand("explain", "STATEMENT", "show what would be asked of Graph; nothing is sent"),
    MetaCommand(
        "x", "[on|off|auto]", "a line for each value; auto does so where a table is too wide", EXPANDED
    ),
    MetaCommand("format", "[NAME]", f"write rows as {', '.join(FORMATS)}", FORMATS),
    MetaCommand(
        "timing", "[on|off]", "tell what each statement cost: seconds, requests, bytes, retries", FLAGS
    ),
    MetaCommand("o", "[FILE]", "write rows to FILE; without FILE, to the terminal again"),
    MetaCommand("i", "FILE", "run the statements in a file"),
    MetaCommand("c", "[NAME]", "use another stored connection; tables created here are forgotten"),
    MetaCommand("q", "", "leave; so does Ctrl-D"),
)
_BY_NAME = {command.name: command for command in COMMANDS}


@dataclass(frozen=True, slots=True)
class Look:
    """How results are shown: `format` is one of FORMATS, `expanded` one of EXPANDED; `timing` tells what each cost."""

    format: str = "table"
    expanded: str = "auto"
    timing: bool = False

    def with_format(self, argument: str) -> Look:
        """Return it with another format. Raises SqlSyntaxError."""
        return replace(self, format=_chosen("format", argument.lower(), FORMATS))

    def with_expanded(self, argument: str) -> Look:
        """Return it expanded as the argument says; without one, the other way. Raises SqlSyntaxError."""
        other = "off" if self.expanded == "on" else "on"
        return replace(self, expanded=_chosen("x", argument.lower() or other, EXPANDED))

    def with_timing(self, argument: str) -> Look:
        """Return it with timing as the argument says; without one, the other way. Raises SqlSyntaxError."""
        other = "off" if self.timing else "on"
        return replace(self, timing=_chosen("timing", argument.lower() or other, FLAGS) == "on")


def is_meta(text: str) -> bool:
    """Return True for a line that is a command of the shell itself."""
    return text.lstrip().startswith("\\")


def parse(text: str) -> tuple[MetaCommand, str]:
    r"""Return the command that a line is, and its argument without white space and semicolon: `\d items;`.

    Raises:
        SqlSyntaxError: there is no such command, or its argument is missing.
    """
    name, _, argument = text.strip().removeprefix("\\").partition(" ")
    name = name.rstrip(";")
    argument = argument.strip().rstrip(";").rstrip()
    command = _BY_NAME.get(name)
    if command is None:
        near = get_close_matches(name, _BY_NAME, n=1)
        hint = f"Did you mean \\{near[0]}? " if near else ""
        raise SqlSyntaxError(f"There is no command \\{name}.", hint=f"{hint}\\? lists the commands.")
    if not argument and command.takes and not command.takes.startswith("["):
        raise SqlSyntaxError(f"\\{name} needs {command.takes}.", hint=f"\\{name}: {command.help}.")
    if argument and not command.takes:
        raise SqlSyntaxError(f"\\{name} takes nothing.")
    return command, argument


def unquoted(argument: str) -> str:
    """Return a file name without the single or double quotes around it."""
    for mark in "'\"":
        if len(argument) > 1 and argument[0] == argument[-1] == mark:
            return argument[1:-1].replace(mark * 2, mark)
    return argument


def _chosen(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise SqlSyntaxError(f"\\{name} takes {', '.join(choices)}, not {value!r}.")
    return value

"""docs/commands.md: every command with its arguments, options and examples, from the click tree."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click
from docs.markdown import cell, code, table

from driveql.cli import options
from driveql.cli.main import COMMANDS, driveql
from driveql.cli.outcome import ExitCode


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, groups before what is in them."""
    context = click.Context(driveql)
    for name in COMMANDS:
        command = driveql.get_command(context, name)
        assert command is not None
        yield from _with_subcommands(f"driveql {name}", command)


def _with_subcommands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for below, inner in command.commands.items():
            yield from _with_subcommands(f"{name} {below}", inner)


def common_options() -> list[click.Option]:
    """Return the options that `global_options` gives."""

    @click.command()
    @options.global_options
    def bare(_invocation: options.Invocation) -> None:
        """Nothing."""

    return [parameter for parameter in bare.params if isinstance(parameter, click.Option)]


def text() -> str:
    """Return the page."""
    common = common_options()
    shared = {option.name: option.help for option in common}
    parts = [
        "# Commands\n",
        "`driveql COMMAND --help` says the same in the terminal.\n",
        "Results go to standard output, everything else to standard error. On a terminal, lists are tables with sizes and"
        " times for people; in a pipe they are separated by tabs, with bytes and UTC times; with `--json` each record is"
        " one JSON object on a line.\n",
        "## Options of every command that uses a connection\n",
        _options(common),
        "\n## Exit codes\n",
        table(["code", "meaning"], [[str(int(value)), cell(value.meaning)] for value in ExitCode]),
        "\n`driveql cert check` has two more, for schedulers; its examples say which. `docs/errors.md` has the code of"
        " every error.\n",
    ]
    for name, command in commands():
        own = [
            parameter
            for parameter in command.params
            if isinstance(parameter, click.Option) and shared.get(parameter.name) != parameter.help
        ]
        parts += [
            f"## {name}",
            f"```text\n{_usage(name, command)}\n```\n",
            _prose(command.help or ""),
            "",
        ]
        if own:
            parts.append(_options(own))
        if len(own) < sum(isinstance(parameter, click.Option) for parameter in command.params):
            parts.append("And the options of every command.\n")
        parts.append(_examples(command.epilog or ""))
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _usage(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    return " ".join([name, *command.collect_usage_pieces(context)])


def _options(found: list[click.Option]) -> str:
    rows = []
    for option in found:
        spelling = ", ".join(option.opts + option.secondary_opts)
        value = "" if option.is_flag else option.make_metavar(click.Context(click.Command("driveql")))
        default = str(option.default) if option.show_default else ""
        help_ = cell(option.help or "") + (f" Default: {code(default)}." if default else "")
        rows.append([code(f"{spelling} {value}".strip()), help_])
    return table(["option", "meaning"], rows)


def _prose(help_: str) -> str:
    return inspect.cleandoc(help_).replace("\f", "")


def _examples(epilog: str) -> str:
    """Return an epilog: `\\b` paragraphs as code, the others as text."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", epilog):
        if not paragraph.startswith("\b\n"):
            parts.append(paragraph.strip() + "\n")
            continue
        title, _, body = paragraph.removeprefix("\b\n").partition("\n")
        if not body.strip():
            parts.append(title + "\n")
        elif title.endswith(":"):
            parts.append(f"{title}\n\n```sh\n{inspect.cleandoc(body)}\n```\n")
        else:
            parts.append(" ".join(f"{title} {body}".split()) + "\n")
    return "\n\n".join(part.strip() for part in parts)

"""`driveql sql`: statements from the command line, a file or standard input; rows to standard output or a file."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.sql.dbapi import Connection

_NAMED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_FORMATS = ("table", "csv", "json", "jsonl", "parquet")


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql sql \"SELECT name, size FROM files WHERE parent_path = '/Reports' ORDER BY size DESC\"\n"
    "  driveql sql \"SELECT * FROM read_csv('onedrive:/Reports/2026/*.csv')\" --format csv > all.csv\n"
    "  driveql sql \"SELECT * FROM read_xlsx('onedrive:/Plan.xlsx', sheet = 'Q1')\" -o plan.parquet\n"
    "  driveql sql 'SELECT * FROM files WHERE size > :least' --param least=1000000\n"
    "  driveql sql --explain \"SELECT name FROM files WHERE path = '/Reports/a.csv'\"\n"
    "  driveql sql -f report.sql --json | jq .\n"
    "  driveql sql                                                  # the shell; \\? lists its commands\n\n"
    "Tables (`driveql tables`, `driveql describe items`): users, groups, group_members, sites, drives, items, files, folders,"
    " permissions, versions, changes, shared_with_me, lists, list_items, subscriptions.\n\n"
    "Several statements are separated by semicolons. In a pipe, table is tab-separated with a heading. Of a write, the rows"
    " that tell what became of each item are written, also where it failed; on a terminal they are counted, unless the"
    " statement asks for them with RETURNING. What the shell remembers: DRIVEQL_HISTORY is another file, or off."
)
@click.argument("statement", required=False)
@click.option(
    "-f", "--file", "script", type=click.Path(), help="Read statements from a file; - is standard input."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="How rows are written.  [default: table, or what the name after -o ends with]",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    help="Write to a file; it is replaced once all went well.",
)
@click.option("--explain", is_flag=True, help="Show what would be asked of Graph; nothing is sent.")
@click.option(
    "--analyze", is_flag=True, help="Run, and show what was asked of Graph and what it cost; no rows."
)
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="[NAME=]VALUE",
    help='A value for :name, $name or ?; numbers, true, false, null and "text" as in JSON, else text. Repeatable.',
)
@click.option(
    "--cache",
    type=click.Choice(("none", "metadata", "all")),
    help="What is remembered and taken from what was remembered before.  [default: the connection's CacheMode, none]",
)
@click.option(
    "--untrusted",
    is_flag=True,
    help="The statements come from somebody else: none reads or writes files of this machine, loads code or reaches other hosts.",
)
@click.option(
    "--timing",
    is_flag=True,
    help="Tell what each statement cost, on standard error: seconds, requests, bytes, retries.",
)
@global_options
def sql(
    invocation: Invocation,
    statement: str | None,
    script: str | None,
    format_: str | None,
    target: Path | None,
    explain: bool,
    analyze: bool,
    parameters: tuple[str, ...],
    cache: str | None,
    untrusted: bool,
    timing: bool,
) -> None:
    """Run SQL on OneDrive's items, people and sites, and on the contents of files.

    Without STATEMENT and -f, statements are read from standard input; on a terminal, a shell begins.
    """
    from driveql import sql as room
    from driveql.cli.sql_run import StatementRun

    def connected(invocation: Invocation) -> Connection:
        return _connected(invocation, cache, untrusted=untrusted)

    if statement is None and script is None and sys.stdin.isatty() and sys.stdout.isatty():
        _refuse_for_shell({"-o": target, "--param": parameters, "--explain": explain, "--analyze": analyze})
        from driveql.cli.shell.terminal import interact

        interact(invocation, _format_of_shell(format_, invocation), connected, timed=timing)
        return
    if explain and analyze:
        raise click.UsageError(
            "Give --explain, which sends nothing, or --analyze, which runs the statements."
        )
    statements = room.split(_text(statement, script))
    if not statements:
        raise click.UsageError("There is no statement.")
    chosen = format_ or _format_of(target) or ("jsonl" if invocation.json else "table")
    if chosen == "parquet":
        _check_parquet(target, len(statements))
    given = _parameters(parameters)
    with connected(invocation) as connection:
        run = StatementRun(invocation, connection, given, chosen, target, timed=timing)
        if explain or analyze:
            run.explained(statements, analyzed=analyze)
        else:
            run.all(statements)


def _connected(invocation: Invocation, cache: str | None, *, untrusted: bool) -> Connection:
    from driveql import sql as room

    connect: Any = room.connect
    connection: Connection = connect(
        settings=invocation.settings(), trace=invocation.trace_hook, untrusted=untrusted
    )
    if cache is not None:
        connection.execute(f"SET driveql.cache = '{cache}'").close()
    return connection


def _refuse_for_shell(given: dict[str, object]) -> None:
    wrong = next((name for name, value in given.items() if value), None)
    if wrong is not None:
        raise click.UsageError(f"{wrong} needs a STATEMENT, a file with -f, or statements on standard input.")


def _format_of_shell(format_: str | None, invocation: Invocation) -> str:
    if format_ == "parquet":
        raise click.UsageError(f"Parquet is binary: in the shell, write it with {chr(92)}o FILE.parquet.")
    return format_ or ("jsonl" if invocation.json else "table")


def _text(statement: str | None, script: str | None) -> str:
    from driveql.errors import LocalFileError

    if statement is not None and script is not None:
        raise click.UsageError("Give a STATEMENT or a file, not both.")
    try:
        if statement is not None and statement != "-":
            statement.encode()
            return statement
        if script not in {None, "-"}:
            return Path(str(script)).read_text(encoding="utf-8-sig")
        if sys.stdin.isatty() and statement is None and script is None:
            raise click.UsageError(
                "Give a STATEMENT, a file with -f, or statements on standard input; the shell needs a terminal for both."
            )
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except OSError as error:
        raise LocalFileError(f"{script}: {error.strerror}.") from None
    except UnicodeError:
        raise LocalFileError("The statements are not UTF-8 text.") from None


def _format_of(target: Path | None) -> str | None:
    suffix = target.suffix.lower().removeprefix(".") if target is not None else ""
    return {"ndjson": "jsonl", "tsv": "table"}.get(suffix, suffix if suffix in _FORMATS else None)


def _check_parquet(target: Path | None, statements: int) -> None:
    if target is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is binary: give -o FILE, or lead it into a pipe.")
    if statements > 1:
        raise click.UsageError("A Parquet file holds the rows of one statement.")


def _parameters(written: tuple[str, ...]) -> dict[str, object] | list[object] | None:
    matches = [_NAMED.fullmatch(text) for text in written]
    if not written:
        return None
    if all(matches):
        return {match[1]: _value(match[2]) for match in matches if match}
    if any(matches):
        raise click.UsageError("Give all of --param as NAME=VALUE, or all as values alone.")
    return [_value(text) for text in written]


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, (list, dict)) else value

"""`driveql sql`: statements from the command line, a file or standard input; rows to standard output or a file."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

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
    "  driveql sql -f report.sql --json | jq .\n\n"
    "Tables: users, groups, group_members, sites, drives, items, files, folders; DESCRIBE items shows columns."
    " Several statements are separated by semicolons. In a pipe, table is tab-separated with a heading."
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
    "--param",
    "parameters",
    multiple=True,
    metavar="[NAME=]VALUE",
    help='A value for :name, $name or ?; numbers, true, false, null and "text" as in JSON, else text. Repeatable.',
)
@click.option(
    "--untrusted",
    is_flag=True,
    help="The statements come from somebody else: none reads or writes files of this machine, loads code or reaches other hosts.",
)
@global_options
def sql(
    invocation: Invocation,
    statement: str | None,
    script: str | None,
    format_: str | None,
    target: Path | None,
    explain: bool,
    parameters: tuple[str, ...],
    untrusted: bool,
) -> None:
    """Run SQL on OneDrive's items, people and sites, and on the contents of files.

    Without STATEMENT and -f, statements are read from standard input.
    """
    from driveql import sql as room
    from driveql.cli import outcome

    statements = room.split(_text(statement, script))
    if not statements:
        raise click.UsageError("There is no statement.")
    chosen = format_ or _format_of(target) or ("jsonl" if invocation.json else "table")
    if chosen == "parquet":
        _check_parquet(target, len(statements))
    given = _parameters(parameters)
    settings = invocation.settings()
    connect: Any = room.connect
    with connect(settings=settings, trace=invocation.trace_hook, untrusted=untrusted) as connection:
        run = _Run(invocation, connection, given, chosen, explain)
        # The statements run in a thread of their own, so that Ctrl-C reaches this one at any time.
        with ThreadPoolExecutor(1) as pool, _destination(target) as stream:
            future = pool.submit(run.all, statements, stream, target is None)
            try:
                future.result()
            except KeyboardInterrupt:
                connection.cancel()
                raise outcome.InterruptedRun("The query was cancelled; no file was written.") from None


class _Run:
    def __init__(
        self, invocation: Invocation, connection: Connection, parameters: Any, format_: str, explain: bool
    ) -> None:
        self._invocation = invocation
        self._connection = connection
        self._parameters = parameters
        self._format = format_
        self._explain = explain

    def all(self, statements: list[str], stream: BinaryIO, to_stdout: bool) -> None:
        """Run the statements in turn and write the rows of each."""
        from driveql.cli import formats

        for statement in statements:
            if self._explain:
                explanation = str(self._connection.explain(statement, self._parameters))
                stream.write(explanation.encode() + b"\n")
                continue
            with self._connection.cursor() as cursor:
                cursor.execute(statement, self._parameters)
                if cursor.description is not None:
                    formats.write(cursor, self._format, stream, terminal=to_stdout and sys.stdout.isatty())
                elif cursor.rowcount >= 0:
                    self._invocation.note(f"{cursor.rowcount} rows")
        stream.flush()


def _text(statement: str | None, script: str | None) -> str:
    from driveql.errors import LocalFileError

    if statement is not None and script is not None:
        raise click.UsageError("Give a STATEMENT or a file, not both.")
    if statement is not None and statement != "-":
        return statement
    try:
        if script not in {None, "-"}:
            return Path(str(script)).read_text(encoding="utf-8-sig")
        if sys.stdin.isatty() and statement is None and script is None:
            raise click.UsageError("Give a STATEMENT, a file with -f, or statements on standard input.")
        return sys.stdin.read()
    except OSError as error:
        raise LocalFileError(f"{script}: {error.strerror}.") from None
    except UnicodeDecodeError:
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


@contextlib.contextmanager
def _destination(target: Path | None) -> Iterator[BinaryIO]:
    """Yield standard output, or a file beside `target` that takes its name once all went well."""
    from driveql.errors import LocalFileError

    if target is None:
        yield sys.stdout.buffer
        return
    try:
        descriptor, part = tempfile.mkstemp(prefix=".driveql-", suffix=".part", dir=target.parent)
    except OSError as error:
        raise LocalFileError(f"{target}: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        mask = os.umask(0)
        os.umask(mask)
        Path(part).chmod(0o666 & ~mask)
        Path(part).replace(target)
    finally:
        Path(part).unlink(missing_ok=True)

"""`driveql query`: the saved queries of a stored connection. Only `run` sends requests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from driveql.sql.saved.store import QueryStore

_CONNECTION = click.option(
    "--connection",
    metavar="NAME",
    help="The stored connection.  [default: DRIVEQL_CONNECTION, or the only one]",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line; errors too.")
_FORMATS = ("table", "csv", "json", "jsonl", "parquet")


@click.group()
def query() -> None:
    """Save queries under a name, and run them.

    A saved query is a file of SQL beside the connections file, to be edited and kept under version control. Statements of its
    connection read it as a table: SELECT * FROM name, or name(parameter => value).
    """


@query.command(
    "list", epilog="\b\nExamples:\n  driveql query list\n  driveql query list --json | jq -r .name"
)
@_CONNECTION
@_JSON
def list_(connection: str | None, as_json: bool) -> None:
    """List the saved queries; of one that cannot be used, why."""
    from driveql.cli.render import Column, Output

    columns = (Column("call", "query"), Column("description", "description"), Column("problem", "problem"))
    Output(as_json=as_json).rows(columns, _records(_store(connection)))


@query.command(
    epilog="\b\nExamples:\n  driveql query show sales_by_region\n  driveql query show sales_by_region > sales.sql"
)
@click.argument("name")
@_CONNECTION
@_JSON
def show(name: str, connection: str | None, as_json: bool) -> None:
    """Write the file of a saved query to standard output."""
    from driveql.cli.render import Output

    store = _store(connection)
    content = store.content(name)
    if as_json:
        Output(as_json=True).rows((), [{"name": name, "path": str(store.path(name)), "content": content}])
    else:
        Output().lines(content.splitlines())


@query.command(
    epilog="\b\nExamples:\n"
    "  driveql query save notes \"SELECT name, size FROM files WHERE parent_path = '/Notes'\" --description 'My notes'\n"
    "  driveql query save sales -f sales.sql --replace\n"
    "  driveql query save in_folder 'SELECT * FROM files WHERE parent_path = $folder' \\\n"
    "    --param \"folder VARCHAR = '/Reports' : the folder\""
)
@click.argument("name")
@click.argument("statement", required=False)
@click.option("-f", "--file", "script", type=click.Path(), help="Take a file as it is; - is standard input.")
@click.option("--description", metavar="TEXT", help="What it gives, for people.")
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="'NAME TYPE [= DEFAULT] [: TEXT]'",
    help="A parameter; the statement calls it $NAME. Repeatable.",
)
@click.option("--replace", is_flag=True, help="Replace a saved query of that name.")
@click.option(
    "--force",
    is_flag=True,
    help="Save it though its names of tables and columns are wrong as far as is known.",
)
@_CONNECTION
@_JSON
def save(
    name: str,
    statement: str | None,
    script: str | None,
    description: str | None,
    parameters: tuple[str, ...],
    replace: bool,
    force: bool,
    connection: str | None,
    as_json: bool,
) -> None:
    """Save a query under NAME; it is not run, and checked as far as that takes no request."""
    from driveql.cli.render import Column, Output
    from driveql.errors import SqlSyntaxError
    from driveql.sql.saved.checking import Draft, problem_of
    from driveql.sql.saved.query import check_name, parse

    store = _store(connection)
    head = [*(description or "").splitlines(), *(f"@param {one}" for one in parameters)]
    content = "".join(f"-- {line}\n" for line in head) + _content(statement, script)
    parse(check_name(name), content)
    problem = None if force else problem_of(Draft(store, name, content), name)
    if problem is not None:
        raise SqlSyntaxError(
            f"The saved query {name} cannot be used: {problem.message}",
            hint="--force saves it all the same, as where it reads a temporary table of the session."
            if problem.hint is None
            else f"{problem.hint} --force saves it all the same.",
        )
    saved = store.save(name, content, replace=replace)
    record = {"name": name, "call": saved.signature, "path": str(store.path(name))}
    Output(as_json=as_json).rows((Column("call", "saved"), Column("path", "file")), [record])


@query.command(epilog="\b\nExamples:\n  driveql query remove sales_by_region")
@click.argument("name")
@_CONNECTION
@_JSON
def remove(name: str, connection: str | None, as_json: bool) -> None:
    """Remove a saved query."""
    from driveql.cli.render import Column, Output

    store = _store(connection)
    store.remove(name)
    Output(as_json=as_json).rows((Column("name", "removed"),), [{"name": name}])


@query.command(
    epilog="\b\nExamples:\n"
    "  driveql query run notes\n"
    "  driveql query run in_folder --param folder=/Reports --format csv\n"
    "  driveql query run sales -o sales.parquet --connection work"
)
@click.argument("name")
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value; numbers, true, false, null as in JSON, else text. Repeatable.",
)
@click.option(
    "--format", "format_", type=click.Choice(_FORMATS), help="How rows are written.  [default: table]"
)
@click.option(
    "-o", "--output", "target", type=click.Path(), help="Write to a file; it is replaced once all went well."
)
@_CONNECTION
@_JSON
def run(
    name: str,
    parameters: tuple[str, ...],
    format_: str | None,
    target: str | None,
    connection: str | None,
    as_json: bool,
) -> None:
    """Run a saved query and write its rows, as `driveql sql` does."""
    from driveql.cli.sql import sql

    chosen = _connection(connection)
    _store(chosen).get(name)
    wrong = next(
        (one for one in parameters if not one.partition("=")[0].isidentifier() or "=" not in one), None
    )
    if wrong is not None:
        raise click.UsageError(f"--param {wrong}: it is written NAME=VALUE.")
    values = ", ".join(f"{key} => ${key}" for key in (one.partition("=")[0] for one in parameters))
    words = [f"SELECT * FROM {name}({values})", "--connection", chosen]  # noqa: S608 - names alone
    for one in parameters:
        words += ["--param", one]
    words += ["--format", format_] if format_ else []
    words += ["--output", target] if target else []
    sql.main([*words, *(["--json"] if as_json else [])], standalone_mode=False)


def _connection(name: str | None) -> str:
    """Return the stored connection that is meant. Raises ConnectionNotFoundError."""
    from driveql.connection import ConnectionStore
    from driveql.errors import ConnectionNotFoundError

    connections = ConnectionStore()
    chosen = name or os.environ.get("DRIVEQL_CONNECTION")
    names = connections.names()
    if not chosen and len(names) == 1:
        chosen = names[0]
    if not chosen:
        raise ConnectionNotFoundError(
            "Saved queries belong to a stored connection, and none was chosen.",
            hint=f"Choose with --connection: {', '.join(names)}."
            if names
            else "driveql connect add NAME stores one.",
        )
    connections.get(chosen)
    return chosen


def _store(connection: str | None) -> QueryStore:
    from driveql.sql.saved.store import QueryStore

    return QueryStore.of(_connection(connection))


def _records(store: QueryStore) -> Iterator[dict[str, Any]]:
    from driveql.errors import DriveqlError
    from driveql.sql.saved.checking import problems_of

    problems = problems_of(store)
    for name in store.names():
        record: dict[str, Any] = {
            "name": name,
            "call": name,
            "description": None,
            "parameters": [],
            "problem": None,
        }
        try:
            saved = store.get(name)
        except DriveqlError as error:
            yield {**record, "problem": error.message}
            continue
        listed = [
            {
                "name": one.name,
                "type": one.type,
                "default": one.default,
                "description": one.description or None,
            }
            for one in saved.parameters
        ]
        yield {
            **record,
            "call": saved.signature,
            "description": saved.description or None,
            "parameters": listed,
            "problem": problems.get(name),
        }


def _content(statement: str | None, script: str | None) -> str:
    from driveql.errors import LocalFileError

    if (statement is None) is (script is None):
        raise click.UsageError("Give a STATEMENT, or a file with -f.")
    if statement is not None:
        return statement
    try:
        return sys.stdin.read() if script == "-" else Path(str(script)).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LocalFileError(f"{script}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise LocalFileError(f"{script} is not UTF-8 text.") from None

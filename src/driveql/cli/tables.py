"""`driveql tables` and `driveql describe`: what SQL can ask for. They need no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from types import ModuleType

    from driveql.cli.render import Column

_CONNECTION = click.option(
    "--connection",
    metavar="NAME",
    envvar="DRIVEQL_CONNECTION",
    help="Tell of this stored connection's saved queries too.  [env: DRIVEQL_CONNECTION]",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line; errors too.")


def _catalogue() -> ModuleType:
    """Return the catalogue. Raises MissingExtraError where what SQL stands on is not installed."""
    import driveql.sql as room

    for name in room.__all__:
        getattr(room, name)
    from driveql.sql import catalogue

    return catalogue


def _named(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from driveql.errors import MissingExtraError

    try:
        from driveql.sql import TABLES
    except MissingExtraError:
        return []
    return [
        CompletionItem(name, help=table.description)
        for name, table in TABLES.items()
        if name.startswith(incomplete.lower())
    ]


@click.command(epilog="\b\nExamples:\n  driveql tables\n  driveql tables --json | jq -r .name")
@_CONNECTION
@_JSON
def tables(connection: str | None, as_json: bool) -> None:
    """List the tables of SQL, with what each holds; with a connection, its saved queries too. No request is sent."""
    from driveql.cli.render import Column, Output

    catalogue = _catalogue()
    shown = (Column("name", "table"), Column("description", "description"))
    Output(as_json=as_json).rows(shown, [*catalogue.tables(), *_saved(connection)])


@click.command(
    epilog="\b\nExamples:\n  driveql describe items\n  driveql describe users --json\n\n"
    "asked of Graph: the predicates that are sent; exact ones bring the very rows, loose ones more rows, which are filtered here."
)
@click.argument("table", shell_complete=_named)
@_CONNECTION
@_JSON
def describe(table: str, connection: str | None, as_json: bool) -> None:
    """List the columns of a table: type, Graph property, the predicates that are asked of Graph, meaning.

    With a connection also of its saved queries; those that read files ask the service what is in them.
    """
    from driveql.cli.render import Output

    catalogue = _catalogue()
    output = Output(as_json=as_json)
    if any(one["name"] == table.lower() for one in _saved(connection)):
        output.rows(_shown(), _columns_of_saved(str(connection), table.lower()))
        return
    found = catalogue.table_of(table)
    if output.terminal:
        output.lines([f"{found.name}: {found.description}.", ""])
    output.rows(_shown(), catalogue.columns(found))


def _shown() -> tuple[Column, ...]:
    from driveql.cli.render import Column

    return (
        Column("name", "column"),
        Column("type", "type"),
        Column("graph", "Graph property"),
        Column("asked", "asked of Graph"),
        Column("match", "match"),
        Column("description", "description"),
    )


def _saved(connection: str | None) -> list[dict[str, object]]:
    """Return a record for each saved query of a connection, as the catalogue has one for each table."""
    if connection is None:
        return []
    from driveql.connection import ConnectionStore
    from driveql.sql.saved.library import comments_of
    from driveql.sql.saved.store import QueryStore

    ConnectionStore().get(connection)
    described = comments_of(QueryStore.of(connection))
    return [{"name": name, "columns": None, "description": comment} for name, comment in described.items()]


def _columns_of_saved(connection: str, name: str) -> list[dict[str, object]]:
    from driveql.sql import connect

    with connect(name=connection) as opened:
        columns = opened.session().columns_of_saved(name)
    nothing = dict.fromkeys(("graph", "asked", "match", "description"))
    return [{"name": column, "type": type_, **nothing} for column, type_ in columns]

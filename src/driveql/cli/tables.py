"""`driveql tables` and `driveql describe`: what SQL can ask for. They need no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from types import ModuleType

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
@_JSON
def tables(as_json: bool) -> None:
    """List the tables of SQL, with what each holds."""
    from driveql.cli.render import Column, Output

    catalogue = _catalogue()
    shown = (Column("name", "table"), Column("description", "description"))
    Output(as_json=as_json).rows(shown, catalogue.tables())


@click.command(
    epilog="\b\nExamples:\n  driveql describe items\n  driveql describe users --json\n\n"
    "asked of Graph: the predicates that are sent; exact ones bring the very rows, loose ones more rows, which are filtered here."
)
@click.argument("table", shell_complete=_named)
@_JSON
def describe(table: str, as_json: bool) -> None:
    """List the columns of a table: type, Graph property, the predicates that are asked of Graph, meaning."""
    from driveql.cli.render import Column, Output

    catalogue = _catalogue()
    found = catalogue.table_of(table)
    output = Output(as_json=as_json)
    if output.terminal:
        output.lines([f"{found.name}: {found.description}.", ""])
    shown = (
        Column("name", "column"),
        Column("type", "type"),
        Column("graph", "Graph property"),
        Column("asked", "asked of Graph"),
        Column("match", "match"),
        Column("description", "description"),
    )
    output.rows(shown, catalogue.columns(found))

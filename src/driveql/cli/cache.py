"""`driveql cache`: what SQL remembers in files of this user, and forgetting it. No request is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from driveql.cli.options import stored_names

if TYPE_CHECKING:
    from driveql.cache.inventory import FoundCache

_CONNECTION = click.option(
    "--connection",
    metavar="NAME",
    shell_complete=stored_names,
    help="Only that of a stored connection.  [default: all]",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, one object a line; errors too.")


@click.group(
    invoke_without_command=True,
    epilog="\b\nExamples:\n"
    "  driveql cache\n"
    "  driveql cache --json | jq '.bytes'\n"
    "  driveql cache clear --connection work\n\n"
    "Connections with CacheStorage=file have one each; what is in the memory of a running process is not shown."
    " They lie in DRIVEQL_CACHE, or the platform's place for caches.",
)
@_CONNECTION
@_JSON
@click.pass_context
def cache(context: click.Context, connection: str | None, as_json: bool) -> None:
    """Show what SQL remembers: answers, files, bytes and the age of the oldest answer in seconds."""
    from driveql.cli.render import Column, Output

    if context.invoked_subcommand is not None:
        return
    columns = (
        Column("connection", "connection"), Column("owner", "owner"), Column("answers", "answers", "count"),
        Column("files", "files", "count"), Column("bytes", "bytes", "size"), Column("oldest_seconds", "oldest", "count"),
    )  # fmt: skip
    Output(as_json=as_json).rows(columns, map(_record, _chosen(connection)))


@cache.command(epilog="\b\nExamples:\n  driveql cache clear\n  driveql cache clear --connection work --json")
@_CONNECTION
@_JSON
def clear(connection: str | None, as_json: bool) -> None:
    """Forget what SQL remembers; queries ask Graph again."""
    from driveql.cli.render import Column, Output

    cleared = []
    for one in _chosen(connection):
        one.clear()
        cleared.append(_record(one))
    columns = (
        Column("connection", "connection"),
        Column("owner", "owner"),
        Column("bytes", "cleared", "size"),
    )
    Output(as_json=as_json).rows(columns, cleared)


def _chosen(connection: str | None) -> Iterator[FoundCache]:
    from driveql.cache import inventory
    from driveql.connection import settings_from

    return inventory.found(settings_from(name=connection) if connection is not None else None)


def _record(found: FoundCache) -> dict[str, object]:
    contents, described = found.contents, found.contents.described
    return {
        "connection": described.get("name") or None,
        "tenant": described.get("tenant"),
        "client_id": described.get("client_id"),
        "owner": described.get("owner"),
        "answers": contents.answers,
        "files": contents.files,
        "bytes": contents.bytes,
        "oldest_seconds": None if contents.oldest is None else round(contents.oldest),
        "path": str(found.path),
    }

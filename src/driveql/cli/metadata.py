"""`driveql metadata`: a file's columns in its SharePoint library, shown and set by their internal names."""

from __future__ import annotations

from typing import Any

import click

from driveql.cli.options import Invocation, dry_run_option, global_options


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql metadata onedrive:/Reports/plan.xlsx\n"
    "  driveql metadata onedrive:/Reports/plan.xlsx Department=Finance 'Approved:=true' 'Reviewed:=null'\n"
    "  driveql metadata --if-match '\"1f2e,3\"' onedrive:/Reports/plan.xlsx Status=final\n\n"
    "NAME=TEXT sets text as it is written; NAME:=JSON sets numbers, true, false, lists, and null, which empties a column."
)
@click.argument("place", metavar="PLACE")
@click.argument("changes", nargs=-1, metavar="[NAME=TEXT | NAME:=JSON]...")
@click.option(
    "--if-match",
    metavar="ETAG",
    help="Change it only if its fields still have this eTag (shown with --json).",
)
@dry_run_option
@global_options
def metadata(
    invocation: Invocation, place: str, changes: tuple[str, ...], if_match: str | None, dry_run: bool
) -> None:
    """Show a file's or folder's columns in its library; with NAME=TEXT, set them."""
    from driveql.cli.places import about
    from driveql.errors import BadRequestError

    values = dict(map(_change, changes))
    if if_match is not None and not values:
        raise click.UsageError("--if-match guards a change; there is none.")
    with invocation.open(dry_run=dry_run) as onedrive, about(place):
        drive, path = onedrive.at(place)
        if values and dry_run:
            for name, value in values.items():
                invocation.plan(
                    f"would set {name} of {place}",
                    {"place": place, "name": name, "value": value, "outcome": "planned"},
                )
            return
        if values:
            try:
                drive.metadata.write(path, values, if_match=if_match)
            except BadRequestError as error:
                error.hint = (
                    error.hint
                    or f"driveql metadata {place} shows the columns there are and how they are named."
                )
                raise
        entry = drive.metadata.read(path)
    if invocation.json:
        invocation.output().rows((), [{"place": place, "etag": entry.etag, "fields": entry.fields}])
    else:
        invocation.output().record({name: _text(value) for name, value in entry.fields.items()})


def _change(argument: str) -> tuple[str, Any]:
    import json

    name, equals, text = argument.partition("=")
    if not equals or not name.rstrip(":"):
        raise click.UsageError(f"{argument!r} is neither NAME=TEXT nor NAME:=JSON.")
    if not name.endswith(":"):
        return name, text
    try:
        return name[:-1], json.loads(text)
    except ValueError:
        raise click.UsageError(
            f"{argument!r}: what follows := is not JSON. Text is written NAME=TEXT."
        ) from None


def _text(value: object) -> object:
    import json

    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value

"""`driveql put`: local files and folders to OneDrive; what happens to a taken name is the person's choice."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from driveql.cli.guard import check_one, if_match_option
from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.drive.handle import ConflictBehavior


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql put a.csv onedrive:/Reports/\n"
    "  driveql put a.csv onedrive:/Reports/today.csv --conflict replace\n"
    "  driveql put -p *.csv onedrive:/Reports/2026/     # makes the folder where it is missing\n"
    "  driveql put -r results onedrive:/Reports         # makes /Reports/results\n"
    "  driveql put -rn results onedrive:/Reports        # only says what it would do\n"
    '  driveql put a.csv onedrive:/Reports/ --if-match "$(driveql stat --json onedrive:/Reports/a.csv | jq -r .etag)"\n'
    "  pg_dump shop | driveql put - onedrive:/Backup/shop.sql\n\n"
    "The service's copy is verified by its hash. Replacing adds a version; the earlier one stays in the"
    " version history. Exit code 10: some files failed."
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path())
@click.argument("place")
@click.option(
    "--conflict",
    type=click.Choice(["fail", "replace", "rename"]),
    default="fail",
    show_default=True,
    help="Where the name is taken: refuse, write a new version, or add a number to the name.",
)
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all that is below them.")
@click.option("-p", "--parents", is_flag=True, help="Make the folders of PLACE that are missing.")
@click.option("--skip-existing", is_flag=True, help="Leave files that are there as they are, and go on.")
@if_match_option
@dry_run_option
@global_options
def put(
    invocation: Invocation,
    sources: tuple[str, ...],
    place: str,
    conflict: ConflictBehavior,
    recursive: bool,
    parents: bool,
    skip_existing: bool,
    if_match: str | None,
    dry_run: bool,
) -> None:
    """Upload files to PLACE. An existing folder, or a PLACE with a slash at its end, receives them under their own names.

    SOURCE may be - for standard input; PLACE is the file's own path then.
    """
    from driveql.cli.standard_input import spooled
    from driveql.cli.uploads import Uploads, upload

    if "-" in sources and (len(sources) > 1 or place.endswith("/")):
        raise click.UsageError("Standard input is one file: give - alone, and the file's own path as PLACE.")
    if skip_existing and conflict != "fail":
        raise click.UsageError("--skip-existing and --conflict say different things of files that are there.")
    check_one(if_match, len(sources), patterns=recursive)
    if if_match is not None:
        if skip_existing or conflict == "rename":
            raise click.UsageError(
                "--if-match replaces a file: neither --skip-existing nor --conflict rename fits."
            )
        conflict = "replace"
    with contextlib.ExitStack() as stack:
        stdin = stack.enter_context(spooled()) if sources == ("-",) else None
        onedrive = stack.enter_context(invocation.open(dry_run=dry_run))
        uploads = Uploads(
            sources,
            place,
            conflict,
            recursive=recursive,
            parents=parents,
            stdin=stdin,
            skip_existing=skip_existing,
            if_match=if_match,
            dry_run=dry_run,
        )
        tally = upload(invocation, onedrive, uploads)
    tally.finish()

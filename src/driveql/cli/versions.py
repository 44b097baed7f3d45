"""`driveql versions`: what a file was before: listed, downloaded, made current again, removed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.cli.items import Found
    from driveql.drive.blocking import OneDrive
    from driveql.graph.item_records import Version


@click.group(
    epilog="\b\nExamples:\n"
    "  driveql versions list onedrive:/Reports/a.csv\n"
    "  driveql versions get onedrive:/Reports/a.csv 2.0 a-before.csv\n"
    "  driveql versions restore onedrive:/Reports/a.csv 2.0"
)
def versions() -> None:
    """See, download, bring back and remove versions of files."""


@versions.command("list", epilog="\b\nExamples:\n  driveql versions list onedrive:/Reports/a.csv --json")
@click.argument("place")
@global_options
def list_(invocation: Invocation, place: str) -> None:
    """List a file's versions, the current one first."""
    from driveql.cli.places import about
    from driveql.cli.render import Column
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        found = _found(onedrive, place)
        with about(found.place):
            pages = portal().iterate(found.drive.versions.list(found.item))
            rows = [_record(version) for page in pages for version in page]
    columns = [
        Column("id", "Version"),
        Column("size", "Size", "size"),
        Column("modified", "Modified", "time"),
        Column("modified_by", "Modified by"),
    ]
    invocation.output().rows(columns, rows)


@versions.command(
    epilog="\b\nExamples:\n"
    "  driveql versions get onedrive:/Reports/a.csv 2.0                 # writes a.csv\n"
    "  driveql versions get onedrive:/Reports/a.csv 2.0 before.csv\n"
    "  driveql versions get onedrive:/Reports/a.csv 2.0 - | diff - a.csv\n\n"
    "The size is verified; of earlier versions the service keeps no hash.",
)
@click.argument("place")
@click.argument("version")
@click.argument("target", required=False, type=click.Path())
@click.option("--overwrite", is_flag=True, help="Replace a local file that exists.")
@global_options
def get(invocation: Invocation, place: str, version: str, target: str | None, overwrite: bool) -> None:
    """Download a version of a file to TARGET; - is standard output."""
    from driveql.cli.local_target import local_target
    from driveql.cli.places import about
    from driveql.cli.progress import Progress
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        found = _found(onedrive, place)
        with about(f"version {version} of {found.place}"):
            if target == "-":
                content = portal().call(found.drive.versions.read(found.item, version))
                sys.stdout.buffer.write(content)
                sys.stdout.buffer.flush()
                return
            where = local_target(target, found.item.name, overwrite=overwrite)
            with (
                Progress("Downloading", shown=not invocation.quiet) as progress,
                progress.of(found.place, 0) as told,
            ):
                done = portal().call(found.drive.versions.download(found.item, version, where, progress=told))
    if invocation.json:
        invocation.output().rows((), [_record(done) | {"target": str(where)}])
    else:
        invocation.note(f"{found.place} version {done.id} -> {where}")


@versions.command(
    epilog="\b\nExamples:\n"
    "  driveql versions restore onedrive:/Reports/a.csv 2.0\n\n"
    "The earlier content becomes a new version; nothing is lost.",
)
@click.argument("place")
@click.argument("version")
@dry_run_option
@global_options
def restore(invocation: Invocation, place: str, version: str, dry_run: bool) -> None:
    """Make an earlier version of a file the current one."""
    from driveql.cli.items import record
    from driveql.cli.places import about
    from driveql.transport.portal import portal

    with invocation.open(dry_run=dry_run) as onedrive:
        found = _found(onedrive, place)
        with about(f"version {version} of {found.place}"):
            if dry_run:
                known = portal().call(found.drive.versions.get(found.item, version))
                _plan(invocation, found, "make current", known)
                return
            item = portal().call(found.drive.versions.restore(found.item, version))
    if invocation.json:
        invocation.output().rows((), [record(item)])
    else:
        invocation.note(f"{found.place} is version {version} again ({item.size} bytes)")


@versions.command(
    epilog="\b\nExamples:\n  driveql versions delete onedrive:/Reports/a.csv 1.0 2.0 --yes\n\n"
    "A version that is removed is gone for good. The current one cannot be removed.",
)
@click.argument("place")
@click.argument("ids", nargs=-1, required=True, metavar="VERSION...")
@click.option("-y", "--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@dry_run_option
@global_options
def delete(invocation: Invocation, place: str, ids: tuple[str, ...], yes: bool, dry_run: bool) -> None:
    """Remove versions of a file for good."""
    from driveql.cli.places import about
    from driveql.transport.portal import portal

    with invocation.open(dry_run=dry_run) as onedrive:
        found = _found(onedrive, place)
        if not yes and not dry_run:
            if not sys.stdin.isatty():
                raise click.UsageError("Versions are removed only with --yes where nobody can be asked.")
            click.confirm(f"Remove {len(ids)} versions of {found.place} for good?", abort=True, err=True)
        for version in ids:
            with about(f"version {version} of {found.place}"):
                if dry_run:
                    known = portal().call(found.drive.versions.get(found.item, version))
                    _plan(invocation, found, "remove", known)
                    continue
                portal().call(found.drive.versions.delete(found.item, version))
            if invocation.json:
                invocation.output().rows((), [{"id": version, "outcome": "deleted"}])
            else:
                invocation.note(f"removed version {version} of {found.place}")


def _found(onedrive: OneDrive, place: str) -> Found:
    from driveql.cli.items import one
    from driveql.errors import InvalidPathError
    from driveql.transport.portal import portal

    found = portal().call(one(onedrive.asynchronous, place))
    if found.item.is_folder:
        raise InvalidPathError(f"{found.place} is a folder and has no versions.")
    return found


def _plan(invocation: Invocation, found: Found, verb: str, version: Version) -> None:
    invocation.plan(
        f"would {verb} version {version.id} of {found.place}", _record(version) | {"outcome": "planned"}
    )


def _record(version: Version) -> dict[str, object]:
    return {
        "id": version.id,
        "size": version.size,
        "modified": version.modified,
        "modified_by": version.modified_by,
        "level": version.level,
    }

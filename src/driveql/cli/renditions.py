"""`driveql thumbnail`, `preview` and `convert`: what the service makes from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.items import Found
    from driveql.drive.blocking import OneDrive
    from driveql.drive.renditions import Format


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql thumbnail onedrive:/Photos/team.jpg                      # writes team.jpg.large.jpg\n"
    "  driveql thumbnail onedrive:/Photos/team.jpg small.jpg --size c96x96_crop\n"
    "  driveql thumbnail onedrive:/Photos/team.jpg --list"
)
@click.argument("place")
@click.argument("target", required=False, type=click.Path())
@click.option(
    "--size",
    default="large",
    show_default=True,
    metavar="SIZE",
    help="small, medium, large or c300x400[_crop].",
)
@click.option("--list", "listing", is_flag=True, help="Show the sizes there are instead.")
@click.option("--overwrite", is_flag=True, help="Replace a local file that exists.")
@global_options
def thumbnail(
    invocation: Invocation, place: str, target: str | None, size: str, listing: bool, overwrite: bool
) -> None:
    """Download a picture of a file, in the format that the service chooses."""
    from driveql.cli.local_target import local_target
    from driveql.cli.places import about
    from driveql.cli.render import Column
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        found = _found(onedrive, place)
        with about(found.place):
            if listing:
                known = portal().call(found.drive.renditions.thumbnails(found.item))
                rows = [{"size": one.size, "width": one.width, "height": one.height} for one in known]
                columns = [
                    Column("size", "Size"),
                    Column("width", "Width", "count"),
                    Column("height", "Height", "count"),
                ]
                invocation.output().rows(columns, rows)
                return
            where = local_target(target, f"{found.item.name}.{size}.jpg", overwrite=overwrite)
            portal().call(found.drive.renditions.download_thumbnail(found.item, where, size=size))
    _tell(invocation, found, str(where))


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql preview onedrive:/Reports/plan.xlsx\n"
    '  open "$(driveql preview onedrive:/Reports/plan.pdf --page 3)"\n\n'
    "The address works for minutes and for whoever has it."
)
@click.argument("place")
@click.option("--page", metavar="PAGE", help="The page to begin at, where the previewer knows pages.")
@click.option("--zoom", type=float, metavar="FACTOR", help="The zoom level to begin with.")
@global_options
def preview(invocation: Invocation, place: str, page: str | None, zoom: float | None) -> None:
    """Print a short-lived web address that shows a file."""
    from driveql.cli.places import about
    from driveql.errors import NotSupportedByServerError
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        found = _found(onedrive, place)
        with about(found.place):
            shown = portal().call(found.drive.renditions.preview(found.item, page=page, zoom=zoom))
    if invocation.json:
        record = {
            "get_url": shown.get_url,
            "post_url": shown.post_url,
            "post_parameters": shown.post_parameters,
        }
        invocation.output().rows((), [record])
    elif shown.get_url is None:
        raise NotSupportedByServerError(
            f"{found.place}: this preview is not opened by an address alone.",
            status=200,
            hint="--json shows it all.",
        )
    else:
        invocation.output().lines([shown.get_url])


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql convert onedrive:/Reports/plan.xlsx                  # writes plan.pdf\n"
    "  driveql convert onedrive:/Reports/plan.docx out/ --to pdf\n"
    "  driveql convert onedrive:/Photos/plan.png plan.jpg --to jpg --width 800 --height 600\n\n"
    "A converted file has neither size nor hash to verify; what is verified is that it came whole and begins as its"
    " format does."
)
@click.argument("place")
@click.argument("target", required=False, type=click.Path())
@click.option(
    "--to", "form", type=click.Choice(["pdf", "html", "glb", "jpg"]), default="pdf", show_default=True,
    help="The format; which the service makes depends on the file's kind.",
)  # fmt: skip
@click.option("--width", type=click.IntRange(min=1), metavar="PIXELS", help="Of a jpg.")
@click.option("--height", type=click.IntRange(min=1), metavar="PIXELS", help="Of a jpg.")
@click.option("--overwrite", is_flag=True, help="Replace a local file that exists.")
@global_options
def convert(
    invocation: Invocation,
    place: str,
    target: str | None,
    form: Format,
    width: int | None,
    height: int | None,
    overwrite: bool,
) -> None:
    """Download a file in another format, converted by the service."""
    from pathlib import PurePosixPath

    from driveql.cli.local_target import local_target
    from driveql.cli.places import about
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        found = _found(onedrive, place)
        where = local_target(target, f"{PurePosixPath(found.item.name).stem}.{form}", overwrite=overwrite)
        with about(found.place):
            portal().call(
                found.drive.renditions.convert(found.item, where, format=form, width=width, height=height)
            )
    _tell(invocation, found, str(where))


def _found(onedrive: OneDrive, place: str) -> Found:
    from driveql.cli.items import one
    from driveql.transport.portal import portal

    return portal().call(one(onedrive.asynchronous, place))


def _tell(invocation: Invocation, found: Found, target: str) -> None:
    if invocation.json:
        invocation.output().rows((), [{"source": found.place, "target": target, "outcome": "done"}])
    elif not invocation.quiet:
        invocation.output().lines([f"{found.place} -> {target}"])

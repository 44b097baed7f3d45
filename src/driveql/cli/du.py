"""`driveql du`: bytes below folders, summed over the files themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.cli.options import Invocation, global_options

if TYPE_CHECKING:
    from driveql.cli.subtree import Subtree
    from driveql.drive.usage import Usage

_SELECT = ("id", "name", "folder", "file", "size", "parentReference")


@click.command(
    context_settings={"help_option_names": ["--help"]},
    epilog="\b\nExamples:\n"
    "  driveql du -sh onedrive:/Reports\n"
    "  driveql du --max-depth 1 onedrive:/ | sort -n\n"
    "  driveql du -s 'onedrive:/Projects/*' --json | jq -s 'sort_by(.size)'\n\n"
    "What counts are the files' present versions; earlier versions and the recycle bin use quota too, and are not"
    " in it.",
)
@click.argument("places", nargs=-1, metavar="[PLACE]...")
@click.option("-s", "--summarize", is_flag=True, help="One line for each PLACE.")
@click.option("-h", "--human-readable", is_flag=True, help="1.4 MiB instead of bytes; the way of a terminal.")
@click.option("--max-depth", type=click.IntRange(min=0), metavar="N", help="Show folders down to N levels.")
@global_options
def du(
    invocation: Invocation,
    places: tuple[str, ...],
    summarize: bool,
    human_readable: bool,
    max_depth: int | None,
) -> None:
    """Sum up what lies below folders. Without PLACE, the default drive."""
    from driveql.cli.subtree import subtrees
    from driveql.drive.usage import Usage, usage
    from driveql.transport.portal import portal

    if summarize and max_depth is not None:
        raise click.UsageError("-s shows the sums alone; --max-depth says how deep to show folders.")
    deepest = 0 if summarize else max_depth
    with invocation.open() as onedrive:
        for subtree in portal().iterate(subtrees(onedrive.asynchronous, places or ("onedrive:/",))):
            if subtree.top.is_folder:
                sums = portal().call(usage(subtree.pages(_SELECT), subtree.path))
            else:
                sums = {subtree.path: Usage(subtree.top.size, 1)}
            _show(invocation, subtree, sums, deepest, human_readable)


def _show(
    invocation: Invocation, subtree: Subtree, sums: dict[str, Usage], deepest: int | None, human: bool
) -> None:
    from driveql.cli.text import human_size

    output = invocation.output()
    shown = [path for path in sums if deepest is None or subtree.depth(path) <= deepest]
    # As du does: what is in a folder comes before the folder itself.
    shown.sort(key=lambda path: [*path.casefold().rstrip("/").split("/"), "\U0010ffff"])
    if invocation.json:
        output.rows(
            (),
            (
                {
                    "place": subtree.naming.of(path),
                    "path": path,
                    "size": sums[path].size,
                    "files": sums[path].files,
                    "folders": sums[path].folders,
                    "depth": subtree.depth(path),
                }
                for path in shown
            ),
        )
        return
    output.fields(
        (
            human_size(sums[path].size) if human or output.terminal else sums[path].size,
            subtree.naming.of(path),
        )
        for path in shown
    )

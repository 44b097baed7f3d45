"""`driveql mv`: a new name or a new folder within the same drive."""

from __future__ import annotations

import click

from driveql.cli.options import Invocation, global_options


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql mv onedrive:/Reports/draft.xlsx onedrive:/Reports/final.xlsx\n"
    "  driveql mv onedrive:/Reports/final.xlsx onedrive:/Archive/\n\n"
    "A name that is taken is refused with exit code 6. Between two drives, use get and put."
)
@click.argument("source")
@click.argument("target")
@global_options
def mv(invocation: Invocation, source: str, target: str) -> None:
    """Move or rename SOURCE to TARGET. An existing folder receives it under its own name."""
    from driveql.cli.items import item_at, record, shown_place
    from driveql.errors import InvalidPathError, NotFoundError
    from driveql.graph import paths
    from driveql.transport.portal import portal

    with invocation.open() as onedrive:
        drive, path = onedrive.at(source)
        other, goal = onedrive.at(target)
        if other.id != drive.id:
            raise InvalidPathError(
                "SOURCE and TARGET are in two drives; mv works within one.", hint="Use get, put and rm."
            )
        item = portal().call(item_at(drive.asynchronous, path))
        there = drive.find(goal)
        if there is not None and there.is_folder and there.id != item.id:
            goal = paths.join(there.path or goal, item.name)
        elif there is None and target.endswith("/"):
            raise NotFoundError(
                f"There is no folder {goal}.", status=404, hint=f"driveql mkdir -p {shown_place(goal)}"
            )
        moved = drive.move(item, goal)
        if invocation.json:
            invocation.output().rows((), [record(moved)])
        else:
            invocation.note(f"{shown_place(item.path or item.name)} -> {shown_place(moved.path or goal)}")

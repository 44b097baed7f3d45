"""`--if-match`: one item is changed only while it is the very version that somebody has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driveql.errors import ApiError, ItemChangedError

if TYPE_CHECKING:
    from driveql.graph.models import DriveItem

if_match_option = click.option(
    "--if-match",
    metavar="ETAG",
    help="For one item: only if it still has this eTag, as `driveql stat --json` shows it. Exit code 6: it was changed.",
)


def check_one(if_match: str | None, count: int, *, patterns: bool = False) -> None:
    """Raise UsageError where an eTag would be for several items.

    Parameters:
        count: how many items are named. patterns: whether some are named by a pattern or with all that is in a folder.
    """
    if if_match is not None and (count != 1 or patterns):
        raise click.UsageError("--if-match is for one item: name one, without -r and without a pattern.")


def check_same(if_match: str | None, item: DriveItem | None, place: str) -> None:
    """Raise ItemChangedError where an item that was looked up is not that version: for what the service does not guard itself."""
    if if_match is None or (item is not None and if_match in {"*", item.etag, item.ctag}):
        return
    raise changed(place)


def changed(place: str, cause: ApiError | None = None) -> ItemChangedError:
    """Return the error for an item that is another version than the one that was meant, or is not there."""
    return ItemChangedError(
        f"{place} is not, or no longer, what that eTag names; nothing was changed.",
        status=412,
        code=cause.code if cause is not None else None,
        request_id=cause.request_id if cause is not None else None,
        hint=f"See what is there now: driveql stat --json {place}",
    )

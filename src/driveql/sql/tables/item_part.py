"""The columns that say to which item a row belongs, in tables of what hangs on items: its permissions, its versions.

A scan puts the item's JSON into each row's under `ITEM`; Graph's own annotations have another prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driveql.sql.tables.column import EQUALITY, TEXT, Column, Json, Match, Origin, Role, Takes
from driveql.sql.tables.drives import OWNER
from driveql.sql.tables.items import ITEMS

ITEM = "@driveql.item"
DRIVE = "@driveql.drive"
# The column of `items` that each of these columns is.
AS_ITEM: Mapping[str, str] = {
    "item_id": "id",
    "path": "path",
    "parent_path": "parent_path",
    "item_name": "name",
}


def drive_id(raw: Json, _origin: Origin) -> Any:
    """Return the id of the drive that was asked."""
    return raw.get(DRIVE)


def drive_column(what: str) -> Column:
    """Return the column of the drive that a row was asked of."""
    return Column(
        "drive_id", TEXT, what, takes=EQUALITY, match=Match.EXACT, role=Role.ADDRESS, derive=drive_id
    )


def _column(name: str, description: str, takes: frozenset[Takes]) -> Column:
    own = ITEMS.by_name[AS_ITEM[name]]

    def derive(raw: Json, origin: Origin) -> Any:
        return own.values([raw[ITEM]], origin)[0]

    return Column(name, TEXT, description, takes=takes, role=Role.ADDRESS, derive=derive)


_BELOW = EQUALITY | {Takes.RANGE, Takes.PREFIX}

ITEM_COLUMNS: tuple[Column, ...] = (
    _column(
        "path",
        "Path of the item; a predicate on it asks for that item, a prefix for one folder's tree",
        _BELOW,
    ),
    _column("item_id", "Id of the item; a predicate on it asks for that item", EQUALITY),
    _column("item_name", "Name of the item; together with parent_path it asks for that item", EQUALITY),
    _column("parent_path", "Path of the folder the item is in; a predicate on it asks for its items", _BELOW),
    OWNER,
    drive_column("Id of the drive; the connection's drive by default"),
)

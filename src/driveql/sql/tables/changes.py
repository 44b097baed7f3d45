"""The table `changes`: one round of a drive's delta, as a snapshot. What keeps a cursor durably is `OneDrive.changes`.

A round begins with everything (`start = 'all'`, the default), with nothing (`start = 'latest'`), where an earlier one ended
(`start = cursor`), or at a time (`since`). Its last row has the kind `cursor` and says where the next round begins.
Source: https://learn.microsoft.com/graph/api/driveitem-delta
"""

from __future__ import annotations

from typing import Any

from driveql.sql.tables.column import (
    BOOLEAN,
    EQUALITY,
    INTEGER,
    TEXT,
    TIMESTAMP,
    Column,
    GraphTable,
    Json,
    Kind,
    Match,
    Origin,
    Role,
    identity,
    prop,
)
from driveql.sql.tables.drives import OWNER
from driveql.sql.tables.item_part import drive_column

PATH, START, SINCE, CURSOR = "@driveql.path", "@driveql.start", "@driveql.since", "@driveql.cursor"


def _own(key: str) -> Any:
    return lambda raw, _origin: raw.get(key)


def _kind(raw: Json, _origin: Origin) -> Any:
    if raw.get(CURSOR) is not None:
        return "cursor"
    return "deleted" if "deleted" in raw else "changed"


def _is_folder(raw: Json, _origin: Origin) -> Any:
    return None if raw.get(CURSOR) is not None else "folder" in raw


def _named(name: str, description: str, key: str) -> Column:
    return Column(
        name, TEXT, description, takes=EQUALITY, match=Match.EXACT, role=Role.ADDRESS, derive=_own(key)
    )


CHANGES = GraphTable(
    name="changes",
    description="What changed in a drive, one round of delta; an item may come more than once, then its last row counts; the"
    " last row of all has kind = 'cursor' (needs Files.Read.All)",
    kind=Kind.CHANGES,
    columns=(
        prop("id", TEXT, "Id of the item; NULL in the row of the cursor"),
        Column(
            "kind", TEXT, "changed (made or altered), deleted, or cursor: the end of the round", derive=_kind
        ),
        prop("name", TEXT, "Name; the service leaves it out for what is deleted"),
        Column(
            "path", TEXT, "Path, where the round told the folders above it; NULL otherwise", derive=_own(PATH)
        ),
        prop("size", INTEGER, "Size in bytes"),
        Column("is_folder", BOOLEAN, "True for a folder", derive=_is_folder),
        prop("parentReference.id", TEXT, "Id of the folder it is in"),
        prop("createdDateTime", TIMESTAMP, "When it was created in OneDrive"),
        prop("lastModifiedDateTime", TIMESTAMP, "When it was last changed in OneDrive"),
        *identity("lastModifiedBy", "Last changed by"),
        prop("webUrl", TEXT, "Address in the browser"),
        prop("eTag", TEXT, "Changes with every change of the item"),
        prop("cTag", TEXT, "Changes with every change of the content"),
        prop("file.mimeType", TEXT, "Media type of the content"),
        prop("file.hashes.quickXorHash", TEXT, "Base64 quickXorHash of the content"),
        _named(
            "start",
            "Where the round begins: all (the default), latest, or the cursor of an earlier round",
            START,
        ),
        _named(
            "since", "Instead of start: a time such as 2026-07-01T00:00:00Z after which things changed", SINCE
        ),
        Column(
            "cursor", TEXT, "In the last row: where the next round begins, for start", derive=_own(CURSOR)
        ),
        OWNER,
        drive_column("Id of the drive; the connection's drive by default"),
    ),
    selects=False,
    scopes=("owner", "drive_id", "start", "since"),
)

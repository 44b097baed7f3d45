"""The table `drives`: the OneDrives and document libraries of an owner; the connection's owner by default.

Source: https://learn.microsoft.com/graph/api/resources/drive
"""

from __future__ import annotations

from typing import Any

from driveql.sql.tables.column import (
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


def _owner(_raw: Json, origin: Origin) -> Any:
    return origin.owner


OWNER = Column(
    "owner",
    TEXT,
    "Owner as the query names it (/users/.., /groups/.., /sites/..); the connection's owner by default",
    takes=EQUALITY,
    match=Match.EXACT,
    role=Role.ADDRESS,
    derive=_owner,
)

DRIVES = GraphTable(
    name="drives",
    description="OneDrives and document libraries of one owner (needs Files.Read.All)",
    kind=Kind.DRIVES,
    columns=(
        prop(
            "id",
            TEXT,
            "Id of the drive; a predicate on it is one request, whoever owns the drive",
            takes=EQUALITY,
        ),
        prop("name", TEXT, "Name of the drive or library"),
        prop("driveType", TEXT, "business, documentLibrary or personal"),
        prop("description", TEXT, "What the library is for"),
        OWNER,
        *identity("owner", "Owner", ("user", "group")),
        prop("quota.total", INTEGER, "Space in all, in bytes"),
        prop("quota.used", INTEGER, "Space used, in bytes"),
        prop("quota.remaining", INTEGER, "Space left, in bytes"),
        prop("quota.deleted", INTEGER, "Space that the recycle bin holds, in bytes"),
        prop("quota.state", TEXT, "normal, nearing, critical or exceeded"),
        prop("webUrl", TEXT, "Address of the drive in the browser"),
        prop("createdDateTime", TIMESTAMP, "When the drive was created"),
        prop("lastModifiedDateTime", TIMESTAMP, "When the drive was last changed"),
    ),
    scopes=("owner", "id"),
)

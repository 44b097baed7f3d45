"""The table `versions`: the versions of files, the current one first. One listing a file.

Source: https://learn.microsoft.com/graph/api/driveitem-list-versions
"""

from __future__ import annotations

from driveql.sql.tables.column import INTEGER, TEXT, TIMESTAMP, GraphTable, Kind, identity, prop
from driveql.sql.tables.item_part import ITEM_COLUMNS

VERSIONS = GraphTable(
    name="versions",
    description="Versions of files, one request a file; name the file by path or item_id, or every file of the drive is"
    " asked (needs Files.Read.All)",
    kind=Kind.VERSIONS,
    columns=(
        prop("id", TEXT, "Number of the version, such as 3.0"),
        *ITEM_COLUMNS,
        prop("size", INTEGER, "Size in bytes"),
        prop("lastModifiedDateTime", TIMESTAMP, "When the version was made"),
        *identity("lastModifiedBy", "Made by"),
        prop("publication.level", TEXT, "published or checkout, where the service says"),
    ),
    selects=False,
    scopes=("owner", "drive_id"),
)

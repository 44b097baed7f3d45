"""The table `folders`: the rows of `items` that are folders."""

from __future__ import annotations

from driveql.sql.tables.column import GraphTable, Kind
from driveql.sql.tables.items import ALWAYS, COMMON, FOLDER_COLUMNS, is_folder

FOLDERS = GraphTable(
    name="folders",
    description="Folders of a drive, at every depth (needs Files.Read.All)",
    kind=Kind.ITEMS,
    columns=(*(column for column in COMMON if column.name != "is_folder"), *FOLDER_COLUMNS),
    keep=is_folder,
    always=ALWAYS,
    scopes=("owner", "drive_id"),
)

"""The table `files`: the rows of `items` that are files."""

from __future__ import annotations

from driveql.sql.tables.column import GraphTable, Json, Kind
from driveql.sql.tables.items import ALWAYS, COMMON, FILE_COLUMNS, is_folder


def _is_file(raw: Json) -> bool:
    return not is_folder(raw)


FILES = GraphTable(
    name="files",
    description="Files of a drive, at every depth (needs Files.Read.All)",
    kind=Kind.ITEMS,
    columns=(*(column for column in COMMON if column.name != "is_folder"), *FILE_COLUMNS),
    keep=_is_file,
    always=ALWAYS,
    scopes=("owner", "drive_id"),
)

"""The tables of the catalogue, one source file each. `TABLES` is the only list of them."""

from __future__ import annotations

from collections.abc import Mapping

from driveql.sql.tables.column import Column, GraphTable, Kind, Match, Origin, Role, Takes
from driveql.sql.tables.drives import DRIVES
from driveql.sql.tables.files import FILES
from driveql.sql.tables.folders import FOLDERS
from driveql.sql.tables.group_members import GROUP_MEMBERS
from driveql.sql.tables.groups import GROUPS
from driveql.sql.tables.items import ITEMS
from driveql.sql.tables.sites import SITES
from driveql.sql.tables.users import USERS

TABLES: Mapping[str, GraphTable] = {
    table.name: table for table in (USERS, GROUPS, GROUP_MEMBERS, SITES, DRIVES, ITEMS, FILES, FOLDERS)
}

__all__ = ["TABLES", "Column", "GraphTable", "Kind", "Match", "Origin", "Role", "Takes"]

"""The tables of the catalogue, one source file each. `TABLES` is the only list of them."""

from __future__ import annotations

from collections.abc import Mapping

from driveql.sql.tables.changes import CHANGES
from driveql.sql.tables.column import Column, GraphTable, Kind, Match, Origin, Role, Takes
from driveql.sql.tables.drives import DRIVES
from driveql.sql.tables.files import FILES
from driveql.sql.tables.folders import FOLDERS
from driveql.sql.tables.group_members import GROUP_MEMBERS
from driveql.sql.tables.groups import GROUPS
from driveql.sql.tables.items import ITEMS
from driveql.sql.tables.list_items import LIST_ITEMS
from driveql.sql.tables.lists import LISTS
from driveql.sql.tables.permissions import PERMISSIONS
from driveql.sql.tables.shared_with_me import SHARED_WITH_ME
from driveql.sql.tables.sites import SITES
from driveql.sql.tables.subscriptions import SUBSCRIPTIONS
from driveql.sql.tables.users import USERS
from driveql.sql.tables.versions import VERSIONS

TABLES: Mapping[str, GraphTable] = {
    table.name: table
    for table in (
        USERS,
        GROUPS,
        GROUP_MEMBERS,
        SITES,
        DRIVES,
        ITEMS,
        FILES,
        FOLDERS,
        PERMISSIONS,
        VERSIONS,
        CHANGES,
        SHARED_WITH_ME,
        LISTS,
        LIST_ITEMS,
        SUBSCRIPTIONS,
    )
}
# Columns whose values say which drives, sites or lists are asked; `id`, of drives, is told from others by its table.
DECIDING = frozenset(name for table in TABLES.values() for name in table.scopes) - {"id"}

__all__ = ["DECIDING", "TABLES", "Column", "GraphTable", "Kind", "Match", "Origin", "Role", "Takes"]

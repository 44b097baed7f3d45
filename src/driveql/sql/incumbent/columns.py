"""The incumbent's columns: camelCase parts joined by underscores, each with the column of ours that it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from driveql.sql.tables import TABLES

_WEB_URL_PATH = "url_decode(regexp_extract(web_url, '^[a-z]+://[^/]+(/.*)$', 1))"

_PEOPLE = {
    f"{facet}_{path}": f"{facet}.{path}".replace("_", ".")
    for facet in ("createdBy", "lastModifiedBy")
    for path in ("user_id", "user_email", "user_displayName", "application_id", "application_displayName")
}
_ITEM_PROPERTIES: Mapping[str, str] = {
    "id": "id",
    "name": "name",
    "size": "size",
    "createdDateTime": "createdDateTime",
    "lastModifiedDateTime": "lastModifiedDateTime",
    "webUrl": "webUrl",
    **_PEOPLE,
    "parentReference_id": "parentReference.id",
    "parentReference_driveId": "parentReference.driveId",
    "parentReference_driveType": "parentReference.driveType",
    "parentReference_siteId": "parentReference.siteId",
    "fileSystemInfo_createdDateTime": "fileSystemInfo.createdDateTime",
    "fileSystemInfo_lastModifiedDateTime": "fileSystemInfo.lastModifiedDateTime",
    "eTag": "eTag",
    "cTag": "cTag",
    "file_mimeType": "file.mimeType",
    "file_hashes_quickXorHash": "file.hashes.quickXorHash",
    "folder_childCount": "folder.childCount",
}


def _of(table: str, properties: Mapping[str, str]) -> dict[str, str]:
    by_property = {column.graph: column.name for column in TABLES[table].columns if column.graph}
    return {theirs: by_property[graph] for theirs, graph in properties.items()}


def _plain(table: str) -> dict[str, str]:
    """Return the columns of a table under the incumbent's spelling: the property path with underscores."""
    return {
        column.graph.replace(".", "_"): column.name
        for column in TABLES[table].columns
        if column.graph and "@" not in column.graph
    }


ITEM_COLUMNS: Mapping[str, str] = {
    **_of("items", _ITEM_PROPERTIES),
    "webUrlPath": _WEB_URL_PATH,
    "parentReference_name": "parent_reference_name",
    "parentReference_path": "parent_reference_path",
}
DRIVE_COLUMNS: Mapping[str, str] = _plain("drives")
USER_COLUMNS: Mapping[str, str] = _plain("users")
GROUP_COLUMNS: Mapping[str, str] = _plain("groups")
SHARED_COLUMNS: Mapping[str, str] = _plain("shared_with_me")

# Names that only the incumbent has, by which a statement shows that it is written for it.
FOREIGN: frozenset[str] = frozenset(
    theirs.lower()
    for columns in (ITEM_COLUMNS, DRIVE_COLUMNS, USER_COLUMNS, GROUP_COLUMNS)
    for theirs in columns
    if theirs.lower() not in {name for table in TABLES.values() for name in table.by_name}
)


def selection(columns: Mapping[str, str]) -> str:
    """Return the select list that gives our columns the incumbent's names."""
    return ", ".join(f'{ours} AS "{theirs}"' if ours != theirs else ours for theirs, ours in columns.items())

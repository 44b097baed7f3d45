"""The table `items`: every file and folder of a drive, except the root folder itself; the connection's drive by default.

Graph finds paths without regard to case; SQL's `=` compares exactly, so `path = '/reports'` finds nothing where the folder is
called Reports. Graph orders names by its own collation, not as SQL does, so no order is sent.
Source: https://learn.microsoft.com/graph/api/resources/driveitem
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from driveql.graph import paths
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
    Takes,
    identity,
    prop,
)
from driveql.sql.tables.drives import OWNER

# Under this key a scan adds the folder of an item to JSON that lacks it; Graph's annotations have another prefix.
KNOWN_FOLDER = "@driveql.folder"


def parent_path(raw: Json, _origin: Origin) -> str | None:
    """Return the plain path of the folder an item is in, as the service spells it."""
    reference = raw.get("parentReference") or {}
    known: str | None = raw.get(KNOWN_FOLDER)
    return _folder(reference.get("path") or "") or known


# Most items of a page lie in one folder.
_folder = lru_cache(maxsize=4096)(paths.from_parent_reference)


def _path(raw: Json, origin: Origin) -> Any:
    folder, name = parent_path(raw, origin), raw.get("name")
    return paths.join(folder, name) if folder and name else None


def _folder_name(raw: Json, origin: Origin) -> Any:
    folder = parent_path(raw, origin)
    return (paths.split(folder)[1] or None) if folder else None


def _reference_path(raw: Json, origin: Origin) -> Any:
    # Not every listing of the service says it, and not in one spelling: it is written anew, so that all rows agree.
    folder, drive = parent_path(raw, origin), _drive_id(raw, origin)
    if folder is None or drive is None:
        return None
    return f"/drives/{drive}/root:" + ("" if folder == paths.ROOT else "/" + paths.encode(folder))


def is_folder(raw: Json) -> bool:
    """Return True for a folder; a package such as a notebook counts as one where Graph gives it the folder facet."""
    return "folder" in raw


def _is_folder(raw: Json, _origin: Origin) -> Any:
    return is_folder(raw)


def _address(
    name: str, description: str, *, takes: frozenset[Takes], select: tuple[str, ...], derive: Any
) -> Column:
    return Column(name, TEXT, description, select=select, takes=takes, role=Role.ADDRESS, derive=derive)


def _drive_id(raw: Json, _origin: Origin) -> Any:
    return (raw.get("parentReference") or {}).get("driveId")


COMMON: tuple[Column, ...] = (
    Column(
        "id",
        TEXT,
        "Id of the item in its drive; a predicate on it is one request",
        graph="id",
        select=("id",),
        takes=EQUALITY,
        match=Match.EXACT,
        role=Role.ADDRESS,
    ),
    prop("name", TEXT, "Name with its extension; together with parent_path it is one request"),
    _address(
        "path",
        "Plain path from the drive's root, such as /Reports/a.csv; a predicate on it is one request, a prefix one folder's tree",
        takes=EQUALITY | {Takes.RANGE, Takes.PREFIX},
        select=("parentReference", "name"),
        derive=_path,
    ),
    _address(
        "parent_path",
        "Plain path of the folder it is in (/ at the top); a predicate on it lists one folder, a prefix one folder's tree",
        takes=EQUALITY | {Takes.RANGE, Takes.PREFIX},
        select=("parentReference",),
        derive=parent_path,
    ),
    prop("size", INTEGER, "Size in bytes; of a folder, all that is below it"),
    Column(
        "is_folder", BOOLEAN, "True for a folder, false for a file", select=("folder",), derive=_is_folder
    ),
    OWNER,
    Column(
        "drive_id",
        TEXT,
        "Id of the drive; the connection's drive by default",
        graph="parentReference.driveId",
        select=("parentReference",),
        takes=EQUALITY,
        match=Match.EXACT,
        role=Role.ADDRESS,
        derive=_drive_id,
    ),
    prop("description", TEXT, "Description that people gave it"),
    prop("createdDateTime", TIMESTAMP, "When it was created in OneDrive"),
    prop("lastModifiedDateTime", TIMESTAMP, "When it was last changed in OneDrive"),
    prop("fileSystemInfo.createdDateTime", TIMESTAMP, "When it was created where it came from"),
    prop("fileSystemInfo.lastModifiedDateTime", TIMESTAMP, "When it was last changed where it came from"),
    *identity("createdBy", "Created by"),
    *identity("lastModifiedBy", "Last changed by"),
    prop("webUrl", TEXT, "Address in the browser"),
    prop("eTag", TEXT, "Changes with every change of the item"),
    prop("cTag", TEXT, "Changes with every change of the content"),
    Column(
        "parent_reference_id",
        TEXT,
        "Id of the folder it is in; a predicate on it lists that folder",
        graph="parentReference.id",
        select=("parentReference",),
        takes=EQUALITY,
        match=Match.EXACT,
        role=Role.ADDRESS,
    ),
    Column(
        "parent_reference_name",
        TEXT,
        "Name of the folder it is in; NULL at the top",
        select=("parentReference",),
        derive=_folder_name,
    ),
    Column(
        "parent_reference_path",
        TEXT,
        "Path of the folder in Graph's form, percent-encoded: /drives/{id}/root:/a%20b",
        select=("parentReference",),
        derive=_reference_path,
    ),
    prop("parentReference.driveType", TEXT, "business, documentLibrary or personal"),
    prop("parentReference.siteId", TEXT, "Id of the site that holds the drive"),
    prop("shared.scope", TEXT, "anonymous, organization or users, where it is shared"),
)

FILE_COLUMNS: tuple[Column, ...] = (
    prop("file.mimeType", TEXT, "Media type of the content"),
    prop("file.hashes.quickXorHash", TEXT, "Base64 quickXorHash of the content"),
    prop("file.hashes.sha1Hash", TEXT, "Hexadecimal SHA-1 of the content, in personal drives"),
    prop("file.hashes.sha256Hash", TEXT, "Hexadecimal SHA-256 of the content, where the service has it"),
)

FOLDER_COLUMNS: tuple[Column, ...] = (
    prop("folder.childCount", INTEGER, "How many items are directly in the folder"),
)

# `root` marks the drive's root folder, which is no row; `folder` tells folders from files.
ALWAYS = ("id", "root", "folder")

ITEMS = GraphTable(
    name="items",
    description="Files and folders of a drive, at every depth (needs Files.Read.All)",
    kind=Kind.ITEMS,
    columns=(*COMMON, *FILE_COLUMNS, *FOLDER_COLUMNS),
    always=ALWAYS,
    scopes=("owner", "drive_id"),
)

"""A drive's items as fsspec's records. The pre-authenticated URL is a secret and never part of one."""

from __future__ import annotations

from typing import Any

from driveql.graph.models import Drive, DriveItem

Info = dict[str, Any]

# What a record needs; the default set would also bring a pre-authenticated URL for every file.
PROPERTIES = (
    "id", "name", "size", "file", "folder", "package", "root", "eTag", "cTag", "createdDateTime",
    "lastModifiedDateTime", "fileSystemInfo", "createdBy", "lastModifiedBy", "webUrl", "parentReference",
)  # fmt: skip


def info_of(item: DriveItem, name: str) -> Info:
    """Return the record of an item under its canonical path `name`.

    `size` is in bytes, 0 for folders; times are aware datetimes. `type` is `file`, `directory` or, for what has no bytes and
    no children (a OneNote notebook), `other`.
    """
    kind = "directory" if item.is_folder else "other" if "package" in item.raw else "file"
    return {
        "name": name,
        "type": kind,
        "size": 0 if item.is_folder else item.size,
        "created": item.created,
        "modified": item.modified,
        "mtime": item.modified,
        "etag": item.etag,
        "ctag": item.ctag,
        "id": item.id,
        "drive_id": item.drive_id,
        "mime_type": item.mime_type,
        "quick_xor_hash": item.quick_xor_hash,
        "child_count": item.child_count,
        "created_by": item.created_by,
        "modified_by": item.modified_by,
        "web_url": item.web_url,
    }


def info_of_library(drive: Drive, name: str) -> Info:
    """Return the record of a site's document library, seen as a folder of the site."""
    return {"name": name, "type": "directory", "size": 0, "drive_id": drive.id, "web_url": drive.web_url}


def info_of_site(raw: dict[str, Any], name: str) -> Info:
    """Return the record of a site, seen as a folder of libraries."""
    return {"name": name, "type": "directory", "size": 0, "id": raw.get("id"), "web_url": raw.get("webUrl")}

"""How drives, items and sites look as JSON. What does not change with time is rendered once and kept with the item."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson

from graph_contract import load
from graph_emulator.store import Drive, Item, Site

DOWNLOAD_URL = "@microsoft.graph.downloadUrl"

ITEM_PROPERTIES = frozenset(
    (*load("properties")["driveItem"]["properties"], DOWNLOAD_URL, "content.downloadUrl")
)


@lru_cache(maxsize=65_536)
def _second(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def timestamp(moment: float) -> str:
    """Return seconds since 1970 as SharePoint writes times: UTC, whole seconds."""
    return _second(int(moment // 1))


def item_reference(folder: Item) -> dict[str, str]:
    """Return the parentReference of the items in `folder`; kept until a folder of the drive is renamed or moved."""
    drive = folder.drive
    if folder.reference is None or folder.reference_epoch != drive.epoch:
        path = folder.path
        folder.reference = {
            "driveType": drive.drive_type,
            "driveId": drive.id,
            "id": folder.id,
            "name": folder.name if folder.parent is not None else drive.url_name.replace("%20", " "),
            "path": f"/drives/{drive.id}/root:{quote(path)}",
            "siteId": drive.site.site_guid,
        }
        folder.reference_epoch = drive.epoch
    return folder.reference


def item_json(item: Item) -> bytes:
    """Return a driveItem without its download address, as JSON; rendered anew only after a change."""
    if item.rendered is None or item.rendered_epoch != item.drive.epoch:
        item.rendered = orjson.dumps(_item(item))
        item.rendered_epoch = item.drive.epoch
    return item.rendered


def _item(item: Item) -> dict[str, Any]:
    drive = item.drive
    shown: dict[str, Any] = {
        "createdBy": item.created_by.identity_set(),
        "createdDateTime": timestamp(item.created),
        "eTag": item.etag,
        "id": item.id,
        "lastModifiedBy": item.modified_by.identity_set(),
        "lastModifiedDateTime": timestamp(item.modified),
        "name": item.name,
        "parentReference": (
            {"driveType": drive.drive_type, "driveId": drive.id}
            if item.parent is None
            else item_reference(item.parent)
        ),
        "webUrl": f"{drive.web_url}{quote(item.path)}",
        "cTag": item.ctag,
        "fileSystemInfo": {
            "createdDateTime": timestamp(item.fs_created),
            "lastModifiedDateTime": timestamp(item.fs_modified),
        },
        "size": item.size,
    }
    if item.description is not None:
        shown["description"] = item.description
    if item.children is not None:
        shown["folder"] = {"childCount": len(item.children)}
    if item.parent is None:
        shown["root"] = {}
        del shown["fileSystemInfo"], shown["cTag"], shown["eTag"]
    if item.content is not None:
        hashes = {"quickXorHash": item.content.quick_xor_hash} if item.size else {}
        shown["file"] = (
            {"hashes": hashes, "mimeType": item.mime_type} if hashes else {"mimeType": item.mime_type}
        )
    return shown


def publication(item: Item) -> dict[str, Any]:
    """Return a file's publication facet, which is shown when it is selected: published, or checked out and by whom."""
    shown: dict[str, Any] = {"level": "published", "versionId": item.current().label}
    if item.check_out is not None:
        shown |= {"level": "checkout", "checkedOutBy": item.check_out.by.identity_set()}
    return shown


def drive_json(drive: Drive) -> dict[str, Any]:
    """Return a drive."""
    remaining = max(0, drive.quota_total - drive.quota_used - drive.quota_deleted)
    used_share = 1 - remaining / drive.quota_total if drive.quota_total else 1.0
    state = "exceeded" if used_share >= 1 else "critical" if used_share > 0.99 else "normal"
    if state == "normal" and used_share > 0.9:
        state = "nearing"
    return {
        "createdDateTime": timestamp(drive.root.created),
        "description": "",
        "id": drive.id,
        "lastModifiedDateTime": timestamp(drive.root.modified),
        "name": drive.name,
        "webUrl": drive.web_url,
        "driveType": drive.drive_type,
        "createdBy": drive.root.created_by.identity_set(),
        "lastModifiedBy": drive.root.modified_by.identity_set(),
        "owner": drive.owner,
        "quota": {
            "deleted": drive.quota_deleted,
            "remaining": remaining,
            "state": state,
            "total": drive.quota_total,
            "used": drive.quota_used,
        },
    }


def site_json(site: Site) -> dict[str, Any]:
    """Return a site."""
    shown: dict[str, Any] = {
        "createdDateTime": timestamp(site.created),
        "description": site.description,
        "id": site.id,
        "lastModifiedDateTime": timestamp(
            max([site.created, *(drive.root.modified for drive in site.drives)])
        ),
        "name": site.path.rpartition("/")[2],
        "webUrl": site.web_url,
        "displayName": site.display_name,
        "isPersonalSite": site.personal,
        "siteCollection": {"hostname": site.host},
    }
    if not site.path.partition("/")[2].partition("/")[2]:
        shown["root"] = {}
        shown["siteCollection"]["root"] = {}
    return shown

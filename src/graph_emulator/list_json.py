"""How lists, their columns and their entries look as JSON; a document library and a plain list alike."""

from __future__ import annotations

from typing import Any

from graph_emulator.representation import timestamp
from graph_emulator.shown_list import Row, ShownList, item_guid
from graph_emulator.store import Item
from graph_emulator.store.lists import Column

_CONTENT_TYPES = {"Item": "0x0100", "Document": "0x0101", "Folder": "0x0120"}


def list_json(shown: ShownList) -> dict[str, Any]:
    """Return a list."""
    if shown.plain is not None:
        by, created, modified = shown.plain.created_by, shown.plain.created, shown.plain.modified
        template, description = shown.plain.template, shown.plain.description
    else:
        drive = shown.library
        by, created, modified = drive.actor, drive.root.created, drive.root.modified
        template, description = (
            "mySiteDocumentLibrary" if drive.drive_type == "business" else "documentLibrary",
            "",
        )
    return {
        "createdDateTime": timestamp(created),
        "description": description,
        "eTag": f'"{shown.guid},{int(modified - created) + 1}"',
        "id": shown.guid,
        "lastModifiedDateTime": timestamp(max(modified, created)),
        "name": shown.web_url.rpartition("/")[2].replace("%20", " "),
        "webUrl": shown.web_url,
        "displayName": shown.display_name,
        "createdBy": by.identity_set(),
        "lastModifiedBy": by.identity_set(),
        "parentReference": {"siteId": shown.site.id},
        "list": {"contentTypesEnabled": False, "hidden": False, "template": template},
    }


def column_json(shown: ShownList, column: Column) -> dict[str, Any]:
    """Return a column definition."""
    return {
        "columnGroup": "Custom Columns",
        "description": column.description,
        "displayName": column.display_name or column.name,
        "enforceUniqueValues": False,
        "hidden": column.hidden,
        "id": column.id_in(shown.guid),
        "indexed": column.indexed,
        "name": column.name,
        "readOnly": column.read_only,
        "required": column.required,
        column.kind: column.settings,
    }


def row_json(shown: ShownList, row: Row) -> dict[str, Any]:
    """Return a list item without its fields."""
    parent: dict[str, Any] = {"siteId": shown.site.id}
    if row.item is not None and row.item.parent is not None:
        parent["id"] = item_guid(row.item.parent)
    return {
        "@odata.etag": row.etag,
        "createdDateTime": timestamp(row.created),
        "eTag": row.etag,
        "id": str(row.number),
        "lastModifiedDateTime": timestamp(row.modified),
        "webUrl": row.web_url,
        "createdBy": row.created_by.identity_set(),
        "lastModifiedBy": row.modified_by.identity_set(),
        "parentReference": parent,
        "contentType": {"id": _CONTENT_TYPES[row.content_type], "name": row.content_type},
    }


def fields_of(row: Row, select: tuple[str, ...] | None) -> dict[str, Any]:
    """Return an entry's values, cut to `select`."""
    if select is None:
        return row.fields
    by_name = {name.casefold(): name for name in row.fields}
    wanted = (by_name.get(name.casefold()) for name in ("@odata.etag", *select))
    return {name: row.fields[name] for name in wanted if name is not None}


def sharepoint_ids(item: Item, tenant_id: str) -> dict[str, str]:
    """Return the ids under which SharePoint's own interfaces know an item."""
    site = item.drive.site
    shown = {
        "listId": item.drive.list_guid,
        "listItemUniqueId": item_guid(item),
        "siteId": site.site_guid,
        "siteUrl": site.web_url,
        "tenantId": tenant_id,
        "webId": site.web_guid,
    }
    if item.parent is not None:
        shown["listItemId"] = str(item.drive.library.number(item))
    return shown

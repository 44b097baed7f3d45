"""The table `list_items`: the entries of a SharePoint list; by default of the library that the connection's drive is.

The service filters by a column of the list only where that column is indexed, or where the connection has
SearchOptionForNonIndexedFields: a predicate on any other column is applied here, to all entries.
Source: https://learn.microsoft.com/graph/api/listitem-list
"""

from __future__ import annotations

import json
from typing import Any

from driveql.sql.tables.column import (
    EQUALITY,
    FILTERABLE,
    TEXT,
    TIMESTAMP,
    Column,
    GraphTable,
    Json,
    Kind,
    Match,
    Origin,
    Role,
    identity,
    prop,
)
from driveql.sql.tables.drives import OWNER
from driveql.sql.tables.lists import SITE_ID

LIST = "@driveql.list"


def _fields(raw: Json, _origin: Origin) -> Any:
    fields = raw.get("fields")
    if not isinstance(fields, dict):
        return None
    kept = {name: value for name, value in fields.items() if not name.startswith("@odata")}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _list(raw: Json, _origin: Origin) -> Any:
    return raw.get(LIST)


LIST_ITEMS = GraphTable(
    name="list_items",
    description="Entries of a SharePoint list with the values of its columns (needs Sites.Read.All)",
    kind=Kind.LIST_ITEMS,
    columns=(
        prop("id", TEXT, "Number of the entry in its list"),
        Column(
            "list",
            TEXT,
            "Id or title of the list, as the query names it; NULL for the library of the connection's drive, the default",
            takes=EQUALITY,
            match=Match.EXACT,
            role=Role.ADDRESS,
            derive=_list,
        ),
        prop(
            "fields.Title",
            TEXT,
            "Title; asked of Graph where the column is indexed",
            name="title",
            takes=FILTERABLE,
        ),
        prop("fields.FileLeafRef", TEXT, "Name of the file, in a library", name="file_name"),
        Column(
            "fields",
            TEXT,
            "All columns of the entry as JSON, by internal name: fields->>'Region'; numbers, flags and lists keep their kind",
            graph="fields",
            select=("fields",),
            derive=_fields,
        ),
        prop("contentType.name", TEXT, "Content type, such as Document or Item"),
        prop("createdDateTime", TIMESTAMP, "When the entry was created"),
        prop("lastModifiedDateTime", TIMESTAMP, "When the entry was last changed"),
        *identity("createdBy", "Created by"),
        *identity("lastModifiedBy", "Last changed by"),
        prop("webUrl", TEXT, "Address in the browser"),
        prop("eTag", TEXT, "Changes with every change of the entry"),
        OWNER,
        SITE_ID,
    ),
    scopes=("owner", "site_id", "list"),
)

"""The table `lists`: the lists and document libraries of a site; by default the site that holds the connection's drive.

Source: https://learn.microsoft.com/graph/api/list-list
"""

from __future__ import annotations

from typing import Any

from driveql.sql.tables.column import (
    BOOLEAN,
    EQUALITY,
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

SITE = "@driveql.site"


def _site(raw: Json, _origin: Origin) -> Any:
    return raw.get(SITE) or (raw.get("parentReference") or {}).get("siteId")


SITE_ID = Column(
    "site_id",
    TEXT,
    "Id of the site, as the query names it; the site of the connection's owner or drive by default",
    select=("parentReference",),
    takes=EQUALITY,
    match=Match.EXACT,
    role=Role.ADDRESS,
    derive=_site,
)

LISTS = GraphTable(
    name="lists",
    description="Lists and document libraries of a site (needs Sites.Read.All)",
    kind=Kind.LISTS,
    columns=(
        prop("id", TEXT, "Id of the list"),
        prop("name", TEXT, "Name of the list in its address"),
        prop("displayName", TEXT, "Title of the list"),
        prop("description", TEXT, "What the list is for"),
        prop("list.template", TEXT, "genericList, documentLibrary and so on"),
        prop("list.hidden", BOOLEAN, "Whether it is hidden from people"),
        prop("webUrl", TEXT, "Address in the browser"),
        prop("createdDateTime", TIMESTAMP, "When the list was created"),
        prop("lastModifiedDateTime", TIMESTAMP, "When the list was last changed"),
        *identity("createdBy", "Created by"),
        prop("eTag", TEXT, "Changes with every change of the list"),
        OWNER,
        SITE_ID,
    ),
    scopes=("owner", "site_id"),
)

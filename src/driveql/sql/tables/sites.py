"""The table `sites`: SharePoint sites that the application may see.

Graph's site search is by relevance, not by predicate, so only `id` is sent.
Source: https://learn.microsoft.com/graph/api/resources/site
"""

from __future__ import annotations

from driveql.sql.tables.column import BOOLEAN, EQUALITY, TEXT, TIMESTAMP, GraphTable, Kind, prop

SITES = GraphTable(
    name="sites",
    description="SharePoint sites (needs Sites.Read.All)",
    kind=Kind.SITES,
    columns=(
        prop("id", TEXT, "Id of the site (host,guid,guid); a predicate on it is one request", takes=EQUALITY),
        prop("name", TEXT, "Name of the site in its address"),
        prop("displayName", TEXT, "Title of the site"),
        prop("description", TEXT, "What the site is for"),
        prop("webUrl", TEXT, "Address of the site in the browser"),
        prop("isPersonalSite", BOOLEAN, "Whether the site is somebody's OneDrive"),
        prop("siteCollection.hostname", TEXT, "Host name of the site collection"),
        prop("createdDateTime", TIMESTAMP, "When the site was created"),
        prop("lastModifiedDateTime", TIMESTAMP, "When the site was last changed"),
    ),
)

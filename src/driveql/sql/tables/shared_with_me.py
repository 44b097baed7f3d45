"""The table `shared_with_me`: what others shared with a drive's owner, as far as the service still says it.

Microsoft retires the listing (November 2026): it answers with nothing, or refuses applications. `permissions` of the drives
that hold the items is what remains.
Source: https://learn.microsoft.com/graph/api/drive-sharedwithme
"""

from __future__ import annotations

from driveql.sql.tables.column import INTEGER, TEXT, TIMESTAMP, GraphTable, Kind, identity, prop
from driveql.sql.tables.drives import OWNER
from driveql.sql.tables.item_part import drive_column

SHARED_WITH_ME = GraphTable(
    name="shared_with_me",
    description="What others shared with the drive's owner; Microsoft retires this listing (November 2026), so that it may be"
    " empty or refused whatever is shared (needs Files.Read.All)",
    kind=Kind.SHARED_WITH_ME,
    columns=(
        prop("id", TEXT, "Id of the entry"),
        prop("name", TEXT, "Name of the shared item"),
        prop("remoteItem.id", TEXT, "Id of the item in the drive that holds it"),
        prop("remoteItem.parentReference.driveId", TEXT, "Id of the drive that holds it, for items.drive_id"),
        prop("remoteItem.size", INTEGER, "Size in bytes"),
        prop("remoteItem.webUrl", TEXT, "Address in the browser"),
        prop("remoteItem.file.mimeType", TEXT, "Media type of the content; NULL for a folder"),
        prop("remoteItem.lastModifiedDateTime", TIMESTAMP, "When it was last changed"),
        prop("remoteItem.shared.sharedDateTime", TIMESTAMP, "When it was shared"),
        *identity("remoteItem.shared.sharedBy", "Shared by", ("user",)),
        OWNER,
        drive_column("Id of the drive that was asked; the connection's drive by default"),
    ),
    selects=False,
    scopes=("owner", "drive_id"),
)

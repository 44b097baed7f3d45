"""The table `permissions`: who may do what with an item, and the sharing links to it. One listing an item.

Source: https://learn.microsoft.com/graph/api/driveitem-list-permissions
"""

from __future__ import annotations

from typing import Any

from driveql.graph.sharing_models import Permission
from driveql.sql.tables.column import (
    BOOLEAN,
    TEXT,
    TEXTS,
    TIMESTAMP,
    Column,
    GraphTable,
    Json,
    Kind,
    Origin,
    prop,
)
from driveql.sql.tables.item_part import ITEM_COLUMNS


def _kind(raw: Json, _origin: Origin) -> Any:
    return Permission.from_json(dict(raw)).kind


def _inherited(raw: Json, _origin: Origin) -> Any:
    return Permission.from_json(dict(raw)).is_inherited


def _grantees(which: str) -> Any:
    def derive(raw: Json, _origin: Origin) -> Any:
        found = [getattr(grantee, which) for grantee in Permission.from_json(dict(raw)).granted_to]
        return [value for value in found if value]

    return derive


def _expires(raw: Json, _origin: Origin) -> Any:
    expires = Permission.from_json(dict(raw)).expires
    return None if expires is None else expires.isoformat()


PERMISSIONS = GraphTable(
    name="permissions",
    description="Permissions of items and sharing links to them, one request an item; name the item by path or item_id,"
    " or every item of the drive is asked (needs Files.Read.All)",
    kind=Kind.PERMISSIONS,
    columns=(
        prop("id", TEXT, "Id of the permission, for revoke_permission"),
        *ITEM_COLUMNS,
        Column(
            "kind", TEXT, "grant, link, or invitation (somebody who has not taken it up yet)", derive=_kind
        ),
        prop("roles", TEXTS, "read, write, owner"),
        Column("granted_to_ids", TEXTS, "Ids of those who have access", derive=_grantees("id")),
        Column("granted_to_names", TEXTS, "Names of those who have access", derive=_grantees("name")),
        Column("granted_to_emails", TEXTS, "Their e-mail addresses", derive=_grantees("email")),
        prop("link.type", TEXT, "view, edit or embed, of a link"),
        prop("link.scope", TEXT, "anonymous, organization or users, of a link"),
        prop(
            "link.webUrl", TEXT, "The link: it lets in whoever its scope says, so keep it as one keeps a key"
        ),
        prop("link.preventsDownload", BOOLEAN, "Whether the link shows the file without giving it away"),
        prop("invitation.email", TEXT, "E-mail address that was invited"),
        prop("invitation.signInRequired", BOOLEAN, "Whether the invited have to sign in"),
        Column(
            "is_inherited",
            BOOLEAN,
            "Whether it comes from a folder above and is changed there",
            derive=_inherited,
        ),
        prop("inheritedFrom.id", TEXT, "Id of the folder it comes from"),
        prop("inheritedFrom.path", TEXT, "That folder's path in Graph's form"),
        Column(
            "expiration_date_time",
            TIMESTAMP,
            "When it ends; NULL where it does not",
            graph="expirationDateTime",
            derive=_expires,
        ),
        prop("hasPassword", BOOLEAN, "Whether a link asks for a password"),
    ),
    selects=False,
    scopes=("owner", "drive_id"),
)

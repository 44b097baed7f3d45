"""The table `groups`: Microsoft 365, security and distribution groups.

Source: https://learn.microsoft.com/graph/api/resources/group
"""

from __future__ import annotations

from driveql.sql.tables.column import (
    BOOLEAN,
    EQUALITY,
    FILTERABLE,
    TEXT,
    TIMESTAMP,
    GraphTable,
    Kind,
    Takes,
    prop,
)

_FLAG = frozenset({Takes.EQUAL})

GROUPS = GraphTable(
    name="groups",
    description="Groups of the tenant (needs Group.ReadBasic.All or GroupMember.Read.All)",
    kind=Kind.GROUPS,
    columns=(
        prop("id", TEXT, "Id of the group; a predicate on it is one request", takes=EQUALITY),
        prop("displayName", TEXT, "Name of the group", takes=FILTERABLE),
        prop("description", TEXT, "What the group is for"),
        prop("mail", TEXT, "E-mail address of the group", takes=FILTERABLE),
        prop("mailNickname", TEXT, "E-mail alias", takes=FILTERABLE),
        prop("mailEnabled", BOOLEAN, "Whether the group receives mail", takes=_FLAG),
        prop("securityEnabled", BOOLEAN, "Whether the group can be granted access", takes=_FLAG),
        prop("visibility", TEXT, "Public, Private or HiddenMembership"),
        prop("createdDateTime", TIMESTAMP, "When the group was created"),
        prop("renewedDateTime", TIMESTAMP, "When the group was last renewed"),
    ),
)

"""The table `group_members`: who belongs to which group, directly. One listing a group.

Source: https://learn.microsoft.com/graph/api/group-list-members
"""

from __future__ import annotations

from typing import Any

from driveql.sql.tables.column import (
    EQUALITY,
    TEXT,
    Column,
    GraphTable,
    Json,
    Kind,
    Match,
    Origin,
    Role,
    prop,
)


def _group(_raw: Json, origin: Origin) -> Any:
    return origin.group_id


def _member_type(raw: Json, _origin: Origin) -> Any:
    return str(raw.get("@odata.type") or "").rpartition(".")[2] or None


GROUP_MEMBERS = GraphTable(
    name="group_members",
    description="Direct members of groups; without a predicate on group_id every group is asked (needs GroupMember.Read.All)",
    kind=Kind.GROUP_MEMBERS,
    columns=(
        Column(
            "group_id",
            TEXT,
            "Id of the group; a predicate on it is one listing",
            takes=EQUALITY,
            match=Match.EXACT,
            role=Role.ADDRESS,
            derive=_group,
        ),
        prop("id", TEXT, "Id of the member"),
        Column(
            "member_type", TEXT, "user, group, device, servicePrincipal or orgContact", derive=_member_type
        ),
        prop("displayName", TEXT, "Name of the member"),
        prop("mail", TEXT, "E-mail address of the member"),
        prop("userPrincipalName", TEXT, "Sign-in name, where the member is a user"),
        prop("jobTitle", TEXT, "Job title, where the member is a user"),
    ),
)

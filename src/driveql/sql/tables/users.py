"""The table `users`: the people of the tenant.

Graph compares text in `$filter` without regard to case, so every filter here is loose.
Source: https://learn.microsoft.com/graph/api/resources/user
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

USERS = GraphTable(
    name="users",
    description="Users of the tenant (needs User.ReadBasic.All or User.Read.All)",
    kind=Kind.USERS,
    columns=(
        prop("id", TEXT, "Id of the user; a predicate on it is one request", takes=EQUALITY),
        prop("displayName", TEXT, "Name as shown in the address book", takes=FILTERABLE),
        prop("givenName", TEXT, "Given name", takes=FILTERABLE),
        prop("surname", TEXT, "Family name", takes=FILTERABLE),
        prop("mail", TEXT, "Primary e-mail address", takes=FILTERABLE),
        prop(
            "userPrincipalName", TEXT, "Sign-in name; the owner of a drive is /users/{this}", takes=FILTERABLE
        ),
        prop("userType", TEXT, "Member or Guest", takes=EQUALITY),
        prop("accountEnabled", BOOLEAN, "Whether the account may sign in", takes=frozenset({Takes.EQUAL})),
        prop("jobTitle", TEXT, "Job title", takes=FILTERABLE),
        prop("department", TEXT, "Department", takes=FILTERABLE),
        prop("companyName", TEXT, "Company", takes=FILTERABLE),
        prop("officeLocation", TEXT, "Office", takes=FILTERABLE),
        prop("employeeId", TEXT, "Employee number", takes=FILTERABLE),
        prop("mobilePhone", TEXT, "Mobile telephone"),
        prop("preferredLanguage", TEXT, "Preferred language, such as en-GB"),
        prop("createdDateTime", TIMESTAMP, "When the account was created"),
    ),
)

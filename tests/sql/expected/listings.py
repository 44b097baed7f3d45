"""What listings hold, as Graph itself tells it to a plain request, and as the store has it."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.sql.query_tenant import QueryTenant

Rows = list[list[Any]]


def users(tenant: QueryTenant) -> Rows:
    names = ("id", "displayName", "mail", "userPrincipalName", "jobTitle")
    found = tenant.listed(f"/users?$select={','.join(names)}")
    return sorted(([user[name] for name in names] for user in found), key=lambda row: str(row[3]))


def members(tenant: QueryTenant) -> Rows:
    return sorted(
        [group["id"], member["id"], member["displayName"]]
        for group in tenant.listed("/groups")
        for member in tenant.listed(f"/groups/{group['id']}/members")
    )


def sites(tenant: QueryTenant) -> Rows:
    names = ("id", "displayName", "webUrl", "isPersonalSite")
    return sorted([site[name] for name in names] for site in tenant.listed("/sites?search=*"))


def alices_files(tenant: QueryTenant) -> Rows:
    drive = tenant.drive("alice_contoso_com/Documents").id
    found = []
    for folder in ("/Notes", "/Reports/2026", "/Settings"):
        for item in tenant.listed(f"/drives/{drive}/root:{folder}:/children"):
            hashed = item["file"].get("hashes", {}).get("quickXorHash")
            found.append(
                [f"{folder}/{item['name']}", item["size"], hashed, item["eTag"], item["cTag"], item["id"]]
            )
    return sorted(found)


def notes(tenant: QueryTenant) -> Rows:
    rows: Rows = []
    for name in ("Empty.txt", "todo.md"):
        content = tenant.stored("alice_contoso_com/Documents", f"/Notes/{name}")
        rows.append([name, len(content), hashlib.sha256(content).hexdigest()])
    return rows


def odd_names(tenant: QueryTenant) -> Rows:
    drive = tenant.drive("/Sales/Contracts").id
    found = tenant.listed(f"/drives/{drive}/root:/Odd names:/children?$select=name,size")
    return sorted([item["name"], item["size"]] for item in found)

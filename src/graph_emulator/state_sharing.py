"""What a state directory keeps of sharing, lists and subscriptions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from graph_emulator.store import Actor, Drive, Site, Tenant
from graph_emulator.store.lists import Column, Entry, SiteList
from graph_emulator.store.sharing import Grant, SharingLink
from graph_emulator.store.subscription import Subscription


def sharing_record(drive: Drive) -> dict[str, Any]:
    """Return the grants, followed items, columns and values of a drive."""
    return {
        "grants": {
            item_id: [asdict(grant) for grant in grants]
            for item_id, grants in drive.sharing.grants.items()
            if grants
        },
        "followed": drive.sharing.followed,
        "links_made": drive.sharing.made,
        "columns": [asdict(column) for column in drive.library.columns],
        "fields": drive.library.fields,
    }


def restore_sharing(drive: Drive, record: dict[str, Any]) -> None:
    """Give a drive what `sharing_record` returned."""
    drive.sharing.grants = {
        item_id: [_grant(each) for each in grants] for item_id, grants in record["grants"].items()
    }
    drive.sharing.followed = record["followed"]
    drive.sharing.made = record["links_made"]
    drive.library.columns = [Column(**each) for each in record["columns"]]
    drive.library.fields = record["fields"]


def lists_record(site: Site) -> list[dict[str, Any]]:
    """Return the plain lists of a site."""
    return [
        {**asdict(each), "entries": [asdict(entry) for entry in each.entries.values()]} for each in site.lists
    ]


def restore_lists(site: Site, records: list[dict[str, Any]]) -> None:
    """Give a site its plain lists."""
    for record in records:
        entries = [Entry(**_with_actors(each, "created_by", "modified_by")) for each in record.pop("entries")]
        columns = [Column(**each) for each in record.pop("columns")]
        restored = SiteList(**_with_actors(record, "created_by"), columns=columns)
        restored.entries = {entry.number: entry for entry in entries}
        site.lists.append(restored)


def subscriptions_record(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the subscriptions of a tenant."""
    return [asdict(each) for each in tenant.subscriptions.values()]


def restore_subscriptions(tenant: Tenant, records: list[dict[str, Any]]) -> None:
    """Give a tenant its subscriptions."""
    for record in records:
        restored = Subscription(**record)
        tenant.subscriptions[restored.id] = restored


def _grant(record: dict[str, Any]) -> Grant:
    link = record.pop("link")
    return Grant(**record, link=SharingLink(**link) if link is not None else None)


def _with_actors(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**record, **{name: Actor(**record[name]) for name in names}}

"""The state directory: tenants as JSON, contents by their hash. Every file is written whole, then put in place.

What changed is written half a second later and once more at the end; after a crash each file is as it was at one
moment. The directory holds client secrets, so only its owner may read it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from graph_emulator.directory import Application, RegisteredCertificate, RegisteredSecret
from graph_emulator.state_items import drive_record, restore_drive
from graph_emulator.state_sharing import (
    lists_record,
    restore_lists,
    restore_sharing,
    restore_subscriptions,
    sharing_record,
    subscriptions_record,
)
from graph_emulator.store import Drive, Group, Site, Tenant, User

if TYPE_CHECKING:
    from graph_emulator.emulator import Emulator

FORMAT = 3
_SAVE_AFTER_SECONDS = 0.5


@contextlib.asynccontextmanager
async def kept(emulator: Emulator) -> AsyncIterator[None]:
    """Save what changes while the block runs, and once more at its end."""
    if emulator.state is None:
        yield
        return

    async def keep() -> None:
        while True:
            await asyncio.sleep(_SAVE_AFTER_SECONDS)
            save(emulator)

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        save(emulator)


def save(emulator: Emulator) -> None:
    """Write what changed since the last time. Without a state directory there is nothing to do."""
    if emulator.state is None:
        return
    copies = emulator.world.copies
    if copies.dirty:
        copies.dirty = False
        _write(emulator.state / "copies.json", copies.record())
    for tenant in emulator.tenants.values():
        folder = emulator.state / "tenants" / tenant.tenant_id
        for drive in tenant.drives.values():
            if drive.dirty:
                drive.dirty = False
                _write(
                    folder / f"drive-{_file_name(drive.id)}.json", drive_record(drive) | sharing_record(drive)
                )
        if tenant.dirty:
            tenant.dirty = False
            _write(folder / "tenant.json", _tenant_record(tenant))


def load(emulator: Emulator) -> bool:
    """Restore the tenants of the state directory; tell whether there were any.

    Raises ValueError for a directory of another format, FileNotFoundError for a content that is missing.
    """
    if emulator.state is None:
        return False
    emulator.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    emulator.state.chmod(0o700)
    found = sorted(emulator.state.glob("tenants/*/tenant.json"), key=lambda path: path.stat().st_mtime_ns)
    records = sorted((_read(path) for path in found), key=lambda record: record["order"])
    for record in records:
        _restore_tenant(emulator, record, emulator.state / "tenants" / record["tenant_id"])
    if (copies := emulator.state / "copies.json").exists():
        drives = {each.id: each for tenant in emulator.tenants.values() for each in tenant.drives.values()}
        emulator.world.copies.restore(_read(copies), drives)
    return bool(records)


def _tenant_record(tenant: Tenant) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "order": tenant.order,
        "tenant_id": tenant.tenant_id,
        "domain": tenant.domain,
        "display_name": tenant.display_name,
        "applications": [_application_record(each) for each in tenant.applications.values()],
        "sites": [_site_record(site) for site in tenant.sites.values()],
        "subscriptions": subscriptions_record(tenant),
        "users": [
            {
                "id": user.id,
                "user_principal_name": user.user_principal_name,
                "display_name": user.display_name,
                "properties": user.properties,
                "drive": user.drive.id if user.drive is not None else None,
            }
            for user in tenant.users.values()
        ],
        "groups": [
            {
                "id": group.id,
                "display_name": group.display_name,
                "properties": group.properties,
                "members": [member.id for member in group.members],
                "drive": group.drive.id if group.drive is not None else None,
            }
            for group in tenant.groups.values()
        ],
    }


def _application_record(application: Application) -> dict[str, Any]:
    return {
        "display_name": application.display_name,
        "client_id": application.client_id,
        "service_principal_id": application.service_principal_id,
        "certificates": [
            {"der": b64encode(each.der).decode("ascii"), "key_id": each.key_id}
            for each in application.certificates
        ],
        "secrets": [
            {"value": each.value, "key_id": each.key_id, "expires": each.expires}
            for each in application.secrets
        ],
        "permissions": sorted(application.permissions),
        "enabled": application.enabled,
        "public_client": application.public_client,
    }


def _site_record(site: Site) -> dict[str, Any]:
    names = ("host", "path", "display_name", "site_guid", "web_guid", "created", "description", "personal")
    return {
        **{name: getattr(site, name) for name in names},
        "lists": lists_record(site),
        "drives": [
            {
                "id": drive.id,
                "name": drive.name,
                "url_name": drive.url_name,
                "drive_type": drive.drive_type,
                "owner": drive.owner,
                "list_guid": drive.list_guid,
                "quota_total": drive.quota_total,
            }
            for drive in site.drives
        ],
    }


def _restore_tenant(emulator: Emulator, record: dict[str, Any], folder: Path) -> None:
    tenant = Tenant(
        record["tenant_id"], record["domain"], record["display_name"], emulator.clock, emulator.world.contents
    )
    tenant.order = record["order"]
    for each in record["applications"]:
        certificates = [
            RegisteredCertificate(b64decode(c["der"]), c["key_id"]) for c in each.pop("certificates")
        ]
        secrets = [RegisteredSecret(**secret) for secret in each.pop("secrets")]
        permissions = set(each.pop("permissions"))
        application = Application(**each, certificates=certificates, secrets=secrets, permissions=permissions)
        tenant.applications[application.client_id] = application
    for described in record["sites"]:
        libraries, lists = described.pop("drives"), described.pop("lists")
        site = Site(**described)
        restore_lists(site, lists)
        tenant.sites[site.id] = site
        for library in libraries:
            drive = _restore_library(tenant, site, library, folder)
            tenant.drives[drive.id] = drive
    restore_subscriptions(tenant, record["subscriptions"])
    _restore_people(tenant, record)
    tenant.dirty = False
    emulator.tenants[tenant.tenant_id] = tenant


def _restore_library(tenant: Tenant, site: Site, library: dict[str, Any], folder: Path) -> Drive:
    del library["id"]
    drive = Drive(site=site, clock=tenant.clock, contents=tenant.contents, **library)
    path = folder / f"drive-{_file_name(drive.id)}.json"
    if path.exists():
        record = _read(path)
        restore_drive(drive, record)
        restore_sharing(drive, record)
    drive.dirty = False
    return drive


def _restore_people(tenant: Tenant, record: dict[str, Any]) -> None:
    for each in record["users"]:
        drive = each.pop("drive")
        user = User(**each, drive=tenant.drives.get(drive))
        tenant.users[user.id] = user
        if user.drive is not None:
            user.drive.actor = user.actor()
    members = {each["id"]: each.pop("members") for each in record["groups"]}
    for each in record["groups"]:
        drive = each.pop("drive")
        tenant.groups[each["id"]] = Group(**each, drive=tenant.drives.get(drive))
    for group_id, identifiers in members.items():
        tenant.groups[group_id].members = [
            tenant.users.get(member) or tenant.groups[member] for member in identifiers
        ]


def _read(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(path.read_bytes())
    if record.get("format") != FORMAT:
        raise ValueError(
            f"{path.name} has format {record.get('format')}; this emulator reads format {FORMAT}"
        )
    return record


def _write(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_bytes(orjson.dumps({"format": FORMAT, **record}))
    partial.replace(path)


def _file_name(identifier: str) -> str:
    return hashlib.sha256(identifier.encode("ascii")).hexdigest()[:24]

"""A program as Microsoft's documentation writes it with msgraph-sdk. It knows no emulator: it is led by environment.

Its arguments come as JSON on standard input; what it saw goes as JSON to standard output.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from typing import Any

import httpx
from azure.identity.aio import CertificateCredential
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.drives.item.items.item.children.children_request_builder import ChildrenRequestBuilder
from msgraph.generated.drives.item.items.item.create_upload_session.create_upload_session_post_request_body import (
    CreateUploadSessionPostRequestBody,
)
from msgraph.generated.models.drive_item import DriveItem
from msgraph.generated.models.drive_item_uploadable_properties import DriveItemUploadableProperties
from msgraph.generated.models.folder import Folder
from msgraph.generated.models.item_reference import ItemReference
from msgraph.generated.sites.sites_request_builder import SitesRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.models import LargeFileUploadSession
from msgraph_core.tasks.large_file_upload import LargeFileUploadTask
from msgraph_core.tasks.page_iterator import PageIterator


async def people(client: GraphServiceClient, seen: dict[str, Any]) -> None:
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=["id", "displayName", "userPrincipalName"], top=2, orderby=["displayName"]
    )
    page = await client.users.get(request_configuration=RequestConfiguration(query_parameters=query))
    names, pages = [user.display_name for user in page.value], 1
    while page.odata_next_link:
        page = await client.users.with_url(page.odata_next_link).get()
        names += [user.display_name for user in page.value]
        pages += 1
    seen["users"], seen["user_pages"] = names, pages
    filtered = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        filter="startswith(displayName,'Bo')"
    )
    found = await client.users.get(request_configuration=RequestConfiguration(query_parameters=filtered))
    seen["filtered"] = [user.user_principal_name for user in found.value]
    groups = await client.groups.get()
    group = groups.value[0]
    members = await client.groups.by_group_id(group.id).members.get()
    seen["members"] = {group.display_name: sorted(member.display_name for member in members.value)}
    seen["member_types"] = sorted({member.odata_type for member in members.value})


async def places(client: GraphServiceClient, seen: dict[str, Any]) -> None:
    query = SitesRequestBuilder.SitesRequestBuilderGetQueryParameters(search="Finance")
    sites = await client.sites.get(request_configuration=RequestConfiguration(query_parameters=query))
    site = sites.value[0]
    seen["site"] = site.display_name
    drives = await client.sites.by_site_id(site.id).drives.get()
    seen["site_drives"] = [(drive.name, drive.drive_type) for drive in drives.value]


async def files(client: GraphServiceClient, seen: dict[str, Any], user: str) -> None:
    drive = await client.users.by_user_id(user).drive.get()
    seen["drive"] = {"id": drive.id, "type": drive.drive_type, "total": drive.quota.total}
    items = client.drives.by_drive_id(drive.id).items
    root = await client.drives.by_drive_id(drive.id).root.get()
    folder = await items.by_drive_item_id(root.id).children.post(
        DriveItem(
            name="sdk folder", folder=Folder(), additional_data={"@microsoft.graph.conflictBehavior": "fail"}
        )
    )
    for number in range(7):
        place = f"{folder.id}:/h#{number} 100%.txt:"
        uploaded = await items.by_drive_item_id(place).content.put(f"content {number}".encode())
        assert uploaded.size == 9
    seen["by_pages"] = await listed_by_pages(client, drive.id, folder.id)
    seen["downloaded"] = (
        await items.by_drive_item_id("root:/sdk folder/h#3 100%.txt:").content.get()
    ).decode()
    renamed = await items.by_drive_item_id(uploaded.id).patch(
        DriveItem(name="renamed.txt", parent_reference=ItemReference(id=root.id))
    )
    seen["renamed"] = {"name": renamed.name, "parent": renamed.parent_reference.path.partition(":")[2]}
    seen["hash"] = renamed.file.hashes.quick_xor_hash
    found = await client.drives.by_drive_id(drive.id).search_with_q("renamed").get()
    seen["found"] = [item.name for item in found.value]
    seen["large"] = await upload_large(client, drive.id)
    seen["leak"] = await leak(client, drive.id)
    await items.by_drive_item_id(folder.id).delete()
    seen["gone"] = await refusal(items.by_drive_item_id(folder.id).get())
    seen["again"] = await refusal(
        items.by_drive_item_id(root.id).children.post(
            DriveItem(
                name="LARGE.bin",
                folder=Folder(),
                additional_data={"@microsoft.graph.conflictBehavior": "fail"},
            )
        )
    )
    seen["me"] = await refusal(client.me.drive.get())


async def listed_by_pages(client: GraphServiceClient, drive_id: str, folder_id: str) -> list[str]:
    query = ChildrenRequestBuilder.ChildrenRequestBuilderGetQueryParameters(top=3)
    children = client.drives.by_drive_id(drive_id).items.by_drive_item_id(folder_id).children
    first = await children.get(request_configuration=RequestConfiguration(query_parameters=query))
    names: list[str] = []

    def keep(item: DriveItem) -> bool:
        names.append(item.name)
        return True

    await PageIterator(first, client.request_adapter).iterate(keep)
    return names


async def upload_large(client: GraphServiceClient, drive_id: str) -> int:
    """Upload in fragments with a bare HTTP client, as the documentation shows it.

    The SDK's own LargeFileUploadTask sends its token along with each fragment, which the service forbids, and takes
    neither form of the ranges that the service answers: it is judged by `leak` alone.
    """
    content = b"0123456789" * 120_000
    item = client.drives.by_drive_id(drive_id).items.by_drive_item_id("root:/large.bin:")
    properties = DriveItemUploadableProperties(
        additional_data={"@microsoft.graph.conflictBehavior": "replace"}
    )
    session = await item.create_upload_session.post(CreateUploadSessionPostRequestBody(item=properties))
    step = 2 * 327_680
    async with httpx.AsyncClient() as http:
        for start in range(0, len(content), step):
            part = content[start : start + step]
            header = {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(content)}"}
            answer = await http.put(session.upload_url, content=part, headers=header)
            assert answer.status_code == (201 if start + step >= len(content) else 202), answer.text
    return (await item.get()).size


async def leak(client: GraphServiceClient, drive_id: str) -> list[Any]:
    """Let the SDK's upload task send a token where none belongs, and return what it is told."""
    item = client.drives.by_drive_id(drive_id).items.by_drive_item_id("root:/leaked.bin:")
    session = await item.create_upload_session.post(CreateUploadSessionPostRequestBody())
    task = LargeFileUploadTask(
        LargeFileUploadSession(
            upload_url=session.upload_url, expiration_date_time=session.expiration_date_time
        ),
        client.request_adapter,
        io.BytesIO(b"0123456789"),
    )
    try:
        await task.upload()
    except APIError as error:
        return [error.response_status_code]
    return []


async def refusal(asked: Any) -> list[Any]:
    try:
        await asked
    except APIError as error:
        return [error.response_status_code, error.error.code, error.error.inner_error is not None]
    return []


async def main() -> None:
    told = json.load(sys.stdin)
    seen: dict[str, Any] = {}
    async with CertificateCredential(
        told["tenant"], told["client_id"], certificate_path=told["pfx"], password=told["password"]
    ) as credential:
        client = GraphServiceClient(credential, ["https://graph.microsoft.com/.default"])
        await people(client, seen)
        await places(client, seen)
        await files(client, seen, told["user"])
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())

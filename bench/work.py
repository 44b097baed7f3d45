"""One piece of work in a process of its own, so that its time and memory are its own: `python -m bench.work NAME`.

The connection comes from the environment. What is printed is checked by the caller.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time


def _settings():  # type: ignore[no-untyped-def] - what the measured import costs must not be paid by others
    from driveql.connection import settings_from

    return settings_from(os.environ["BENCH_CONNECTION"], environ={})


async def walk() -> int:
    """List a whole drive with driveql."""
    from driveql.aio import OneDrive

    count = 0
    async with OneDrive(_settings()) as drive:
        handle = await drive.drive()
        async for page in handle.walk(select=["id", "name", "size", "lastModifiedDateTime"]):
            count += len(page)
    return count


async def flight() -> int:
    """Two hundred first calls at once."""
    from driveql.aio import OneDrive

    async with OneDrive(_settings()) as drive:
        handle = await drive.drive()
        await asyncio.gather(*(handle.item("/") for _ in range(200)))
        return drive.session.statistics.token_requests


async def sdk_walk() -> int:
    """List a whole drive with msgraph-sdk, folder by folder, as its documentation shows."""
    from azure.identity.aio import ClientSecretCredential
    from msgraph import GraphServiceClient
    from msgraph.generated.drives.item.items.item.children.children_request_builder import (
        ChildrenRequestBuilder,
    )

    options = ChildrenRequestBuilder.ChildrenRequestBuilderGetQueryParameters(top=1000)
    configuration = ChildrenRequestBuilder.ChildrenRequestBuilderGetRequestConfiguration(
        query_parameters=options
    )
    credential = ClientSecretCredential(
        os.environ["BENCH_TENANT"], os.environ["BENCH_CLIENT"], os.environ["BENCH_SECRET"]
    )
    count, folders = 0, ["root"]
    async with credential:
        items = GraphServiceClient(credential).drives.by_drive_id(os.environ["BENCH_DRIVE"]).items
        while folders:
            children = items.by_drive_item_id(folders.pop()).children
            page = await children.get(request_configuration=configuration)
            while page is not None:
                for item in page.value or []:
                    count += 1
                    if item.folder is not None and item.id:
                        folders.append(item.id)
                page = await children.with_url(page.odata_next_link).get() if page.odata_next_link else None
    return count


WORK = {"walk": walk, "flight": flight, "sdk_walk": sdk_walk}

if __name__ == "__main__":
    started = time.perf_counter()
    result = asyncio.run(WORK[sys.argv[1]]())
    print(result, f"{time.perf_counter() - started:.3f}")

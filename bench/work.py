"""One piece of work in a process of its own, so that its time and memory are its own: `python -m bench.work NAME`.

The connection comes from the environment. What is printed is checked by the caller.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path


def _settings():  # type: ignore[no-untyped-def] - what the measured import costs must not be paid by others
    from driveql.connection import settings_from

    return settings_from(os.environ["DRIVEQL_CONNECTION_STRING"], environ={})


async def walk(method: str = "auto") -> int:
    """List a whole drive with driveql."""
    from driveql.aio import OneDrive

    count = 0
    async with OneDrive(_settings()) as drive:
        handle = await drive.drive()
        wanted = ["id", "name", "size", "lastModifiedDateTime"]
        async for page in handle.walk(select=wanted, method=method):  # type: ignore[arg-type]
            count += len(page)
    return count


async def flight() -> int:
    """Two hundred first calls at once."""
    from driveql.aio import OneDrive

    async with OneDrive(_settings()) as drive:
        handle = await drive.drive()
        await asyncio.gather(*(handle.item("/") for _ in range(200)))
        return drive.session.statistics.token_requests


async def delete(folder: str) -> int:
    """Delete every file below a folder with driveql, and leave the folders."""
    from driveql.aio import OneDrive

    async with OneDrive(_settings()) as drive:
        handle = await drive.drive()
        found = [
            item async for page in handle.walk(folder, select=["id"]) for item in page if not item.is_folder
        ]
        outcomes = await handle.delete_many(found)
        return sum(outcome.succeeded for outcome in outcomes)


async def mirror(directory: str, folder: str) -> int:
    """Mirror a local directory into a folder with driveql."""
    from driveql.aio import OneDrive

    async with OneDrive(_settings()) as drive:
        handle = await drive.drive()
        outcomes = await handle.mirror(folder, Path(directory), upward=True).run()
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        return sum(outcome.done for outcome in outcomes)


def sql(statement: str) -> str:
    """Run a statement with driveql and return its rows."""
    from driveql.sql import connect

    with connect(settings=_settings()) as connection:
        return str(connection.execute(statement).fetchall())


def duckdb(statement: str) -> str:
    """Run a statement on local files with DuckDB alone and return its rows."""
    import duckdb as engine

    return str(engine.execute(statement).fetchall())


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


WORK: dict[str, Callable[..., Awaitable[int]]] = {
    "walk": walk, "flight": flight, "delete": delete, "mirror": mirror, "sdk_walk": sdk_walk
}  # fmt: skip
QUERIES: dict[str, Callable[[str], str]] = {"sql": sql, "duckdb": duckdb}

if __name__ == "__main__":
    started = time.perf_counter()
    name, *given = sys.argv[1:]
    result = QUERIES[name](*given) if name in QUERIES else asyncio.run(WORK[name](*given))  # type: ignore[arg-type]
    print(result, f"{time.perf_counter() - started:.3f}")

"""What a call of read_graph asks of Graph: a collection with all its pages, or one object. By GET, so nothing changes."""

from __future__ import annotations

from typing import Any

from driveql.drive.onedrive import OneDrive
from driveql.errors import SqlNotSupportedError
from driveql.sql.graph_call import GraphCall


async def rows_asked(source: object, call: GraphCall) -> list[Any]:
    """Return the objects that a call stands for; they are kept in memory.

    Raises:
        InvalidPathError: the address is on another host. DriveqlError: what Graph answers.
    """
    if not isinstance(source, OneDrive):
        raise SqlNotSupportedError("read_graph: this connection's source takes no requests.")
    if call.root is None:
        return [one async for one in source.objects(call.url)]
    return call.inside((await source.request("GET", call.url)).json())

"""The asynchronous API: `async with OneDrive(settings) as drive: ...`."""

from __future__ import annotations

from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.graph.models import Drive, DriveItem
from driveql.graph.paging import Page
from driveql.transport.session import GraphSession
from driveql.transport.trace import TraceEvent

__all__ = ["Drive", "DriveHandle", "DriveItem", "GraphSession", "OneDrive", "Page", "TraceEvent"]

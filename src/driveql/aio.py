"""The asynchronous API: `async with OneDrive(settings) as onedrive: ...`."""

from __future__ import annotations

from driveql.drive.batching import Outcome
from driveql.drive.changes import ChangeFeed, ChangePage, ItemChange
from driveql.drive.generic import Part
from driveql.drive.handle import DriveHandle
from driveql.drive.mirror import Mirror, StepOutcome
from driveql.drive.onedrive import OneDrive
from driveql.graph.batch import BatchRequest
from driveql.graph.item_records import Version
from driveql.graph.mirror_plan import MirrorRules
from driveql.graph.models import Drive, DriveItem
from driveql.graph.notifications import Notification, Subscription
from driveql.graph.paging import Page
from driveql.graph.sharing_models import InviteResult, Permission
from driveql.transport.receiver import Receiver
from driveql.transport.session import GraphSession
from driveql.transport.trace import TraceEvent

__all__ = [
    "BatchRequest",
    "ChangeFeed",
    "ChangePage",
    "Drive",
    "DriveHandle",
    "DriveItem",
    "GraphSession",
    "InviteResult",
    "ItemChange",
    "Mirror",
    "MirrorRules",
    "Notification",
    "OneDrive",
    "Outcome",
    "Page",
    "Part",
    "Permission",
    "Receiver",
    "StepOutcome",
    "Subscription",
    "TraceEvent",
    "Version",
]

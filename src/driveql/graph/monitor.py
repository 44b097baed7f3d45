"""What the monitor of a long-running operation says: still at work, done with a result, or failed with an error.

Source: https://learn.microsoft.com/graph/long-running-actions-overview
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from driveql.errors import ProtocolError

_AT_WORK = frozenset({"notstarted", "inprogress", "waiting", "updating", "running"})
_FAILED = frozenset({"failed", "deletefailed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Progressing:
    """The operation is under way; `percent` is what the service says of it."""

    percent: float


@dataclass(frozen=True, slots=True)
class Completed:
    """The operation is done; `resource_id` is the new item's id, where the service names it."""

    resource_id: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The operation failed; `code` and `message` are the service's own."""

    code: str | None
    message: str


def read(status: int, location: str | None, body: Any) -> Progressing | Completed | Failed:
    """Read a monitor's answer. 200, 202 and 303 all occur for a finished copy, so the body decides where there is one.

    Raises:
        ProtocolError: the answer says nothing that is understood.
    """
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        if status == 303:
            return Completed((location or "").partition("?")[0].rstrip("/").rpartition("/")[2] or None)
        if isinstance(body, dict) and isinstance(body.get("id"), str):
            return Completed(body["id"])
        raise ProtocolError(f"The monitor of a copy answered {status} without a status.")
    state = body["status"].casefold()
    if state == "completed":
        resource = body.get("resourceId")
        return Completed(resource if isinstance(resource, str) else None)
    if state in _FAILED:
        error = body.get("error") if isinstance(body.get("error"), dict) else {}
        assert isinstance(error, dict)
        return Failed(
            error.get("code") or body.get("errorCode"),
            str(error.get("message") or body.get("statusDescription") or state),
        )
    if state in _AT_WORK:
        percent = body.get("percentageComplete")
        return Progressing(float(percent) if isinstance(percent, int | float) else 0.0)
    raise ProtocolError(f"The monitor of a copy names the unknown status {body['status']!r}.")

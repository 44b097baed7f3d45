"""The error answers of Microsoft Graph: one JSON shape, with codes that nest from the general to the particular.

Follows "Microsoft Graph error responses and resource types" and the OneDrive API's list of detailed codes.
"""

from __future__ import annotations

from typing import Any

from graph_emulator.graph_errors import graph_error
from graph_emulator.messages import Response


class GraphError(Exception):
    """An answer other than success, raised by any rule of the tenant and written by the pipeline.

    `inner` are the detailed codes below `code`, outermost first. `headers` are added to the answer's.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.headers = headers or {}

    def response(self, now: float, client_request_id: str | None) -> Response:
        """Return the answer; `now` is seconds since 1970."""
        nested: dict[str, Any] = {}
        for detail in reversed(self.inner):
            nested = {"code": detail, **({"innerError": nested} if nested else {})}
        return graph_error(
            self.status,
            self.code,
            self.message,
            now=now,
            client_request_id=client_request_id,
            inner=nested,
            headers=self.headers,
        )


def not_implemented(what: str) -> GraphError:
    """Return the emulator's own refusal: it does not know `what`, and says so rather than answer wrongly."""
    return GraphError(501, "notImplemented", f"The emulator does not implement {what}.")


def bad_request(message: str, *inner: str) -> GraphError:
    """Return SharePoint's answer to a request that makes no sense."""
    return GraphError(400, "invalidRequest", message, inner=inner)


def item_not_found(message: str = "The resource could not be found.") -> GraphError:
    """Return the answer for an item or drive that is not there."""
    return GraphError(404, "itemNotFound", message)


def name_exists() -> GraphError:
    """Return the answer for a name that is taken, under conflictBehavior fail."""
    return GraphError(409, "nameAlreadyExists", "Name already exists")


def resync_required(location: str, resync: str) -> GraphError:
    """Return delta's answer to a token it no longer takes: everything is told anew at `location`.

    `resync` says what to do with what differs: resyncChangesApplyDifferences, resyncChangesUploadDifferences, or
    resyncRequired where it is not said.
    """
    message = "Resync required. Replace any local items with the server's version (including deletes)."
    inner = () if resync == "resyncRequired" else (resync,)
    return GraphError(410, "resyncRequired", message, inner=inner, headers={"Location": location})


def resource_modified() -> GraphError:
    """Return the answer for an If-Match that does not match."""
    return GraphError(
        412,
        "resourceModified",
        "The resource has changed since the caller last read it; usually an eTag mismatch",
        inner=("entityTagDoesNotMatch",),
    )


def quota_reached() -> GraphError:
    """Return the answer for a drive without the room for the content."""
    return GraphError(507, "quotaLimitReached", "Insufficient Space Available")


def directory_not_found(identifier: str) -> GraphError:
    """Return the directory's answer for a user or group that is not there."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
    )

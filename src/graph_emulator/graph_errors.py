"""Graph's one error body: code, message and an inner error that repeats the ids of the request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from graph_emulator.messages import Response, json_response


def graph_error(
    status: int,
    code: str,
    message: str,
    *,
    now: float,
    client_request_id: str | None = None,
    inner: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return Graph's answer to a request that failed; `now` in seconds since 1970.

    `inner` is merged into innerError. The `request-id` header is set here, since the body repeats it.
    """
    request_id = str(uuid.uuid4())
    inner_error: dict[str, Any] = dict(inner or {}) | {
        "date": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id or request_id,
    }
    body = {"error": {"code": code, "message": message, "innerError": inner_error}}
    sent = {"request-id": request_id, "client-request-id": client_request_id or request_id, **(headers or {})}
    return json_response(status, body, sent)

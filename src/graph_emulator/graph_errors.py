"""Graph's error answer as a Response, for rules that answer before any route is reached."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from graph_emulator.errors import error_body
from graph_emulator.messages import Response, json_response


def graph_error(
    status: int,
    code: str,
    message: str,
    *,
    now: float,
    client_request_id: str | None = None,
    inner: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return Graph's answer to a request that failed; `now` in seconds since 1970.

    `inner` are the detailed codes, outermost first. The `request-id` header is set here, since the body repeats it.
    """
    request_id = str(uuid.uuid4())
    ids = {"request_id": request_id, "client_request_id": client_request_id or request_id}
    body = error_body(code, message, now=now, inner=inner, **ids)
    sent = {"request-id": request_id, "client-request-id": ids["client_request_id"], **(headers or {})}
    return json_response(status, body, sent)

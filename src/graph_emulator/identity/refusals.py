"""Every refusal of Entra is a case of graph_contract/entra_errors.toml, rendered in Entra's one JSON form."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import orjson
from multidict import CIMultiDict

from graph_contract import load
from graph_emulator.messages import Response

EARLIEST = "0001-01-01T00:00:00.0000000Z"
LATEST = "9999-12-31T23:59:59.0000000Z"


class Refusal(Exception):  # noqa: N818 - an answer of the service, not a fault of the emulator
    """Entra refuses: the `case` of entra_errors.toml with the words that its text needs."""

    def __init__(self, case: str, **words: object) -> None:
        fact = load("entra_errors")[case]
        self.case = case
        self.code: int = fact["code"]
        self.status: int = fact["status"]
        self.error: str = fact["error"]
        self.text: str = fact["text"].format(**words)
        super().__init__(f"AADSTS{self.code}: {self.text}")


def answer(refusal: Refusal, *, now: float, correlation_id: str) -> Response:
    """Return Entra's error body: trace, correlation and time stand in the text and beside it."""
    trace_id = str(uuid.uuid4())
    timestamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    content = {
        "error": refusal.error,
        "error_description": f"AADSTS{refusal.code}: {refusal.text} Trace ID: {trace_id} "
        f"Correlation ID: {correlation_id} Timestamp: {timestamp}",
        "error_codes": [refusal.code],
        "timestamp": timestamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={refusal.code}",
    }
    return entra_json(refusal.status, content, request_id=trace_id)


def entra_json(status: int, content: object, *, request_id: str | None = None) -> Response:
    """Return `content` as Entra sends JSON: never cached, with its own request id."""
    headers = CIMultiDict(
        {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "no-store, no-cache",
            "Pragma": "no-cache",
            "x-ms-request-id": request_id or str(uuid.uuid4()),
        }
    )
    return Response(status, headers, orjson.dumps(content))


def moment(seconds: float | None) -> str:
    """Return a claim's time as Entra writes it: seven decimals, 1970 where the claim is absent."""
    if seconds is None:
        return "1970-01-01T00:00:00.0000000Z"
    try:
        when = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return LATEST if seconds > 0 else EARLIEST
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")

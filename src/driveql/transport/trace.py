"""What is told about each try of each request: a log line, the trace hook, an OpenTelemetry span. All redacted.

Nothing here sees a header or a body, so nothing here can leak one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger("driveql.transport")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEvent:
    """One try of one request.

    `url` is redacted; times are in seconds, sizes in bytes; `status` is None where no answer arrived and `failure` says why.
    """

    method: str
    url: str
    attempt: int
    seconds: float
    status: int | None = None
    failure: str | None = None
    client_request_id: str = ""
    request_id: str | None = None
    bytes_sent: int = 0
    bytes_received: int = 0

    def line(self) -> str:
        """The event as one structured log line."""
        fields = {
            "method": self.method,
            "url": self.url,
            "status": self.status if self.status is not None else f"'{self.failure}'",
            "attempt": self.attempt,
            "ms": round(self.seconds * 1000),
            "sent": self.bytes_sent,
            "received": self.bytes_received,
            "client_request_id": self.client_request_id,
            "request_id": self.request_id or "-",
        }
        return " ".join(f"{name}={value}" for name, value in fields.items())


TraceHook = Callable[[TraceEvent], None]


def tell(event: TraceEvent, hook: TraceHook | None) -> None:
    """Log the event and hand it to the hook; a hook that fails is logged and does not break the request."""
    level = logging.DEBUG if event.status is not None and event.status < 400 else logging.INFO
    if logger.isEnabledFor(level):
        logger.log(level, "%s", event.line())
    if hook is not None:
        try:
            hook(event)
        except Exception:
            logger.exception("the trace hook failed")


def tell_wait(doing: str, tries: int, seconds: float, reason: str) -> None:
    """Log that a request is tried again, after how long and why."""
    logger.warning("retry=%s wait_s=%.2f reason=%s request=%r", tries, seconds, reason, doing)


def open_telemetry_hook() -> TraceHook | None:
    """Return a hook that records each try as a client span, or None where OpenTelemetry is not installed.

    Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
    """
    try:
        from opentelemetry import trace
    except ImportError:
        return None
    tracer = trace.get_tracer("driveql")

    def record(event: TraceEvent) -> None:
        import time

        end = time.time_ns()
        span = tracer.start_span(
            event.method, kind=trace.SpanKind.CLIENT, start_time=end - int(event.seconds * 1e9)
        )
        span.set_attribute("http.request.method", event.method)
        span.set_attribute("url.full", event.url)
        span.set_attribute("http.request.resend_count", event.attempt - 1)
        if event.status is not None:
            span.set_attribute("http.response.status_code", event.status)
        if event.request_id:
            span.set_attribute("microsoft.request_id", event.request_id)
        if event.failure or (event.status or 0) >= 400:
            span.set_status(trace.StatusCode.ERROR, event.failure or str(event.status))
        span.end(end)

    return record

"""Each try of each request is told once: as a log line, to the trace hook, and as an OpenTelemetry span; redacted."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.support import local_tenant

from driveql.transport.trace import TraceEvent, open_telemetry_hook
from graph_emulator import faults


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


async def test_spans_say_what_was_tried_and_nothing_secret(spans: InMemorySpanExporter) -> None:
    spans.clear()
    async with local_tenant() as tenant:
        tenant.store_drive.put_file("/a.txt", b"hello")
        tenant.emulator.faults.add(faults.Refuse(503, retry_after=0), target="a.txt")
        assert await tenant.handle.read("/a.txt") == b"hello"
        tenant.emulator.faults.assert_consumed()
        token = (await tenant.drive.session.access_token()).value
        asked = [(entry.method, entry.status) for entry in tenant.emulator.requests]
    finished = spans.get_finished_spans()
    told = [
        (str(span.attributes["http.request.method"]), span.attributes["http.response.status_code"])
        for span in finished
        if span.attributes
    ]
    assert sorted(told) == sorted(asked)
    retried = [
        span for span in finished if span.attributes and span.attributes["http.request.resend_count"] == 1
    ]
    assert len(retried) == 1
    refused = [span for span in finished if not span.status.is_ok and span.attributes]
    assert [span.attributes["http.response.status_code"] for span in refused if span.attributes] == [503]
    everything = "".join(span.to_json() for span in finished)
    assert token not in everything
    assert "tempauth" not in everything
    assert tenant.secret not in everything


async def test_log_lines_are_structured_and_say_the_wait(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="driveql.transport")
    async with local_tenant() as tenant:
        tenant.emulator.faults.add(faults.Refuse(429, retry_after=0), target="/root$")
        await tenant.handle.item("/")
        tenant.emulator.faults.assert_consumed()
    tries = [record.getMessage() for record in caplog.records if record.getMessage().startswith("method=")]
    lines = [dict(field.partition("=")[::2] for field in line.split(" ")) for line in tries]
    assert [line["status"] for line in lines] == ["200", "429", "200"]
    assert [line["attempt"] for line in lines] == ["1", "1", "2"]
    assert len({line["client_request_id"] for line in lines}) == 3
    assert all(line["request_id"] != "-" for line in lines[1:])
    waits = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(waits) == 1
    assert waits[0].getMessage().startswith("retry=1 wait_s=0.")
    assert "reason=429 request='GET /drives/" in waits[0].getMessage()


async def test_a_hook_that_fails_does_not_break_the_request(caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: TraceEvent) -> None:
        raise RuntimeError(f"no {event.method} for me")

    async with local_tenant() as tenant, tenant.connect(trace=fail) as drive:
        handle = await drive.drive(drive_id=tenant.drive_id)
        assert (await handle.item("/")).is_root
    assert "the trace hook failed" in caplog.text


def test_without_opentelemetry_there_is_no_hook_and_no_error() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None; "
        "from driveql.transport.trace import open_telemetry_hook; print(open_telemetry_hook())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "None", done.stderr
    assert open_telemetry_hook() is not None


async def test_what_every_request_carries() -> None:
    async with local_tenant(extra_headers="X-Job: nightly||X-Team: data") as tenant:
        seen: list[dict[str, str]] = []
        answer = tenant.emulator.handle

        async def record(request):  # type: ignore[no-untyped-def] - stands in the server's way only to look
            seen.append(
                {name.casefold(): value for name, value in request.headers.items()}
                | {"target": request.target}
            )
            return await answer(request)

        tenant.emulator.handle = record  # type: ignore[method-assign]
        tenant.store_drive.put_file("/a.txt", b"x")
        await tenant.handle.read("/a.txt")
    to_graph = [headers for headers in seen if headers["target"].startswith("/v1.0")]
    content = [headers for headers in seen if "_content" in headers["target"]]
    assert to_graph
    assert content
    for headers in seen:
        assert headers["user-agent"].startswith("NONISV|driveql|driveql/")
    for headers in to_graph:
        assert headers["client-request-id"]
        assert headers["authorization"].startswith("Bearer ")
        assert (headers["x-job"], headers["x-team"]) == ("nightly", "data")
    for headers in content:
        assert "authorization" not in headers
        assert "x-job" not in headers

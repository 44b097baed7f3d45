"""A receiver of change notifications on this machine: it proves itself, remembers what it is told, and may be rude."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Receiver:
    """`told` are the notifications in the order they came; `statuses` the next answers (200 when there are none)."""

    def __init__(self) -> None:
        self.url = ""
        self.told: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.validations = 0
        self.echo: str | None = None
        self.validation_status = 200
        self.media_type = "text/plain"
        self.delay = 0.0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        query = parse_qs(urlsplit(handler.path).query)
        if "validationToken" not in query:
            self.told += json.loads(body)["value"]
            handler.send_response(self.statuses.pop(0) if self.statuses else 202)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        self.validations += 1
        time.sleep(self.delay)
        echoed = (self.echo if self.echo is not None else query["validationToken"][0]).encode()
        handler.send_response(self.validation_status)
        handler.send_header("Content-Type", self.media_type)
        handler.send_header("Content-Length", str(len(echoed)))
        handler.end_headers()
        handler.wfile.write(echoed)


@contextmanager
def listening() -> Iterator[Receiver]:
    """Listen on a free port while the block runs."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.answer(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/notify"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

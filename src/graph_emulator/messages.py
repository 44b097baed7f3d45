"""One request and one response, as the emulator sees them: no socket, so the tenant also runs in process.

The server turns what arrives on a socket into a `Request` and writes a `Response` back; every rule lives between the two.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from multidict import CIMultiDict

BodyReader = Callable[[], AsyncIterator[bytes]]


@dataclass(slots=True)
class Request:
    """What a client asked.

    `target` is the request line's target as it was sent, still percent-encoded: decoding happens once, in the router.
    `base_url` is the origin the client reached (`https://graph.microsoft.com`, `http://127.0.0.1:8021`).
    """

    method: str
    base_url: str
    target: str
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes | BodyReader = b""

    async def read(self) -> bytes:
        """Return the whole body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"".join([part async for part in self.body()])


@dataclass(slots=True)
class Response:
    """What the tenant answers. `body` is bytes or a stream of chunks; `truncate_after` and `drop` are how faults break it.

    `drop` closes the connection without an answer; `truncate_after` closes it after that many body bytes,
    with the Content-Length of the whole body announced.
    """

    status: int = 200
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes | AsyncIterator[bytes] = b""
    content_length: int | None = None
    truncate_after: int | None = None
    drop: bool = False


def json_response(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return `content` as JSON with Graph's content type."""
    response = Response(status, CIMultiDict(headers or {}), orjson.dumps(content))
    response.headers.setdefault(
        "Content-Type", "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"
    )
    return response

"""Any request to Graph that driveql has no name for: by relative path or trusted absolute URL, raw or multipart.

The token goes to the connection's own Graph host; no other host is asked at all.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from driveql.errors import InvalidPathError
from driveql.graph.paging import Pager, origin
from driveql.transport.session import GraphSession
from driveql.transport.wire import GraphResponse

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_VERSIONS = ("v1.0", "beta")
# A written path is encoded already, but for what is not ASCII.
_KEPT = "/?&=$'():,@!*+;%~-._[]"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart/related body."""

    content: bytes
    content_type: str = "application/octet-stream"
    content_id: str | None = None


def absolute(session: GraphSession, target: str) -> str:
    """Return the URL that a target means: `/users?$top=5`, `beta/me`, or an absolute URL on the connection's own host.

    Raises:
        InvalidPathError: the target is on another host, or is no address at all.
    """
    own = session.settings.graph_url.rstrip("/")
    if "://" in target:
        if origin(target) != origin(own):
            raise InvalidPathError(
                "The absolute URL is not on this connection's Graph host, which alone receives its token.",
                hint=f"Give a path such as /users, or a URL that begins with {own}/.",
            )
        return target
    if any(ord(character) <= 32 or ord(character) == 127 for character in target) or "\\" in target:
        raise InvalidPathError(
            "The path holds a space or control character.", hint="Percent-encode it: a space is %20."
        )
    path = target.removeprefix("/")
    if not path.startswith(tuple(f"{version}/" for version in _VERSIONS)):
        path = f"v1.0/{path}"
    return f"{own}/{quote(path, safe=_KEPT)}"


async def send(
    session: GraphSession,
    method: str,
    target: str,
    *,
    json: object = None,
    body: bytes | None = None,
    parts: Sequence[Part] = (),
    headers: Mapping[str, str] | None = None,
    safe_to_repeat: bool | None = None,
) -> GraphResponse:
    """Send one request and return its answer; retry, token and redaction as for every other request.

    Parameters:
        target: see `absolute`. json, body, parts: at most one of them is the request's body.

    Raises:
        InvalidPathError: the method or target cannot be sent.
    """
    method = method.upper()
    if method not in _METHODS:
        raise InvalidPathError(
            f"{method!r} is not a method.", hint=f"Use one of {', '.join(sorted(_METHODS))}."
        )
    if sum((json is not None, body is not None, bool(parts))) > 1:
        raise InvalidPathError("A request has one body: give json, body or parts.")
    extra = dict(headers or {})
    if any(name.casefold() == "authorization" for name in extra):
        raise InvalidPathError("The Authorization header is the connection's own.", hint="Leave it out.")
    if parts:
        body, extra["Content-Type"] = multipart(parts, secrets.token_hex(16))
    return await session.request(
        method, absolute(session, target), json=json, body=body, headers=extra, safe_to_repeat=safe_to_repeat
    )


async def objects(session: GraphSession, target: str) -> AsyncGenerator[dict[str, object], None]:
    """GET a collection and yield its objects over all pages; an answer that is no collection is yielded as it is."""
    began = False
    link: str | None = absolute(session, target)
    pager = Pager(session.settings.graph_url, f"GET {target.partition('?')[0]}", link)
    while link is not None:
        content = (await session.request("GET", link)).json()
        if not began and isinstance(content, dict) and not isinstance(content.get("value"), list):
            yield content
            return
        began = True
        page, link = pager.read(content)
        for item in page.items:
            yield item


def multipart(parts: Sequence[Part], boundary: str) -> tuple[bytes, str]:
    """Return a multipart/related body and its Content-Type (RFC 2387)."""
    pieces: list[bytes] = []
    for part in parts:
        for value in (part.content_type, part.content_id or ""):
            if "\r" in value or "\n" in value:
                raise InvalidPathError("A part's header holds a line break.")
        identifier = f"Content-ID: <{part.content_id}>\r\n" if part.content_id else ""
        pieces += [
            f"--{boundary}\r\n{identifier}Content-Type: {part.content_type}\r\n\r\n".encode(),
            part.content,
            b"\r\n",
        ]
    pieces.append(f"--{boundary}--\r\n".encode())
    content = b"".join(pieces)
    if any(boundary.encode() in part.content for part in parts):
        raise InvalidPathError("A part holds the boundary.", hint="Try again: another boundary is drawn.")
    return content, f"multipart/related; boundary={boundary}"

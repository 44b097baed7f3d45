"""Pre-authenticated addresses: whoever has one may use it until it expires, and no bearer token belongs there.

They stand on another origin than Graph's, as the real ones do, so that a client that leaks its token is seen.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from urllib.parse import quote, urlsplit

from graph_emulator.errors import GraphError
from graph_emulator.store import Drive, Item

CONTENT, UPLOAD, MONITOR = "/_content", "/_upload", "/_monitor"
GRAPH_HOST = "graph.microsoft.com"
LOGIN_HOST = "login.microsoftonline.com"


class Links:
    """Makes and checks pre-authenticated addresses with a key that lives as long as the emulator."""

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def download_url(self, origin: str, item: Item, expires: int, version: str | None = None) -> str:
        """Return where the content of `item`, or of its `version`, can be read until `expires` (since 1970)."""
        place = f"{item.drive.id}/{item.id}" + (f"/{version}" if version is not None else "")
        return f"{origin}{CONTENT}/{place}/{quote(item.name)}?tempauth={self.sign(place, expires)}"

    def sign(self, place: str, expires: int) -> str:
        """Return the proof that lets `place` be read until `expires`."""
        text = f"{place}|{expires}".encode()
        proof = hashlib.blake2b(text, key=self._key, digest_size=15).digest()
        return f"{expires}.{base64.urlsafe_b64encode(proof).decode('ascii')}"

    def check(self, place: str, proof: str, now: float) -> None:
        """Raise GraphError 401 for a proof that is wrong or has expired."""
        written = proof.partition(".")[0]
        expires = int(written) if written.isdecimal() and len(written) < 15 else 0
        if not hmac.compare_digest(self.sign(place, expires).encode(), proof.encode()) or now >= expires:
            raise GraphError(
                401, "unauthenticated", "The pre-authenticated address has expired or is not valid."
            )


def content_origin(base_url: str, drive: Drive) -> str:
    """Return the origin of pre-authenticated addresses for a client that reached Graph at `base_url`."""
    return _origin(base_url, drive.site.host)


@lru_cache(maxsize=1024)
def _origin(base_url: str, site_host: str) -> str:
    parts = urlsplit(base_url)
    port = f":{parts.port}" if parts.port else ""
    if parts.hostname == "127.0.0.1":
        return f"{parts.scheme}://localhost{port}"
    if parts.hostname in ("localhost", "::1"):
        return f"{parts.scheme}://127.0.0.1{port}"
    return f"{parts.scheme}://{site_host}"

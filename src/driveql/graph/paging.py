"""A listing ends only when the server says so: a page may be empty and have a next link; a repeated link is an error.

Source: https://learn.microsoft.com/graph/paging
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from driveql.errors import ProtocolError

# A listing may have empty pages before the next that is not; a server that sends nothing else would be followed for ever.
MOST_EMPTY_PAGES = 1000
_PLAIN_URL = re.compile(r"[!-\[\]-~]+")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the raw objects, the total where it was asked for (`$count`), and the delta link of a last delta page."""

    items: list[dict[str, Any]]
    count: int | None = None
    delta_link: str | None = None

    def without(self, given: set[str]) -> Page:
        """Return the page without the objects whose ids were given by pages before it, and note its own ids in `given`."""
        fresh = []
        for raw in self.items:
            identifier = raw.get("id")
            if isinstance(identifier, str):
                if identifier in given:
                    continue
                given.add(identifier)
            fresh.append(raw)
        return self if len(fresh) == len(self.items) else replace(self, items=fresh)


@dataclass(slots=True)
class Pager:
    """Follows one listing.

    Parameters:
        graph_url: the origin that next links must stay on; the token goes nowhere else.
        doing: what is listed, for messages.
        first: the URL that the first page was asked for by; a link back to it would give that page's objects twice.
    """

    graph_url: str
    doing: str
    first: str | None = None
    _seen: set[int] = field(default_factory=set)
    _pages: int = 0
    _empty: int = 0

    def __post_init__(self) -> None:
        if self.first is not None:
            self._seen.add(hash(self.first))

    def read(self, body: Any) -> tuple[Page, str | None]:
        """Return the page in a decoded answer and the URL of the next one, None at the listing's end.

        Raises:
            ProtocolError: the answer is no collection, the next link repeats or leads to another host, or pages are empty
                without end.
        """
        self._pages += 1
        if not isinstance(body, dict) or not isinstance(body.get("value"), list):
            raise ProtocolError(f"{self.doing}: page {self._pages} of the listing is not a collection.")
        if not all(isinstance(each, dict) for each in body["value"]):
            raise ProtocolError(f"{self.doing}: page {self._pages} of the listing holds what is no object.")
        count = body.get("@odata.count")
        page = Page(body["value"], count if isinstance(count, int) else None, body.get("@odata.deltaLink"))
        link = body.get("@odata.nextLink")
        if link is None:
            return page, None
        self._check(link)
        self._empty = 0 if page.items else self._empty + 1
        if self._empty > MOST_EMPTY_PAGES:
            raise ProtocolError(
                f"{self.doing}: {self._empty} pages in a row were empty, so the listing may never end.",
                hint="Try again later; if it stays, report it to Microsoft with the request id.",
            )
        return page, link

    def _check(self, link: object) -> None:
        if not isinstance(link, str):
            raise ProtocolError(f"{self.doing}: the next link of page {self._pages} is not text.")
        if origin(link) != origin(self.graph_url):
            raise ProtocolError(
                f"{self.doing}: the next link of page {self._pages} leads to another host: {origin(link)[1][:80]!r}.",
                hint="The access token is sent to the connection's own host only; the listing is incomplete and was refused.",
            )
        mark = hash(link)
        if mark in self._seen:
            raise ProtocolError(
                f"{self.doing}: page {self._pages} repeats a next link, so the listing would never end.",
                hint="Try again later; if it stays, report it to Microsoft with the request id.",
            )
        self._seen.add(mark)


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL, in the form in which origins are compared.

    URL parsers disagree about backslashes, spaces and control characters, so a URL with one has no origin of ours.
    """
    if not _PLAIN_URL.fullmatch(url):
        return ("", url, 0)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ("", url, 0)
    return (parts.scheme, parts.hostname or "", port or (443 if parts.scheme == "https" else 80))

"""The query string of a request: system options with or without their dollar sign, all others by name.

An option that would change the answer and is not known is refused, never ignored.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import orjson

from graph_emulator.errors import GraphError, bad_request, not_implemented

_SYSTEM = ("select", "expand", "filter", "orderby", "search", "top", "skip", "skiptoken", "count", "format")


@dataclass(frozen=True, slots=True)
class Options:
    """The query options of a request. `system` is keyed without the dollar sign, `custom` as written."""

    system: dict[str, str] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)

    def only(self, *known: str) -> None:
        """Raise GraphError 501 for a system option that the route does not know."""
        for name in self.system:
            if name not in known:
                raise not_implemented(f"the query option ${name} on this route")

    @property
    def select(self) -> tuple[str, ...] | None:
        """Return the properties of $select, or None for all that are shown by default."""
        written = self.system.get("select")
        if written is None:
            return None
        names = tuple(name.strip() for name in written.split(",") if name.strip())
        return None if "*" in names or not names else names

    @property
    def count(self) -> bool:
        """Return whether $count=true is asked."""
        return self.system.get("count", "").casefold() == "true"

    @property
    def search(self) -> str | None:
        """Return $search."""
        return self.system.get("search")

    @property
    def filter(self) -> str | None:
        """Return $filter."""
        return self.system.get("filter")

    @property
    def skip_token(self) -> Any:
        """Return what a $skiptoken made by `skip_token_for` holds, or None. Raises GraphError 400 for another."""
        written = self.system.get("skiptoken")
        if written is None:
            return None
        try:
            return orjson.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
        except (ValueError, binascii.Error):
            raise bad_request("The $skiptoken is not one that the service gave out.") from None

    def top(self, default: int, most: int) -> int:
        """Return the page size. Raises GraphError 400 for what is no positive number; cuts it to `most`."""
        written = self.system.get("top")
        if written is None:
            return default
        if not re.fullmatch(r"\d{1,9}", written) or int(written) == 0:
            raise bad_request(f"Invalid value '{written}' for $top query option found.", "invalidQueryOption")
        return min(int(written), most)

    def order_by(self) -> tuple[tuple[str, bool], ...]:
        """Return $orderby as pairs of property and whether descending."""
        terms = []
        for term in self.system.get("orderby", "").split(","):
            words = term.split()
            if not words:
                continue
            if len(words) > 2 or (len(words) == 2 and words[1].casefold() not in ("asc", "desc")):
                raise GraphError(400, "BadRequest", f"Invalid $orderby clause '{term.strip()}'.")
            terms.append((words[0], len(words) == 2 and words[1].casefold() == "desc"))
        return tuple(terms)


def parse_options(query: str) -> Options:
    """Read a percent-encoded query string. Raises GraphError 400 for a system option written twice."""
    system: dict[str, str] = {}
    custom: dict[str, str] = {}
    for pair in query.split("&"):
        if not pair:
            continue
        name, _, value = (unquote_plus(part) for part in pair.partition("="))
        key = name.removeprefix("$").casefold()
        if name.startswith("$") or key in _SYSTEM:
            if key in system:
                raise GraphError(400, "BadRequest", f"Query option '${key}' was specified more than once.")
            system[key] = value
        else:
            custom[name] = value
    return Options(system, custom)


def skip_token_for(position: Any) -> str:
    """Return an opaque $skiptoken that holds `position`."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=").decode("ascii")

"""Who a request is for: Entra, Graph, or a pre-authenticated address; by its host name, and elsewhere by its path."""

from __future__ import annotations

import re
from enum import Enum
from urllib.parse import urlsplit

from graph_emulator.addresses import Address, parse
from graph_emulator.errors import GraphError
from graph_emulator.identity import Identity
from graph_emulator.links import CONTENT, GRAPH_HOST, MONITOR, UPLOAD
from graph_emulator.messages import Request

_GRAPH_PATH = re.compile(r"/+v1\.0(?=/|\?|$)", re.IGNORECASE)


class Kind(Enum):
    """Which of the tenant's services a request is for."""

    ENTRA = "entra"
    GRAPH = "graph"
    CONTENT = CONTENT
    UPLOAD = UPLOAD
    MONITOR = MONITOR
    UNKNOWN = "unknown"


def destination(identity: Identity, request: Request) -> tuple[Kind, str | None, Address | GraphError | None]:
    """Return the service, the route's template, and for Graph what is addressed or why the address is refused.

    A real host name serves its own service alone; any other origin (a loopback address) serves all by path.
    """
    host = (urlsplit(request.base_url).hostname or "").casefold()
    if identity.matches(request):
        rest = request.target.partition("?")[0].lstrip("/").partition("/")[2]
        return Kind.ENTRA, f"/{{tenant}}/{rest}", None
    if host != GRAPH_HOST:
        for kind in (Kind.CONTENT, Kind.UPLOAD, Kind.MONITOR):
            if request.target.startswith(f"{kind.value}/"):
                return kind, str(kind.value), None
    graph = _GRAPH_PATH.match(request.target)
    if graph is None or host.endswith(".sharepoint.com"):
        return Kind.UNKNOWN, None, None
    try:
        address = parse(request.target[graph.end() :].partition("?")[0])
    except GraphError as error:
        return Kind.GRAPH, None, error
    return Kind.GRAPH, address.template, address

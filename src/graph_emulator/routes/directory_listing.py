"""Listings of directory objects: the query options that users, groups and members share.

Follows "Advanced query capabilities on directory objects": $search, endsWith, not, ne and $count ask for the header
ConsistencyLevel: eventual, and ordering a filtered list asks for $count too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from graph_contract import load
from graph_emulator.call import Call
from graph_emulator.errors import GraphError
from graph_emulator.messages import Response
from graph_emulator.odata import parse_filter, parse_search

_SEARCH_NEEDS_HEADER = (
    "Request with $search query parameter only works through MSGraph with a special request header: "
    "'ConsistencyLevel: eventual'"
)
_ADVANCED = re.compile(r"\b(ne|not|endswith)\b")
_KEPT_ELSEWHERE = frozenset(
    ("allowExternalSenders", "autoSubscribeNewMembers", "isSubscribedByMail", "unseenCount", "signInActivity")
)


def list_objects(
    call: Call, rows: list[dict[str, Any]], *, context: str, default: tuple[str, ...] | None, kind: str
) -> Response:
    """Return one page of `rows`, filtered, searched, ordered and cut to $select as the request asks.

    `default` are the properties shown without $select, None for all.
    """
    options = call.options
    options.only("select", "filter", "search", "orderby", "top", "count", "skiptoken", "format")
    found = matching(call, rows, kind)
    for name, descending in reversed(options.order_by()):
        _check_properties((name,), kind)
        found = sorted(found, key=lambda row: str(row.get(name) or "").casefold(), reverse=descending)
    size = _page_size(call)
    start = _start(call)
    page = found[start : start + size]
    select = options.select
    _check_properties(select or (), kind)
    shown = select or default
    values = [_cut(row, shown) for row in page]
    more = start + size < len(found)
    count = len(found) if options.count and eventual(call) else None
    suffix = f"({','.join(select)})" if select else ""
    return call.page(f"{context}{suffix}", values, count=count, position=start + size if more else None)


def count_objects(call: Call, rows: list[dict[str, Any]], kind: str) -> Response:
    """Answer a `$count` segment: the number alone, as text."""
    call.options.only("filter", "search")
    if not eventual(call):
        raise GraphError(400, "Request_BadRequest", "$count is not currently supported.")
    response = Response(200, body=str(len(matching(call, rows, kind))).encode("ascii"))
    response.headers["Content-Type"] = "text/plain"
    return response


def matching(call: Call, rows: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the rows that $filter and $search let through."""
    options = call.options
    if options.search is not None:
        if not eventual(call):
            raise GraphError(400, "Request_UnsupportedQuery", _SEARCH_NEEDS_HEADER)
        searched = parse_search(options.search)
        rows = [row for row in rows if searched(row)]
    if options.filter is not None:
        ordered = "orderby" in options.system
        bare = re.sub(r"'(?:[^']|'')*'", "''", options.filter).casefold()
        if (_ADVANCED.search(bare) or ordered) and not (eventual(call) and options.count):
            raise GraphError(400, "Request_UnsupportedQuery", "Unsupported Query.")
        known = properties(kind)
        functions = frozenset({"startswith", "endswith"})
        predicate = parse_filter(_lower_functions(options.filter), known=known, functions=functions)
        rows = [row for row in rows if predicate(row)]
    return rows


def eventual(call: Call) -> bool:
    """Return whether the request accepts eventual consistency."""
    return call.request.headers.get("ConsistencyLevel", "").casefold() == "eventual"


def selected(call: Call, row: dict[str, Any], default: tuple[str, ...] | None, kind: str) -> dict[str, Any]:
    """Return one object's properties as $select asks."""
    call.options.only("select", "format")
    select = call.options.select
    _check_properties(select or (), kind)
    shown = select or default
    return _cut(row, shown)


def _cut(row: dict[str, Any], shown: tuple[str, ...] | None) -> dict[str, Any]:
    """Return the properties `shown`, or all. With one that another service keeps, the id comes along.

    What annotates the object is no property: its type is told whatever is selected, as OData's JSON format (4.5.3) has it.
    """
    if shown is None:
        return row
    annotations = [name for name in row if name.startswith("@odata.")]
    along = ("id",) if not _KEPT_ELSEWHERE.isdisjoint(shown) else ()
    return {name: row.get(name) for name in (*annotations, *along, *shown)}


def _page_size(call: Call) -> int:
    most = call.world.behaviour.directory_max
    size = call.options.top(call.world.behaviour.directory_default, 10**9)
    if size > most:
        message = f"Invalid page size specified: '{size}'. Must be between 1 and {most} inclusive."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    return size


def _start(call: Call) -> int:
    token = call.options.skip_token
    if token is not None and not isinstance(token, int):
        raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value is not valid.")
    return token or 0


@cache
def properties(kind: str) -> frozenset[str]:
    """Return the properties that a resource may have; a directoryObject may be a user or a group."""
    facts = load("properties")
    kinds = ("user", "group") if kind == "directoryObject" else (kind,)
    return frozenset(name for each in kinds for name in facts[each]["properties"])


def checked(names: tuple[str, ...] | None, kind: str) -> tuple[str, ...] | None:
    """Return `names` when the resource has them all. Raises GraphError 400 for another."""
    _check_properties(names or (), kind)
    return names


def _check_properties(names: tuple[str, ...], kind: str) -> None:
    for name in names:
        if name not in properties(kind):
            message = (
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.{kind}'."
            )
            raise GraphError(400, "BadRequest", message)


def _lower_functions(clause: str) -> str:
    return re.sub(r"\b(startsWith|endsWith)\(", lambda match: match[0].lower(), clause)

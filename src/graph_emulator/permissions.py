"""A route is open to an application that holds any one of the permissions graph_contract/permissions.toml lists.

Every address of a drive item (by owner, by root, by path) is the one route `/drives/{drive-id}/items/{item-id}...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graph_contract import load
from graph_emulator.errors import GraphError
from graph_emulator.identity import TokenClaims

PARAMETER = re.compile(r"\{[^}]*\}")
OWNER_DRIVE = re.compile(r"/(users|groups|sites)/\{\}/drive(?=/)|/me/drive(?=/)")
OWNER_DRIVE_BY_ID = re.compile(r"/(users|groups|sites)/\{\}/drives/\{\}")
ITEM_ADDRESS = re.compile(r"/drives/\{\}/(root(?!/delta|/search)|special/\{\})(:/\{\}:?)?(?=/|$)")
CHILD_PATH = re.compile(r"(/drives/\{\}/items/\{\}):/\{\}:?")
DIRECTORY_PREFIXES = ("/users", "/groups")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: method, route template, the permissions of which any one suffices, and its origin."""

    method: str
    route: str
    any_of: frozenset[str]
    catalogue: str | None
    added: frozenset[str]
    reason: str | None


def rows() -> Iterator[Row]:
    """Yield every line of permissions.toml."""
    facts = load("permissions")
    for group in facts["routes"]:
        added = frozenset(group.get("added", ()))
        any_of = frozenset(facts["sets"][group["set"]]) | added
        for line in group["rows"]:
            method, _, route = line.partition(" ")
            yield Row(method, route, any_of, group.get("catalogue"), added, group.get("reason"))


def required(method: str, route_name: str) -> frozenset[str]:
    """Return the application permissions of which any one suffices; none at all asks for a token only.

    `route_name` is the router's template; the names inside its braces do not matter. Raises KeyError for a route
    that the table does not have, so that a new route cannot be open by omission.
    """
    return _table()[method.upper(), canonical(route_name)]


def authorise(claims: TokenClaims, method: str, route_name: str) -> None:
    """Let the request pass, or raise the GraphError that Graph answers to an application without the grant."""
    sufficient = required(method, route_name)
    if not sufficient or not sufficient.isdisjoint(claims.roles):
        return
    if canonical(route_name).startswith(DIRECTORY_PREFIXES) and "/drive" not in canonical(route_name):
        raise GraphError(
            403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
        )
    if not claims.roles:
        raise GraphError(401, "generalException", "General exception while processing")
    raise GraphError(403, "accessDenied", "Access denied")


@cache
def canonical(route_name: str) -> str:
    """Return the template under which the table knows the route: one form of drive, one of item, no names."""
    route = PARAMETER.sub("{}", route_name.split("?")[0].rstrip("/")).casefold()
    route = re.sub(r"\(.*?\)$", "", route)
    route = OWNER_DRIVE_BY_ID.sub("/drives/{}", route)
    route = OWNER_DRIVE.sub("/drives/{}", route)
    route = ITEM_ADDRESS.sub("/drives/{}/items/{}", route)
    return CHILD_PATH.sub(r"\1", route)


@cache
def _table() -> dict[tuple[str, str], frozenset[str]]:
    implies: dict[str, list[str]] = load("permissions")["implies"]
    table: dict[tuple[str, str], frozenset[str]] = {}
    for row in rows():
        higher = {name for name, lower in implies.items() if not row.any_of.isdisjoint(lower)}
        table[row.method, canonical(row.route)] = row.any_of | higher
    return table

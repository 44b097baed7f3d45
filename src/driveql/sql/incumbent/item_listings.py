"""The incumbent's listings of items, each as a query of ours: of the root, of a folder, of all below one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from driveql.errors import InvalidPathError, ParameterError, SqlNotSupportedError
from driveql.graph import paths
from driveql.sql.incumbent import listing_call
from driveql.sql.incumbent.columns import ITEM_COLUMNS, selection
from driveql.sql.syntax import quoted

Parameters = Mapping[str, str]
WHOSE = ("driveid", "grouporuserid")
# Braces stand for a text that is to be put in; the others are in no name.
_SEARCH = re.compile(r"""search\(q='([^'{}"*:<>?/\\|]*)'\)""", re.IGNORECASE)
_ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)


def whose(parameters: Parameters) -> dict[str, str]:
    """Return whose drive is meant, as the arguments of a listing call."""
    found = {"drive_id": parameters.get("driveid"), "owner": parameters.get("grouporuserid")}
    return {name: value for name, value in found.items() if value}


def _items(listing: Mapping[str, str], parameters: Parameters, table: str = "items", more: str = "") -> str:
    left_out = {"files": ("folder_child_count",), "folders": ("file_mime_type", "file_hashes_quick_xor_hash")}
    columns = {theirs: ours for theirs, ours in ITEM_COLUMNS.items() if ours not in left_out.get(table, ())}
    call = listing_call.written(table, {**whose(parameters), **listing})
    where = " AND ".join(_condition(name, value) for name, value in listing.items()) or "true"
    return f"SELECT {selection(columns)} FROM {call} WHERE {where}{more}"


def _condition(name: str, value: str) -> str:
    """Return what a listing's argument says about its rows, as Graph compares: a path without regard to case."""
    if name == listing_call.BELOW:
        return f"starts_with(lower(path), lower({quoted(value.rstrip('/') + '/')}))"
    if name == "parent_path" and value != paths.ROOT:
        return f"lower(parent_path) = lower({quoted(value)})"
    return f"{name} = {quoted(value)}"


def root(parameters: Parameters) -> str:
    """Return the query for what is directly in the root."""
    return _items({"parent_path": paths.ROOT}, parameters)


def folder(parameters: Parameters) -> str:
    """Return the query for what is directly in the folder that FolderId names. Raises ParameterError: it is malformed."""
    return _items(_in(parameters["folderid"]), parameters)


def recursive(table: str) -> Callable[[Parameters], str]:
    """Return what makes the query of a listing by SearchType, SearchPath and OrderBy.

    Parameters:
        table: items, files or folders.
    """

    def query(parameters: Parameters) -> str:
        kind, where = parameters.get("searchtype", ""), parameters.get("searchpath", "root")
        searched = _SEARCH.fullmatch(kind.strip())
        if kind.strip().lower() == "children":
            return _items(_in(where), parameters, table, _order(parameters))
        if kind.strip() and searched is None:
            raise SqlNotSupportedError(
                f"SearchType={kind!r} is not supported.",
                hint="It is blank (all folders), children, or search(q='.csv') with a part of the name, without braces"
                " and wildcards; any other search is WHERE name ILIKE '%...%'.",
            )
        filter_ = f" AND name ILIKE {quoted('%' + searched[1] + '%')}" if searched else ""
        return _items(_below(where), parameters, table, filter_ + _order(parameters))

    return query


def _order(parameters: Parameters) -> str:
    written = parameters.get("orderby")
    if not written:
        return ""
    terms: list[str] = []
    by_name = {theirs.lower(): ours for theirs, ours in ITEM_COLUMNS.items()}
    for term in written.split(","):
        match = _ORDER.fullmatch(term)
        if match is None or match[1].lower() not in by_name:
            raise ParameterError(
                f"OrderBy={written!r} names no column.",
                parameter="OrderBy",
                hint="OrderBy='lastModifiedDateTime desc'; or ORDER BY.",
            )
        terms.append(f"{by_name[match[1].lower()]} {match[2] or 'asc'}")
    return f" ORDER BY {', '.join(terms)}"


def folder_path(written: str) -> str | None:
    """Return the path that `root`, `root:/a%20b:` or `/a b` means; None for an id.

    Raises:
        ParameterError: it is malformed.
    """
    text = written.strip()
    if text.lower() in {"root", "root:", "root:/", "root:/:", "/"}:
        return paths.ROOT
    if text.lower().startswith("root:"):
        text = unquote(text[5:].removesuffix(":"))
    elif not text.startswith("/"):
        return None
    try:
        return paths.normalise(text)
    except InvalidPathError as error:
        raise ParameterError(
            f"{written!r}: {error.message}",
            parameter="path",
            hint="Write root:/Reports/2026: or /Reports/2026.",
        ) from error


def _in(written: str) -> dict[str, str]:
    path = folder_path(written)
    return {"parent_reference_id": written.strip()} if path is None else {"parent_path": path}


def _below(written: str) -> dict[str, str]:
    path = folder_path(written)
    if path is None:
        raise SqlNotSupportedError(
            f"SearchPath={written!r} is an id; a search of all folders begins at a path.",
            hint="Write SearchPath='root:/Reports:'. SELECT path FROM items WHERE id = '...' tells it.",
        )
    return {} if path == paths.ROOT else {listing_call.BELOW: path}

"""The incumbent's reading endpoints and tables, each as a query of ours with its columns. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from driveql.errors import InvalidPathError, ParameterError, SqlNotSupportedError
from driveql.graph import paths
from driveql.sql.incumbent import file_place, listing_call
from driveql.sql.incumbent.columns import (
    DRIVE_COLUMNS,
    GROUP_COLUMNS,
    ITEM_COLUMNS,
    SHARED_COLUMNS,
    USER_COLUMNS,
    selection,
)
from driveql.sql.syntax import quoted

Parameters = Mapping[str, str]
_WHOSE = ("driveid", "grouporuserid")
# What only fills the lists of the incumbent's own dialogs changes no row.
_DIALOG = ("searchtype", "searchpath", "orderbycolumn")
_SPELLED = {
    name.lower(): name
    for name in (
        "DriveId", "GroupOrUserId", "SearchType", "SearchPath", "OrderBy", "FolderId", "FileId", "SheetId", "SheetName", "Range",
        "Filter", "RequestMethod", "HttpMethod", "Url", "Body", "Headers", "ContentType", "IsMultiPart", "ItemId",
        "SourceFilePath", "TargetFilePath", "TargetFolderPath", "TargetFolderId", "TargetItemName", "TargetDriveId",
        "ParentFolderPath", "ParentFolderId", "Name", "FolderName", "ConflictBehavior", "UseSourceFileTimeStamp",
        "FileOverwriteMode",
    )
}  # fmt: skip
# Braces stand for a text that is to be put in; the others are in no name.
_SEARCH = re.compile(r"""search\(q='([^'{}"*:<>?/\\|]*)'\)""", re.IGNORECASE)
_ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. `takes` are its parameters in lower case, `ignores` those that change nothing; `instead` says how what it
    does not take is written here.
    """

    query: Callable[[Parameters], str]
    takes: tuple[str, ...] = _WHOSE
    needs: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    instead: str = ""


def query_of(name: str, parameters: Parameters, written: Mapping[str, str]) -> str:
    """Return the query that an endpoint is.

    Parameters:
        written: the parameters' names as they were written, for errors.

    Raises:
        SqlNotSupportedError: it has no such parameter, or not with that value. ParameterError: one is missing or malformed.
    """
    endpoint = ENDPOINTS[name]
    unknown = sorted(set(parameters) - {*endpoint.takes, *endpoint.needs, *endpoint.ignores})
    if unknown:
        known = ", ".join(map(spelled, (*endpoint.needs, *endpoint.takes))) or "none"
        instead = endpoint.instead or "Say what else is wanted in WHERE, ORDER BY or LIMIT."
        raise SqlNotSupportedError(
            f"{name} has no parameter {written.get(unknown[0], unknown[0])!r} here.",
            hint=f"It has {known}. {instead}",
        )
    given = {key: value for key, value in parameters.items() if value.strip()}
    for key in endpoint.needs:
        if key not in given:
            needed = written.get(key) or spelled(key)
            raise ParameterError(
                f"{name} needs the parameter {needed!r}.", parameter=needed, hint=f"WITH ({needed}='...')"
            )
    return endpoint.query(given)


def spelled(name: str) -> str:
    """Return a parameter's name, given in lower case, as the incumbent writes it."""
    return _SPELLED.get(name, name)


def _whose(parameters: Parameters) -> dict[str, str]:
    found = {"drive_id": parameters.get("driveid"), "owner": parameters.get("grouporuserid")}
    return {name: value for name, value in found.items() if value}


def _items(listing: Mapping[str, str], parameters: Parameters, table: str = "items", more: str = "") -> str:
    left_out = {"files": ("folder_child_count",), "folders": ("file_mime_type", "file_hashes_quick_xor_hash")}
    columns = {theirs: ours for theirs, ours in ITEM_COLUMNS.items() if ours not in left_out.get(table, ())}
    call = listing_call.written(table, {**_whose(parameters), **listing})
    where = " AND ".join(_condition(name, value) for name, value in listing.items()) or "true"
    return f"SELECT {selection(columns)} FROM {call} WHERE {where}{more}"


def _condition(name: str, value: str) -> str:
    """Return what a listing's argument says about its rows, as Graph compares: a path without regard to case."""
    if name == listing_call.BELOW:
        return f"starts_with(lower(path), lower({quoted(value.rstrip('/') + '/')}))"
    if name == "parent_path" and value != paths.ROOT:
        return f"lower(parent_path) = lower({quoted(value)})"
    return f"{name} = {quoted(value)}"


def _root(parameters: Parameters) -> str:
    return _items({"parent_path": paths.ROOT}, parameters)


def _folder(parameters: Parameters) -> str:
    return _items(_in(parameters["folderid"]), parameters)


def _recursive(table: str) -> Callable[[Parameters], str]:
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


def _drives(parameters: Parameters) -> str:
    call = listing_call.written("drives", _whose({"grouporuserid": parameters.get("grouporuserid", "")}))
    return f"SELECT {selection(DRIVE_COLUMNS)} FROM {call}"


def _drive(parameters: Parameters) -> str:
    call = listing_call.written("drives", {"id": parameters["driveid"]})
    return f"SELECT {selection(DRIVE_COLUMNS)} FROM {call}"


def _people(table: str, columns: Mapping[str, str]) -> Callable[[Parameters], str]:
    return lambda _: f"SELECT {selection(columns)} FROM {listing_call.written(table, {})}"


def _shared(parameters: Parameters) -> str:
    call = listing_call.written("shared_with_me", _whose(parameters))
    return f"SELECT {selection(SHARED_COLUMNS)} FROM {call}"


def _worksheet(parameters: Parameters) -> str:
    file = parameters["fileid"].strip()
    path = folder_path(file)
    place = file_place.written(
        parameters.get("driveid"), parameters.get("grouporuserid"), path if path is not None else f"id:{file}"
    )
    sheet = parameters.get("sheetid") or parameters.get("sheetname")
    arguments = [quoted(place), "header = true"]
    if sheet:
        arguments.append(f"sheet = {quoted(sheet)}")
    if "range" in parameters:
        arguments.append(f"range = {quoted(parameters['range'])}")
    return f"SELECT * FROM read_xlsx({', '.join(arguments)})"


def _file(reader: str) -> Callable[[Parameters], str]:
    def query(parameters: Parameters) -> str:
        written = parameters["fileid"].strip()
        path = folder_path(written)
        reference = path if path is not None else f"id:{written}"
        place = file_place.plain(parameters.get("driveid"), parameters.get("grouporuserid"), reference)
        if place is None:
            raise SqlNotSupportedError(
                "A file of a site is found by its DriveId.",
                hint="SELECT id, name FROM drives WHERE owner = '/sites/..' tells the ids of its libraries.",
            )
        root = f", root = {quoted(parameters['filter'])}" if "filter" in parameters else ""
        return f"SELECT * FROM {reader}({quoted(place)}{root})"

    return query


def _request(parameters: Parameters) -> str:
    if parameters.get("requestmethod", parameters.get("httpmethod", "GET")).upper() != "GET":
        raise SqlNotSupportedError(
            "A request that is no GET stands alone: SELECT * FROM generic_request WITH (...).",
            hint="CALL generic_request(method => 'POST', url => '...', json => ...)",
        )
    root = parameters.get("filter")
    more = f", root = {quoted(root)}" if root else ""
    return f"SELECT * FROM read_graph({quoted(parameters['url'])}{more})"


_LISTED = Endpoint(_recursive("items"), (*_WHOSE, "searchtype", "searchpath", "orderby"))
_SHEET = ("sheetid", "sheetname", *_WHOSE)
_READ = "How a file is written is said to {0}('onedrive:/..', ..), which takes all options of DuckDB's {0}."
_CSV = Endpoint(
    _file("read_csv"),
    needs=("fileid",),
    ignores=_DIALOG,
    instead=_READ.format("read_csv") + " delim = ';' is one.",
)
_JSON = Endpoint(
    _file("read_json"), (*_WHOSE, "filter"), ("fileid",), _DIALOG, instead=_READ.format("read_json")
)
_SHARED = Endpoint(_shared, ignores=_DIALOG)

ENDPOINTS: Mapping[str, Endpoint] = {
    "list_root": Endpoint(_root, ignores=_DIALOG),
    "list_folder": Endpoint(_folder, needs=("folderid",), ignores=_DIALOG),
    "list_files": Endpoint(_recursive("files"), _LISTED.takes),
    "files": Endpoint(_recursive("files"), _LISTED.takes),
    "folders": Endpoint(_recursive("folders"), _LISTED.takes),
    "filesfolders": _LISTED,
    "list_drives": Endpoint(_drives, ("grouporuserid",)),
    "drives": Endpoint(_drives, ("grouporuserid",)),
    "get_drive": Endpoint(_drive, ("grouporuserid",), ("driveid",)),
    "list_users": Endpoint(_people("users", USER_COLUMNS), ()),
    "users": Endpoint(_people("users", USER_COLUMNS), ()),
    "list_groups": Endpoint(_people("groups", GROUP_COLUMNS), ()),
    "groups": Endpoint(_people("groups", GROUP_COLUMNS), ()),
    "shared_with_me": _SHARED,
    "list_shared_with_me": _SHARED,
    "read_csv_file": _CSV,
    "get_csv_file": _CSV,
    "read_json_file": _JSON,
    "get_json_file": _JSON,
    "generic_request": Endpoint(
        _request,
        ("requestmethod", "httpmethod", "filter"),
        ("url",),
        (*_DIALOG, *_WHOSE),
        "A GET with headers is CALL generic_request('GET', '/..', headers => {'ConsistencyLevel': 'eventual'}).",
    ),
    "get_excel_worksheet": Endpoint(_worksheet, (*_SHEET, "range"), ("fileid",), _DIALOG),
    "get_excel_worksheet_autodetect": Endpoint(_worksheet, _SHEET, ("fileid",), _DIALOG),
}

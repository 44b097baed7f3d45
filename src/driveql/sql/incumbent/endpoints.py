"""The incumbent's reading endpoints and tables, each as a query of ours with its columns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from driveql.errors import ParameterError, SqlNotSupportedError
from driveql.sql.incumbent import file_place, item_listings, listing_call
from driveql.sql.incumbent.columns import (
    DRIVE_COLUMNS,
    GROUP_COLUMNS,
    SHARED_COLUMNS,
    USER_COLUMNS,
    selection,
)
from driveql.sql.incumbent.item_listings import WHOSE, Parameters, folder_path, recursive, whose
from driveql.sql.syntax import quoted

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


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. `takes` are its parameters in lower case, `ignores` those that change nothing; `instead` says how what it
    does not take is written here.
    """

    query: Callable[[Parameters], str]
    takes: tuple[str, ...] = WHOSE
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


def _drives(parameters: Parameters) -> str:
    call = listing_call.written("drives", whose({"grouporuserid": parameters.get("grouporuserid", "")}))
    return f"SELECT {selection(DRIVE_COLUMNS)} FROM {call}"


def _drive(parameters: Parameters) -> str:
    call = listing_call.written("drives", {"id": parameters["driveid"]})
    return f"SELECT {selection(DRIVE_COLUMNS)} FROM {call}"


def _people(table: str, columns: Mapping[str, str]) -> Callable[[Parameters], str]:
    return lambda _: f"SELECT {selection(columns)} FROM {listing_call.written(table, {})}"


def _shared(parameters: Parameters) -> str:
    call = listing_call.written("shared_with_me", whose(parameters))
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


_LISTED = Endpoint(recursive("items"), (*WHOSE, "searchtype", "searchpath", "orderby"))
_SHEET = ("sheetid", "sheetname", *WHOSE)
_READ = "How a file is written is said to {0}('onedrive:/..', ..), which takes all options of DuckDB's {0}."
_CSV = Endpoint(
    _file("read_csv"),
    needs=("fileid",),
    ignores=_DIALOG,
    instead=_READ.format("read_csv") + " delim = ';' is one.",
)
_JSON = Endpoint(
    _file("read_json"), (*WHOSE, "filter"), ("fileid",), _DIALOG, instead=_READ.format("read_json")
)
_SHARED = Endpoint(_shared, ignores=_DIALOG)

ENDPOINTS: Mapping[str, Endpoint] = {
    "list_root": Endpoint(item_listings.root, ignores=_DIALOG),
    "list_folder": Endpoint(item_listings.folder, needs=("folderid",), ignores=_DIALOG),
    "list_files": Endpoint(recursive("files"), _LISTED.takes),
    "files": Endpoint(recursive("files"), _LISTED.takes),
    "folders": Endpoint(recursive("folders"), _LISTED.takes),
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
        (*_DIALOG, *WHOSE),
        "A GET with headers is CALL generic_request('GET', '/..', headers => {'ConsistencyLevel': 'eventual'}).",
    ),
    "get_excel_worksheet": Endpoint(_worksheet, (*_SHEET, "range"), ("fileid",), _DIALOG),
    "get_excel_worksheet_autodetect": Endpoint(_worksheet, _SHEET, ("fileid",), _DIALOG),
}

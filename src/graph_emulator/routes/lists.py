"""The lists of a site and their columns.

Follows list list, list create, list get, and the columns of a list. A list is named by its id or its title.
"""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request, item_not_found, name_exists
from graph_emulator.list_json import column_json, list_json
from graph_emulator.messages import Response, json_response
from graph_emulator.odata import parse_filter
from graph_emulator.odata.expand import parse_expand
from graph_emulator.odata.options import Options
from graph_emulator.representation import drive_json
from graph_emulator.routes.list_rows import page_of
from graph_emulator.shown_list import ShownList, lists_of
from graph_emulator.store.lists import KINDS, Column

_DESCRIPTION = ("description", "displayName", "indexed", "required", "hidden")


async def list_lists(call: Call) -> Response:
    """Answer GET on the lists of a site."""
    call.options.only("select", "expand", "filter", "top", "skiptoken")
    lists = lists_of(call.site(call.address.ids["site"]))
    if call.options.filter is not None:
        known = frozenset(("displayName", "name", "id", "list"))
        predicate = parse_filter(call.options.filter, known=known, functions=frozenset({"startswith"}))
        lists = [each for each in lists if predicate(list_json(each))]
    start = call.options.skip_token or 0
    size = call.options.top(call.world.behaviour.page_default, call.world.behaviour.page_max)
    if not isinstance(start, int):
        raise bad_request("The $skiptoken is not one of this listing.")
    values: list[Any] = [_document(call, each) for each in lists[start : start + size]]
    more = start + size < len(lists)
    return call.page("lists", values, position=start + size if more else None)


async def get_list(call: Call) -> Response:
    """Answer GET on one list."""
    call.options.only("select", "expand")
    shown = addressed(call)
    context = f"{call.context}sites('{shown.site.id}')/lists/$entity"
    return json_response(200, {"@odata.context": context, **_document(call, shown)})


async def create_list(call: Call) -> Response:
    """Answer POST on the lists of a site: a list, or with the template documentLibrary a library."""
    site = call.site(call.address.ids["site"])
    body = await call.json_body()
    name = body.get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("The displayName must be given.")
    if any(each.named(name) for each in lists_of(site)):
        raise name_exists()
    info = body.get("list")
    template = str(info.get("template") or "genericList") if isinstance(info, dict) else "genericList"
    written = body.get("columns") or []
    if not isinstance(written, list):
        raise bad_request("The columns must be a list.")
    columns = [column_of(each) for each in written]
    if template == "documentLibrary":
        drive = call.tenant.add_library(site, name)
        drive.library.columns = columns
        shown = ShownList(site, drive=drive)
    else:
        made = call.tenant.add_list(site, name, columns, template=template, actor=call.actor)
        made.description = str(body.get("description") or "")
        shown = ShownList(site, plain=made)
    call.tenant.dirty = True
    context = f"{call.context}sites('{site.id}')/lists/$entity"
    return json_response(201, {"@odata.context": context, **list_json(shown)})


async def list_columns(call: Call) -> Response:
    """Answer GET on the columns of a list."""
    call.options.only("select")
    shown = addressed(call)
    rows: list[Any] = [_cut(column_json(shown, each), call.options) for each in shown.columns()]
    return call.page(f"sites('{shown.site.id}')/lists('{shown.guid}')/columns", rows)


async def get_column(call: Call) -> Response:
    """Answer GET on one column, by id or name."""
    call.options.only("select")
    shown = addressed(call)
    column = shown.column(call.address.ids["column"])
    if column is None:
        raise item_not_found("The column was not found.")
    return json_response(200, _cut(column_json(shown, column), call.options))


async def create_column(call: Call) -> Response:
    """Answer POST on the columns of a list."""
    shown = addressed(call)
    column = column_of(await call.json_body())
    if shown.column(column.name) is not None:
        raise name_exists()
    if shown.plain is not None:
        shown.plain.columns.append(column)
        call.tenant.dirty = True
    elif shown.drive is not None:
        shown.drive.library.columns.append(column)
        shown.drive.dirty = True
    return json_response(201, column_json(shown, column))


async def get_list_drive(call: Call) -> Response:
    """Answer GET on a library's drive."""
    call.options.only()
    shown = addressed(call)
    if shown.drive is None:
        raise item_not_found("The list has no drive.")
    return json_response(200, {"@odata.context": f"{call.context}drives/$entity", **drive_json(shown.drive)})


def addressed(call: Call) -> ShownList:
    """Return the addressed list: a site's by id or title, or a drive's own. Raises GraphError 404."""
    if call.address.drive is not None:
        drive = call.drive()
        return ShownList(drive.site, drive=drive)
    wanted = call.address.ids["list"]
    for shown in lists_of(call.site(call.address.ids["site"])):
        if shown.named(wanted):
            return shown
    raise item_not_found("The specified list was not found.")


def column_of(written: object) -> Column:
    """Return the column that a definition describes. Raises GraphError 400 for one that cannot be."""
    if (
        not isinstance(written, dict)
        or not isinstance(written.get("name"), str)
        or not written["name"].isidentifier()
    ):
        raise bad_request("A column must have a name of letters, digits and underscores.")
    kinds = [kind for kind in KINDS if isinstance(written.get(kind), dict)]
    if len(kinds) != 1:
        raise bad_request(f"The column '{written['name']}' must be of exactly one kind.")
    return Column(
        written["name"],
        kinds[0],
        str(written.get("displayName") or written["name"]),
        str(written.get("description") or ""),
        indexed=written.get("indexed") is True,
        required=written.get("required") is True,
        hidden=written.get("hidden") is True,
        read_only=kinds[0] == "calculated",
        settings=written[kinds[0]],
    )


def _document(call: Call, shown: ShownList) -> dict[str, Any]:
    row = list_json(shown)
    cut = _cut(row, call.options)
    for name, options in parse_expand(
        call.options.system.get("expand", ""), "columns", "items", "drive"
    ).items():
        if name == "columns":
            cut[name] = [_cut(column_json(shown, each), options) for each in shown.columns()]
        elif name == "items":
            rows, following = page_of(call, shown, options, 0)
            cut[name] = rows
            if following is not None:
                raise GraphError(
                    400, "invalidRequest", "The list is too long to be expanded; list its items."
                )
        elif shown.drive is not None:
            cut[name] = _cut(drive_json(shown.drive), options)
    return cut


def _cut(row: dict[str, Any], options: Options) -> dict[str, Any]:
    select = options.select
    return row if select is None else {name: row[name] for name in select if name in row}

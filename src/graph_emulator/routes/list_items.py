"""The entries of a list, and an item's entry in its library: read, added, changed, deleted.

Follows listItem list, get, create, update and delete. A library's entries are its items: files are not made here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from graph_emulator.addresses import ITEM, Address, DriveLocator, ItemLocator
from graph_emulator.call import Call
from graph_emulator.errors import GraphError, bad_request, item_not_found
from graph_emulator.list_json import fields_of
from graph_emulator.messages import Response, json_response
from graph_emulator.routes.list_rows import document, page_of
from graph_emulator.routes.lists import addressed
from graph_emulator.rules import check_if_match
from graph_emulator.shown_list import Row, ShownList
from graph_emulator.store.checking_out import check_writable

_NAME = "FileLeafRef"


async def list_rows(call: Call) -> Response:
    """Answer GET on the entries of a list."""
    shown = addressed(call)
    start = call.options.skip_token or 0
    if not isinstance(start, int):
        raise bad_request("The $skiptoken is not one of this list.")
    rows, following = page_of(call, shown, call.options, start)
    return call.page(f"sites('{shown.site.id}')/lists('{shown.guid}')/items", list(rows), position=following)


async def get_row(call: Call) -> Response:
    """Answer GET on one entry."""
    call.options.only("select", "expand")
    shown, row = _addressed_row(call)
    return _answer(call, shown, row)


async def get_fields(call: Call) -> Response:
    """Answer GET on an entry's values."""
    call.options.only("select")
    _, row = _addressed_row(call)
    return json_response(
        200, {"@odata.context": f"{call.context}fields/$entity", **fields_of(row, call.options.select)}
    )


async def create_row(call: Call) -> Response:
    """Answer POST on the entries of a list."""
    shown = addressed(call)
    body = await call.json_body()
    fields = _checked(shown, body.get("fields") or {})
    if shown.plain is None:
        raise bad_request("The entries of a document library are made by uploading files.")
    entry = shown.plain.add(fields, call.world.clock.now(), call.actor)
    call.tenant.dirty = True
    row = shown.row_of_entry(entry)
    return json_response(201, {**_document(call, shown, row), "fields": row.fields})


async def update_row(call: Call) -> Response:
    """Answer PATCH on an entry: its `fields`."""
    shown, row = _addressed_row(call)
    body = await call.json_body()
    changed = _changed(call, shown, row, body.get("fields") or {})
    return json_response(200, {**_document(call, shown, changed), "fields": changed.fields})


async def update_fields(call: Call) -> Response:
    """Answer PATCH on an entry's values."""
    shown, row = _addressed_row(call)
    changed = _changed(call, shown, row, await call.json_body())
    return json_response(200, {"@odata.context": f"{call.context}fields/$entity", **changed.fields})


async def delete_row(call: Call) -> Response:
    """Answer DELETE on an entry; a library's item goes to the recycle bin."""
    shown, row = _addressed_row(call)
    check_if_match(call.request.headers.get("If-Match"), row.etag)
    if row.item is not None:
        row.item.drive.delete(row.item, call.actor)
    elif shown.plain is not None and row.entry is not None:
        shown.plain.remove(row.entry, call.world.clock.now())
        call.tenant.dirty = True
    return Response(204)


def drive_item_of_row(handler: Callable[[Call], Awaitable[Response]]) -> Any:
    """Return the handler of an entry's driveItem: that of the item, once it is known which."""

    async def answer(call: Call) -> Response:
        _, row = _addressed_row(call)
        if row.item is None:
            raise item_not_found("The entry has no file.")
        address = Address(ITEM, call.address.ids, DriveLocator(row.item.drive.id), ItemLocator(row.item.id))
        return await handler(replace(call, address=address))

    return answer


def _addressed_row(call: Call) -> tuple[ShownList, Row]:
    """Return the addressed entry and its list: by its number, or as the entry of a drive's item."""
    if call.address.item is not None:
        item = call.item()
        shown = ShownList(item.drive.site, drive=item.drive)
        if item.parent is None:
            raise item_not_found("The root of a drive has no list item.")
        return shown, shown.row_of_item(item)
    shown = addressed(call)
    row = shown.row(call.address.ids["item"])
    if row is None:
        raise item_not_found("The specified list item was not found.")
    return shown, row


def _changed(call: Call, shown: ShownList, row: Row, written: object) -> Row:
    check_if_match(call.request.headers.get("If-Match"), row.etag)
    fields = _checked(shown, written)
    item = row.item
    if item is None:
        if shown.plain is None or row.entry is None:
            raise item_not_found()
        shown.plain.change(row.entry, fields, call.world.clock.now(), call.actor)
        call.tenant.dirty = True
        return shown.row_of_entry(row.entry)
    check_writable(item, call.actor)
    name = fields.pop(_NAME, item.name)
    if name != item.name and item.parent is not None:
        item.drive.move(item, item.parent, name, actor=call.actor)
    if fields:
        kept = item.drive.library.fields
        together = {**kept.get(item.id, {}), **fields}
        kept[item.id] = {key: value for key, value in together.items() if value is not None}
        item.drive.changed(item, call.actor)
    return shown.row_of_item(item)


def _checked(shown: ShownList, written: object) -> dict[str, Any]:
    """Return the values of a request by the names of their columns. Raises GraphError 400 for one that cannot be."""
    if not isinstance(written, dict):
        raise bad_request("The fields must be an object.")
    checked: dict[str, Any] = {}
    for name, value in written.items():
        if "@" in name:
            continue
        column = shown.column(name)
        if column is None:
            looked_up = shown.column(name.removesuffix("LookupId"))
            if looked_up is None or looked_up.kind not in ("lookup", "personOrGroup") or looked_up.read_only:
                raise GraphError(400, "invalidRequest", f"Field '{name}' is not recognized")
            checked[name] = value
            continue
        column.check(value)
        checked[column.name] = value
    return checked


def _answer(call: Call, shown: ShownList, row: Row, status: int = 200) -> Response:
    return json_response(status, _document(call, shown, row))


def _document(call: Call, shown: ShownList, row: Row) -> dict[str, Any]:
    context = f"{call.context}sites('{shown.site.id}')/lists('{shown.guid}')/items/$entity"
    return {"@odata.context": context, **document(call, shown, row, call.options)}

"""Listing the entries of a list: $expand=fields, $filter and $orderby on its columns.

A column that is not indexed is filtered by only when the request says that it may fail at random.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import orjson

from graph_emulator.call import Call
from graph_emulator.errors import bad_request
from graph_emulator.list_json import fields_of, row_json, sharepoint_ids
from graph_emulator.odata import parse_filter
from graph_emulator.odata.expand import parse_expand
from graph_emulator.odata.options import Options
from graph_emulator.routes.item_json import Shown
from graph_emulator.shown_list import Row, ShownList

NON_INDEXED = "HonorNonIndexedQueriesWarningMayFailRandomly"
_FIELD = re.compile(r"\bfields/(\w+)")


def page_of(
    call: Call, shown: ShownList, options: Options, after: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return the entries after the place `after` as the options ask, and the place where the next page begins."""
    options.only("select", "expand", "filter", "orderby", "top", "skiptoken", "count")
    behaviour = call.world.behaviour
    size = options.top(behaviour.page_default, behaviour.page_max)
    ordered = options.order_by()
    if not ordered and options.filter is None:
        page = []
        for row in shown.rows(after):
            page.append(row)
            if len(page) > size:
                break
        return _page(call, shown, options, page, size, page[size - 1].number if len(page) > size else None)
    rows = _matching(call, shown, options)
    for name, descending in reversed(ordered):
        rows = sorted(rows, key=partial(_sort_key, name), reverse=descending)
    more = after + size < len(rows)
    return _page(call, shown, options, rows[after : after + size], size, after + size if more else None)


def document(call: Call, shown: ShownList, row: Row, options: Options) -> dict[str, Any]:
    """Return one entry with what $select and $expand ask for."""
    full = row_json(shown, row)
    select = options.select
    if select is not None:
        if "sharepointIds" in select and row.item is not None:
            full["sharepointIds"] = sharepoint_ids(row.item, call.tenant.tenant_id)
        full = {name: full[name] for name in ("@odata.etag", *select) if name in full}
    for name, inner in parse_expand(options.system.get("expand", ""), "fields", "driveItem").items():
        if name == "fields":
            full["fields"] = fields_of(row, inner.select)
        elif row.item is not None:
            full["driveItem"] = orjson.loads(Shown(inner.select).document(call, row.item))
    return full


def _page(
    call: Call, shown: ShownList, options: Options, rows: list[Row], size: int, following: int | None
) -> tuple[list[dict[str, Any]], int | None]:
    return [document(call, shown, row, options) for row in rows[:size]], following


def _matching(call: Call, shown: ShownList, options: Options) -> list[Row]:
    clause = options.filter
    named = _FIELD.findall(re.sub(r"'(?:[^']|'')*'", "''", clause or ""))
    for name, _ in options.order_by():
        named += _FIELD.findall(name) or [name]
    _check_indexed(call, shown, named)
    rows = list(shown.rows())
    if clause is None:
        return rows
    lower = re.sub(r"\b(startsWith|endsWith|contains)\(", lambda match: match[0].lower(), clause)
    predicate = parse_filter(lower, known=frozenset({"fields"}), functions=frozenset({"startswith"}))
    return [row for row in rows if predicate({"fields": {"ID": row.number, **row.fields}})]


def _check_indexed(call: Call, shown: ShownList, names: list[str]) -> None:
    allowed = any(
        NON_INDEXED.casefold() in value.casefold() for value in call.request.headers.getall("Prefer", [])
    )
    for name in names:
        column = shown.column(name.removesuffix("LookupId"))
        if column is None and name not in ("id", "createdDateTime", "lastModifiedDateTime"):
            raise bad_request(f"Field '{name}' is not recognized.")
        if column is not None and not column.indexed and not allowed:
            raise bad_request(
                f"Field '{name}' cannot be referenced in filter or orderby as it is not indexed. Provide the "
                f"'Prefer: {NON_INDEXED}' header to allow this, but be warned that such queries may fail on large "
                "lists."
            )


def _value(row: Row, name: str) -> Any:
    if name in ("id", "fields/id", "fields/ID"):
        return row.number
    if name == "createdDateTime":
        return row.created
    if name == "lastModifiedDateTime":
        return row.modified
    return row.fields.get(name.removeprefix("fields/"))


def _sort_key(name: str, row: Row) -> tuple[int, Any]:
    """Return a key that puts values of different types one after the other: none, numbers, text."""
    value = _value(row, name)
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return 2, str(value).casefold()

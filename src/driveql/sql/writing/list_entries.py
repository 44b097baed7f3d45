"""INSERT, UPDATE and DELETE on list_items: entries of SharePoint lists, twenty a call.

The lists are looked up before the first change. A document library's entries come and go with its files: of these, only the
columns are set here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from driveql.drive import site_lists
from driveql.drive.site_lists import SiteList
from driveql.errors import ConfigurationError, SqlNotSupportedError, SqlSyntaxError
from driveql.graph import column_values, item_parts
from driveql.graph.batch import BatchRequest
from driveql.sql.tables.list_items import LIST
from driveql.sql.tables.lists import SITE
from driveql.sql.writing.forms import Delete, Insert, Update
from driveql.sql.writing.outcome import RowOutcome
from driveql.sql.writing.run import WriteRun
from driveql.sql.writing.spool import Spool
from driveql.sql.writing.targets import column_names
from driveql.sql.writing.whose import checked_owner

Row = Mapping[str, Any]
Place = tuple[str | None, str | None, str | None]
_INTERNAL = {"title": "Title", "file_name": "FileLeafRef"}
_WHERE = ("owner", "site_id", "list")


async def insert(run: WriteRun, statement: Insert, spool: Spool) -> None:
    """Add each row to its list.

    Raises:
        SqlSyntaxError: a row names no list, or a value cannot be sent; none was tried.
        SqlNotSupportedError: a list is a document library. NotFoundError: there is no such list; likewise.
    """
    names = column_names(statement, spool.names)
    found: list[tuple[Place, dict[str, Any]]] = []
    for number, values in enumerate(spool.read(), 1):
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        fields = _fields({name: value for name, value in row.items() if name not in _WHERE}, f"row {number}")
        if not fields:
            raise SqlSyntaxError(f"INSERT INTO list_items, row {number}: it has no value for any column.")
        what = f"INSERT INTO list_items, row {number}"
        checked_owner(row.get("owner"), what)
        for name in ("site_id", "list"):
            if name in row and not (isinstance(row[name], str) and row[name].strip()):
                raise SqlSyntaxError(f"{what}: {name} is text, and not blank.")
        found.append((_place(row), fields))
    lists = await _lists(run, [place for place, _ in found])
    for place, known in lists.items():
        if known.is_library:
            where = "the library of the drive" if place[2] is None else repr(place[2])
            raise SqlNotSupportedError(
                f"INSERT INTO list_items: {where} is a document library, whose entries are its files.",
                hint="Upload a file: INSERT INTO items (path, local_path) ...; UPDATE list_items then sets its columns.",
            )
    _begin(run, "INSERT", len(found))
    requests: list[tuple[RowOutcome, BatchRequest]] = []
    sent: dict[int, tuple[Place, dict[str, Any]]] = {}
    for place, fields in found:
        outcome = RowOutcome("create_entry", lists[place].title, before={"owner": place[0]})
        run.outcomes.append(outcome)
        sent[id(outcome)] = (place, fields)
        body = {"fields": fields}
        request = BatchRequest("POST", lists[place].entries, json=body, safe_to_repeat=False)
        requests.append((outcome, request))

    def read(outcome: RowOutcome, body: dict[str, Any]) -> None:
        place, fields = sent[id(outcome)]
        known = {SITE: place[1] or lists[place].site_id, LIST: place[2]}
        # The documented answer leaves the fields out; then they are as they were sent.
        outcome.raw = {"fields": fields, **body, **known}
        outcome.id = str(body["id"]) if "id" in body else None
        outcome.path = _label(lists[place], outcome.id)

    await run.batch(requests, read=read)


async def update(run: WriteRun, statement: Update, rows: Sequence[tuple[Row, list[Any]]]) -> None:
    """Change the columns of each entry.

    Raises:
        SqlSyntaxError: a value cannot be sent, or there are several for one entry; none was tried.
    """
    changes: dict[tuple[Place, str], tuple[Row, dict[str, Any]]] = {}
    for before, values in rows:
        fields = _fields(dict(zip(statement.columns, values, strict=True)), f"entry {before['id']}")
        known = changes.setdefault((_place(before), str(before["id"])), (before, fields))
        if known[1] != fields:
            raise SqlSyntaxError(
                f"UPDATE list_items finds several values for entry {before['id']}.",
                hint="Each entry may match one row of FROM.",
            )
    lists = await _lists(run, [place for place, _ in changes])
    _begin(run, "UPDATE", len(changes))
    requests: list[tuple[RowOutcome, BatchRequest]] = []
    for (place, number), (before, fields) in changes.items():
        outcome = _outcome(run, "update", lists[place], number, before)
        address = item_parts.part(lists[place].entry(number), "fields")
        headers = {"If-Match": str(before["e_tag"])} if statement.guarded else {}
        request = BatchRequest(
            "PATCH", address, json=fields, headers=headers, safe_to_repeat=not statement.guarded
        )
        requests.append((outcome, request))
    await run.batch(requests, read=_changed)


async def delete(run: WriteRun, statement: Delete, rows: list[Row]) -> None:
    """Delete each entry; one that is already gone is as it was to be, and its row says so.

    Raises:
        SqlNotSupportedError: a list is a document library; none was tried.
    """
    entries = {(_place(row), str(row["id"])): row for row in rows}
    lists = await _lists(run, [place for place, _ in entries])
    if any(known.is_library for known in lists.values()):
        raise SqlNotSupportedError(
            "DELETE FROM list_items: the entries of a document library are its files.",
            hint="Delete the files: DELETE FROM items WHERE path = '...'.",
        )
    _begin(run, "DELETE", len(entries))
    requests: list[tuple[RowOutcome, BatchRequest]] = []
    for (place, number), row in entries.items():
        outcome = _outcome(run, "delete", lists[place], number, row)
        headers = {"If-Match": str(row["e_tag"])} if statement.guarded else {}
        request = BatchRequest(
            "DELETE", lists[place].entry(number), headers=headers, safe_to_repeat=not statement.guarded
        )
        requests.append((outcome, request))
    await run.batch(requests, gone_is_done=True)


def _begin(run: WriteRun, verb: str, rows: int) -> None:
    if run.audit is not None:
        run.audit.begin(verb, "list_items", rows)


def _outcome(run: WriteRun, action: str, known: SiteList, number: str, before: Row) -> RowOutcome:
    outcome = RowOutcome(action, _label(known, number), number, before=before)
    run.outcomes.append(outcome)
    return outcome


def _label(known: SiteList, number: str | None) -> str:
    return f"{known.title}/{number}" if number else known.title


def _place(row: Row) -> Place:
    owner, site, name = (row.get(column) for column in _WHERE)
    return (owner, site if name is not None else None, name)


async def _lists(run: WriteRun, places: Sequence[Place]) -> dict[Place, SiteList]:
    found: dict[Place, SiteList] = {}
    for place in places:
        if place not in found:
            run.statement.check()
            owner, site, name = place
            found[place] = await site_lists.find(run.onedrive, name, owner=owner, site_id=site)
    return found


def _fields(values: Mapping[str, Any], which: str) -> dict[str, Any]:
    """Return what is sent for a row's values. Raises SqlSyntaxError where one cannot be."""
    fields: dict[str, Any] = {}
    for name, value in values.items():
        many = _several(value, which) if name == "fields" else {_INTERNAL.get(name, name): value}
        for column, one in many.items():
            if column.casefold() in {known.casefold() for known in fields}:
                raise SqlSyntaxError(f"list_items, {which}: {column} is given twice.")
            fields[column] = one
    try:
        return column_values.encode(fields) if fields else {}
    except ConfigurationError as error:
        raise SqlSyntaxError(f"list_items, {which}: {error.message}", hint=error.hint) from error


def _several(value: Any, which: str) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    elif isinstance(value, list) and all(isinstance(pair, tuple) for pair in value):
        value = dict(value)  # a MAP
    if not isinstance(value, Mapping):
        raise SqlSyntaxError(
            f"list_items, {which}: fields is a struct, or a JSON object as text.",
            hint="fields = {'Region': 'EMEA', 'Size': 3}",
        )
    return value


def _changed(outcome: RowOutcome, body: dict[str, Any]) -> None:
    """Take over what the service answers to a change: the entry's fields, and no more."""
    fields = {name: value for name, value in body.items() if not name.startswith("@odata")}
    outcome.before = {
        **outcome.before,
        "title": fields.get("Title"),
        "file_name": fields.get("FileLeafRef"),
        "fields": json.dumps(fields, ensure_ascii=False, separators=(",", ":")),
        "e_tag": body.get("@odata.etag") or outcome.before.get("e_tag"),
    }

"""The versions of a file: listed, read, restored and deleted. The present one is `current` or its own number.

Follows driveItemVersion list, get, get contents and restore.
"""

from __future__ import annotations

from typing import Any

from graph_emulator.call import Call
from graph_emulator.errors import bad_request, item_not_found
from graph_emulator.messages import Response, json_response
from graph_emulator.representation import DOWNLOAD_URL, timestamp
from graph_emulator.rules import check_if_match
from graph_emulator.store import Item, Version
from graph_emulator.store.checking_out import check_writable


async def list_versions(call: Call) -> Response:
    """Answer GET versions: the present one first, then the former ones, the newest first."""
    call.options.only("select", "top", "skiptoken", "orderby", "expand")
    item = _file(call)
    behaviour = call.world.behaviour
    size = call.options.top(behaviour.page_default, behaviour.page_max)
    start = call.options.skip_token or 0
    if not isinstance(start, int):
        raise bad_request("The $skiptoken is not one of this listing.")
    versions = [item.current(), *reversed(item.history)]
    shown = [_json(call, item, version) for version in versions[start : start + size]]
    more = start + size < len(versions)
    context = f"drives('{item.drive.id}')/items('{item.id}')/versions"
    return call.page(context, shown, position=start + size if more else None)


async def get_version(call: Call) -> Response:
    """Answer GET on one version."""
    call.options.only("select")
    item = _file(call)
    version = _version(call, item)
    context = f"{call.context}drives('{item.drive.id}')/items('{item.id}')/versions/$entity"
    return json_response(200, {"@odata.context": context, **_json(call, item, version)})


async def get_version_content(call: Call) -> Response:
    """Answer GET on a version's content: 302 to where the bytes are."""
    item = _file(call)
    version = _version(call, item)
    if version.number == item.current().number and not call.world.behaviour.current_version_content:
        raise bad_request("You cannot get the content of the current version; get the item's content.")
    response = Response(302)
    response.headers["Location"] = call.download_url(item, version.label)
    return response


async def restore_version(call: Call) -> Response:
    """Answer POST restoreVersion: its content becomes the present one, as a new version."""
    item = _file(call)
    version = _version(call, item)
    check_if_match(call.request.headers.get("If-Match"), item.etag, item.ctag)
    if version.number == item.current().number:
        raise bad_request("The current version cannot be restored.")
    item.drive.check_room(version.content.size - item.size)
    item.drive.replace_content(item, version.content, call.actor)
    return Response(204)


async def delete_version(call: Call) -> Response:
    """Answer DELETE on a former version."""
    item = _file(call)
    version = _version(call, item)
    if version.number == item.current().number:
        raise bad_request("The current version cannot be deleted.")
    check_writable(item, call.actor)
    item.history.remove(version)
    item.drive.dirty = True
    return Response(204)


def _file(call: Call) -> Item:
    item = call.item()
    if item.content is None:
        raise bad_request("A folder has no versions.")
    return item


def _version(call: Call, item: Item) -> Version:
    wanted = call.address.ids["version"]
    current = item.current()
    if wanted.casefold() == "current" or wanted == current.label:
        return current
    for version in item.history:
        if version.label == wanted:
            return version
    raise item_not_found("The version was not found.")


def _json(call: Call, item: Item, version: Version) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if version.number != item.current().number:
        shown[DOWNLOAD_URL] = call.download_url(item, version.label)
    shown |= {
        "id": version.label,
        "lastModifiedDateTime": timestamp(version.modified),
        "size": version.content.size,
        "lastModifiedBy": version.modified_by.identity_set(),
    }
    select = call.options.select
    return shown if select is None else {name: value for name, value in shown.items() if name in select}

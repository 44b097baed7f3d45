"""A driveItem's JSON as one request asked for it: $select, $expand=children and the download address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from graph_emulator.call import Call
from graph_emulator.errors import GraphError, not_implemented
from graph_emulator.odata.options import skip_token_for
from graph_emulator.representation import DOWNLOAD_URL, ITEM_PROPERTIES, item_json, publication
from graph_emulator.store import Item

_DOWNLOAD_NAMES = frozenset((DOWNLOAD_URL, "content.downloadUrl"))


@dataclass(frozen=True, slots=True)
class Shown:
    """What of an item is shown: the properties of `select` (None for all), and with `children` what is in a folder."""

    select: tuple[str, ...] | None = None
    children: Shown | None = None

    def document(self, call: Call, item: Item, *, context: str | None = None) -> bytes:
        """Return `item` as JSON. What was rendered before is put together here, not rendered again."""
        item = item.seen_by(call.actor)
        head: dict[str, Any] = {"@odata.context": context} if context is not None else {}
        if item.content is not None and (self.select is None or _DOWNLOAD_NAMES.intersection(self.select)):
            head[DOWNLOAD_URL] = call.download_url(item)
        if self.select is None:
            body = item_json(item)
        else:
            full = orjson.loads(item_json(item))
            if "publication" in self.select and item.content is not None:
                full["publication"] = publication(item)
            kept = {name: full[name] for name in self.select if name in full}
            if "eTag" in full:
                head["@odata.etag"] = full["eTag"]
            body = orjson.dumps(kept)
        tail = self._children(call, item)
        return joined(orjson.dumps(head) if head else b"{}", body, tail)

    def _children(self, call: Call, item: Item) -> bytes:
        if self.children is None or item.children is None:
            return b"{}"
        size = call.world.behaviour.page_default
        first = item.children.after(None, size + 1)
        parts = b",".join(self.children.document(call, child) for child in first[:size])
        document = b'{"children":[' + parts + b"]"
        if len(first) > size:
            link = f"{call.request.base_url}/v1.0/drives/{item.drive.id}/items/{item.id}/children"
            position = {"after": first[size - 1].key}
            document += b',"children@odata.nextLink":' + orjson.dumps(
                f"{link}?$skiptoken={skip_token_for(position)}"
            )
        return document + b"}"


def shown_by(call: Call, *known: str) -> Shown:
    """Return what the request's $select and $expand ask for. `known` are the other options the route takes."""
    call.options.only("select", "expand", "format", *known)
    return Shown(checked_select(call.options.select), _expanded(call.options.system.get("expand", "")))


def checked_select(select: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return `select` when a driveItem has all its properties. Raises GraphError 400 for another."""
    for name in select or ():
        if name not in ITEM_PROPERTIES and name != "children":
            message = (
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.driveItem'."
            )
            raise GraphError(400, "BadRequest", message)
    return select


def _expanded(written: str) -> Shown | None:
    if not written.strip():
        return None
    match = re.fullmatch(r"\s*children\s*(?:\(\s*\$?select=([^;()]*)\))?\s*", written)
    if match is None:
        raise not_implemented(f"$expand={written[:100]}")
    names = tuple(name.strip() for name in (match[1] or "").split(",") if name.strip())
    return Shown(checked_select(names or None))


def joined(*objects: bytes) -> bytes:
    """Return one JSON object with the members of all."""
    inner = [part[1:-1] for part in objects if part != b"{}"]
    return b"{" + b",".join(inner) + b"}"

"""A driveItem's JSON as one request asked for it: $select, $expand and the download address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from graph_emulator.call import Call
from graph_emulator.errors import GraphError
from graph_emulator.list_json import sharepoint_ids
from graph_emulator.odata.expand import parse_expand
from graph_emulator.odata.options import Options, skip_token_for
from graph_emulator.representation import DOWNLOAD_URL, ITEM_PROPERTIES, item_json, publication
from graph_emulator.routes.expansions import BESIDE, expanded
from graph_emulator.store import Item

_DOWNLOAD_NAMES = frozenset((DOWNLOAD_URL, "content.downloadUrl"))


@dataclass(frozen=True, slots=True)
class Shown:
    """What of an item is shown: the properties of `select` (None for all), and with `children` what is in a folder.

    `beside` are the other expansions by name, with their options.
    """

    select: tuple[str, ...] | None = None
    children: Shown | None = None
    beside: dict[str, Options] = field(default_factory=dict)

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
            if "sharepointIds" in self.select:
                full["sharepointIds"] = sharepoint_ids(item, call.tenant.tenant_id)
            kept = {name: full[name] for name in self.select if name in full}
            if "eTag" in full:
                head["@odata.etag"] = full["eTag"]
            body = orjson.dumps(kept)
        tail = self._children(call, item)
        beside = orjson.dumps(expanded(call, item, self.beside)) if self.beside else b"{}"
        return joined(orjson.dumps(head) if head else b"{}", body, beside, tail)

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
    return _shown(call.options)


def checked_select(select: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return `select` when a driveItem has all its properties. Raises GraphError 400 for another."""
    for name in select or ():
        if name not in ITEM_PROPERTIES and name != "children" and name not in BESIDE:
            message = (
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.driveItem'."
            )
            raise GraphError(400, "BadRequest", message)
    return select


def _shown(options: Options) -> Shown:
    beside = parse_expand(options.system.get("expand", ""), "children", *BESIDE)
    inner = beside.pop("children", None)
    if inner is not None:
        inner.only("select", "expand")
    children = _shown(inner) if inner is not None else None
    return Shown(checked_select(options.select), children, beside)


def joined(*objects: bytes) -> bytes:
    """Return one JSON object with the members of all."""
    inner = [part[1:-1] for part in objects if part != b"{}"]
    return b"{" + b",".join(inner) + b"}"

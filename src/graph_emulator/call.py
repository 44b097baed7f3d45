"""One authorised Graph request on its way through a route: who asks, what is addressed, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from graph_emulator.addresses import Address
from graph_emulator.behaviour import Behaviour
from graph_emulator.clock import Clock
from graph_emulator.errors import (
    GraphError,
    bad_request,
    directory_not_found,
    item_not_found,
    not_implemented,
)
from graph_emulator.links import Links, content_origin
from graph_emulator.messages import Request, Response, json_response
from graph_emulator.odata import Options
from graph_emulator.odata.options import skip_token_for
from graph_emulator.store import Actor, ContentStore, Drive, Item, Site, Tenant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graph_emulator.copies import Copies
    from graph_emulator.notifications import Notifier
    from graph_emulator.uploads import UploadSessions


@dataclass(slots=True)
class World:
    """What all requests share: time, contents, behaviour, pre-authenticated links, open upload sessions and copies.

    `answer` carries out a request that came inside another.
    """

    clock: Clock
    contents: ContentStore
    behaviour: Behaviour
    links: Links
    uploads: UploadSessions
    copies: Copies
    notifier: Notifier
    answer: Callable[[Request], Awaitable[Response]] | None = None


@dataclass(slots=True)
class Call:
    """A request that passed authorisation."""

    request: Request
    address: Address
    options: Options
    tenant: Tenant
    actor: Actor
    world: World

    @property
    def context(self) -> str:
        """Return the beginning of every @odata.context."""
        return f"{self.request.base_url}/v1.0/$metadata#"

    def drive(self) -> Drive:
        """Return the drive that is addressed. Raises GraphError 400 or 404."""
        locator = self.address.drive
        if locator is None:
            raise not_implemented(f"{self.request.method} {self.address.template}")
        if locator.id is not None:
            found = self.tenant.drives.get(locator.id)
            if found is None and (not locator.id.startswith("b!") or len(locator.id) < 30):
                raise bad_request(
                    "The provided drive id appears to be malformed, or does not represent a valid drive."
                )
            if found is None:
                raise item_not_found()
            return found
        return self._default_drive(locator.owner_kind, locator.owner_id)

    def _default_drive(self, kind: str, identifier: str) -> Drive:
        if kind == "user":
            user = self.tenant.find_user(identifier)
            if user is None:
                raise directory_not_found(identifier)
            if user.drive is None:
                raise GraphError(404, "ResourceNotFound", "User's mysite not found.")
            return user.drive
        if kind == "group":
            group = self.tenant.groups.get(identifier.casefold())
            if group is None:
                raise directory_not_found(identifier)
            if group.drive is None:
                raise GraphError(404, "ResourceNotFound", "Resource is not found.")
            return group.drive
        site = self.site(identifier)
        if not site.drives:
            raise item_not_found("The site has no document library.")
        return site.drives[0]

    def site(self, identifier: str) -> Site:
        """Return the site of an id: "root", host, host and path, or the composite id. Raises GraphError 404."""
        host, colon, path = identifier.partition(":/")
        if identifier.casefold() == "root" or (not colon and identifier.casefold() == self.tenant.host):
            found = self.tenant.site_at(self.tenant.host, "")
        elif colon:
            if host.casefold() not in ("root", self.tenant.host, self.tenant.personal_host):
                raise bad_request("Invalid hostname for this tenancy")
            found = self.tenant.site_at(self.tenant.host if host == "root" else host, path)
        else:
            wanted = identifier.casefold()
            sites = self.tenant.sites
            found = sites.get(wanted) or next((s for s in sites.values() if wanted == s.site_guid), None)
        if found is None:
            raise item_not_found("Requested site could not be found")
        return found

    def start_item(self, drive: Drive) -> Item:
        """Return the item from which the addressed path leads on. Raises GraphError 404 or 501."""
        locator = self.address.item
        if locator is None or locator.start == "root":
            if locator is not None and locator.special is not None:
                raise not_implemented(f"the special folder {locator.special}")
            return drive.root
        found = drive.items.get(locator.start) or drive.items.get(locator.start.upper())
        if found is None:
            raise item_not_found()
        return found

    def item(self) -> Item:
        """Return the item that is addressed. Raises GraphError 404."""
        drive = self.drive()
        start = self.start_item(drive)
        names = self.address.item.names if self.address.item is not None else ()
        found = drive.resolve(names, start)
        if found is None:
            raise item_not_found()
        return found

    def download_url(self, item: Item, version: str | None = None) -> str:
        """Return a fresh pre-authenticated address of the item's content, or of one of its versions."""
        if version is None and item.check_out is not None and item.check_out.by != self.actor:
            version = item.current().label
        origin = content_origin(self.request.base_url, item.drive)
        expires = int(self.world.clock.now()) + self.world.behaviour.download_life
        return self.world.links.download_url(origin, item, expires, version)

    def conflict_written(self, body: dict[str, Any] | None = None) -> str | None:
        """Return the conflictBehavior that the query or the body states, or None."""
        for source in (self.options.custom, body or {}):
            for name, value in source.items():
                if name.startswith("@") and name.casefold().endswith(".conflictbehavior"):
                    return str(value)
        return None

    async def json_body(self) -> dict[str, Any]:
        """Return the request's JSON object. Raises GraphError 400 for anything else; nothing at all is {}."""
        raw = await self.request.read()
        if not raw.strip():
            return {}
        try:
            parsed = orjson.loads(raw)
        except orjson.JSONDecodeError:
            parsed = None
        if not isinstance(parsed, dict):
            raise GraphError(400, "BadRequest", "Unable to read JSON request payload.")
        return parsed

    def next_link(self, position: Any) -> str:
        """Return the address of the page after `position`, with the query options of this one."""
        path, _, query = self.request.target.partition("?")
        kept = [
            pair
            for pair in query.split("&")
            if pair and pair.partition("=")[0].casefold() not in ("$skiptoken", "%24skiptoken", "skiptoken")
        ]
        kept.append(f"$skiptoken={quote(skip_token_for(position), safe='')}")
        return f"{self.request.base_url}{path}?{'&'.join(kept)}"

    def page(
        self, context: str, values: list[Any], *, count: int | None = None, position: Any = None
    ) -> Response:
        """Return one page of a collection; with `position` it says where the next begins.

        `values` are JSON values, or bytes that are JSON already.
        """
        head: dict[str, Any] = {"@odata.context": f"{self.context}{context}"}
        if count is not None:
            head["@odata.count"] = count
        if position is not None:
            head["@odata.nextLink"] = self.next_link(position)
        body = b"".join(
            (
                orjson.dumps(head)[:-1],
                b',"value":[',
                b",".join(value if isinstance(value, bytes) else orjson.dumps(value) for value in values),
                b"]}",
            )
        )
        return raw_json(200, body)


def raw_json(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    """Return a response whose body is JSON already."""
    response = json_response(status, None, headers)
    response.body = body
    return response

"""Sharing of items: who has access, links, invitations. A recipient who was left out is reported, never counted as invited.

Source: https://learn.microsoft.com/graph/api/driveitem-createlink, driveitem-invite, permission-update, permission-delete,
shares-get
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from driveql.connection.secrets import SecretReference
from driveql.drive.settled import found, found_pages, gone, settled, without
from driveql.drive.sharing_link import NewLink, shown
from driveql.drive.web_addresses import resolve_link
from driveql.errors import DriveqlError, NotFoundError, ProtocolError
from driveql.graph import item_parts, sharing_models, sharing_requests
from driveql.graph.models import DriveItem
from driveql.graph.sharing_models import InviteResult, Permission, read_permission
from driveql.graph.sharing_requests import LinkScope, LinkType

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference


class Sharing:
    """The permissions of a drive's items.

    Common parameters:
        item: a path, `id:` and an id, or a `DriveItem`.
        expires: when the access ends; a time with its zone, in the future.
        password: of a link; a `SecretReference`, or text as in the connection's parameters: `env:NAME`, `file:/path`,
            `keyring:service/name`, `prompt`, `plain:...`; other text is the password itself.
        retain_inherited: keep what the item inherits where it gets permissions of its own for the first time; None leaves
            it to the service, which keeps them.
    """

    def __init__(self, handle: DriveHandle) -> None:
        self._handle = handle
        self._session = handle.session

    async def permissions(self, item: ItemReference) -> AsyncGenerator[list[Permission], None]:
        """Yield an item's permissions a page at a time, those inherited from folders above among them.

        Raises:
            NotFoundError: there is no such item.
        """
        address = (await self._handle.address(item)).below("permissions")
        async with aclosing(found_pages(self._session, item, address)) as pages:
            async for page in pages:
                yield [Permission.from_json(raw) for raw in page.items]

    async def permission(self, item: ItemReference, permission_id: str) -> Permission:
        """One permission of an item.

        Raises:
            NotFoundError: there is none with that id.
        """
        address = item_parts.permission(await self._handle.address(item), permission_id)
        return read_permission((await self._session.request("GET", address)).object())

    async def create_link(
        self,
        item: ItemReference,
        link_type: LinkType = "view",
        scope: LinkScope | None = "organization",
        *,
        expires: datetime | None = None,
        password: SecretReference | str | None = None,
        recipients: Sequence[str] = (),
        message: str | None = None,
        send_notification: bool = False,
        retain_inherited: bool | None = None,
    ) -> Permission:
        """Return a sharing link to an item; one of the same kind that the application made before is returned again.

        Parameters:
            link_type: `view`, `edit`, or `embed` (personal OneDrive only).
            scope: `organization` (who signs in there), `anonymous` (whoever has the link), `users` (the recipients); None
                for the tenant's default.
            recipients: e-mail addresses or object ids, for `users` only; they are told of it with `send_notification`.

        Raises:
            ConfigurationError: the link asked for cannot be; nothing was sent.
            PermissionDeniedError: the tenant or site does not allow such links.
            ConflictError: the service has such a link without the password or the end asked for, or ignores them.
        """
        body = sharing_requests.link(link_type, scope, recipients, message, send_notification)
        body |= await _limits(expires, password, retain_inherited)
        return await NewLink(self._handle, item, body, send_notification).run()

    async def invite(
        self,
        item: ItemReference,
        recipients: Sequence[str],
        roles: Sequence[str] = ("read",),
        *,
        message: str | None = None,
        send_invitation: bool = True,
        require_sign_in: bool = True,
        expires: datetime | None = None,
        password: SecretReference | str | None = None,
        retain_inherited: bool | None = None,
    ) -> InviteResult:
        """Give people access to an item, and return what became of each of them.

        An invitation that succeeds for some only is no error here: ask `complete`, or call `require_all`.

        Parameters:
            recipients: e-mail addresses, object ids (GUID) or aliases. roles: `read`, `write`, `owner`.
            send_invitation: mail them, with `message`; otherwise they get access without being told.

        Raises:
            ConfigurationError: nobody is named, or a role is unknown; nothing was sent.
            ConnectionLostError: the answer was lost where mail was asked for, so that it is not sent again.
        """
        body = sharing_requests.invitation(recipients, roles, message, send_invitation, require_sign_in)
        body |= await _limits(expires, password, retain_inherited)
        address = (await self._handle.address(item)).below("invite")
        try:
            answer = await found(
                self._session,
                item,
                lambda: self._session.request("POST", address, json=body, safe_to_repeat=not send_invitation),
            )
        except DriveqlError as error:
            raise without(body.get("password"), error) from None
        return sharing_models.outcomes(recipients, _collection(answer.json()), f"invite to {shown(item)}")

    async def update_roles(self, item: ItemReference, permission_id: str, roles: Sequence[str]) -> Permission:
        """Change what a permission allows: `read`, `write`, `owner`. An inherited one is changed on its folder."""
        address = item_parts.permission(await self._handle.address(item), permission_id)
        body = {"roles": sharing_requests.roles(roles)}
        answer = await self._session.request("PATCH", address, json=body, safe_to_repeat=True)
        return read_permission(answer.object())

    async def revoke(self, item: ItemReference, permission_id: str) -> None:
        """Take a permission or link away. An inherited one is revoked on its folder.

        Raises:
            NotFoundError: the item has no such permission.
        """
        address = item_parts.permission(await self._handle.address(item), permission_id)
        await gone(self._session, lambda: self._session.request("DELETE", address, safe_to_repeat=False))

    async def revoke_grants(
        self, item: ItemReference, permission_id: str, recipients: Sequence[str]
    ) -> Permission | None:
        """Take people off a link made for named users; return the link that is left, None where nobody is left on it.

        Raises:
            NotFoundError: the item has no such permission. BadRequestError: it is no link for named users.
        """
        own = item_parts.permission(await self._handle.address(item), permission_id)
        body = {"grantees": sharing_requests.recipients(recipients)}

        async def send() -> list[Permission]:
            answer = await self._session.request(
                "POST", own.below("revokeGrants"), json=body, safe_to_repeat=False
            )
            return [read_permission(answer.object())] if answer.body.strip() else []

        async def holds() -> list[Permission] | None:
            try:
                left = await self.permission(item, permission_id)
            except NotFoundError:
                return []
            return None if any(map(left.concerns, recipients)) else [left]

        return next(iter(await settled(self._session, send, holds, look_first=True)), None)

    async def grant(
        self, url: str, recipients: Sequence[str], roles: Sequence[str] = ("read",)
    ) -> list[Permission]:
        """Let more people in by an existing sharing link, and return the permissions that came of it.

        Raises:
            ApiError: somebody was left out; the others have access.
        """
        body = {
            "recipients": sharing_requests.recipients(recipients),
            "roles": sharing_requests.roles(roles),
        }
        address = item_parts.shared_permission(sharing_requests.web_address(url)).below("grant")
        answer = await self._session.request("POST", address, json=body, safe_to_repeat=True)
        entries = _collection(answer.json())
        if any(isinstance(raw, dict) and raw.get("error") for raw in entries):
            sharing_models.outcomes(recipients, entries, "grant").require_all()
        return [read_permission(raw) for raw in entries]

    async def resolve(self, url: str, *, redeem: bool = False) -> DriveItem:
        """Return the item behind a sharing link or web address, wherever it lies; `drive_id` says in which drive.

        Parameters:
            redeem: take up a link made for the caller, so that the access lasts. An application rarely needs it.

        Raises:
            NotFoundError, PermissionDeniedError: the address leads nowhere, or the application may not follow it.
        """
        return await resolve_link(self._session, url, redeem=redeem)


async def _limits(
    expires: datetime | None, password: SecretReference | str | None, retain_inherited: bool | None
) -> dict[str, Any]:
    reference = SecretReference.parse(password) if isinstance(password, str) else password
    secret = await asyncio.to_thread(reference.reveal, purpose="link's password") if reference else None
    return sharing_requests.limits(expires, secret, retain_inherited, datetime.now(UTC))


def _collection(body: Any) -> list[Any]:
    entries = body.get("value") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise ProtocolError("The answer to an invitation is not a collection.")
    return entries

"""The synchronous face of sharing. Each method is that of its asynchronous namesake, carried through the portal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from driveql.transport.portal import portal

if TYPE_CHECKING:
    from driveql.connection.secrets import SecretReference
    from driveql.drive import sharing
    from driveql.drive.handle import ItemReference
    from driveql.graph.models import DriveItem
    from driveql.graph.sharing_models import InviteResult, Permission
    from driveql.graph.sharing_requests import LinkScope, LinkType


class Sharing:
    """As `driveql.drive.sharing.Sharing`."""

    def __init__(self, asynchronous: sharing.Sharing) -> None:
        self._parts = asynchronous

    def permissions(self, item: ItemReference) -> Iterator[Permission]:
        """Yield an item's permissions, those inherited among them."""
        for page in portal().iterate(self._parts.permissions(item)):
            yield from page

    def permission(self, item: ItemReference, permission_id: str) -> Permission:
        """One permission of an item."""
        return portal().call(self._parts.permission(item, permission_id))

    def create_link(
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
        """Return a sharing link to an item."""
        return portal().call(
            self._parts.create_link(
                item,
                link_type,
                scope,
                expires=expires,
                password=password,
                recipients=recipients,
                message=message,
                send_notification=send_notification,
                retain_inherited=retain_inherited,
            )
        )

    def invite(
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
        """Give people access, and return what became of each; ask the result whether it is `complete`."""
        return portal().call(
            self._parts.invite(
                item,
                recipients,
                roles,
                message=message,
                send_invitation=send_invitation,
                require_sign_in=require_sign_in,
                expires=expires,
                password=password,
                retain_inherited=retain_inherited,
            )
        )

    def update_roles(self, item: ItemReference, permission_id: str, roles: Sequence[str]) -> Permission:
        """Change what a permission allows."""
        return portal().call(self._parts.update_roles(item, permission_id, roles))

    def revoke(self, item: ItemReference, permission_id: str) -> None:
        """Take a permission or link away."""
        portal().call(self._parts.revoke(item, permission_id))

    def revoke_grants(
        self, item: ItemReference, permission_id: str, recipients: Sequence[str]
    ) -> Permission | None:
        """Take people off a link made for named users."""
        return portal().call(self._parts.revoke_grants(item, permission_id, recipients))

    def grant(
        self, url: str, recipients: Sequence[str], roles: Sequence[str] = ("read",)
    ) -> list[Permission]:
        """Let more people in by an existing sharing link."""
        return portal().call(self._parts.grant(url, recipients, roles))

    def resolve(self, url: str, *, redeem: bool = False) -> DriveItem:
        """Return the item behind a sharing link or web address."""
        return portal().call(self._parts.resolve(url, redeem=redeem))

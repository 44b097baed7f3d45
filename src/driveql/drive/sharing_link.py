"""Making one sharing link: once, also where an answer is lost, and never without the protection asked for.

Source: https://learn.microsoft.com/graph/api/driveitem-createlink
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driveql.drive.settled import found, settled, without
from driveql.errors import ConflictError, DriveqlError
from driveql.graph import sharing_requests
from driveql.graph.models import DriveItem
from driveql.graph.sharing_models import Permission, read_permission

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference


@dataclass(slots=True)
class NewLink:
    """A link on its way.

    Parameters:
        body: of createLink. mailed: the service tells the recipients.
    """

    handle: DriveHandle
    item: ItemReference
    body: dict[str, Any]
    mailed: bool

    async def run(self) -> Permission:
        """Make the link, or have the one that is there.

        Raises:
            ConflictError: what the service answered with lacks the password or the end asked for.
        """
        try:
            # The service returns the link that is there, so a repetition makes no second one. A mail would go twice, and
            # of a link with a password nobody can say whether it is the one asked for.
            if "password" in self.body or self.mailed:
                link, made = await self._once()
            else:
                link, made = await found(self.handle.session, self.item, lambda: self._send(again=True))
        except DriveqlError as error:
            raise without(self.body.get("password"), error) from None
        missing = sharing_requests.missing_protection(self.body, link.has_password, link.expires)
        if missing is not None:
            await self._refuse(link, missing, made)
        return link

    async def _send(self, *, again: bool) -> tuple[Permission, bool]:
        """Return the link, and whether it was made just now."""
        address = (await self.handle.address(self.item)).below("createLink")
        answer = await self.handle.session.request("POST", address, json=self.body, safe_to_repeat=again)
        return read_permission(answer.object()), answer.status == 201

    async def _once(self) -> tuple[Permission, bool]:
        """After a lost answer the link is looked for among those that were not there before."""
        before = await self._links()

        async def holds() -> tuple[Permission, bool] | None:
            new = [link for link in await self._links() if link not in before]
            return (new[0], True) if new else None

        return await settled(self.handle.session, lambda: self._send(again=False), holds, look_first=True)

    async def _links(self) -> list[Permission]:
        scope = self.body.get("scope")
        async with aclosing(self.handle.sharing.permissions(self.item)) as pages:
            return [
                known
                async for page in pages
                for known in page
                if known.link_type == self.body["type"]
                and scope in {known.link_scope, None}
                and not known.is_inherited
            ]

    async def _refuse(self, link: Permission, missing: str, made: bool) -> None:
        """A link without its protection is not handed out; one that was made just now is taken back."""
        if made:
            await self.handle.sharing.revoke(self.item, link.id)
        raise ConflictError(
            f"The service answered with a link to {shown(self.item)} without {missing}."
            + (" It was revoked." if made else ""),
            status=201 if made else 200,
            hint=None if made else f"Such a link existed before: revoke permission {link.id} first.",
        )


def shown(item: ItemReference) -> str:
    """Return an item as a message names it."""
    return item.path or item.name if isinstance(item, DriveItem) else item

"""The columns of an item in its SharePoint library: read and written by their internal names.

Source: https://learn.microsoft.com/graph/api/listitem-get and listitem-update
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driveql.drive.settled import found, settled
from driveql.errors import ProtocolError
from driveql.graph import column_values, item_parts
from driveql.graph.item_records import ListItem

if TYPE_CHECKING:
    from driveql.drive.handle import DriveHandle, ItemReference


class Metadata:
    """The list-item fields of a drive's items. `item` is a path, `id:` and an id, or a `DriveItem`."""

    def __init__(self, handle: DriveHandle) -> None:
        self._handle = handle
        self._session = handle.session

    async def read(self, item: ItemReference, *, columns: Sequence[str] | None = None) -> ListItem:
        """Return an item's fields, and the eTag that guards a change.

        Parameters:
            columns: internal names of the columns to fetch; None for all.

        Raises:
            NotFoundError: there is no such item.
        """
        expand = "fields"
        if columns is not None:
            expand = f"fields($select={','.join(column_values.check_names(columns))})"
        address = item_parts.part(await self._handle.address(item), "listItem").option("$expand", expand)
        answer = await found(self._session, item, lambda: self._session.request("GET", address))
        return ListItem.from_json(answer.object())

    async def write(
        self, item: ItemReference, values: Mapping[str, Any], *, if_match: str | None = None
    ) -> dict[str, Any]:
        """Change an item's fields, and return them as the service keeps them.

        Parameters:
            values: by internal column name: text, numbers, booleans, dates, times with their zone, lists of them, None to clear.
            if_match: the eTag that `read` gave and the item must still have.

        Raises:
            ConfigurationError: a name or value cannot be sent; nothing was sent.
            ItemChangedError: the eTag is no longer `if_match`. BadRequestError: there is no such column, or it is read-only.
        """
        body = column_values.encode(values)
        address = item_parts.fields(await self._handle.address(item))
        headers = {"If-Match": if_match} if if_match else None

        async def send() -> dict[str, Any]:
            answer = await self._session.request(
                "PATCH", address, json=body, headers=headers, safe_to_repeat=if_match is None
            )
            return _fields(answer.object())

        async def holds() -> dict[str, Any] | None:
            now = (await self.read(item)).fields
            return now if all(now.get(name) == value for name, value in _fields(body).items()) else None

        # With If-Match a repetition after a lost answer would be refused for the change it made itself.
        return await found(self._session, item, lambda: settled(self._session, send, holds, look_first=True))


def _fields(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ProtocolError("The server answered a change of fields without them.")
    return {name: value for name, value in raw.items() if "@odata." not in name}

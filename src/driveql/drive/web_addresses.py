"""From a sharing link, a web address or any other written place to the item it names.

Source: https://learn.microsoft.com/graph/api/shares-get
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driveql.errors import NotFoundError
from driveql.graph import addresses, places, sharing_requests
from driveql.graph.models import DriveItem
from driveql.transport.session import GraphSession

if TYPE_CHECKING:
    from driveql.drive.onedrive import OneDrive


async def resolve(drive: OneDrive, address: str, *, redeem: bool = False) -> DriveItem:
    """Return the item at any written place: a sharing link, a web address, `onedrive:` and a path.

    Raises:
        InvalidPathError: the address is malformed. NotFoundError: it leads nowhere.
    """
    place = places.parse(address)
    if place.sharing_url is None:
        try:
            handle, path = await drive.at(place)
            return await handle.item(path)
        except NotFoundError:
            if not address.casefold().startswith("https://"):
                raise
    # The service knows its own web addresses better than any reading of them.
    return await resolve_link(drive.session, address, redeem=redeem)


async def resolve_link(session: GraphSession, url: str, *, redeem: bool = False) -> DriveItem:
    """Ask the service which item a sharing link or web address leads to.

    Raises:
        InvalidPathError: it is no web address. NotFoundError, PermissionDeniedError, BadRequestError: the service's answer.
    """
    headers = {"Prefer": "redeemSharingLink"} if redeem else None
    address = addresses.shared_item(sharing_requests.web_address(url))
    return DriveItem.from_json((await session.request("GET", address, headers=headers)).object())

"""Where the samples of sharing play: the places their routes need, and what of them the emulator answers otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from graph_emulator.addresses import ITEM, LIST
from graph_emulator.store.lists import Column

REFUSED = {
    "subscription-post-subscriptions__create-subscription-from-subscriptions": (400, "no mailboxes here"),
    "webhooks-with-resource-data__subscription-request-example": (400, "no chats here"),
    "driveitem-createlink__create-embedded-link": (400, "links of type embed are OneDrive personal's"),
    "driveitem-createlink__create-embedded-link__2": (400, "links of type embed are OneDrive personal's"),
}
EXCEPTIONS: dict[str, dict[str, str]] = {
    "createdBy.user.id": {
        "list-create": "shown for a signed-in user, not an application",
        "listitem-create": "as above",
    },
    "lastModifiedBy.user.id": {"list-create": "as above", "listitem-create": "as above"},
    "value[]": {
        "list-list-operations": "the answer of another call stands beside this address",
        "drive-sharedwithme": "the call is retired and answers with an empty page",
        "mock2025__get__me-drive-sharedwithme": "as above",
    },
    "notificationContentType": {"subscription-update": "not a property of a subscription in v1.0"},
    "value[].notificationContentType": {"subscription-list": "not a property of a subscription in v1.0"},
    "value[].thumbnails[]": {"driveitem-list-thumbnails": "a folder has none"},
}
STATUSES = {
    "listitem-update__update-listitem": (200, "an entry that is changed is answered with 200, not 201"),
    "permission-grant__permission-grant": (
        207,
        "an application cannot invite the guest among the recipients",
    ),
}


def invite_the_cast(stage: Any, receiver: Any) -> None:
    """Add the people whom the samples share with, and the receiver of their notifications."""
    stage.receiver = receiver
    for name in ("ryan", "john"):
        stage.emulator.tenant.add_user(name, name.title(), drive=False)


def adapted(stage: Any, content: Any) -> Any:
    """Return a sample's body with dates that lie ahead, a receiver that is there and a drive that has an owner."""
    if not isinstance(content, dict):
        return content
    adapted_content = dict(content)
    if "expirationDateTime" in content:
        moment = datetime.fromtimestamp(stage.emulator.clock.now() + 86_400, UTC)
        adapted_content["expirationDateTime"] = moment.isoformat()
    if "notificationUrl" in content:
        adapted_content["notificationUrl"] = stage.receiver.url
    if content.get("resource") == "/me/drive/root":
        adapted_content["resource"] = f"/drives/{stage.drive.id}/root"
    return adapted_content


def file_at(stage: Any, name: str = "report.txt") -> str:
    """Put a new file and return its address."""
    stage.made += 1
    item = stage.drive.put_file(f"/stage/{stage.made}/{name}", b"text")
    return f"/drives/{stage.drive.id}/items/{item.id}"


def shared_file(stage: Any, _: str) -> str:
    """Return the permissions of a file with two links."""
    place = file_at(stage)
    for link_type in ("view", "edit"):
        stage.ask("POST", f"{place}/createLink", json={"type": link_type, "scope": "organization"})
    return f"{place}/permissions"


def permission(stage: Any, _: str) -> str:
    """Return the address of a permission given to one person."""
    place = file_at(stage)
    body = {"recipients": [{"objectId": stage.user.id}], "roles": ["write"]}
    made = stage.ask("POST", f"{place}/invite", json=body).json["value"][0]
    return f"{place}/permissions/{made['id']}"


def picture(path: str) -> Callable[[Any, str], str]:
    """Return what leads to `path` below a new photo."""
    return lambda stage, _: file_at(stage, "photo.jpg") + path


def listed_pictures(stage: Any, sample: str) -> str | None:
    """Return the children of a folder of files with thumbnails, for the sample that asks for them."""
    if "thumbnail" not in sample:
        return None
    for name in ("photo.jpg", "presentation.pptx"):
        stage.drive.put_file(f"/stage/pictures/{name}", b"text")
    return f"/drives/{stage.drive.id}/root:/stage/pictures:/children"


def converted(stage: Any, sample: str) -> str | None:
    """Return the content of a document, for the samples that convert it."""
    return f"{file_at(stage, 'report.docx')}/content" if "format" in sample else None


def inventory(path: str) -> Callable[[Any, str], str]:
    """Return what leads to `path` below a list with the columns that the samples name."""

    def place(stage: Any, _: str) -> str:
        made = next((each for each in stage.site.lists if each.name == "Inventory"), None)
        if made is None:
            kinds = {"Name": "text", "Color": "text", "Quantity": "number", "Weight": "number"}
            columns = [Column(name, kind) for name, kind in kinds.items()]
            made = stage.emulator.tenant.add_list(stage.site, "Inventory", columns)
        entry = made.add({"Name": "Widget", "Color": "Blue", "Quantity": 2357}, stage.emulator.clock.now())
        return f"/sites/{stage.site.id}/lists/{made.guid}{path.replace('{}', str(entry.number))}"

    return place


def share(path: str) -> Callable[[Any, str], str]:
    """Return what shares a file, or for the sample that expands it a folder, and leads to `path` below the share."""

    def place(stage: Any, sample: str) -> str:
        item = file_at(stage)
        if "children" in sample:
            item = f"/drives/{stage.drive.id}/items/{stage.fill('/stage/shared')}"
        made = stage.ask("POST", f"{item}/createLink", json={"type": "view", "scope": "users"}).json
        return f"/shares/{made['shareId']}{path}"

    return place


def subscription(stage: Any, sample: str = "") -> str:
    """Return the address of a subscription to the drive."""
    body = {
        "changeType": "updated",
        "notificationUrl": "",
        "resource": "/me/drive/root",
        "expirationDateTime": "",
        "clientState": "subscription-identifier",
        "lifecycleNotificationUrl": stage.receiver.url,
    }
    made = stage.ask("POST", "/subscriptions", json=adapted(stage, body)).json
    suffix = "/reauthorize" if "reauthorize" in sample else ""
    return f"/subscriptions/{made['id']}{suffix}"


PLACES: dict[str, Callable[[Any, str], str | None]] = {
    f"{ITEM}/children": listed_pictures,
    f"{ITEM}/content": converted,
    f"{ITEM}/thumbnails": picture("/thumbnails"),
    f"{ITEM}/thumbnails/{{set-id}}/{{size}}": picture("/thumbnails/0/small"),
    f"{ITEM}/permissions": shared_file,
    f"{ITEM}/permissions/{{permission-id}}": permission,
    LIST: inventory(""),
    f"{LIST}/items": inventory("/items"),
    f"{LIST}/items/{{item-id}}": inventory("/items/{}"),
    f"{LIST}/items/{{item-id}}/fields": inventory("/items/{}/fields"),
    "/subscriptions/{subscription-id}": subscription,
    "/subscriptions/{subscription-id}/reauthorize": subscription,
    "/shares/{share-id}/driveItem": share("/driveItem"),
    "/shares/{share-id}/permission/grant": share("/permission/grant"),
}

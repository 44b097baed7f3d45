"""A drive's items as one JSON record and back, with the recycle bin, former versions and the change number."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from graph_emulator.store import Actor, Content, ContentStore, Drive, Item, Version
from graph_emulator.store.item import CheckOut, Children

_PLAIN = (
    "name",
    "created",
    "modified",
    "mime_type",
    "version",
    "content_version",
    "sequence",
    "fs_created",
    "fs_modified",
    "description",
    "deleted",
    "deleted_from",
    "current_version",
    "purged",
)
_HELD = ("tag_version", "content_version", "fs_modified")


def drive_record(drive: Drive) -> dict[str, Any]:
    """Return what is kept of a drive. Items come after the folders they are in."""
    actors: dict[Actor, int] = {}
    items = [drive.root, *drive.root.walk(), *drive.deleted.values()]
    return {
        "sequence": drive.sequence,
        "created_items": drive.created_items,
        "items": [_item_record(item, actors) for item in items],
        "actors": [asdict(actor) for actor in actors],
    }


def restore_drive(drive: Drive, record: dict[str, Any]) -> None:
    """Give a new drive the items of `record`. Raises FileNotFoundError when a content is missing."""
    actors = [Actor(**actor) for actor in record["actors"]]
    opened: dict[str, Content] = {}
    by_guid: dict[str, Item] = {}
    for kept in record["items"]:
        item = _restored(drive, kept, by_guid.get(kept["parent"] or ""), actors, opened)
        by_guid[kept["guid"]] = item
        if item.deleted is not None:
            drive.deleted[item.id] = item
        elif item.parent is None:
            drive.items.clear()
            drive.root = item
            drive.items[item.id] = item
        else:
            drive.attach(item)
    for kept in record["items"]:  # a folder that was deleted after what was in it comes later
        item = by_guid[kept["guid"]]
        item.parent = item.parent or by_guid.get(kept["parent"] or "")
        if item.deleted is not None:
            item.size = kept["size"]
            if kept["in_parent"] and item.parent is not None and item.parent.children is not None:
                item.parent.children.add(item)
    drive.deleted_bytes = sum(item.size for item in drive.in_bin())
    drive.continue_from(record["sequence"])
    drive.created_items = record["created_items"]


def _item_record(item: Item, actors: dict[Actor, int]) -> dict[str, Any]:
    record: dict[str, Any] = {name: getattr(item, name) for name in _PLAIN}
    record["guid"] = item.guid.hex()
    record["parent"] = item.parent.guid.hex() if item.parent is not None else None
    record["folder"] = item.is_folder
    record["by"] = [actors.setdefault(actor, len(actors)) for actor in (item.created_by, item.modified_by)]
    if item.deleted is not None and item.parent is not None and item.parent.children is not None:
        record["size"] = item.size
        record["in_parent"] = item.parent.children.get(item.name) is item
    if item.content is not None:
        record["content"] = _content_record(item.content)
    if item.history:
        record["history"] = [_version_record(each, actors) for each in item.history]
    if item.check_out is not None:
        held = item.check_out
        record["check_out"] = {
            "by": actors.setdefault(held.by, len(actors)),
            "committed": _version_record(held.committed, actors),
            **{name: getattr(held, name) for name in _HELD},
        }
    return record


def _version_record(version: Version, actors: dict[Actor, int]) -> list[Any]:
    by = actors.setdefault(version.modified_by, len(actors))
    return [version.number, _content_record(version.content), version.modified, by]


def _content_record(content: Content) -> list[Any]:
    return [content.sha256, content.size, content.quick_xor_hash]


def _restored(
    drive: Drive, kept: dict[str, Any], parent: Item | None, actors: list[Actor], opened: dict[str, Content]
) -> Item:
    plain = {name: kept[name] for name in _PLAIN}
    content = _opened(drive.contents, kept["content"], opened) if "content" in kept else None
    created_by, modified_by = (actors[index] for index in kept["by"])
    held = kept.get("check_out")

    def version(written: list[Any]) -> Version:
        number, described, modified, index = written
        return Version(number, _opened(drive.contents, described, opened), modified, actors[index])

    return Item(
        drive=drive,
        guid=bytes.fromhex(kept["guid"]),
        parent=parent,
        created_by=created_by,
        modified_by=modified_by,
        children=Children() if kept["folder"] else None,
        content=content,
        size=content.size if content is not None else 0,
        history=[version(written) for written in kept.get("history", ())],
        check_out=held
        and CheckOut(actors[held["by"]], version(held["committed"]), **{name: held[name] for name in _HELD}),
        **plain,
    )


def _opened(store: ContentStore, described: list[Any], opened: dict[str, Content]) -> Content:
    sha256, size, quick_xor_hash = described
    if sha256 not in opened:
        opened[sha256] = store.open(sha256, size, quick_xor_hash)
    return opened[sha256]

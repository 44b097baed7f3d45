"""One drive: a tree of items with unique names, a change number for every change, and nothing ever quite lost.

Deleted items stay as tombstones in the recycle bin, and replaced contents stay as versions, since delta answers,
restoring and version history stand on them.
"""

from __future__ import annotations

import base64
from uuid import UUID

from graph_emulator.clock import Clock
from graph_emulator.errors import bad_request, name_exists, quota_reached
from graph_emulator.rules import ConflictBehavior, check_name, check_path_length, free_name
from graph_emulator.store.checking_out import check_writable
from graph_emulator.store.content import Content, ContentStore
from graph_emulator.store.item import Actor, Children, Item
from graph_emulator.store.lists import Library
from graph_emulator.store.media_types import media_type_of
from graph_emulator.store.recycle_bin import RecycleBin
from graph_emulator.store.sharing import Sharing
from graph_emulator.store.site import Site
from graph_emulator.store.tree import names_of

DEFAULT_QUOTA_BYTES = 1024**4
SYSTEM = Actor(user_name="System Account")


class Drive(RecycleBin):
    """A user's OneDrive (`drive_type` "business") or a document library ("documentLibrary")."""

    def __init__(
        self,
        *,
        site: Site,
        name: str,
        drive_type: str,
        owner: dict[str, dict[str, str]],
        list_guid: str,
        clock: Clock,
        contents: ContentStore,
        actor: Actor = SYSTEM,
        url_name: str | None = None,
        quota_total: int = DEFAULT_QUOTA_BYTES,
    ) -> None:
        self.site = site
        self.name = name
        self.url_name = url_name or name
        self.drive_type = drive_type
        self.owner = owner
        self.list_guid = list_guid
        self.quota_total = quota_total
        guids = (site.site_guid, site.web_guid, list_guid)
        self.contents = contents
        self.actor = actor
        super().__init__(b"".join(UUID(guid).bytes_le for guid in guids))
        self.id = "b!" + base64.urlsafe_b64encode(self.key).decode("ascii")
        self._clock = clock
        now = site.created
        self.root = Item(self, self.new_guid(), "root", None, now, now, actor, actor, children=Children())
        self.items[self.root.id] = self.root
        self.sharing = Sharing()
        self.library = Library()
        site.drives.append(self)

    @property
    def web_url(self) -> str:
        """Return the library's address for a browser, without its last slash."""
        return f"{self.site.web_url}/{self.url_name}"

    @property
    def quota_used(self) -> int:
        """Return the bytes in use by the tree's files."""
        return self.root.size

    @property
    def quota_deleted(self) -> int:
        """Return the bytes in the recycle bin; they count against the quota too."""
        return self.deleted_bytes

    def make_folder(
        self,
        parent: Item,
        name: str,
        conflict: ConflictBehavior = ConflictBehavior.FAIL,
        actor: Actor | None = None,
    ) -> Item:
        """Create a folder in `parent`.

        With REPLACE an existing folder of the name is returned as it is. Raises GraphError 400 for a bad name or
        path, 409 for a name that is taken.
        """
        existing = self.children_of(parent).get(name)
        if existing is not None:
            if conflict is ConflictBehavior.REPLACE and existing.is_folder:
                return existing
            if conflict is not ConflictBehavior.RENAME:
                raise name_exists()
            name = free_name(name, lambda each: self.taken(parent, each), is_folder=True)
        return self._add(parent, name, actor or self.actor, children=Children())

    def put(
        self,
        parent: Item,
        name: str,
        content: Content,
        conflict: ConflictBehavior = ConflictBehavior.REPLACE,
        actor: Actor | None = None,
        *,
        mime_type: str | None = None,
    ) -> tuple[Item, bool]:
        """Store `content` under `name` in `parent` and return the item and whether it is new.

        Raises GraphError 400, 409 (name taken by a file under FAIL, or by a folder) or 507 (quota).
        """
        who = actor or self.actor
        existing = self.children_of(parent).get(name)
        if existing is not None and conflict is ConflictBehavior.RENAME:
            name = free_name(name, lambda each: self.taken(parent, each), is_folder=False)
            existing = None
        if existing is None:
            self.check_room(content.size)
            item = self._add(parent, name, who, content=content, mime_type=mime_type)
            return item, True
        if existing.is_folder or conflict is ConflictBehavior.FAIL:
            raise name_exists()
        self.check_room(content.size - existing.size)
        self.replace_content(existing, content, who)
        return existing, False

    def replace_content(self, item: Item, content: Content, actor: Actor) -> None:
        """Give a file new content; what it had becomes its newest former version."""
        if item.content is None:
            raise bad_request("A folder has no content.")
        check_writable(item, actor)
        self.keep_version(item)
        difference = content.size - item.content.size
        item.content = content
        item.size = content.size
        item.content_version += 1
        self.grow(item, difference)
        item.fs_modified = self._clock.now()
        self.changed(item, actor)

    def move(
        self,
        item: Item,
        parent: Item,
        name: str,
        conflict: ConflictBehavior = ConflictBehavior.FAIL,
        actor: Actor | None = None,
    ) -> None:
        """Give `item` another name, another folder of this drive, or both.

        Raises GraphError 400 for a bad name, for the root, and for a folder moved into itself; 409 for a name taken.
        """
        check_name(name, at_library_root=parent is self.root)
        if item is self.root or item is parent or item in parent.ancestors():
            raise bad_request("The item cannot be moved there.")
        old = item.parent
        if old is None:
            raise bad_request("The item cannot be moved there.")
        who = actor or self.actor
        check_writable(item, who)
        existing = self.children_of(parent).get(name)
        if existing is not None and existing is not item:
            if conflict is ConflictBehavior.FAIL or (
                conflict is ConflictBehavior.REPLACE and existing.is_folder
            ):
                raise name_exists()
            if conflict is ConflictBehavior.REPLACE:
                self.delete(existing, who)
            else:
                name = free_name(name, lambda each: self.taken(parent, each), is_folder=item.is_folder)
        check_path_length(f"{parent.path}/{name}")
        for below in item.walk():
            check_path_length(f"{parent.path}/{name}{below.path.removeprefix(item.path)}")
        self.children_of(old).remove(item)
        self.grow(item, -item.size)
        item.name, item.key, item.parent = name, name.casefold(), parent
        if item.content is not None:
            item.mime_type = media_type_of(name)
        self.children_of(parent).add(item)
        self.grow(item, item.size)
        self.epoch += 1
        self.changed(item, who)

    def keep_version(self, item: Item) -> None:
        """Make what a file holds its newest former version; what is checked out makes one when it is checked in."""
        if item.content is not None and item.check_out is None:
            item.history.append(item.current())
            item.current_version += 1

    def changed(self, item: Item, actor: Actor) -> None:
        """Note that `item` was changed by `actor` now: next eTag, next change number."""
        item.sequence = self.next_change(self._clock.now())
        item.version += 1
        item.modified = self._clock.now()
        item.modified_by = actor
        self.touch(item)

    def check_room(self, size: int) -> None:
        """Raise GraphError 507 when `size` more bytes do not fit the quota."""
        if self.quota_used + self.quota_deleted + size > self.quota_total:
            raise quota_reached()

    def _add(
        self,
        parent: Item,
        name: str,
        actor: Actor,
        *,
        children: Children | None = None,
        content: Content | None = None,
        mime_type: str | None = None,
    ) -> Item:
        check_name(name, at_library_root=parent is self.root)
        check_path_length(f"{parent.path}/{name}")
        now = self._clock.now()
        item = Item(self, self.new_guid(), name, parent, now, now, actor, actor, children, content)
        if content is not None:
            item.size = content.size
            item.mime_type = mime_type or media_type_of(name)
        self.attach(item)
        item.sequence = self.next_change(now)
        return item

    # What tests and seeds use: paths such as "/Reports/a.csv".

    def create_folder(self, path: str) -> Item:
        """Return the folder at `path`, created with all above it where it was not there."""
        folder = self.root
        for name in names_of(path):
            folder = self.make_folder(folder, name, ConflictBehavior.REPLACE)
        return folder

    def put_file(
        self, path: str, data: bytes, *, modified: float | None = None, actor: Actor | None = None
    ) -> Item:
        """Store `data` at `path` (folders are created); `modified` is seconds since 1970."""
        *above, name = names_of(path)
        folder = self.create_folder("/".join(above))
        item, created = self.put(folder, name, self.contents.from_bytes(data), actor=actor)
        if modified is not None:
            item.modified = item.fs_modified = modified
            if created:
                item.created = item.fs_created = modified
            self.touch(item)
        return item

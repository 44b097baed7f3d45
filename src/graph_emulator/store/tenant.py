"""One organisation: its applications, people, sites and drives."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from graph_emulator.clock import Clock
from graph_emulator.directory import Application
from graph_emulator.store.content import ContentStore
from graph_emulator.store.drive import DEFAULT_QUOTA_BYTES, SYSTEM, Drive
from graph_emulator.store.item import Actor
from graph_emulator.store.lists import Column, SiteList
from graph_emulator.store.people import Group, User
from graph_emulator.store.site import Site
from graph_emulator.store.subscription import Subscription


@dataclass(slots=True, eq=False)
class Tenant:
    """A tenant. Ids made here follow from names, so that the same calls make the same tenant again."""

    tenant_id: str
    domain: str
    display_name: str
    clock: Clock
    contents: ContentStore
    applications: dict[str, Application] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    drives: dict[str, Drive] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    dirty: bool = True
    order: int = 0

    @property
    def short_name(self) -> str:
        """Return the name that SharePoint's hosts begin with."""
        return self.domain.partition(".")[0].lower()

    @property
    def host(self) -> str:
        """Return the host of the tenant's team sites."""
        return f"{self.short_name}.sharepoint.com"

    @property
    def personal_host(self) -> str:
        """Return the host of the tenant's personal sites."""
        return f"{self.short_name}-my.sharepoint.com"

    def guid(self, *names: str) -> str:
        """Return a GUID that follows from the tenant and `names`."""
        text = "\0".join((self.tenant_id, *names)).encode("utf-8")
        return str(UUID(bytes=hashlib.blake2b(text, digest_size=16).digest(), version=4))

    def add_user(
        self,
        user_principal_name: str,
        display_name: str | None = None,
        *,
        drive: bool = True,
        quota_total: int = DEFAULT_QUOTA_BYTES,
        **properties: Any,
    ) -> User:
        """Add a user; a name without "@" is completed with the tenant's domain. `properties` are Graph properties.

        With `drive`, the user has a OneDrive of `quota_total` bytes. Raises ValueError for a name that is taken.
        """
        name = user_principal_name if "@" in user_principal_name else f"{user_principal_name}@{self.domain}"
        if self.find_user(name) is not None:
            raise ValueError(f"the user {name} exists")
        shown = display_name or name.partition("@")[0]
        properties.setdefault("mail", name)
        user = User(self.guid("user", name.casefold()), name, shown, properties)
        self.users[user.id] = user
        if drive:
            alias = re.sub(r"[^a-z0-9]", "_", name.casefold())
            site = self._new_site(self.personal_host, f"personal/{alias}", shown, personal=True)
            actor = user.actor()
            user.drive = self._new_drive(
                site, "OneDrive", "business", actor.identity_set(), "Documents", quota_total, owner_user=user
            )
        self.dirty = True
        return user

    def add_group(
        self,
        display_name: str,
        members: tuple[User | Group, ...] | list[User | Group] = (),
        *,
        drive: bool = True,
        **properties: Any,
    ) -> Group:
        """Add a group; with `drive` it is a Microsoft 365 group whose team site has a document library."""
        group = Group(self.guid("group", display_name.casefold()), display_name, properties, list(members))
        if group.id in self.groups:
            raise ValueError(f"the group {display_name} exists")
        self.groups[group.id] = group
        if drive:
            alias = re.sub(r"[^A-Za-z0-9]", "", display_name) or "group"
            site = self._new_site(self.host, f"sites/{alias}", display_name)
            owner = {
                "group": {"email": f"{alias}@{self.domain}", "id": group.id, "displayName": display_name}
            }
            properties.setdefault("mail", f"{alias}@{self.domain}")
            group.drive = self._new_drive(site, "Documents", "documentLibrary", owner, "Shared Documents")
        self.dirty = True
        return group

    def add_site(
        self,
        path: str,
        display_name: str | None = None,
        *,
        libraries: tuple[str, ...] = ("Documents",),
        description: str = "",
    ) -> Site:
        """Add a site at a server-relative `path` such as "sites/Finance", with its document libraries.

        A path below another site's makes a subsite. "" is the tenant's root site. Raises ValueError when taken.
        """
        path = path.strip("/")
        if self.site_at(self.host, path) is not None:
            raise ValueError(f"the site {path} exists")
        site = self._new_site(self.host, path, display_name or path.rpartition("/")[2] or self.display_name)
        site.description = description
        for name in libraries:
            self.add_library(site, name)
        return site

    def add_library(self, site: Site, name: str, *, quota_total: int = DEFAULT_QUOTA_BYTES) -> Drive:
        """Add a document library to `site`."""
        owner = {"user": {"displayName": f"{site.display_name} Owners", "id": self.guid("owners", site.path)}}
        url_name = "Shared Documents" if name == "Documents" else name
        return self._new_drive(site, name, "documentLibrary", owner, url_name, quota_total)

    def add_list(
        self,
        site: Site,
        name: str,
        columns: Iterable[Column] = (),
        *,
        template: str = "genericList",
        actor: Actor = SYSTEM,
    ) -> SiteList:
        """Add a list that is no document library to `site`. Raises ValueError when the name is taken."""
        if any(each.name.casefold() == name.casefold() for each in site.lists):
            raise ValueError(f"the list {name} exists")
        now = self.clock.now()
        guid = self.guid("list", site.host, site.path.casefold(), f"Lists/{name.casefold()}")
        made = SiteList(guid, name, now, actor, template=template, modified=now, columns=list(columns))
        site.lists.append(made)
        self.dirty = True
        return made

    def find_user(self, identifier: str) -> User | None:
        """Return the user with this id or user principal name, in any letter case, or None."""
        wanted = identifier.casefold()
        found = self.users.get(wanted)
        if found is not None:
            return found
        return next(
            (user for user in self.users.values() if user.user_principal_name.casefold() == wanted), None
        )

    def site_at(self, host: str, path: str) -> Site | None:
        """Return the site at a host and server-relative path, in any letter case, or None."""
        wanted = (host.casefold(), path.strip("/").casefold())
        return next((s for s in self.sites.values() if (s.host, s.path.casefold()) == wanted), None)

    def _new_site(self, host: str, path: str, display_name: str, *, personal: bool = False) -> Site:
        above = [
            s for s in self.sites.values() if s.path and s.host == host and path.startswith(f"{s.path}/")
        ]
        collection = above[0].site_guid if above else self.guid("site", host, path.casefold())
        web = self.guid("web", host, path.casefold())
        site = Site(host, path, display_name, collection, web, self.clock.now(), personal=personal)
        self.sites[site.id] = site
        self.dirty = True
        return site

    def _new_drive(
        self,
        site: Site,
        name: str,
        drive_type: str,
        owner: dict[str, dict[str, str]],
        url_name: str,
        quota_total: int = DEFAULT_QUOTA_BYTES,
        *,
        owner_user: User | None = None,
    ) -> Drive:
        list_guid = self.guid("list", site.host, site.path.casefold(), name.casefold())
        drive = Drive(
            site=site,
            name=name,
            drive_type=drive_type,
            owner=owner,
            list_guid=list_guid,
            clock=self.clock,
            contents=self.contents,
            url_name=quote(url_name),
            quota_total=quota_total,
            **({"actor": owner_user.actor()} if owner_user else {}),
        )
        self.drives[drive.id] = drive
        return drive

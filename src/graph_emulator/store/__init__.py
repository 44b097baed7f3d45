"""What a tenant holds: people, groups, sites, drives, items and their contents. No HTTP here."""

from graph_emulator.store.content import Content, ContentStore, ContentWriter
from graph_emulator.store.drive import Drive
from graph_emulator.store.item import Actor, Item, Version
from graph_emulator.store.people import Group, User
from graph_emulator.store.site import Site
from graph_emulator.store.tenant import Tenant

__all__ = [
    "Actor",
    "Content",
    "ContentStore",
    "ContentWriter",
    "Drive",
    "Group",
    "Item",
    "Site",
    "Tenant",
    "User",
    "Version",
]

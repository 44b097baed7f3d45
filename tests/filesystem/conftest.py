"""A local tenant in a thread of its own, and a file system on it: as in life, the service runs elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support import EVERYTHING, quick

from driveql.aio import OneDrive
from driveql.connection import ConnectionSettings, settings_from
from driveql.filesystem import OneDriveFileSystem, register
from graph_emulator import Behaviour, Emulator


@dataclass
class Tenant:
    """The emulator, its user's drive as the store has it, and how to connect."""

    emulator: Emulator
    store: Any
    parameters: dict[str, Any]
    fs: OneDriveFileSystem

    @property
    def settings(self) -> ConnectionSettings:
        return settings_from(environ={}, **self.parameters)

    def filesystem(self, **options: Any) -> OneDriveFileSystem:
        """A further file system with listings of its own, whose retries wait only moments."""
        drive = OneDrive(self.settings, retry=quick(self.settings))
        return OneDriveFileSystem(drive=drive, skip_instance_cache=True, **options)

    def clear(self) -> None:
        """Leave the drive empty, without planned faults and remembered listings."""
        for item in list(self.store.root.children.after(None, 1000)):
            self.store.delete(item)
        self.emulator.faults.clear()
        self.emulator.requests.clear()
        self.fs.invalidate_cache()

    def requests(self, method: str | None = None) -> list[str]:
        """What was asked so far, without tokens."""
        return [
            f"{each.method} {each.target}"
            for each in self.emulator.requests
            if "oauth2" not in each.target and method in (None, each.method)
        ]


@contextmanager
def tenant_in_thread(**options: Any) -> Iterator[Tenant]:
    emulator = Emulator(seed="none", behaviour=Behaviour(copy_polls=1))
    user = emulator.tenant.add_user("alice", "Alice Smith")
    application = emulator.register_application("driveql tests", EVERYTHING)
    secret = emulator.add_secret(application)
    with emulator.serve_in_thread() as running:
        parameters = {
            "token_url": running.token_url(),
            "graph_url": running.graph_url,
            "client_id": application.client_id,
            "client_secret": f"plain:{secret}",
            "group_or_user_id": f"/users/{user.user_principal_name}",
            "proxy": "",
        }
        settings = settings_from(environ={}, **parameters)
        drive = OneDrive(settings, retry=quick(settings))
        fs = OneDriveFileSystem(drive=drive, skip_instance_cache=True, **options)
        yield Tenant(emulator, user.drive, parameters, fs)
        assert not emulator.leaks
        fs.close()


@pytest.fixture(scope="module")
def module_tenant() -> Iterator[Tenant]:
    register()
    with tenant_in_thread() as tenant:
        yield tenant
    OneDriveFileSystem.clear_instance_cache()


@pytest.fixture
def tenant(module_tenant: Tenant) -> Tenant:
    module_tenant.clear()
    return module_tenant


@pytest.fixture
def fs(tenant: Tenant) -> OneDriveFileSystem:
    return tenant.fs

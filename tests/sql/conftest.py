"""A demo tenant over real sockets, and a connection to it that answers SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support import EVERYTHING

from driveql.connection import settings_from
from driveql.sql import Limits, connect
from driveql.sql.dbapi import Connection
from graph_emulator import Emulator


@dataclass
class SqlTenant:
    """The tenant's emulator, and how to connect to it."""

    emulator: Emulator
    parameters: dict[str, Any]

    @property
    def drive(self) -> Any:
        """Alice's drive, in the emulator's store."""
        return next(
            user for user in self.emulator.tenant.users.values() if user.display_name == "Alice Romero"
        ).drive

    def connect(self, *, untrusted: bool = False, limits: Limits | None = None, **more: Any) -> Connection:
        settings = settings_from(environ={}, **{**self.parameters, **more})
        return connect(settings=settings, untrusted=untrusted, limits=limits)

    def asked(self) -> list[str]:
        """The Graph requests so far, without the API's root; sign-in and content left out."""
        found = [
            record.target.removeprefix("/v1.0")
            for record in self.emulator.requests
            if "/v1.0/" in record.target
        ]
        self.emulator.requests.clear()
        return found


@pytest.fixture(scope="module")
def tenant(request: pytest.FixtureRequest) -> Iterator[SqlTenant]:
    emulator = Emulator(seed="demo")
    application = emulator.register_application("driveql sql tests", EVERYTHING)
    secret = emulator.add_secret(application)
    with emulator.serve_in_thread() as running:
        parameters = {
            "token_url": running.token_url(),
            "graph_url": running.graph_url,
            "client_id": application.client_id,
            "client_secret": f"plain:{secret}",
            "group_or_user_id": "/users/alice@contoso.com",
            "proxy": "",
        }
        yield SqlTenant(emulator, parameters)


@pytest.fixture
def connection(tenant: SqlTenant) -> Iterator[Connection]:
    with tenant.connect() as connection:
        yield connection


@pytest.fixture
def samples(shared_dir: Path) -> Path:
    """Real CSV, JSON, Parquet and Excel files."""
    return shared_dir / "samples"

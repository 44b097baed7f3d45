"""A local tenant with one user's drive and one application that may do everything, and a connection to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from driveql.connection import ConnectionSettings, settings_from
from driveql.connection.settings import RetryMode
from driveql.drive.handle import DriveHandle
from driveql.drive.onedrive import OneDrive
from driveql.drive.upload import Upload
from driveql.graph.models import DriveItem
from driveql.graph.retry import RetryPolicy
from graph_emulator import Emulator

EVERYTHING = {
    "Files.ReadWrite.All",
    "Sites.ReadWrite.All",
    "User.Read.All",
    "Group.Read.All",
    "GroupMember.Read.All",
}


@dataclass
class LocalTenant:
    """The parts of a test: the emulator and its drive on one side, the client on the other."""

    emulator: Emulator
    running: Any
    store_drive: Any
    settings: ConnectionSettings
    drive: OneDrive
    secret: str

    @property
    def drive_id(self) -> str:
        return str(self.store_drive.id)

    @property
    def handle(self) -> DriveHandle:
        return DriveHandle(self.drive.session, self.drive_id)

    def connect(self, **options: Any) -> OneDrive:
        """A further client of the same connection."""
        return OneDrive(self.settings, retry=quick(self.settings), **options)

    async def upload(self, path: str, content: bytes, *, fragment_bytes: int) -> DriveItem:
        """Upload by a session with fragments of a given size."""
        target = await self.handle.address(path)
        upload = Upload(
            self.drive.session,
            target,
            path,
            BytesIO(content),
            len(content),
            "replace",
            fragment_bytes=fragment_bytes,
        )
        return await upload.run()


def quick(settings: ConnectionSettings) -> RetryPolicy:
    """The connection's retry parameters with a short first wait: what is tested is the decision, not the patience."""
    return RetryPolicy(
        enabled=settings.retry_mode is not RetryMode.NONE,
        any_failure=settings.retry_mode is RetryMode.RETRY_ANY,
        status_codes=settings.retry_status_codes,
        count_max=settings.retry_count_max,
        multiply=settings.retry_multiply_wait_time,
        time_budget=settings.retry_time_budget,
        first_wait=0.01,
    )


@asynccontextmanager
async def local_tenant(
    *, listen: dict[str, int] | None = None, **parameters: Any
) -> AsyncIterator[LocalTenant]:
    """Start a tenant on free ports and connect to it with a client secret.

    Parameters:
        listen: further listeners (`tls_port`, `proxy_port`); parameters: of the connection.
    """
    emulator = Emulator(seed="none")
    user = emulator.tenant.add_user("alice", "Alice Smith")
    application = emulator.register_application("driveql tests", EVERYTHING)
    secret = emulator.add_secret(application)
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(emulator.serve(**(listen or {})))
        if running.proxy_url is not None:
            # The real host names, as in production: only the proxy and the CA differ.
            parameters = {
                "token_url": f"https://login.microsoftonline.com/{emulator.tenant.tenant_id}/oauth2/v2.0/token",
                "graph_url": "https://graph.microsoft.com",
                "proxy": running.proxy_url,
                "ca_bundle": str(running.ca_path),
                **parameters,
            }
        settings = settings_from(
            environ={},
            **{
                "token_url": running.token_url(),
                "graph_url": running.graph_url,
                "client_id": application.client_id,
                "client_secret": f"plain:{secret}",
                "group_or_user_id": f"/users/{user.user_principal_name}",
                "proxy": "",
                **parameters,
            },
        )
        drive = await stack.enter_async_context(OneDrive(settings, retry=quick(settings)))
        yield LocalTenant(emulator, running, user.drive, settings, drive, secret)
